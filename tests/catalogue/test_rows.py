"""The catalogue against what the documents publish."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from catalogue.rows import DOCUMENTED, DOMAINS, PAGE, ROWS, CatalogueError, Row, find, regions_of, standing
from tests.published import ALL, ON_THE_PAGE, SINCE, Published


def as_published(rows: Iterable[Row]) -> list[Published]:
    return [
        Published(r.domain, r.region, r.protocol, r.url_template.replace("{workspace_id}", "{WorkspaceId}"))
        for r in rows
    ]


def test_the_rows_of_the_page_are_exactly_its_28() -> None:
    of_page = [
        row for row in DOCUMENTED if (row.source, row.published) == (PAGE.url, date(2026, 6, 30)) and row.offered
    ]
    assert len(ON_THE_PAGE) == 28
    assert sorted(as_published(of_page)) == sorted(ON_THE_PAGE)
    assert PAGE.url == "https://www.alibabacloud.com/help/en/model-studio/base-url"


def test_what_exists_is_the_page_and_what_was_published_since() -> None:
    assert len(SINCE) == 28
    assert sorted(as_published(ROWS)) == ALL
    since: dict[tuple[str, str, str], Row] = {(r.domain, r.region, r.protocol): r for r in ROWS}
    for published, site, day in SINCE:
        row = since[published.domain, published.region, published.protocol]
        assert (f".{site}.com/" in row.source, row.published.isoformat()) == (True, day)


def test_where_documents_disagree_all_are_kept_and_the_newest_wins() -> None:
    said = {(r.domain, r.published.isoformat(), r.offered) for r in DOCUMENTED if r.region == "us-east-1"}
    assert said == {
        ("dedicated", "2026-06-30", False),
        ("dedicated", "2026-10-11", True),
        ("shared", "2026-06-30", True),
        ("shared", "2026-08-20", False),
        ("shared", "2026-10-11", True),
    }
    assert {d for d in DOMAINS if "us-east-1" in regions_of(d)} == {"dedicated", "shared"}


def test_a_newer_document_that_takes_a_url_back_wins() -> None:
    before = find("trial", "cn-beijing", "openai")
    gone = replace(before, published=date(2026, 12, 1), offered=False)
    other = find("trial", "cn-beijing", "anthropic")
    assert standing([gone, before, other]) == (other,)
    assert standing([replace(gone, published=date(2026, 1, 1)), before]) == (before,)


def test_every_row_says_where_and_when_it_was_published() -> None:
    assert DOCUMENTED
    assert {row.source.partition("//")[0] for row in DOCUMENTED} == {"https:"}
    assert {row.published.year for row in DOCUMENTED} == {2026}


@pytest.mark.parametrize(
    ("domain", "region", "protocol", "says"),
    [
        ("shard", "cn-beijing", "openai", "allowed: dedicated, shared, trial, token_plan, coding_plan"),
        ("shared", "mars-1", "openai", "the shared domain is in: cn-beijing, ap-southeast-1, us-east-1, cn-hongkong"),
        ("shared", "eu-central-1", "openai", "eu-central-1 has: dedicated"),
        ("shared", "cn-beijing", "grpc", "allowed: openai, anthropic, dashscope"),
        ("coding_plan", "cn-beijing", "dashscope", "does not speak dashscope; it has: openai, anthropic"),
        ("trial", "us-east-1", "openai", "us-east-1 has: dedicated, shared"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(domain: str, region: str, protocol: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        find(domain, region, protocol)


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
