"""Why a key is refused: who is asked, and what is made of the answers."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from catalogue.pairs import UrlFacts
from catalogue.rows import ROWS
from provider.client.control_plane import KeyInfo
from provider.probe import origin
from provider.probe.answer import Answer
from provider.probe.question import CONTROL_KEY, Question
from tests.provider.doubles import Plane, key_info

KEY = "sk-ws-test.a1"
NO = Answer(status=401, code="invalid_api_key")
YES = Answer(status=200, result="models", models=frozenset({"qwen-plus"}))
Service = Callable[[str, str, Question], Answer]


def opens(*urls: str, asked: list[str] | None = None) -> Service:
    """Return a service that lets the key in at these URLs alone."""

    def service(url: str, key: str, _question: Question) -> Answer:
        if asked is not None and key != CONTROL_KEY:
            asked.append(url)
        return YES if url in urls and key == KEY else NO

    return service


MINTED: dict[str, tuple[KeyInfo | None, str]] = {
    "gone": (None, "was deleted outside this stack"),
    "disabled": (key_info(disabled=True), "was disabled outside this stack"),
    "elsewhere": (key_info(workspace_id="ws-b"), "key 7 is of workspace ws-b, not of ws-a"),
    "another head": (key_info(masked="sk-xx*****a1"), "another key's value"),
    "another tail": (key_info(masked="sk-ws*****b2"), "another key's value"),
    "fits": (key_info(masked="sk-ws*****a1"), ""),
    "nothing said": (key_info(workspace_id=""), ""),
}


@pytest.mark.parametrize("name", MINTED)
def test_what_the_control_plane_knows_of_a_minted_key(name: str) -> None:
    known, says = MINTED[name]
    said = origin.of_minted(cast("Any", Plane(key=known)), "cn-beijing", "7", "ws-a", KEY)
    assert says in said
    assert bool(said) == bool(says)
    assert KEY not in said


def test_a_control_plane_that_does_not_answer_hides_no_refusal() -> None:
    assert origin.of_minted(cast("Any", Plane(fails=True)), "cn-beijing", "7", "ws-a", KEY) == ""


def test_the_nearest_hosts_are_asked_first_and_each_plan_and_region_once() -> None:
    asked: list[str] = []
    found = origin.of_any(KEY, UrlFacts(domain="dedicated", region="cn-hongkong"), ask=opens(asked=asked))
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
    found = origin.of_any(KEY, UrlFacts(domain=domain, region="cn-beijing"), ask=opens(url))
    assert found.startswith(f"the key opens {url}")
    assert says in found
