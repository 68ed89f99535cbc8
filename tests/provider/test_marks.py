"""Marks: read back exactly, and nobody else's is taken for ours. A series outlives the name of its service."""

import re

from hypothesis import given
from hypothesis import strategies as st

from catalogue.rules import MAX_DESCRIPTION
from provider.client.control_plane import KeyInfo
from provider.keys.mark import KeyMark, beginning, marked, new_series, owned_by

OWNER, SERIES = "0123456789abcdef", "a1b2c3d4e5f60718"
HEX = st.from_regex(r"[0-9a-f]{16}", fullmatch=True)


def key(description: str, key_id: str = "1") -> KeyInfo:
    return KeyInfo(key_id=key_id, workspace_id="ws", description=description, created_by="", created_at=0)


@given(HEX, HEX, st.integers(1, 10**6))
def test_a_mark_is_read_back(owner: str, series: str, generation: int) -> None:
    mark = KeyMark.new(owner, series, generation)
    assert KeyMark.read(str(mark)) == mark
    assert str(mark).startswith(beginning(owner, series))
    assert len(str(mark)) <= 60


def test_a_mark_always_fits_into_a_description() -> None:
    assert len(str(KeyMark.new(OWNER, SERIES, 10**18))) <= MAX_DESCRIPTION


@given(st.text())
def test_other_descriptions_are_no_marks(text: str) -> None:
    assert KeyMark.read(text) is None
    mark = str(KeyMark.new(OWNER, SERIES, 1))
    assert KeyMark.read(f"{mark}{text or '.'}") is None
    assert KeyMark.read(f"{text or '.'}{mark}") is None


def test_nonces_differ() -> None:
    assert KeyMark.new(OWNER, SERIES, 1).nonce != KeyMark.new(OWNER, SERIES, 1).nonce


def test_keys_of_another_owner_or_series_are_not_ours() -> None:
    foreign = [KeyMark.new("f" * 16, SERIES, 1), KeyMark.new(OWNER, "f" * 16, 1)]
    ours = [KeyMark.new(OWNER, SERIES, generation) for generation in (10, 2)]
    keys = [key(str(m), str(n)) for n, m in enumerate([*foreign, *ours])]
    found = marked([*keys, key("somebody's"), key(f"{ours[0]} ")], OWNER, SERIES)
    assert [m.generation for m, _ in found] == [2, 10]


def test_an_owner_has_the_keys_of_all_its_services() -> None:
    assert owned_by(key(str(KeyMark.new(OWNER, "f" * 16, 1))), OWNER)
    assert not owned_by(key(str(KeyMark.new("f" * 16, SERIES, 1))), OWNER)
    assert not owned_by(key(f"copy of {KeyMark.new(OWNER, SERIES, 1)}"), OWNER)


@given(HEX, HEX, st.text(max_size=9))
def test_a_create_that_runs_again_finds_its_own_keys_and_a_later_service_of_the_name_none(
    owner: str, claim: str, name: str
) -> None:
    series = new_series(owner, claim, name)
    assert re.fullmatch(r"[0-9a-f]{16}", series)
    assert series == new_series(owner, claim, name), "claim and name are on record before a key is minted"
    others = {new_series(owner, claim[::-1] + "x", name), new_series(owner, claim, f"{name}x")}
    assert series not in others | {new_series("f" * 15 + "x", claim, name)}
