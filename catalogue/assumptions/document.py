"""docs/assumptions.md, made from the table."""

from pathlib import Path

from catalogue.assumptions import ASSUMPTIONS, MEASURED

FILE = Path(__file__).parent.parent.parent / "docs" / "assumptions.md"

_ALL, _SOME = len(ASSUMPTIONS), len(MEASURED)

_HEAD = f"""# Assumptions

What this project assumes of the live service: no document at hand says it, or the documents differ, or it was seen and
may change. Code and documents name each by its id. This file is made from `catalogue/assumptions/`, by
`python -m catalogue.assumptions`. `d031` and the like are lines of `tests/data/observed/answers.json`: answers that
people published.

{_ALL} assumptions, of which `python -m tools.live --account ID --region REGION` measures {_SOME} on a real account.
"""
_MEASURED = """
## Measured by `tools.live`

| id | assumed | where it is not so | measured | relied on in | from |
|---|---|---|---|---|---|
"""
_UNMEASURED = """
## Not measured

| id | assumed | where it is not so | why it is not measured | relied on in | from |
|---|---|---|---|---|---|
"""


def text() -> str:
    """Return the whole document."""
    return f"{_HEAD}{_MEASURED}{_rows(measured=True)}{_UNMEASURED}{_rows(measured=False)}"


def _rows(*, measured: bool) -> str:
    return "".join(
        f"| `{a.id}` | {a.statement} | {a.safe} | {a.measured or a.unmeasured} | "
        f"{', '.join(f'`{path}`' for path in a.depends)} | {a.source} ({a.day.isoformat()}) |\n"
        for a in ASSUMPTIONS
        if a.is_measured is measured
    )
