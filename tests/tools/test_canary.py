"""The scan finds what is planted, in every spelling and at every position, and nothing else."""

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.canary import CANARY, SPELLINGS, Place, exceptions, find, plant


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(before=st.binary(max_size=20), after=st.binary(max_size=20))
def test_every_spelling_is_found(spelling: str, before: bytes, after: bytes) -> None:
    place = Place("k", "n", before + SPELLINGS[spelling](CANARY).encode() + after)
    assert [where for where, _ in find([CANARY], [place])] == [place]


@given(st.binary(max_size=9), st.binary(max_size=9))
def test_base64_is_found_wherever_the_secret_starts(before: bytes, after: bytes) -> None:
    whole = before + CANARY.encode() + after
    for encoded in (base64.b64encode(whole), base64.urlsafe_b64encode(whole)):
        assert find([CANARY], [Place("k", "n", encoded)])


def test_compressed_files_and_file_names_are_read() -> None:
    assert find([CANARY], [Place("k", "n", gzip.compress(CANARY.encode()))])
    assert find([CANARY], [Place("k", f"state-{CANARY}.json", b"")])


@given(st.binary(max_size=200))
def test_nothing_is_found_where_nothing_is(content: bytes) -> None:
    assert find([CANARY], [Place("k", "n", content)]) == []


def test_planting_covers_every_kind_in_every_spelling() -> None:
    planted = plant({"state": b"{}", "stdout": b"done"})
    assert len(planted) == 2 * len(SPELLINGS)
    assert len(find([CANARY], planted)) == len(planted)


def test_an_exception_is_read_with_its_arguments() -> None:
    assert find([CANARY], exceptions([ValueError(1, {"body": CANARY})]))
