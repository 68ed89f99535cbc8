"""The catalogue against the page, typed in from it independently of the table."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rows import DOMAINS, PROTOCOLS, REGIONS, ROWS, CatalogueError, base_url, behind, find

PAGE = """
shared cn-beijing openai https://dashscope.aliyuncs.com/compatible-mode/v1
shared cn-beijing anthropic https://dashscope.aliyuncs.com/apps/anthropic
shared ap-southeast-1 openai https://dashscope-intl.aliyuncs.com/compatible-mode/v1
shared ap-southeast-1 anthropic https://dashscope-intl.aliyuncs.com/apps/anthropic
shared us-east-1 openai https://dashscope-us.aliyuncs.com/compatible-mode/v1
shared us-east-1 anthropic https://dashscope-us.aliyuncs.com/apps/anthropic
shared cn-hongkong openai https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1
shared cn-hongkong anthropic https://cn-hongkong.dashscope.aliyuncs.com/apps/anthropic
dedicated cn-beijing openai https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/compatible-mode/v1
dedicated cn-beijing anthropic https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/apps/anthropic
dedicated ap-southeast-1 openai https://{WorkspaceId}.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1
dedicated ap-southeast-1 anthropic https://{WorkspaceId}.ap-southeast-1.maas.aliyuncs.com/apps/anthropic
dedicated ap-northeast-1 openai https://{WorkspaceId}.ap-northeast-1.maas.aliyuncs.com/compatible-mode/v1
dedicated ap-northeast-1 anthropic https://{WorkspaceId}.ap-northeast-1.maas.aliyuncs.com/apps/anthropic
dedicated eu-central-1 openai https://{WorkspaceId}.eu-central-1.maas.aliyuncs.com/compatible-mode/v1
dedicated eu-central-1 anthropic https://{WorkspaceId}.eu-central-1.maas.aliyuncs.com/apps/anthropic
dedicated cn-hongkong openai https://{WorkspaceId}.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1
dedicated cn-hongkong anthropic https://{WorkspaceId}.cn-hongkong.maas.aliyuncs.com/apps/anthropic
trial cn-beijing openai https://trial.cn-beijing.maas.aliyuncs.com/compatible-mode/v1
trial cn-beijing anthropic https://trial.cn-beijing.maas.aliyuncs.com/apps/anthropic
trial ap-southeast-1 openai https://trial.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1
trial ap-southeast-1 anthropic https://trial.ap-southeast-1.maas.aliyuncs.com/apps/anthropic
trial cn-hongkong openai https://trial.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1
trial cn-hongkong anthropic https://trial.cn-hongkong.maas.aliyuncs.com/apps/anthropic
token_plan ap-southeast-1 openai https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1
token_plan ap-southeast-1 anthropic https://token-plan.ap-southeast-1.maas.aliyuncs.com/apps/anthropic
coding_plan ap-southeast-1 openai https://coding-intl.dashscope.aliyuncs.com/v1
coding_plan ap-southeast-1 anthropic https://coding-intl.dashscope.aliyuncs.com/apps/anthropic
"""
ON_THE_PAGE = [tuple(line.split()) for line in PAGE.split("\n") if line]
HOST = "llm-34o9ts1dai60z5sf.cn-beijing.maas.aliyuncs.com"


def test_the_rows_are_exactly_those_of_the_page() -> None:
    of_page = {(d, r, p, url.replace("{WorkspaceId}", "{workspace_id}")) for d, r, p, url in ON_THE_PAGE}
    assert len(of_page) == 28
    assert {(r.domain, r.region, r.protocol, r.url_template) for r in ROWS} == of_page


def test_every_row_says_where_and_when_it_was_published() -> None:
    assert ROWS
    for row in ROWS:
        assert row.source.startswith("https://")
        assert row.published.isoformat() == "2026-06-30"


def test_the_service_s_own_host_wins_over_the_template() -> None:
    row = find("dedicated", "cn-beijing", "openai")
    assert base_url(row, workspace_id="ws-a1", api_host=HOST) == f"https://{HOST}/compatible-mode/v1"
    assert base_url(row, workspace_id="ws-a1") == "https://ws-a1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"


def test_a_host_of_another_region_is_refused() -> None:
    with pytest.raises(CatalogueError, match="is in cn-beijing, but the workspace is in ap-southeast-1"):
        base_url(find("dedicated", "ap-southeast-1", "openai"), workspace_id="ws-a1", api_host=HOST)


@pytest.mark.parametrize("workspace_id", ["", "-a", "a/b", "a.b", "a b", "x" * 64])
def test_a_workspace_id_that_cannot_be_a_host_label_is_refused(workspace_id: str) -> None:
    with pytest.raises(CatalogueError, match="cannot stand in a host name"):
        base_url(find("dedicated", "cn-beijing", "openai"), workspace_id=workspace_id)


@pytest.mark.parametrize(
    ("domain", "region", "protocol", "says"),
    [
        ("shard", "cn-beijing", "openai", "allowed: dedicated, shared, trial, token_plan, coding_plan"),
        ("shared", "mars-1", "openai", "the shared domain is in: cn-beijing, ap-southeast-1, us-east-1, cn-hongkong"),
        ("shared", "eu-central-1", "openai", "eu-central-1 has: dedicated"),
        ("shared", "cn-beijing", "grpc", "allowed: openai, anthropic"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(domain: str, region: str, protocol: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        find(domain, region, protocol)


@given(st.sampled_from(DOMAINS) | st.text(), st.sampled_from(REGIONS) | st.text(), st.text(), st.text())
def test_any_input_gives_a_url_or_a_typed_error(domain: str, region: str, workspace: str, host: str) -> None:
    for protocol in PROTOCOLS:
        try:
            url = base_url(find(domain, region, protocol), workspace_id=workspace, api_host=host)
        except CatalogueError:
            continue
        assert url.startswith("https://")
        assert not url.endswith("/")
        assert "{" not in url


@given(st.from_regex(r"sk-[A-Za-z0-9.-]{6,40}", fullmatch=True))
def test_a_key_in_the_wrong_place_is_not_repeated(key: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        find("dedicated", key, "openai")
    assert key not in str(refused.value)
    with pytest.raises(CatalogueError) as refused:
        base_url(find("dedicated", "cn-beijing", "openai"), workspace_id=key + "/")
    assert key not in str(refused.value)


def test_a_url_behind_a_prefix_keeps_its_real_host() -> None:
    url = "https://dashscope.aliyuncs.com/compatible-mode/v1"
    assert (
        behind("http://127.0.0.1:1/_host", url) == "http://127.0.0.1:1/_host/dashscope.aliyuncs.com/compatible-mode/v1"
    )
    assert behind("", url) == url


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_catalogue_can_be_printed(form: str) -> None:
    command = [sys.executable, "-m", "catalogue", "--format", form]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if form == "table":
        assert len(printed.splitlines()) == 1 + len(ROWS)
        return
    rows = json.loads(printed)
    assert {(r["domain"], r["region"], r["protocol"]) for r in rows} == {(r.domain, r.region, r.protocol) for r in ROWS}
    assert set(rows[0]) >= {"domain", "region", "protocol", "url_template", "source", "date"}
