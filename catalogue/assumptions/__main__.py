"""`python -m catalogue.assumptions`: write docs/assumptions.md again."""

from catalogue.assumptions.document import FILE, text

if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
