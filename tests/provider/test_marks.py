"""Marks: read back exactly, and nobody else's is taken for ours."""

from hypothesis import given
from hypothesis import strategies as st

from catalogue.rules import MAX_DESCRIPTION
from provider.client.control_plane import KeyInfo
from provider.resource import Urn
from provider.resources.marks import Mark, marked, name_hash, series

OWNER = "0123456789abcdef"


def urn(name: str = "gw-key", type_: str = "modelstudio:index:ApiKey") -> Urn:
    return Urn.parse(f"urn:pulumi:dev::proj::modelstudio:index:ServiceAccess${type_}::{name}")


def key(description: str, key_id: str = "1") -> KeyInfo:
    return KeyInfo(key_id=key_id, workspace_id="ws", description=description, created_by="", created_at=0)


@given(st.integers(1, 10**6))
def test_a_mark_is_read_back(generation: int) -> None:
    mark = Mark.new(OWNER, urn(), generation)
    assert Mark.read(str(mark)) == mark
    assert str(mark).startswith(series(OWNER, name_hash(urn())))
    assert len(str(mark)) <= 60


def test_a_mark_always_fits_into_a_description() -> None:
    urn_ = urn("n" * 400)
    assert len(str(Mark.new(OWNER, urn_, 10**18))) <= MAX_DESCRIPTION


@given(st.text())
def test_other_descriptions_are_no_marks(text: str) -> None:
    assert Mark.read(text) is None
    assert Mark.read(f"{Mark.new(OWNER, urn(), 1)}{text or '.'}") is None


def test_nonces_differ() -> None:
    assert Mark.new(OWNER, urn(), 1).nonce != Mark.new(OWNER, urn(), 1).nonce


def test_keys_of_another_owner_name_or_type_are_not_ours() -> None:
    foreign = [
        Mark.new("f" * 16, urn(), 1),
        Mark.new(OWNER, urn("other-key"), 1),
        Mark.new(OWNER, urn(type_="modelstudio:index:Other"), 1),
    ]
    ours = [Mark.new(OWNER, urn(), generation) for generation in (10, 2)]
    found = marked([key(str(m), str(n)) for n, m in enumerate([*foreign, *ours])], OWNER, urn())
    assert [m.generation for m, _ in found] == [2, 10]
