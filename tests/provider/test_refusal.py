"""Why a key is refused, and whether it stays where it belongs: who is asked, and what is made of the answers."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from catalogue.pairs import UrlFacts
from catalogue.rows import ROWS
from provider.client import isolation, refusal
from provider.client.control_plane import KeyInfo
from provider.client.isolation import Abroad
from provider.client.probe import CONTROL_KEY, Answer, Ask
from tests.provider.doubles import Plane, key_info, workspace_info

KEY = "sk-ws-test.a1"
NO = Answer(status=401, code="invalid_api_key")
YES = Answer(status=200)
Service = Callable[[str, str, Ask], Answer]


def opens(*urls: str, asked: list[str] | None = None) -> Service:
    """Return a service that lets the key in at these URLs alone."""

    def service(url: str, key: str, _ask: Ask) -> Answer:
        if asked is not None and key != CONTROL_KEY:
            asked.append(url)
        return YES if url in urls and key == KEY else NO

    return service


MINTED: dict[str, tuple[KeyInfo | None, str]] = {
    "gone": (None, "was deleted by another hand"),
    "disabled": (key_info(disabled=True), "was disabled by another hand"),
    "elsewhere": (key_info(workspace_id="ws-b"), "key 7 is of workspace ws-b, not of ws-a"),
    "another head": (key_info(masked="sk-xx*****a1"), "another key's value"),
    "another tail": (key_info(masked="sk-ws*****b2"), "another key's value"),
    "fits": (key_info(masked="sk-ws*****a1"), ""),
    "nothing said": (key_info(workspace_id=""), ""),
}


@pytest.mark.parametrize("name", MINTED)
def test_what_the_control_plane_knows_of_a_minted_key(name: str) -> None:
    known, says = MINTED[name]
    said = refusal.of_minted(cast("Any", Plane(key=known)), "cn-beijing", "7", "ws-a", KEY)
    assert says in said
    assert bool(said) == bool(says)
    assert KEY not in said


def test_a_control_plane_that_does_not_answer_hides_no_refusal() -> None:
    assert refusal.of_minted(cast("Any", Plane(fails=True)), "cn-beijing", "7", "ws-a", KEY) == ""


def test_the_nearest_hosts_are_asked_first_and_each_plan_and_region_once() -> None:
    asked: list[str] = []
    found = refusal.of_any(KEY, UrlFacts(domain="dedicated", region="cn-hongkong"), call=opens(asked=asked))
    assert found == ""
    assert asked[0] == "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1"
    fixed = [r.url_template for r in ROWS if r.protocol == "openai" and r.domain not in ("dedicated", "trial")]
    assert sorted(asked) == sorted(fixed)


WHERE = [
    ("https://dashscope.aliyuncs.com/compatible-mode/v1", "dedicated", "of another workspace in cn-beijing"),
    ("https://dashscope.aliyuncs.com/compatible-mode/v1", "trial", "but not this URL"),
    ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "dedicated", "[key-region]"),
    ("https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "dedicated", "[billing-plan]"),
    ("https://coding.dashscope.aliyuncs.com/v1", "token_plan", "[billing-plan]"),
]


@pytest.mark.parametrize(("url", "domain", "says"), WHERE)
def test_where_a_key_opens_tells_whose_it_is(url: str, domain: Any, says: str) -> None:
    found = refusal.of_any(KEY, UrlFacts(domain=domain, region="cn-beijing"), call=opens(url))
    assert found.startswith(f"the key opens {url}")
    assert says in found


def test_the_sibling_is_never_the_key_s_own_workspace_nor_one_without_a_host() -> None:
    there = [workspace_info("ws-a", "llm-a.x"), workspace_info("ws-b", ""), workspace_info("ws-c", "llm-c.x")]
    plane: Any = Plane(there=there)
    sibling, abroad = isolation.hosts(plane, "cn-beijing", "ws-a", "")
    assert (sibling.what, sibling.url) == ("the host of workspace ws-c", "https://llm-c.x/compatible-mode/v1")
    assert abroad.url == "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    (other,) = [host for host in isolation.hosts(plane, "ap-southeast-1", "ws-a", "") if "shared" in host.what]
    assert other.what == "the shared host of cn-beijing"


def test_a_plan_s_key_has_no_workspace_of_its_own() -> None:
    plane: Any = Plane(there=[workspace_info("ws-a", "llm-a.x")])
    assert [host.what for host in isolation.hosts(plane, "cn-beijing", "", "")] == [
        "the host of workspace ws-a",
        "the shared host of ap-southeast-1",
    ]


ABROAD = Abroad(what="the host of workspace ws-b", url="https://b/v1")
ISOLATED: list[tuple[Service, str, str]] = [
    (opens(), "verified", ""),
    (opens("https://b/v1"), "refused", "the key opens the host of workspace ws-b, which it must not"),
    (lambda _u, _k, _a: Answer(status=0, message="ConnectTimeout"), "not_checkable", "ws-b: no route from here"),
    (lambda _u, _k, _a: Answer(status=503), "inconclusive", "ws-b: the service answered 503"),
    (lambda _u, _k, _a: YES, "inconclusive", "ws-b: a key that cannot exist"),
]


@pytest.mark.parametrize(("service", "outcome", "says"), ISOLATED)
def test_only_a_refusal_proves_that_a_key_is_kept_out(service: Service, outcome: str, says: str) -> None:
    found = isolation.check(ABROAD, KEY, call=service)
    assert (found.outcome, bool(found.cause)) == (outcome, bool(says))
    assert says in found.cause
