"""People's tools are where people are: on Windows too, which has no `fcntl`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.engine import EngineUnavailableError, cache
from tools.local.place import LocalError, Place

ROOT = Path(__file__).resolve().parent.parent.parent
GONE = ("fcntl", "pwd", "grp", "termios", "resource")
"""Modules of Python that Windows has not."""


@pytest.mark.parametrize("tool", ["tools.render", "tools.status", "tools.call", "tools.diagnose", "stacks.check"])
def test_a_tool_says_what_it_does_without_fcntl(tool: str) -> None:
    script = (
        f"import sys, runpy\nfor name in {GONE!r}: sys.modules[name] = None\n"
        f"sys.argv = ['x', '--help']\nrunpy.run_module({tool!r}, run_name='__main__', alter_sys=False)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")


def test_what_needs_fcntl_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(LocalError, match="run on Linux and macOS"), Place(tmp_path).held():
        pass
    with pytest.raises(EngineUnavailableError, match="no `pulumi` on PATH: install it"), cache.exclusively(tmp_path):
        pass
