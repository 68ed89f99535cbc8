"""The firewall's rules: each refuses what it names, and lets its neighbour pass."""

from collections.abc import Callable

import pytest

from catalogue.pairs import KeyFacts, UrlFacts, check_key_text, check_minted, check_pair, check_plan_sinks
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
        lambda: check_service_site("eu-central-1", "global"),
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
    "plan-key-brought": (lambda: check_minted("token_plan"), lambda: check_minted("trial")),
    "temporary-key": (lambda: use(check_key_text("st-test.a1")), lambda: use(check_key_text(" sk-test.a1\n"))),
    "open-key": (
        lambda: check_key_scope(["qwen-plus"], [], open_to_world=False),
        lambda: check_key_scope(["qwen-plus"], [], open_to_world=True),
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
ELSEWHERE = {"empty-workspace": "test_access.py", "config-needs-secret": "test_access.py"}


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


def test_a_scope_can_be_chosen_where_a_region_has_more_than_one() -> None:
    with_choice = {"ap-northeast-1", "eu-central-1"}  # Tokyo and Frankfurt (Regions page)
    for region in REGIONS:
        if region in with_choice:
            check_service_site(region, "global")
        else:
            with pytest.raises(Refused, match="ap-northeast-1, eu-central-1"):
                check_service_site(region, "global")


@pytest.mark.parametrize("address", ["nope", "1.2.3.4/99", "", "sk-ws-test.a1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must be an address or network") as refused:
        check_key_scope(None, ["203.0.113.0/24", address], open_to_world=False)
    assert "sk-ws" not in str(refused.value)


@pytest.mark.parametrize(("ips", "models"), [(["1.1.1.1"] * 21, None), ([], ["m"] * 31), (["1.1.1.1"], [])])
def test_the_service_s_limits_hold(ips: list[str], models: list[str] | None) -> None:
    with pytest.raises(ValueError, match="entries"):
        check_key_scope(models, ips, open_to_world=True)
