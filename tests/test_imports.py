"""Imports go one way; the double shares nothing with what it doubles."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"catalogue", "components", "stacks", "provider", "emulator", "tools", "tests", "examples"}
ALLOWED: dict[str, set[str]] = {
    "catalogue": set(),
    "emulator": set(),
    "provider": {"catalogue"},
    "components": {"catalogue", "provider"},
    "stacks": {"catalogue", "provider", "components"},
}
FORBIDDEN_CALLS = {"components": {"pulumi.Config", "pulumi.export", "os.environ", "os.getenv"}}


def modules(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert len(found) > 2
    return found


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_stands_below_it(package: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted(imported(path) & OURS - ALLOWED[package] - {package})
        for path in modules(package)
    }
    assert {path: names for path, names in wrong.items() if names} == {}


def test_only_the_wire_knows_grpc() -> None:
    users = [path.name for path in modules("provider") if "grpc" in imported(path)]
    assert users == ["wire.py"]


def test_the_client_knows_nothing_of_pulumi() -> None:
    paths = [path for path in modules("provider") if path.parent.name == "client"]
    assert len(paths) > 5
    assert not [path.name for path in paths if "pulumi" in imported(path)]


@pytest.mark.parametrize("package", FORBIDDEN_CALLS)
def test_components_read_neither_configuration_nor_environment(package: str) -> None:
    for path in modules(package):
        used = {ast.unparse(n) for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)}
        assert not used & FORBIDDEN_CALLS[package], path.name


def test_the_program_stays_small() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 15
