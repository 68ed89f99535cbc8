"""What a place holds is read off what stands in it, in every format; which places are behind."""

import pytest

from catalogue.formats import RENDER
from catalogue.held import UNKNOWN, behind, held

RECORD = {"MODEL_STUDIO_GENERATION": "7", "MODEL_STUDIO_REVISION": "10", "OPENAI_BASE_URL": 'https://h/"\n'}


@pytest.mark.parametrize(
    ("stored", "holds"),
    [
        ("g7r10-ab12cd34", "g7r10"),
        ("g7r10-ab12cd34-2", "g7r10"),
        ("foreign", UNKNOWN),
        ("", UNKNOWN),
        ("{}", UNKNOWN),
        ("{", UNKNOWN),
        ("[]", UNKNOWN),
        ('{"MODEL_STUDIO_GENERATION":"7"}', UNKNOWN),
        ('{"MODEL_STUDIO_GENERATION":"7","MODEL_STUDIO_REVISION":"x"}', UNKNOWN),
        ('{"MODEL_STUDIO_GENERATION":7,"MODEL_STUDIO_REVISION":10}', "g7r10"),
        ("x=1\nMODEL_STUDIO_REVISION=10\nMODEL_STUDIO_GENERATION=7", "g7r10"),
    ],
)
def test_what_a_place_holds_is_told_from_what_stands_in_it(stored: str, holds: str) -> None:
    assert held(stored) == holds


@pytest.mark.parametrize("prefix", ["", "QWEN_"])
@pytest.mark.parametrize("name", sorted(RENDER))
def test_a_record_is_known_in_every_format(name: str, prefix: str) -> None:
    write = RENDER[name]  # type: ignore[index]  # a word of the table
    assert held(write({prefix + key: value for key, value in RECORD.items()})) == "g7r10"


@pytest.mark.parametrize(
    ("there", "wanted", "says"),
    [
        ({"a": "g7r10", "b": "g7r10"}, "g7r10", []),
        ({"a": "g7r10", "b": "g7r9"}, "g7r10", ["b holds g7r9"]),
        ({"a": "g7r9", "b": "g7r10"}, "g7", []),
        ({"b": "", "a": "g70r1"}, "g7", ["a holds g70r1", "b holds nothing"]),
        ({"a": UNKNOWN}, "g7", ["a holds g?r?"]),
        ({}, "g7", []),
    ],
)
def test_a_place_that_holds_something_else_is_behind(there: dict[str, str], wanted: str, says: list[str]) -> None:
    assert behind(there, wanted) == says
