"""The firewall's rules: each refuses what it names, and lets its neighbour pass."""

from collections.abc import Callable

import pytest

from catalogue.rules import RULES, Refused, check_domain, check_key_scope, check_service_site

CASES: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
    "domain-region": (
        lambda: check_domain("shared", "eu-central-1", ["openai"]),
        lambda: check_domain("dedicated", "eu-central-1", ["openai", "anthropic"]),
    ),
    "service-site": (
        lambda: check_service_site("cn-beijing", "global"),
        lambda: check_service_site("eu-central-1", "global"),
    ),
    "open-key": (
        lambda: check_key_scope(["qwen-plus"], [], open_to_world=False),
        lambda: check_key_scope(["qwen-plus"], [], open_to_world=True),
    ),
}
ELSEWHERE = {"empty-workspace": "tests/provider", "config-needs-secret": "tests/stacks and tests/components"}


def test_every_rule_has_a_case() -> None:
    assert set(CASES) | set(ELSEWHERE) == set(RULES)


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_refuses_with_reason_and_way_out(rule: str) -> None:
    wrong, right = CASES[rule]
    right()
    with pytest.raises(Refused, match=rf"\[{rule}\]") as refused:
        wrong()
    assert RULES[rule].reason in str(refused.value)


@pytest.mark.parametrize(("ips", "models"), [(["1.1.1.1"] * 21, None), ([], ["m"] * 31), (["1.1.1.1"], [])])
def test_the_service_s_limits_hold(ips: list[str], models: list[str] | None) -> None:
    with pytest.raises(ValueError, match="entries"):
        check_key_scope(models, ips, open_to_world=True)
