"""Property values survive the wire both ways."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provider.values import UNKNOWN, decode, encode, has_unknown

TEXT = st.text(max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**52), 2**52) | TEXT | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_values_come_back_as_they_were(values: dict[str, Any]) -> None:
    assert decode(encode(values)).values == values


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4), st.data())
def test_secret_marks_come_back_and_hide_nothing_else(values: dict[str, Any], data: st.DataObject) -> None:
    secrets = data.draw(st.sets(st.sampled_from(sorted(values))))
    decoded = decode(encode(values, secrets))
    assert decoded.values == values
    assert decoded.secrets == secrets


def test_a_secret_deep_inside_marks_its_property() -> None:
    inner = encode({"value": "sk-ws-test.a1"}, {"value"})
    outer = encode({"list": [], "plain": "x"})
    outer.fields["list"].list_value.values.add().struct_value.CopyFrom(inner)
    decoded = decode(outer)
    assert decoded.values == {"list": [{"value": "sk-ws-test.a1"}], "plain": "x"}
    assert decoded.secrets == {"list"}


def test_unknowns_are_seen_at_any_depth() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": "known"}]})
