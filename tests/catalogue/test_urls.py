"""Base URLs made and read back."""

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.hosts import nearest
from catalogue.rows import DOMAINS, PROTOCOLS, REGIONS, ROWS, CatalogueError, Row, find
from catalogue.urls import base_url, behind, locate, place_of_host, private_link_url, rows_at, unwrapped, url_at
from tests.published import ALL

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "llm-34o9ts1dai60z5sf.cn-beijing.maas.aliyuncs.com"
CODING = "coding-intl.dashscope.aliyuncs.com"
TEXT = st.text(max_size=80) | st.from_regex(r"(sk|st)-[A-Za-z0-9.-]{6,40}", fullmatch=True)


def test_the_service_s_own_host_wins_over_the_template() -> None:
    row = find("dedicated", "cn-beijing", "openai")
    assert base_url(row, workspace_id="ws-a1", api_host=HOST) == f"https://{HOST}/compatible-mode/v1"
    assert base_url(row, workspace_id="ws-a1") == "https://ws-a1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"


def test_a_host_of_another_region_is_refused() -> None:
    with pytest.raises(CatalogueError, match="is in cn-beijing, not in 'ap-southeast-1'"):
        base_url(find("dedicated", "ap-southeast-1", "openai"), workspace_id="ws-a1", api_host=HOST)


@pytest.mark.parametrize("workspace_id", ["", "-a", "a/b", "a.b", "a b", "x" * 64])
def test_a_workspace_id_that_cannot_be_a_host_label_is_refused(workspace_id: str) -> None:
    with pytest.raises(CatalogueError, match="cannot stand in a host name"):
        base_url(find("dedicated", "cn-beijing", "openai"), workspace_id=workspace_id)


def test_every_published_url_is_found_again() -> None:
    assert len(ALL) == len(ROWS) == 54
    for published in ALL:
        url = published.url.replace("{WorkspaceId}", "ws-a1")
        place = locate(f"{url}/")
        assert (place.row.domain, place.row.region, place.row.protocol) == published[:3]
        assert (place.url, place.label) == (url, "ws-a1" if published.domain == "dedicated" else "")


