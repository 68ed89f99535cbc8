"""Any record survives every format, and what a place holds is read out of each."""

import json
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.formats import RENDER, go_json
from catalogue.held import behind, held
from tests.engine.sinks import readers

Reader = Callable[[str], dict[str, str]]


def utf8_properties(text: str) -> dict[str, str]:
    """Read as Spring does."""
    return readers.java_properties(text, "utf-8")


FORMATS: list[tuple[str, Reader]] = [
    ("properties", readers.java_properties),
    ("properties", utf8_properties),
    ("yaml", readers.yaml_mapping),
    ("json", readers.json_object),
]
NAMES = st.text(string.ascii_uppercase + string.digits + "_", min_size=1, max_size=12).map("A{}".format)
RECORDS = st.dictionaries(NAMES, st.text(max_size=20), max_size=4)
AWKWARD = " =:#!\\\"'\t\n\r\f\0\x7f\x85\xa0\u2028\ufeff\U0001f600ü${a}%&<>- |"


@pytest.mark.parametrize(("kind", "read"), FORMATS, ids=["properties, latin-1", "properties, utf-8", "yaml", "json"])
@given(record=RECORDS)
def test_any_record_survives(kind: str, read: Reader, record: dict[str, str]) -> None:
    record = record | {f"A_{n}": value for n, value in enumerate((AWKWARD, AWKWARD[::-1], "", " ", "null", "1", "~"))}
    render = next(render for name, render in RENDER.items() if name == kind)
    assert read(render(record)) == record


def test_every_format_is_in_the_table() -> None:
    assert {kind for kind, _ in FORMATS} == set(RENDER)


@given(record=RECORDS)
def test_a_config_map_is_spelled_as_go_does(record: dict[str, str]) -> None:
    text = go_json(record)
    assert json.loads(text) == record
    assert not set("&<>\u2028\u2029") & set(text)


def test_any_value_survives_as_an_environment_variable() -> None:
    value = AWKWARD.replace("\0", "")  # no variable can hold it
    record = {"A": value, "B": value[::-1], "C": "", "D": " "}
    assert readers.injected(go_json(record)) == record


RENDERS = [*RENDER.values(), go_json]


@pytest.mark.parametrize("render", RENDERS)
@given(record=RECORDS, prefix=st.sampled_from(["", "QWEN_"]), value=st.text(max_size=8))
def test_what_is_held_is_read_out_of_every_format(
    render: Callable[[dict[str, str]], str], record: dict[str, str], prefix: str, value: str
) -> None:
    misleading = f'{value}\nMODEL_STUDIO_GENERATION=9\n{{"MODEL_STUDIO_GENERATION":"9"}}, "MODEL_STUDIO_REVISION":"9",'
    ours = {f"{prefix}MODEL_STUDIO_GENERATION": "7", f"{prefix}MODEL_STUDIO_REVISION": "10"}
    assert held(render(record | {"A_NOTE": misleading} | ours)) == "g7r10"
    assert held(render(record | {"A_NOTE": misleading})) == "g?r?"


@pytest.mark.parametrize(
    ("version", "holds"),
    [
        ("g1r2-ab12cd34", "g1r2"),
        ("g12r30-ab12cd34-2", "g12r30"),
        ("g2r3-ab12cd34 QWEN_", "g2r3"),
        ("v0", "g?r?"),
        ("", "g?r?"),
        ("g1r", "g?r?"),
    ],
)
def test_what_is_held_is_read_out_of_a_version_id(version: str, holds: str) -> None:
    assert held(version) == holds


def test_which_places_are_behind() -> None:
    now = {"a": "g7r10", "b": "g7r9", "c": "g70r10", "d": "g?r?", "e": "", "f": "g7r100"}
    assert behind(now, "g7r10") == [
        "b holds g7r9",
        "c holds g70r10",
        "d holds g?r?",
        "e holds nothing",
        "f holds g7r100",
    ]
    assert behind(now, "g7") == ["c holds g70r10", "d holds g?r?", "e holds nothing"]
    assert behind({}, "g7r10") == []
