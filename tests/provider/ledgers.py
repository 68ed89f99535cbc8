"""Ledgers for tests that need nothing behind them: a key in a few words, and any ledger that can come about."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from provider.keys.ledger import Copy, Key, Ledger

SERIES = "ab" * 8
HOME = ("cn-beijing", "ws-a")
ELSEWHERE = ("cn-beijing", "ws-b")
AT = "kms:cn-beijing/prod/gateway"
BORN = "2027-01-15T08:00:00Z"
"""When the doubles' clock starts."""


def key(generation: int, **more: Any) -> Key:
    """Return a minted key whose value lies in a secret."""
    given: dict[str, Any] = {
        "key_id": str(100 + generation),
        "region": HOME[0],
        "workspace": HOME[1],
        "nonce": f"{generation:08x}",
        "created_at": BORN,
        "created_by": "1234567890123456",
        "fingerprint": f"{generation:032x}",
        "copies": (Copy(place=AT, version=f"v{generation}", name=f"g{generation}r1-ab12cd34"),),
    }
    return Key(generation=generation, **given | more)


def existing(generation: int, fingerprint: str = "e" * 32) -> Key:
    """Return a key that was made elsewhere."""
    return key(generation, key_id="", nonce="", created_by="", fingerprint=fingerprint)


def ledger(current: Key | None = None, *superseded: Key, **more: Any) -> Ledger:
    """Return a ledger in which all these are counted."""
    given = replace(Ledger(series=SERIES), **more)
    if current is not None:
        given = replace(given.with_current(current, source=given.source), present=more.get("present", True))
    return given.with_superseded(superseded)


_HEX = st.text("0123456789abcdef", min_size=1, max_size=8)
_COPIES = st.lists(
    st.builds(Copy, place=st.sampled_from((AT, "oos-secret:cn-beijing/gateway")), version=_HEX, name=_HEX), max_size=2
)


@st.composite
def keys(draw: st.DrawFn, generation: int, number: int) -> Key:
    """Return any key of a generation; `number` tells it from all others."""
    minted = draw(st.booleans())
    return key(
        generation,
        key_id=str(1000 + number) if minted else "",
        nonce=f"{number:08x}" if minted else "",
        workspace=draw(st.sampled_from((HOME[1], HOME[1], ELSEWHERE[1]))),
        created_at=draw(st.sampled_from(("", BORN, "2026-01-01T00:00:00Z"))),
        fingerprint=draw(st.sampled_from(("", "a" * 32, "b" * 32))),
        copies=tuple(draw(_COPIES)),
        superseded_at=draw(st.sampled_from(("", BORN))),
        set_aside=draw(st.booleans()),
    )


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Return any ledger: current key or none, others older and newer, some of which were never finished."""
    numbers = draw(st.lists(st.integers(1, 5), max_size=5))
    drawn = [draw(keys(generation, n)) for n, generation in enumerate(numbers)]
    split = draw(st.integers(0, len(drawn)))
    superseded, unfinished = [k for k in drawn[:split] if k.key_id], [k for k in drawn[split:] if k.key_id]
    made = Ledger(
        series=SERIES,
        highest=draw(st.integers(0, 12)),
        rotated=draw(st.sampled_from(("", "spring"))),
        nonces={"0f" * 4: "7"},
    ).with_superseded(superseded)
    current = draw(st.none() | keys(draw(st.integers(1, 5)), 99))
    if current is not None:
        source = "" if current.key_id else draw(st.sampled_from(("config", "kms:cn-beijing/theirs#")))
        made = made.with_current(current, source=source)
        made = replace(made, present=draw(st.booleans()))
    return made.with_unfinished(unfinished)
