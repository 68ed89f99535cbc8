"""What the README says of a stack file is what a stack file takes."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from components.sinks.table import SINKS
from stacks.read import parse
from stacks.settings import Settings

README = (Path(__file__).resolve().parent.parent.parent / "README.md").read_text()
SECTION = README.partition("## The stack file")[2].partition("\n## ")[0]
EXAMPLE = SECTION.partition("```yaml\n")[2].partition("```")[0]


def models(kind: Any) -> set[type[BaseModel]]:
    """Return every model below a type."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {found for inner in get_args(kind) for found in models(inner)}
    below = {found for field in kind.model_fields.values() for found in models(field.annotation)}
    return {kind} | below


WORDS = sorted({(model.__name__, word) for model in models(Settings) for word in model.model_fields})


def test_the_example_is_a_stack_file_with_every_sink() -> None:
    settings = parse(yaml.safe_load(EXAMPLE)["config"]["model-studio:settings"], "README.md")
    shown = {type(place.sink) for service in settings.services.values() for place in service.sinks}
    assert len(shown) == len(SINKS)


@pytest.mark.parametrize(("model", "word"), WORDS)
def test_every_word_is_in_the_example_or_explained(model: str, word: str) -> None:
    assert re.search(rf"[`{{. ]{word}(`|:| }})", README), f"{word} of {model} is nowhere in the README"
