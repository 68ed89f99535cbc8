"""The firewall's rules: each refuses what it names, and lets its neighbour pass."""

import re
from collections.abc import Callable

import pytest

from catalogue.key_text import check_key_text
from catalogue.models import check_offered
from catalogue.pairs import KeyFacts, UrlFacts, check_minted, check_pair, check_plan_sinks
from catalogue.regions import SCOPES as SCOPE_TABLE
from catalogue.regions import can_be_disabled, key_notes, processing
from catalogue.rotation import check_delivered, check_periods, check_room, check_serve
from catalogue.rows import REGIONS
from catalogue.rules import (
    RULES,
    Refused,
    check_domain,
    check_key_models,
    check_key_scope,
    check_service_site,
)

PLAN_KEY = KeyFacts(billing_plan="coding_plan")


def use(key: str) -> None:
    assert key == "sk-test.a1"


CASES: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
    "domain-region": (
        lambda: check_domain("shared", "eu-central-1", ["openai"]),
        lambda: check_domain("dedicated", "eu-central-1", ["openai", "anthropic"]),
    ),
    "service-site": (
        lambda: check_service_site("cn-beijing", "global"),
        lambda: check_service_site("us-east-1", "united-states"),
    ),
    "billing-plan": (
        lambda: check_pair(PLAN_KEY, UrlFacts(domain="dedicated", region="ap-southeast-1")),
        lambda: check_pair(PLAN_KEY, UrlFacts(domain="coding_plan", region="ap-southeast-1")),
    ),
    "key-region": (
        lambda: check_pair(KeyFacts(region="cn-beijing"), UrlFacts(domain="shared", region="cn-hongkong")),
        lambda: check_pair(KeyFacts(region="cn-beijing"), UrlFacts(domain="shared", region="cn-beijing")),
    ),
    "key-workspace": (
        lambda: check_pair(KeyFacts(workspace="a"), UrlFacts(domain="dedicated", region="cn-beijing", workspace="b")),
        lambda: check_pair(KeyFacts(workspace="a"), UrlFacts(domain="shared", region="cn-beijing", workspace="b")),
    ),
    "plan-key-tools": (
        lambda: check_plan_sinks("token_plan", "kms:cn-beijing/a", "backends"),
        lambda: check_plan_sinks("token_plan", "kms:cn-beijing/a", "tools"),
    ),
    "plan-key-existing": (lambda: check_minted("token_plan"), lambda: check_minted("trial")),
    "temporary-key": (lambda: use(check_key_text("st-test.a1")), lambda: use(check_key_text(" sk-test.a1\n"))),
    "key-text": (lambda: use(check_key_text("sk-****1b01")), lambda: use(check_key_text("sk-test.a1"))),
    "open-key": (
        lambda: check_key_scope(["qwen-plus"], [], open_to_world=False),
        lambda: check_key_scope(["qwen-plus"], [], open_to_world=True),
    ),
    "model-offered": (
        lambda: check_offered("cn-beijing", ["qwen-max"], ["qwen-plus"]),
        lambda: check_offered("cn-beijing", [], ["qwen-plus"]),
    ),
    "key-models": (
        lambda: check_key_models(["qwen-plus", "qwen-max"], ["qwen-plus"]),
        lambda: check_key_models(["qwen-plus"], ["qwen-plus", "qwen-max"]),
    ),
    "rotation-periods": (lambda: check_periods(90, 60, 30), lambda: check_periods(90, 60, 29)),
    "key-limit": (lambda: check_room("ws-1", 20, ["7"]), lambda: check_room("ws-1", 19, ["7"])),
    "serve-generation": (lambda: check_serve(3, [1, 2], None), lambda: check_serve(2, [1, 2], None)),
    "retire-undelivered": (
        lambda: check_delivered(7, {"kms:a/b": "g7r10", "nacos:c/d": "g6r9"}),
        lambda: check_delivered(7, {"kms:a/b": "g7r10", "nacos:c/d": "g7r11"}),
    ),
}
ELSEWHERE = {
    "empty-workspace": "test_access.py",
    "config-needs-secret": "test_access.py",
    "key-needs-vault": "test_access.py",
    "own-key": "tests/provider",
}
"""Rules whose cases stand in another module."""


def test_every_rule_has_a_case() -> None:
    assert set(CASES) | set(ELSEWHERE) == set(RULES)


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_refuses_with_reason_and_way_out(rule: str) -> None:
    wrong, right = CASES[rule]
    right()
    with pytest.raises(Refused, match=rf"\[{rule}\]") as refused:
        wrong()
    assert RULES[rule].reason in str(refused.value)


def test_a_revoked_generation_is_not_served_although_it_is_there() -> None:
    check_serve(2, [1, 2], 1)
    with pytest.raises(Refused, match="serve_generation 2, and revoke_through 2 revokes it"):
        check_serve(2, [1, 2], 2)


def test_without_an_age_no_period_is_too_long() -> None:
    check_periods(None, 10**9, 10**9)


