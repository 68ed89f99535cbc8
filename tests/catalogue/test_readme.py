"""What the README says of the catalogue is what the catalogue says."""

from pathlib import Path

from catalogue.rules import rules_table

README = Path(__file__).resolve().parent.parent.parent / "README.md"


def test_the_readme_lists_the_rules() -> None:
    assert rules_table() in README.read_text(), "put the output of `python -m catalogue --rules` into README.md"
