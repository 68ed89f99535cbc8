"""`python -m stacks.check` says all that is wrong with stack files, quickly, and never a key."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import check
from tests.stacks.cases import BASE, CASES, Case, counts, is_right

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_must_be_said_of_a_file_is_said(case: Case) -> None:
    assert is_right(case), "\n".join(line.text for line in check.check(case.text, "FILE"))


def test_the_table_is_long_and_all_right() -> None:
    files, right = counts()
    assert files == right >= 25


def test_each_line_says_file_line_column_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(BASE.replace("workspace: chat", "workspace: chat\n        typo: 1\n        verify: no-such"))
    assert check.main([str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == [f"{file}:9:15:", f"{file}:10:17:"]
    assert "model-studio:settings.services.gw.typo: unknown; allowed here: workspace" in lines[0]


def test_every_file_is_checked_and_the_exit_code_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, gone = tmp_path / "good", tmp_path / "bad", tmp_path / "gone"
    good.write_text(BASE)
    bad.write_text(BASE.replace("cn-beijing", "mars"))
    assert check.main([str(good)]) == 0
    assert check.main([str(good), str(bad)]) == 1
    assert "mars" in capsys.readouterr().out
    assert check.main([str(gone), str(bad), str(good)]) == 2
    said = capsys.readouterr()
    assert (said.err, "mars" in said.out) == (f"{gone}: cannot be read: No such file or directory\n", True)
    with pytest.raises(SystemExit) as usage:
        check.main([])
    assert usage.value.code == 2


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(BASE.replace("cn-beijing", "mars")))
    assert check.main(["-"]) == 1
    assert capsys.readouterr().out.startswith("<stdin>:5:23: model-studio:settings.workspaces.chat.region: ")


def test_it_needs_no_engine_no_credentials_and_no_pulumi() -> None:
    script = (
        "import sys; sys.modules['pulumi'] = None; sys.modules['grpc'] = None; sys.modules['fcntl'] = None\n"
        "from stacks.check import main; sys.exit(main(sys.argv[1:]))"
    )
    files = sorted(str(file) for file in (ROOT / "stacks").glob("Pulumi.*.yaml"))
    done = subprocess.run(
        [sys.executable, "-c", script, *files], cwd=ROOT, env={}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


PIECES = [
    "a",
    "services: ",
    "&a ",
    "*a",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "- ",
    "\n",
    "  ",
    "0o",
    "0x",
    "0b_",
    "-.inf",
    "<<: ",
    "!!str ",
    '"',
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join), st.booleans())
def test_any_text_gets_lines_or_none(text: str, inside: bool) -> None:
    whole = f"{BASE}      x: {text}\n" if inside else text
    assert all(line.text.startswith("FILE") for line in check.check(whole, "FILE"))


def test_a_file_that_aliases_make_endless_is_refused() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert "nested too deeply" in check.check(laughs, "FILE")[0].text
    assert "nested too deeply" in check.check("a: &a [*a]\n", "FILE")[0].text
