"""A list of addresses is judged as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.addresses import is_open, warnings
from catalogue.rules import Refused, check_key_scope

WHOLE = [
    ["0.0.0.0/0"],
    ["0.0.0.0/0", "::/0"],
    ["0.0.0.0/1", "128.0.0.0/1"],
    ["64.0.0.0/2", "0.0.0.0/2", "128.0.0.0/1", "203.0.113.7"],
    ["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"],
    ["::/0"],
    ["::/1", "8000::/1"],
    ["2000::/3"],
    ["::ffff:0:0/96"],
    ["::ffff:0.0.0.0/97", "128.0.0.0/1"],
    ["1.2.3.4/0"],
]
PART = [[], ["203.0.113.0/24"], ["0.0.0.0/1"], ["128.0.0.0/1"], ["2001:db8::/32"], ["10.0.0.0/8"], ["no address"]]


@pytest.mark.parametrize("entries", WHOLE, ids=str)
def test_entries_that_together_are_the_internet(entries: list[str]) -> None:
    assert is_open(entries)
    with pytest.raises(Refused, match=r"write open_to_world: true \[open-key\]"):
        check_key_scope(["m"], entries, open_to_world=False)
    check_key_scope(["m"], entries, open_to_world=True)
    check_key_scope(None, entries, open_to_world=False)


@pytest.mark.parametrize("entries", PART, ids=str)
def test_entries_that_leave_somebody_out(entries: list[str]) -> None:
    assert not is_open(entries)


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (["10.1.0.0/16", "203.0.113.7"], "10.1.0.0/16: private"),
        (["192.168.1.1"], "192.168.1.1/32: private"),
        (["100.64.0.0/10", "fc00::/7"], "100.64.0.0/10, fc00::/7: private"),
        (["128.0.0.0/1"], "at least half of all IPv4 addresses"),
    ],
)
def test_what_is_odd_is_told(entries: list[str], says: str) -> None:
    (said,) = warnings(entries, double=False)
    assert says in said


def test_a_double_sees_private_addresses() -> None:
    assert list(warnings(["127.0.0.1/32"], double=True)) == []
    assert list(warnings(["203.0.113.0/24"], double=False)) == []


@given(st.integers(1, 12))
def test_a_division_is_as_open_as_the_whole(bits: int) -> None:
    parts = [f"{n << (32 - bits) >> 24 & 255}.{n << (32 - bits) >> 16 & 255}.0.0/{bits}" for n in range(2**bits)]
    assert is_open(parts)
    assert is_open(parts[1:]) == (bits >= 8)  # 0.0.0.0/8 is nobody's