@pytest.mark.parametrize(
    ("held", "behind"),
    [
        ({"kms:a/b": "g7r10", "nacos:c/d": "g6r9"}, "nacos:c/d holds g6r9, the current generation is 7"),
        ({"kms:a/b": "g70r1"}, "kms:a/b holds g70r1"),
        ({"kms:a/b": ""}, "kms:a/b holds "),
        ({"sae:b": "g1r1", "kms:a": "g2r1"}, "kms:a holds g2r1, sae:b holds g1r1"),
    ],
)
def test_each_place_that_holds_another_generation_is_named(held: dict[str, str], behind: str) -> None:
    with pytest.raises(Refused, match=behind):
        check_delivered(7, held)


SCOPES = {  # typed from the regional pages, 2026-10-11
    "us-east-1": ["global", "united-states"],
    "cn-hongkong": ["global", "cn-hongkong"],
    "ap-northeast-1": ["global", "japan"],
    "eu-central-1": ["global", "european-union"],
}


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    "word", [*sorted({word for words in SCOPES.values() for word in words}), "international", "mars", ""]
)
def test_a_region_takes_its_own_scopes_and_a_refusal_lists_them(region: str, word: str) -> None:
    words = SCOPES.get(region, [])
    if word in words:
        check_service_site(region, word)
        return
    with pytest.raises(Refused, match=r"\[service-site\]") as refused:
        check_service_site(region, word)
    text = str(refused.value)
    if words:
        assert all(re.search(rf"{region} offers .*\b{word} \(", text) for word in words)
    else:
        assert f"{region} offers none: leave it out" in text
        assert all(f"{there}: {', '.join(choice)}" in text for there, choice in SCOPES.items())


def test_a_scope_that_may_be_a_key_is_not_repeated() -> None:
    with pytest.raises(Refused) as refused:
        check_service_site("eu-central-1", "sk-ws-test.a1")
    assert "sk-ws" not in str(refused.value)


@pytest.mark.parametrize(
    ("region", "site", "says"),
    [
        ("eu-central-1", "european-union", "models run in the European Union; .* stored in eu-central-1"),
        ("eu-central-1", "global", "models run anywhere in the world, the Chinese mainland included"),
        ("us-east-1", "united-states", "models run in the United States"),
        ("us-east-1", None, "not known; choose global .* or united-states .in the United States"),
        ("cn-beijing", None, "^models run in the Chinese mainland; .* stored in cn-beijing"),
        ("ap-southeast-1", None, "anywhere in the world except the Chinese mainland"),
        ("mars-1", None, "^$"),
    ],
)
def test_it_is_told_where_models_run(region: str, site: str | None, says: str) -> None:
    assert re.search(says, processing(region, site))


def test_each_region_has_either_a_choice_or_a_place() -> None:
    assert set(SCOPE_TABLE) == set(REGIONS)
    assert all(bool(scopes.choice) != bool(scopes.fixed) for scopes in SCOPE_TABLE.values())


@pytest.mark.parametrize("address", ["nope", "1.2.3.4/99", "", "sk-ws-test.a1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must be an address or network") as refused:
        check_key_scope(None, ["203.0.113.0/24", address], open_to_world=False)
    assert "sk-ws" not in str(refused.value)


@pytest.mark.parametrize(("ips", "models"), [(["1.1.1.1"] * 21, None), ([], ["m"] * 31), (["1.1.1.1"], [])])
def test_the_service_s_limits_hold(ips: list[str], models: list[str] | None) -> None:
    with pytest.raises(ValueError, match="entries"):
        check_key_scope(models, ips, open_to_world=True)


@pytest.mark.parametrize(
    ("region", "model", "says"),
    [
        ("cn-beijing", "qwen-max", "offer qwen-max (ended there on 2026-07-13; nearest: qwen3-max)"),
        ("ap-southeast-1", "qvq-max", "qvq-max (ended there on 2026-07-13"),
        ("us-east-1", "qwen-max", "offer qwen-max (nearest: qwen3-max)"),
        ("us-east-1", "qwen-plsu", "offer qwen-plsu (nearest: qwen-plus"),
        ("us-east-1", "gpt-4o", "offer gpt-4o: each region"),
    ],
)
def test_a_model_that_is_not_offered_is_told_with_day_and_nearest_names(region: str, model: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        check_offered(region, [model], ["qwen3-max", "qwen-plus", "text-embedding-v4"])
    assert f"models: {region} does not " in str(refused.value)
    assert says in str(refused.value)


def test_virginia_alone_may_not_disable_or_restrict_keys() -> None:
    for region in REGIONS:
        notes = key_notes(region, rotates=True, restricted=True)
        assert len(notes) == (2 if region == "us-east-1" else 0)
    assert key_notes("us-east-1", rotates=False, restricted=False) == []
    assert can_be_disabled("cn-beijing")
    assert not can_be_disabled("us-east-1")
