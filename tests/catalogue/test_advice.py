"""What is let through with a warning."""

from dataclasses import replace

import pytest

from catalogue.access import Access, SinkFacts, problems
from catalogue.advice import span, warnings
from catalogue.pairs import KeyFacts
from catalogue.rotation import RotationPolicy

KMS = SinkFacts(place="kms:cn-beijing/a", audience="backends")
OOS = SinkFacts(place="oos-secret:cn-beijing/ab", audience="backends")
MINTED = Access(domain="dedicated", protocols=("openai",), workspace_region="cn-beijing", sinks=[KMS, OOS])


def rotation(overlap: int, soak: int = 0) -> Access:
    return replace(MINTED, rotation=RotationPolicy(overlap=overlap, soak=soak))


CASES: list[tuple[Access, list[str]]] = [
    (rotation(300, 60), ["overlap 5m is shorter than the cache of those who read kms:cn-beijing/a: the KMS client"]),
    (rotation(300, 86400), ["write overlap: 1h or more"]),
    (rotation(0), ["overlap 0s: a superseded key is disabled as soon as", "overlap 0s is shorter than"]),
    (rotation(3600), []),
    (replace(rotation(0), sinks=[OOS]), ["overlap 0s: a superseded key"]),
    (replace(rotation(0), key=KeyFacts()), []),
    (replace(MINTED, allowed_ips=["10.0.0.1"]), ["10.0.0.1/32: private"]),
    (replace(MINTED, allowed_ips=["10.0.0.1"], double=True), []),
    (replace(MINTED, allowed_ips=["0.0.0.0/0"]), ["the list holds every address, so it restricts nothing"]),
    (MINTED, []),
]


@pytest.mark.parametrize(("access", "says"), CASES)
def test_what_may_not_be_meant_is_told(access: Access, says: list[str]) -> None:
    assert list(problems(access)) == []
    found = [warning.text for warning in warnings(access)]
    assert len(found) == len(says)
    for text, words in zip(found, says, strict=True):
        assert words in text


def test_a_soak_that_ends_before_readers_have_asked_is_told_too() -> None:
    (said,) = warnings(rotation(300, 60))
    assert "soak 1m the old key may be deleted" in said.text
    (said,) = warnings(rotation(300, 86400))
    assert "soak" not in said.text


def test_a_time_is_written_as_in_a_stack_file() -> None:
    assert [span(s) for s in (0, 45, 60, 5400, 7200, 86400)] == ["0s", "45s", "1m", "90m", "2h", "1d"]
