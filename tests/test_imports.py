"""Imports go one way; the double shares nothing with what it doubles."""

import ast
import gc
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"catalogue", "components", "stacks", "provider", "emulator", "tools", "tests", "examples"}
_PLUGIN = ("provider.resource", "provider.services", "provider.values", "provider.stores", "provider.client")
ALLOWED: dict[str, tuple[str, ...]] = {
    "catalogue": (),
    "emulator": (),
    # What the vendor's calls need; the names that may be printed come from the record itself.
    "provider.client": ("provider.version",),
    "provider.client.redact": ("catalogue.record",),
    "provider.probe": ("catalogue", "provider.client", "provider.version"),
    # What a store does is known below the plugin, how a record is written to one above.
    "provider.stores": ("catalogue.stores", "provider.client"),
    "provider.stores.written": ("catalogue.record", "catalogue.stores", *_PLUGIN),
    "provider.keys": ("catalogue", "provider.probe", *_PLUGIN),
    "provider.resources": ("catalogue", "provider.keys", *_PLUGIN),
    "components": ("catalogue", "provider.resource", "provider.resources", "provider.stores"),
    "stacks": ("catalogue", "components", "provider.client.shapes", "provider.stores.written"),
}
"""By package or module, the longest that fits: what it may import of ours beside itself."""
FORBIDDEN_CALLS = {"components": {"pulumi.Config", "pulumi.export", "os.environ", "os.getenv"}}


def modules(package: str) -> list[Path]:
    found = sorted((ROOT / Path(*package.split("."))).rglob("*.py"))
    assert len(found) > 2
    return found


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _parsed(path: Path) -> ast.Module:
    """Parse without a garbage collection in between: CPython 3.11 may raise SystemError in one."""
    gc.disable()
    try:
        return ast.parse(path.read_text())
    finally:
        gc.enable()


def _nodes(tree: ast.AST, *, for_types: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        only_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if for_types or not only_types:
            yield node
            yield from _nodes(node, for_types=for_types)


def imported(path: Path, *, for_types: bool = True) -> set[str]:
    """Return the modules that one imports, as it names them; of a name that is a module, that one."""
    names: set[str] = set()
    for node in _nodes(_parsed(path), for_types=for_types):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            here = {name for name in below if (ROOT / Path(*name.split("."))).with_suffix(".py").exists()}
            names |= here or {node.module}
    return names


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def rule_of(module: str) -> str:
    """Return the longest name in the table that a module is in."""
    return max((name for name in ALLOWED if is_in(module, name)), key=len)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_what_stands_below_it(package: str) -> None:
    whole = ROOT / Path(*package.split("."))
    parent = package.rpartition(".")[0]
    home = parent if parent in ALLOWED else package
    wrong = {
        name_of(path): sorted(
            name
            for name in imported(path)
            if name.partition(".")[0] in OURS and not any(is_in(name, allowed) for allowed in (home, *ALLOWED[package]))
        )
        for path in (modules(package) if whole.is_dir() else [whole.with_suffix(".py")])
        if rule_of(name_of(path)) == package
    }
    assert wrong, "no module there"
    assert {module: names for module, names in wrong.items() if names} == {}


def test_no_module_needs_itself() -> None:
    paths = [path for package in ("catalogue", "provider", "components", "stacks") for path in modules(package)]
    known = {name_of(path) for path in paths}
    graph = {name_of(path): imported(path, for_types=False) & known - {name_of(path)} for path in paths}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError
    assert order.index("provider.client.sdk") < order.index("provider.stores.kms") < order.index("provider.keys.vault")
    assert order.index("provider.keys.vault") < order.index("provider.resources.api_key")


def test_the_client_takes_from_the_catalogue_only_the_names_that_may_be_printed() -> None:
    users: dict[str, set[str]] = {}
    for path in modules("provider.client"):
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "catalogue":
                users.setdefault(path.name, set()).update(f"{node.module}.{alias.name}" for alias in node.names)
    assert users == {"redact.py": {"catalogue.record.PUBLIC_NAMES"}}


def test_only_the_wire_knows_grpc() -> None:
    users = [path.name for path in modules("provider") if any(is_in(name, "grpc") for name in imported(path))]
    assert users == ["wire.py"]


@pytest.mark.parametrize("package", ["client", "probe", "stores", "keys"])
def test_what_does_the_work_knows_nothing_of_pulumi(package: str) -> None:
    paths = modules(f"provider.{package}")
    assert len(paths) > 5
    assert not [path.name for path in paths if any(is_in(name, "pulumi") for name in imported(path))]


@pytest.mark.parametrize("package", FORBIDDEN_CALLS)
def test_components_read_neither_configuration_nor_environment(package: str) -> None:
    for path in modules(package):
        used = {ast.unparse(n) for n in ast.walk(_parsed(path)) if isinstance(n, ast.Attribute)}
        assert not used & FORBIDDEN_CALLS[package], path.name


def test_the_program_stays_small() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 15
