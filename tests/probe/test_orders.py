"""Whatever the order in which the service looks at a call: no wrong verdict, and no good pair that cannot be told."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from catalogue.rows import ROWS
from provider.probe.check import check
from provider.probe.pair import Pair, listed_at, models_for, nobody_knows
from tests.probe.service import MODELS, SEEN, Key, Service, Step

if TYPE_CHECKING:
    from provider.probe.check import Spend
    from provider.probe.verdict import Finding

REGIONS = ("cn-beijing", "ap-southeast-1")
KEYS = (
    Key(value="sk-ws-test.a1", region="cn-beijing", workspace="ws-a"),
    Key(value="sk-ws-test.b1", region="cn-beijing", workspace="ws-b"),
    Key(value="sk-ws-test.c1", region="ap-southeast-1", workspace="ws-c"),
    Key(value="sk-sp-test.t1", region="cn-beijing", plan="token_plan"),
    Key(value="sk-sp-test.k1", region="cn-beijing", plan="coding_plan"),
)
ALL_KEYS = (*KEYS, Key(value="sk-ws-test.x1", region="", plan=""))
"""The last one is no key at all."""
WORKSPACES = {"ws-a": "cn-beijing", "ws-b": "cn-beijing", "ws-c": "ap-southeast-1"}
URLS = sorted(
    {
        (r.protocol, r.url_template.replace("{workspace_id}", workspace))
        for r in ROWS
        for workspace, region in WORKSPACES.items()
        if r.region in REGIONS and (r.domain != "dedicated" or r.region == region)
        if not (r.domain == "coding_plan" and r.region == "ap-southeast-1") and r.protocol != "realtime"
    }
)
ORDERS: list[tuple[Step, ...]] = [("key", *rest) for rest in permutations(SEEN[1:])]
"""That the key is looked at first was seen: even a path that does not exist is answered 401 (d062)."""
LATE_KEY: list[tuple[Step, ...]] = [order for order in permutations(SEEN) if order[0] != "key"]


SPENDS: list[tuple[Spend, bool]] = [("never", True), ("never", False), ("if_needed", True), ("always", False)]


def is_good(key: Key, pair: Pair) -> bool:
    plan = pair.host if pair.host in ("token_plan", "coding_plan") else "pay_as_you_go"
    own = pair.host != "dedicated" or pair.host_name.startswith(f"{key.workspace}.")
    return (key.plan, key.region) == (plan, pair.region) and own


def run(
    service: Service, protocol: str, url: str, key: Key, spend: Spend, *, known: bool = True
) -> tuple[Pair, Finding]:
    """Check a pair. `known`: the control plane says what the workspace may call."""
    pair = Pair.of(protocol, url, key.value)
    models = models_for(
        pair, MODELS.__contains__ if known else nobody_knows, listed=() if known else listed_at(pair, service)
    )
    return pair, check(pair, models, spend=spend, ask=service)


@pytest.mark.parametrize("order", [*ORDERS, *LATE_KEY], ids=" ".join)
def test_no_order_makes_a_wrong_verdict(order: tuple[Step, ...]) -> None:
    service = Service(keys=KEYS, order=order)
    wrong: list[tuple[str, str, str]] = []
    for protocol, url in URLS:
        for key in ALL_KEYS:
            for spend, known in SPENDS:
                pair, found = run(service, protocol, url, key, spend, known=known)
                good = is_good(key, pair)
                if (found.outcome == "verified" and not good) or (found.outcome == "refused" and good):
                    wrong.append((key.value, url, found.outcome))
    assert wrong == []


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
@pytest.mark.parametrize("sibling", ["denied", "unauthorized"])
def test_with_a_call_every_pair_is_told(order: tuple[Step, ...], sibling: Any) -> None:
    service = Service(keys=KEYS, order=order, sibling=sibling)
    for protocol, url in URLS:
        for key in ALL_KEYS:
            pair, found = run(service, protocol, url, key, "if_needed")
            assert found.outcome == ("verified" if is_good(key, pair) else "refused"), (key.value, url, found)


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_where_nobody_knows_the_workspace_a_denial_refuses_nothing_and_good_pairs_are_told_all_the_same(
    order: tuple[Step, ...],
) -> None:
    service = Service(keys=KEYS, order=order)
    for protocol, url in URLS:
        for key in ALL_KEYS:
            pair, found = run(service, protocol, url, key, "if_needed", known=False)
            sibling = pair.host == "dedicated" and (key.plan, key.region) == ("pay_as_you_go", pair.region)
            wanted = "verified" if is_good(key, pair) else "inconclusive" if sibling else "refused"
            assert found.outcome == wanted, (key.value, url, found)
            assert wanted != "inconclusive" or "other_workspace" in found.causes


def test_in_the_order_that_was_seen_nothing_is_spent() -> None:
    service = Service(keys=KEYS)
    good = [(p, u, k) for p, u in URLS for k in KEYS if is_good(k, Pair.of(p, u, k.value))]
    assert len(good) > 25
    for protocol, url, key in good:
        assert run(service, protocol, url, key, "never")[1].outcome == "verified"
    assert service.tokens == 0


@pytest.mark.parametrize("order", [*ORDERS, *LATE_KEY], ids=" ".join)
def test_free_means_free(order: tuple[Step, ...]) -> None:
    service = Service(keys=KEYS, order=order)
    for protocol, url in URLS:
        for key in ALL_KEYS:
            run(service, protocol, url, key, "never")
    assert service.tokens == 0


@pytest.mark.parametrize("bill", ["arrears", "quota", "unpurchased", "free_tier"])
@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_an_account_in_trouble_verifies_no_workspace_s_host_and_refuses_no_good_key(
    bill: str, order: tuple[Step, ...]
) -> None:
    service = Service(keys=KEYS, order=order, bill=bill)
    for protocol, url in URLS:
        for key in KEYS:
            pair, found = run(service, protocol, url, key, "if_needed")
            if not is_good(key, pair):
                assert found.outcome in ("refused", "accepted"), (url, found)
                assert not found.facts.host_proven
            elif pair.host == "dedicated" and order.index("bill") < order.index("body"):
                assert (found.outcome, found.stopped) == ("accepted", True), (url, found)
            else:
                assert found.outcome in ("verified", "accepted"), (url, found)


@pytest.mark.parametrize("place", ["before_key", "after_key"])
def test_a_coding_host_that_takes_no_client_of_ours_is_accepted_at_most(place: Any) -> None:
    service = Service(keys=KEYS, coding_agents=place)
    seen: set[tuple[bool, str]] = set()
    for protocol, url in URLS:
        for key in ALL_KEYS:
            pair, found = run(service, protocol, url, key, "if_needed")
            if pair.host == "coding_plan":
                seen.add((is_good(key, pair), found.outcome))
    wanted = {(True, "accepted"), (False, "refused")}
    assert seen == (wanted if place == "after_key" else {(True, "inconclusive"), (False, "inconclusive")})


def test_one_retired_model_refuses_no_key() -> None:
    service = Service(keys=KEYS, retired=frozenset({"qwen-flash"}))
    for protocol, url in URLS:
        pair, found = run(service, protocol, url, KEYS[0], "never")
        if is_good(KEYS[0], pair):
            assert found.outcome == "verified", (url, found)


def test_no_model_is_ever_called_on_a_plan_s_host() -> None:
    for order in [*ORDERS, *LATE_KEY]:
        service = Service(keys=KEYS, order=order)
        for protocol, url in URLS:
            for key in KEYS:
                pair = Pair.of(protocol, url, key.value)
                if pair.host in ("token_plan", "coding_plan"):
                    check(pair, models_for(pair, nobody_knows), spend="always", ask=service)
        assert [q for _, _, q in service.asked if q.kind == "call"] == []
        assert service.asked
