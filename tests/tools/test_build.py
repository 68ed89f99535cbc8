"""The build of the Go module, by a `go` that is a shell script: what is kept, what is built again, what is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine_harness import ROOT
from tests.tools.test_find import executable
from tools.engine import EngineUnavailableError, build
from tools.engine.model import LANGUAGE_HOST, PINNED, cache_directory

if TYPE_CHECKING:
    from pathlib import Path

    from tools.engine import Engine

# `go build ... -o FILE MODULE` makes a pulumi that tells its version; `go list` tells where the SDK lies.
GO = """
echo "$1" >> {calls}
if [ "$1" = list ]; then echo {sdk}; exit 0; fi
{before}
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho v%s\\n' {version} > "$2"
chmod +x "$2"
echo runtime >&2
"""


class FakeGo:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.cache = folder / "cache"
        self.scripts = {
            "pulumi-language-python-exec": folder / "sdk" / "python" / "cmd",
            "pulumi-resource-pulumi-python": folder / "sdk" / "python" / "dist",
        }
        for name, place in self.scripts.items():
            place.mkdir(parents=True)
            (place / name).write_text(f"#!/bin/sh\necho {name}\n")
            (place / name).chmod(0o444)  # as in the module cache
        self.env = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder)}
        self.behave()

    def behave(self, before: str = "", version: str = PINNED) -> None:
        body = GO.format(calls=self.calls, sdk=self.folder / "sdk", before=before, version=version)
        executable(self.folder / "bin" / "go", body)

    def made(self) -> Engine:
        return build.kept(self.cache) or build.built(self.cache, self.env)

    def builds(self) -> int:
        return self.calls.read_text().split().count("build")


@pytest.fixture
def go(tmp_path: Path) -> FakeGo:
    return FakeGo(tmp_path)


def test_built_once_then_kept_without_the_module_cache(go: FakeGo) -> None:
    engine = go.made()
    assert engine.source == "build"
    assert subprocess.run([engine.pulumi], capture_output=True, text=True, check=True).stdout == f"v{PINNED}\n"
    shutil.rmtree(go.folder / "sdk")
    assert go.made() == engine
    assert go.builds() == 1
    assert {file.name for file in engine.path_dir.iterdir()} >= {"pulumi", LANGUAGE_HOST, "host"}
    for name in go.scripts:
        said = subprocess.run([engine.path_dir / name], capture_output=True, text=True, check=True).stdout
        assert said == f"{name}\n", "found beside the engine, and executable"


def test_build_of_an_older_checkout_gets_what_it_lacks(go: FakeGo) -> None:
    go.made()
    place = go.cache / "built"
    (place / build.DYNAMIC).unlink()
    manifest = json.loads((place / build.MANIFEST).read_text())
    del manifest["sizes"][build.DYNAMIC]
    (place / build.MANIFEST).write_text(json.dumps(manifest))
    assert (go.made().path_dir / build.DYNAMIC).exists()
    assert go.builds() == 2


@pytest.mark.parametrize("harm", ["truncated", "missing", "no manifest", "not executable"])
def test_damaged_build_is_made_again(go: FakeGo, capsys: pytest.CaptureFixture[str], harm: str) -> None:
    go.made()
    place = go.cache / "built"
    if harm == "truncated":
        (place / "pulumi").write_text("#!/bin/sh\n")
    elif harm == "missing":
        (place / build.EXECUTOR).unlink()
    elif harm == "no manifest":
        (place / build.MANIFEST).unlink()
    else:
        (place / "pulumi").chmod(0o644)
    engine = go.made()
    assert go.builds() == 2
    assert "damaged" in capsys.readouterr().err
    assert subprocess.run([engine.pulumi], capture_output=True, text=True, check=True).stdout == f"v{PINNED}\n"


def test_failed_build_says_why_and_leaves_nothing(go: FakeGo) -> None:
    go.behave(before="echo 'runtime' >&2; echo 'x.go:1:2: undefined: y' >&2; exit 1")
    with pytest.raises(EngineUnavailableError, match="undefined: y") as raised:
        go.made()
    assert "runtime" not in str(raised.value)
    assert list(go.cache.iterdir()) == []


def test_killed_build_is_cleared_away_with_gos_temporary_files(go: FakeGo) -> None:
    """A build that is killed leaves its folder; the next one removes it, and leaves no folder of its own."""
    go.behave(before='touch "$GOTMPDIR/go-build1"; kill -9 $PPID')
    command = [sys.executable, "-m", "tools.engine"]
    environment = {**go.env, "https_proxy": "http://127.0.0.1:9"}
    killed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert killed.returncode == -9
    cache = cache_directory(environment)
    assert [file.name for file in cache.glob(".built-*/tmp/*")] == ["go-build1"]
    go.behave()
    build.built(cache, go.env)
    assert list(cache.glob(".*")) == []
    assert not (cache / "built" / "tmp").exists()


def test_build_of_another_version_is_refused(go: FakeGo) -> None:
    go.behave(version="1.0.0")
    with pytest.raises(EngineUnavailableError, match="does not answer"):
        go.made()


def test_without_go_it_says_what_to_install(go: FakeGo) -> None:
    with pytest.raises(EngineUnavailableError, match=r"install the Pulumi CLI .* or Go 1\.21"):
        build.built(go.cache, {"PATH": str(go.folder / "nowhere")})


def test_progress_is_shown_while_it_builds(go: FakeGo, monkeypatch: pytest.MonkeyPatch) -> None:
    leave = go.folder / "leave"
    go.behave(before=f"echo runtime/debug >&2; while [ ! -e {leave} ]; do sleep 0.02; done")
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        if "packages" in line:
            leave.touch()

    monkeypatch.setattr(build, "say", say)
    monkeypatch.setattr(build, "HEARTBEAT_SECONDS", 0.05)
    go.made()
    assert "building Pulumi" in lines[0]
    assert any(", 1 packages, runtime/debug" in line for line in lines)
    assert lines[-1].startswith("engine: built in ")


def test_two_at_once_build_once(go: FakeGo) -> None:
    """Through the command line, with the installer out of reach."""
    go.behave(before=f"while [ ! -e {go.folder / 'both'} ]; do sleep 0.02; done")
    environment = {**go.env, "https_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "tools.engine"]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as first,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as second,
    ):
        try:
            waiting = first if _waits(first, second) else second
            (go.folder / "both").touch()
            outputs = [process.communicate(timeout=60)[0].strip() for process in (first, second)]
        finally:
            first.kill()
            second.kill()
    assert waiting.returncode == 0
    assert go.builds() == 1
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith(str(cache_directory(environment)))


def _waits(first: subprocess.Popen[str], second: subprocess.Popen[str]) -> bool:
    """Read both until one says that it waits for the other; tells whether it is the first."""
    import selectors  # noqa: PLC0415 - only here

    with selectors.DefaultSelector() as selector:
        for process in (first, second):
            assert process.stderr is not None
            selector.register(process.stderr, selectors.EVENT_READ, process)
        while True:
            for key, _ in selector.select(timeout=60):
                ready: subprocess.Popen[str] = key.data
                assert ready.stderr is not None
                line = ready.stderr.readline()
                assert line, "ended early"
                if "another process is making the engine" in line:
                    return ready is first
