"""Which engines on PATH are taken, and what is said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.engine import find
from tools.engine.model import PINNED, Engine, cache_directory, is_recent_enough

if TYPE_CHECKING:
    from pathlib import Path


def executable(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def env(*folders: Path) -> dict[str, str]:
    return {"PATH": ":".join([*map(str, folders), "/usr/bin", "/bin"])}


def test_recent_engine_with_host_beside_it_is_taken(tmp_path: Path) -> None:
    pulumi = executable(tmp_path / "pulumi", "echo v3.300.1")
    executable(tmp_path / "pulumi-language-python", "")
    engine = find.on_path(env(tmp_path))
    assert engine is not None
    assert engine == Engine(path_dir=tmp_path, version="3.300.1", source="path")
    assert engine.pulumi == pulumi
    assert engine.environment({"PATH": "/bin"})["PATH"] == f"{tmp_path}:/bin"


def test_host_elsewhere_on_path_will_do(tmp_path: Path) -> None:
    executable(tmp_path / "a" / "pulumi", f"echo v{PINNED}")
    executable(tmp_path / "b" / "pulumi-language-python", "")
    assert find.on_path(env(tmp_path / "a", tmp_path / "b")) is not None


def test_host_beside_the_file_that_a_link_leads_to_will_do(tmp_path: Path) -> None:
    executable(tmp_path / "cellar" / "pulumi", f"echo v{PINNED}")
    executable(tmp_path / "cellar" / "pulumi-language-python", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(tmp_path / "cellar" / "pulumi")
    assert find.on_path(env(tmp_path / "bin")) is not None


@pytest.mark.parametrize(
    ("says", "host", "reason"),
    [
        ("echo v3.200.0", True, f"version 3.200.0, this project needs {PINNED} or newer"),
        ("echo v4.0.0", True, "version 4.0.0, this project needs"),
        ("echo hello", True, "does not answer"),
        ("exit 1", True, "does not answer"),
        (f"echo v{PINNED}", False, "has no pulumi-language-python"),
    ],
)
def test_engine_that_will_not_do_is_passed_over_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], says: str, reason: str, *, host: bool
) -> None:
    executable(tmp_path / "pulumi", says)
    if host:
        executable(tmp_path / "pulumi-language-python", "")
    assert find.on_path(env(tmp_path)) is None
    assert reason in capsys.readouterr().err


def test_no_engine_is_no_news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert find.on_path({"PATH": str(tmp_path)}) is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("version", "enough"),
    [(PINNED, True), ("3.260.0-alpha.1", True), ("3.258.9", False), ("2.999.0", False), ("dev", False)],
)
def test_recent_enough(version: str, *, enough: bool) -> None:
    assert is_recent_enough(version) is enough


def test_cache_is_in_xdg_cache_home_or_else_in_home(tmp_path: Path) -> None:
    below = f"model-studio-access/engine-{PINNED}"
    assert cache_directory({"XDG_CACHE_HOME": str(tmp_path), "HOME": "/h"}) == tmp_path / below
    assert str(cache_directory({"XDG_CACHE_HOME": "relative", "HOME": "/h"})) == f"/h/.cache/{below}"
    assert str(cache_directory({"HOME": "/h"})) == f"/h/.cache/{below}"
