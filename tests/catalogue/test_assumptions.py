"""Every assumption about the live service stands in one table, and nothing is assumed beside it."""

import ast
import io
import re
import tokenize
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from catalogue.assumptions import ASSUMPTIONS, MEASURED, Assumption, document

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("catalogue", "components", "provider", "stacks", "tools")
TABLE = ROOT / "catalogue" / "assumptions"
IDS = frozenset(assumed.id for assumed in ASSUMPTIONS)

NAMED = re.compile(r"ASSUMPTION\s+([a-z][a-z0-9-]*)|[Aa]ssumption `([a-z][a-z0-9-]*)`")
BARE = re.compile(
    r"\bINFERRED\b|\bUNKNOWN\b|\bundocumented\b|\bnot documented\b|\bno document says\b|\bis presumed\b"
    r"|\bwhere (?:they are|its documents are) silent\b|\bnot said by\b|\bthe safe reading\b"
)
ALLOWED = {
    "provider/values.py": "`UNKNOWN` is a value of the Pulumi engine's",
    "CONTRIBUTING.md": "says where such a statement belongs",
}
"""Files in which such words are about something else."""


def files() -> list[Path]:
    sources = [path for package in OURS for path in (ROOT / package).rglob("*.py") if TABLE not in path.parents]
    documents = [path for path in (ROOT / "docs").glob("*.md") if path != document.FILE]
    return sorted([*sources, *documents, ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


def prose(path: Path) -> str:
    """Return what a file says to a reader: all of a document, comments and texts of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join(t.string for t in tokens if t.type in (tokenize.COMMENT, tokenize.STRING))


def named(path: Path) -> set[str]:
    # A comment may be broken anywhere.
    text = re.sub(r"\s*\n\s*(?:#\s*)?", " ", prose(path))
    return {first or second for first, second in NAMED.findall(text)}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_ids_are_unique_and_speak() -> None:
    assert [i for i, count in Counter(a.id for a in ASSUMPTIONS).items() if count > 1] == []
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", i) for i in IDS)


@pytest.mark.parametrize("assumed", ASSUMPTIONS, ids=lambda assumed: assumed.id)
def test_each_says_all_that_is_to_be_said(assumed: Assumption) -> None:
    assert assumed.statement.endswith(".")
    assert assumed.safe
    assert assumed.source
    assert date(2021, 1, 1) < assumed.day <= date(2026, 12, 31)
    assert "|" not in f"{assumed.statement}{assumed.safe}{assumed.measured}{assumed.unmeasured}{assumed.source}"


@pytest.mark.parametrize("assumed", ASSUMPTIONS, ids=lambda assumed: assumed.id)
def test_what_depends_on_one_names_it(assumed: Assumption) -> None:
    assert assumed.depends
    silent = [path for path in assumed.depends if assumed.id not in named(ROOT / path)]
    assert silent == []


def test_every_one_that_is_named_exists() -> None:
    unknown = {name(path): sorted(named(path) - IDS) for path in files()}
    assert {path: ids for path, ids in unknown.items() if ids} == {}


def test_where_one_is_named_the_table_says_so() -> None:
    listed = {assumed.id: set(assumed.depends) for assumed in ASSUMPTIONS}
    missing = {
        (name(path), i)
        for path in files()
        if not name(path).startswith(("tools/live/", "README", "CONTRIBUTING"))
        for i in named(path)
        if i in listed and name(path) not in listed[i]
    }
    assert missing == set()


def test_nothing_is_assumed_beside_the_table() -> None:
    found = {name(path): BARE.findall(prose(path)) for path in files() if name(path) not in ALLOWED}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("words", ["# INFERRED from the SDK", '"""The code is not documented."""', "# UNKNOWN"])
def test_the_search_finds_what_it_looks_for(words: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(f"{words}\n")
    assert BARE.search(prose(module))


def test_the_names_of_the_engine_are_no_remarks(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("from provider.values import UNKNOWN\nif UNKNOWN: pass\n")
    assert ast.parse(module.read_text())
    assert not BARE.search(prose(module))


def test_each_answer_that_is_cited_is_there() -> None:
    lines = (ROOT / "tests" / "data" / "observed" / "answers.json").read_text(encoding="utf-8")
    cited = {i for assumed in ASSUMPTIONS for i in re.findall(r"\b[cds]\d{3}\b", assumed.source)}
    assert {i for i in cited if f'"id": "{i}"' not in lines} == set()


def test_the_document_is_not_stale() -> None:
    assert document.FILE.read_text(encoding="utf-8") == document.text(), "run python -m catalogue.assumptions"
    assert all(f"| `{assumed.id}` |" in document.text() for assumed in ASSUMPTIONS)


def test_one_is_measured_or_says_why_not() -> None:
    assert 0 < len(MEASURED) < len(ASSUMPTIONS)
    with pytest.raises(ValueError, match="say how it is measured, or why it is not"):
        Assumption(id="a-b", statement="A.", depends=(), safe="b", source="c", day=date(2026, 1, 1))
