"""What is said of a refused pair: the nearest thing that would be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.key_text import check_key_text
from catalogue.pairs import KeyFacts, UrlFacts, better_row, check_pair, opens, plan_hint
from catalogue.rows import DOMAINS, PLANS, REGIONS, ROWS, as_domain, find
from catalogue.rules import Refused

TEXT = st.text(max_size=80) | st.from_regex(r"(sk|st)-[A-Za-z0-9.-]{6,40}", fullmatch=True)
SAID: list[tuple[KeyFacts, str]] = [
    (
        KeyFacts(billing_plan="coding_plan", region="ap-southeast-1"),
        "only https://coding-intl.dashscope.aliyuncs.com/v1, https://coding-intl.dashscope.aliyuncs.com/apps/anthropic;",
    ),
    (KeyFacts(billing_plan="token_plan", region="cn-hongkong"), "a token_plan key exists only for ap-southeast-1, cn-"),
    (
        KeyFacts(region="us-east-1"),
        "only hosts of us-east-1: its workspace's own, or https://dashscope-us.aliyuncs.com",
    ),
    (KeyFacts(region="eu-central-1"), "a workspace key opens only hosts of eu-central-1: its workspace's own"),
    (KeyFacts(), "a workspace key opens only hosts of its own region: its workspace's own"),
]


@pytest.mark.parametrize(("key", "says"), SAID)
def test_what_a_key_opens_is_said(key: KeyFacts, says: str) -> None:
    assert says in opens(key)


@given(
    st.builds(KeyFacts, billing_plan=st.none() | st.sampled_from(PLANS), region=st.none() | TEXT, workspace=TEXT),
    st.builds(UrlFacts, domain=st.sampled_from(DOMAINS), region=st.sampled_from(REGIONS) | TEXT, workspace=TEXT),
)
def test_any_pair_is_let_through_or_refused_without_repeating_a_key(key: KeyFacts, url: UrlFacts) -> None:
    said = ""
    try:
        check_pair(key, url)
    except Refused as refused:
        said = str(refused)
    for text in (key.region, key.workspace, url.region, url.workspace):
        if text is not None and text.startswith(("sk-", "st-")):
            assert text not in said


def test_what_is_not_said_is_not_held_against_a_key() -> None:
    for row in ROWS:
        check_pair(KeyFacts(), UrlFacts(domain=row.domain, region=row.region, workspace="a"))


BROKEN = [
    ("", "is empty"),
    (" \n", "is empty"),
    ("sk-a b", "white space"),
    ("sk-a\nsk-b", "white space"),
    ("sk-ü", "cut or"),
    ("sk-a\x7fb", "cut or"),
    (" st-test.a1", "temporary key"),
]


@pytest.mark.parametrize(("key", "says"), BROKEN)
def test_a_key_that_was_cut_or_joined_is_refused(key: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_key_text(key)


@given(st.text(max_size=60))
def test_any_key_is_taken_or_refused_without_repeating_it(text: str) -> None:
    key = f"sk-test{text}"
    try:
        taken = check_key_text(key)
    except ValueError as refused:
        assert key not in str(refused)  # noqa: PT017 - both outcomes are right
    else:
        assert (taken, taken.isascii(), " " in taken) == (key.strip(), True, False)


HINTS = [("sk-sp-test.a1", "dedicated", "begins"), ("sk-ws-test.a1", "coding_plan", "does not begin")]


@pytest.mark.parametrize(("key", "domain", "says"), HINTS)
def test_a_key_that_looks_like_another_plan_s_gives_a_hint(key: str, domain: str, says: str) -> None:
    chosen, other = as_domain(domain), as_domain("dedicated" if domain == "coding_plan" else "coding_plan")
    assert chosen
    assert other
    assert f"the key {says} as those of subscription plans do" in plan_hint(key, chosen)
    assert key not in plan_hint(key, chosen)
    assert plan_hint(key, other) == ""


def test_only_the_shared_domain_has_a_better_one() -> None:
    better = {row: found for row in ROWS if (found := better_row(row)) is not None}
    assert {row.domain for row in better} == {"shared"}
    assert len(better) == 14
    assert {found.domain for found in better.values()} == {"dedicated"}
    assert better[find("shared", "us-east-1", "openai")].host == "{workspace_id}.us-east-1.maas.aliyuncs.com"