NO_URLS = [
    ("https://dashscope-us.aliyuncs.com/v1", "not a base URL of the shared domain in us-east-1; it has https://dash"),
    (f"https://{CODING}/compatible-mode/v1", f"it has https://{CODING}/v1 .openai., https://{CODING}/apps/anthropic"),
    ("http://dashscope.aliyuncs.com/compatible-mode/v1", "not a base URL of the shared domain"),
    ("https://dashscope.aliyuncs.com/compatible-mode/v1?a=b", "not a base URL of the shared domain"),
    ("https://dashscope.aliyuncs.com/compatible-mode/v1#a", "not a base URL of the shared domain"),
    ("https://dashscope.aliyuncs.com:8443/compatible-mode/v1", "not a base URL of the shared domain"),
    ("https://trail.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "did you mean https://trial.cn-beijing.maas"),
    ("https://ws-a1.cn-beijing.maas.aliyuncs.com/compatible-mode/v2", "not a base URL of the dedicated domain"),
    (
        "https://dashscop.aliyuncs.com/compatible-mode/v1",
        "did you mean https://dashscope.aliyuncs.com/compatible-mode/v1\\?",
    ),
    (
        "https://ws-a1.cn-bejing.maas.aliyuncs.com/apps/anthropic",
        "mean https://ws-a1.cn-beijing.maas.aliyuncs.com/apps",
    ),
    ("https://ws-a1.mars-1.maas.aliyuncs.com/compatible-mode/v1", "is not a host of Model Studio"),
    ("https://{workspace_id}.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "is not a host of Model Studio"),
    ("https://sk-test1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "given here is not a host of Model Studio"),
    ("https://api.openai.com/v1", "'api.openai.com' is not a host of Model Studio; `python -m catalogue` lists all"),
    ("https://user@dashscope.aliyuncs.com/compatible-mode/v1", "no user and no password"),
    ("https://[/", "is not a URL"),
    ("", "'' is not a host"),
]


@pytest.mark.parametrize(("url", "says"), NO_URLS)
def test_what_is_no_base_url_is_refused_with_the_nearest_that_is(url: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        locate(url)


KNOWN_HOSTS = [
    ("dashscope-finance.aliyuncs.com", "the host of the finance cloud, another site with accounts and keys of its own"),
    ("dashscope-eu.aliyuncs.com", "; `python -m catalogue` lists all"),
    ("dashscope-hk.aliyuncs.com", "; `python -m catalogue` lists all"),
    ("coding-us.dashscope.aliyuncs.com", "; `python -m catalogue` lists all"),
    ("ws-1.cn-shanghai.maas.aliyuncs.com", "no dedicated domain is published in cn-shanghai"),
    ("ws-1.ap-northeast-2.maas.aliyuncs.com", "no dedicated domain is published in ap-northeast-2"),
    ("cn-beijing.maas.aliyuncs.com", "it is your workspace id, as in {workspace_id}.cn-beijing.maas.aliyuncs.com"),
    ("ws-1.maas.aliyuncs.com", "the region is missing between the workspace id and maas"),
    ("maas.aliyuncs.com", "the workspace id and the region are missing in front of it"),
    ("trial.us-east-1.maas.aliyuncs.com", "the trial domain is not published in us-east-1, and trial is no workspace"),
    ("token-plan.eu-central-1.maas.aliyuncs.com", "the token_plan domain is not published in eu-central-1"),
    ("dashscope.eu-central-1.maas.aliyuncs.com", "dashscope is a fixed name and no workspace"),
    ("coding.cn-beijing.maas.aliyuncs.com", "coding is a fixed name and no workspace"),
    ("cn-beijing.cn-beijing.maas.aliyuncs.com", "cn-beijing is a fixed name and no workspace"),
    ("vpc-cn-beijing.dashscope.aliyuncs.com", "it is a PrivateLink host"),
    ("modelstudio.cn-beijing.aliyuncs.com", "it is the control plane"),
    ("bailian.console.aliyun.com", "it is a page of the console"),
    ("help.aliyun.com", "it is a page of the documentation"),
]


@pytest.mark.parametrize(("host", "says"), KNOWN_HOSTS)
def test_what_is_known_of_a_host_is_said_and_no_other_one_is_named(host: str, says: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        locate(f"https://{host}/compatible-mode/v1")
    assert says in str(refused.value)
    assert "did you mean" not in str(refused.value)
    assert not [region for region in REGIONS if region in str(refused.value) and region not in host]


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("ws-a1.ap-ortheast-1.maas.aliyuncs.com", "ws-a1.ap-northeast-1.maas.aliyuncs.com"),
        ("ws-a1.ap-outheast-1.maas.aliyuncs.com", "ws-a1.ap-southeast-1.maas.aliyuncs.com"),
        ("ws-a1.ap-sortheast-1.maas.aliyuncs.com", ""),
    ],
)
def test_of_two_regions_the_one_spelled_most_alike_is_meant(typed: str, hint: str) -> None:
    assert nearest(typed) == hint


def words(host: str) -> set[str]:
    fixed = {"cn", "ap", "us", "eu", "intl", "coding", "token", "plan", "trial"}
    return (fixed | {word for region in REGIONS for word in region.split("-")}) & set(re.split("[.-]", host))


@given(st.sampled_from(ROWS), st.integers(0, 60), st.sampled_from(["", "x", "-", "eu", "hk"]), st.booleans())
def test_a_hint_never_names_another_region_or_plan(row: Row, at: int, put: str, cut: bool) -> None:
    host = row.host.replace("{workspace_id}", "ws-a1")
    typed = host[:at] + put + host[at + cut :]
    hint = nearest(typed)
    if hint:
        assert words(typed) <= words(hint)
        assert not words(hint) - words(host), f"{typed}: {hint}"


def test_a_host_that_was_seen_is_what_it_is_in_preview_as_in_a_diagnosis() -> None:
    host = "trial.eu-central-1.maas.aliyuncs.com"
    place = locate(f"https://{host}/compatible-mode/v1")
    assert (place.row.domain, place.row.region, place.label) == ("trial", "eu-central-1", "")
    assert (place.row.published.year, "seen live" in place.row.source) == (2026, True)
    assert url_at(host, "trial", "eu-central-1", "anthropic") == f"https://{host}/apps/anthropic"
    assert [row.protocol for row in rows_at(host)] == ["openai", "anthropic", "dashscope"]
    assert rows_at("models.example.com") == ()


def test_a_host_of_the_user_s_own_serves_the_paths_of_its_domain() -> None:
    host = "ws-a1-vpc-b2.cn-chengdu.maas.aliyuncs.com"
    assert url_at(host, "dedicated", "cn-chengdu", "dashscope") == f"https://{host}/api/v1"
    assert url_at("dashscope-eu.aliyuncs.com", "shared", "eu-west-1", "openai").startswith("https://dashscope-eu.")
    assert url_at("trial.cn-chengdu.maas.aliyuncs.com", "trial", "cn-chengdu", "openai").startswith("https://trial.")
    assert url_at("dashscope-finance.aliyuncs.com", "shared", "cn-beijing", "openai").endswith("/compatible-mode/v1")
    assert url_at("models.example.com", "coding_plan", "mars-1", "openai") == "https://models.example.com/v1"


OWN = [
    (CODING, "dedicated", "ap-southeast-1", "openai", "is that of the coding_plan domain in ap-southeast-1, not of"),
    (HOST, "shared", "cn-beijing", "openai", "is that of the dedicated domain in cn-beijing, not of the shared"),
    ("dashscope-us.aliyuncs.com", "shared", "cn-beijing", "openai", "is that of the shared domain in us-east-1, not"),
    ("trail.cn-beijing.maas.aliyuncs.com", "dedicated", "cn-beijing", "openai", "mean https://trial.cn-beijing.maas"),
    (HOST, "dedicated", "ap-southeast-1", "openai", "is in cn-beijing, not in 'ap-southeast-1'"),
    (
        "trial.eu-central-1.maas.aliyuncs.com",
        "dedicated",
        "eu-central-1",
        "openai",
        "that of the trial domain in eu-cen",
    ),
    (
        "trial.us-east-1.maas.aliyuncs.com",
        "dedicated",
        "us-east-1",
        "openai",
        "trial domain is not published in us-east-1",
    ),
    ("token-plan.cn-chengdu.maas.aliyuncs.com", "dedicated", "cn-chengdu", "openai", "token-plan is no workspace"),
    ("dashscope.eu-central-1.maas.aliyuncs.com", "dedicated", "eu-central-1", "openai", "fixed name and no workspace"),
    ("cn-beijing.maas.aliyuncs.com", "dedicated", "cn-beijing", "openai", "the first part is missing"),
    ("modelstudio.cn-beijing.aliyuncs.com", "shared", "cn-beijing", "openai", "it is the control plane"),
    ("models.example.com", "shard", "mars-1", "openai", "domain 'shard' does not exist; allowed: dedicated"),
    ("models.example.com", "coding_plan", "mars-1", "dashscope", "coding_plan domain does not speak dashscope"),
    ("models.example.com", "shared", "mars-1", "grpc", "protocol 'grpc' does not exist"),
    ("https://models.example.com", "shared", "mars-1", "openai", "is not a host name"),
]


@pytest.mark.parametrize(("host", "domain", "region", "protocol", "says"), OWN)
def test_a_host_that_cannot_be_meant_is_refused(host: str, domain: str, region: str, protocol: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        url_at(host, domain, region, protocol)


@given(st.sampled_from(DOMAINS) | TEXT, st.sampled_from(REGIONS) | TEXT, TEXT, TEXT, st.sampled_from(PROTOCOLS) | TEXT)
def test_any_input_gives_a_url_or_a_typed_error(
    domain: str, region: str, workspace: str, host: str, protocol: str
) -> None:
    makes: tuple[Callable[[], str], ...] = (
        lambda: base_url(find(domain, region, protocol), workspace_id=workspace, api_host=host),
        lambda: url_at(host, domain, region, protocol),
    )
    for make in makes:
        try:
            url = make()
        except CatalogueError:
            continue
        assert url.startswith("https://")
        assert not url.endswith("/")
        assert "{" not in url
        assert url.isascii()
        assert url.isprintable()


@given(TEXT | st.builds("https://{}{}".format, TEXT, TEXT))
def test_any_text_is_a_place_or_a_typed_error(url: str) -> None:
    found: object
    try:
        found = locate(url).row
    except CatalogueError as refused:
        found = str(refused)
    assert found in ROWS or (found and isinstance(found, str))


@given(st.from_regex(r"(sk|st)-[A-Za-z0-9.-]{6,40}", fullmatch=True))
def test_a_key_in_the_wrong_place_is_not_repeated(key: str) -> None:
    for wrong in (
        lambda: find("dedicated", key, "openai"),
        lambda: find(key, "cn-beijing", "openai"),
        lambda: base_url(find("dedicated", "cn-beijing", "openai"), workspace_id=key + "/"),
        lambda: base_url(find("dedicated", "cn-beijing", "openai"), workspace_id=key),
        lambda: url_at(key, "dedicated", "cn-beijing", "openai"),
        lambda: url_at("h.example.com", key, "cn-beijing", "openai"),
        lambda: locate(key),
        lambda: locate(f"https://{key}/v1"),
        lambda: locate(f"https://{key}@dashscope.aliyuncs.com/v1"),
        lambda: locate(f"https://dashscope.aliyuncs.com/{key}"),
    ):
        with pytest.raises(CatalogueError) as refused:
            wrong()
        assert key not in str(refused.value)
        assert key.lower() not in str(refused.value)


def test_a_url_behind_a_prefix_keeps_its_real_host() -> None:
    url, prefix = "https://dashscope.aliyuncs.com/compatible-mode/v1", "http://127.0.0.1:1/_host"
    assert behind(prefix, url) == "http://127.0.0.1:1/_host/dashscope.aliyuncs.com/compatible-mode/v1"
    assert behind("", url) == url
    assert unwrapped(prefix, behind(prefix, url)) == unwrapped("", url) == unwrapped(prefix, url) == url


def test_a_place_is_known_by_its_host_alone() -> None:
    assert place_of_host("models.example.com") is None
    found = place_of_host(HOST)
    assert found is not None
    assert (found.domain, found.region, found.label) == ("dedicated", "cn-beijing", "llm-34o9ts1dai60z5sf")


@pytest.mark.parametrize("prefix", ["http://127.0.0.1:1/_host", "https://double.example.com/x", ""])
def test_a_websocket_goes_through_a_double_as_a_websocket(prefix: str) -> None:
    for row in ROWS:
        url = base_url(row, workspace_id="ws-a")
        reached = behind(prefix, url)
        assert unwrapped(prefix, reached) == url
        assert reached.startswith("ws") == (row.protocol == "realtime")
        assert locate(url).url == url


def test_a_private_link_s_host_is_that_of_its_workspace() -> None:
    url = private_link_url("ws-a1", "vpc-b2", "cn-beijing", "openai")
    assert url == "https://ws-a1-vpc-b2.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
    place = locate(url)
    assert (place.url, place.label, place.row.domain) == (url, "ws-a1", "dedicated")
