"""Whatever is pasted, the tool names the base URL and what is wrong with the paste, and repeats no key."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.pasted import take
from catalogue.reading import read
from catalogue.rows import ROWS
from tests.tools.diagnosed import run
from tests.tools.pasted import CASES, OPENAI, PASTED_KEY, Case, counts, wrong
from tools.diagnose.__main__ import EXIT_CODES, USAGE

if TYPE_CHECKING:
    from catalogue.rows import Row


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_a_paste(case: Case) -> None:
    assert list(wrong(case)) == [], case.text


def test_the_table_is_long_and_all_of_it_is_told_right() -> None:
    pasted, right = counts()
    assert pasted == right >= 90
    assert len({case.text for case in CASES}) >= 90


def url_of(row: Row) -> str:
    return row.url_template.replace("{workspace_id}", "ws-a1")


@pytest.mark.parametrize("row", ROWS, ids=url_of)
def test_a_base_url_is_returned_as_it_is(row: Row) -> None:
    url = url_of(row)
    pasted = take(url)
    reading = read(pasted.url)
    assert (pasted.url, pasted.key, pasted.differences, reading.differences) == (url, "", (), ())
    assert reading.place is not None
    assert (reading.place.url, reading.place.row) == (url, row)


PARTS = st.sampled_from(
    [
        *(
            "https",
            "http",
            "://",
            ":",
            "//",
            "/",
            "dashscope.aliyuncs.com",
            "ws-a1.cn-beijing.maas.aliyuncs.com",
            " ",
            "\n",
        ),
        *(
            "compatible-mode",
            "v1",
            "apps",
            "anthropic",
            "api",
            "?",
            "#",
            "&api_key=",
            "@",
            "[",
            "]",
            "{",
            "}",
            "<",
            ">",
        ),
        *(
            "curl ",
            " -H 'Authorization: Bearer ",
            "OPENAI_API_KEY=",
            "export ",
            '"',
            "'",
            "\\",
            "\u201c",
            "$X",
            ":443",
            "%",
        ),
        *("chat/completions", "v1/messages", "claude-code-proxy", "\uff0f", "\u2100", "\u200b", "*", "."),
    ]
)
TEXTS = st.text() | st.lists(PARTS | st.text(max_size=3), max_size=14).map("".join)
KEYS = st.from_regex(r"\Ask-(ws|sp)-[a-zA-Z0-9]{9,12}\Z") | st.from_regex(r"\AKz7q[a-zA-Z0-9]{12}\Z")


@settings(max_examples=500)
@given(TEXTS)
@example("https://[")
@example("https://a@b@c:d:e/[")
@example("http://\u2100.aliyuncs.com")
def test_any_text_is_read(text: str) -> None:
    pasted = take(text)
    reading = read(pasted.url)
    assert (reading.place is None) == bool(reading.why)
    assert reading.place is None or reading.place.row in ROWS or "seen live" in reading.place.row.source


@pytest.mark.parametrize("text", ["a.", "a-", "{", "[a].", "sk-", "api_key", "aliyuncs.com", "curl ", "/", "https:  "])
def test_a_long_text_takes_no_longer_than_a_person_waits(text: str) -> None:
    started = time.monotonic()
    read(take(text * 200_000).url)
    assert time.monotonic() - started < 10


HOLDERS = st.sampled_from(
    [
        "{url}?api_key={key}",
        "{url}/chat/completions?x=1&token={key}#x",
        "curl {url}/models -H 'Authorization: Bearer {key}'",
        'curl "{url}" \\\n -H "x-api-key: {key}" \\\n',
        "OPENAI_API_KEY={key}\nOPENAI_BASE_URL={url}",
        'export DASHSCOPE_API_KEY="{key}"; export U="{url}"',
        '{{"api_key": "{key}", "base_url": "{url}"}}',
        "{url} {key}",
        "{key}",
        "https://{key}@dashscope.aliyuncs.com/v1",
        "https://{key}.cn-beijing.maas.aliyuncs.com/v1",
        "{url}/{key}",
    ]
)


@settings(max_examples=200)
@given(HOLDERS, st.sampled_from(ROWS), KEYS, st.booleans(), st.booleans())
def test_no_output_holds_the_key(holder: str, row: Row, key: str, stdin: bool, known: bool) -> None:
    text = holder.format(url=url_of(row), key=key)
    known = known or not key.startswith("sk-")  # what has no form of a key is only known for one where it is held, too
    done = run("--json", "-" if stdin else text, key=key if known else "", stdin=io.StringIO(text) if stdin else None)
    assert key not in done.out + done.err
    assert key.lower() not in (done.out + done.err).lower()
    assert done.code in (*EXIT_CODES.values(), USAGE)


def test_a_pasted_key_is_used_if_no_other_is_given_and_named() -> None:
    text = f"{OPENAI}?api_key={PASTED_KEY}"
    assert json.loads(run("--json", text).out)["key_from"] == "the paste, its query string"
    assert json.loads(run("--json", text, key="sk-ws-test.a1").out)["key_from"] == "MODEL_STUDIO_KEY"
    env = {"OPENAI_API_KEY": "sk-ws-test.a1"}
    assert json.loads(run("--json", text, env=env).out)["key_from"] == "the paste, its query string"
    warned = json.loads(run("--json", text).out)["warnings"]
    assert [w for w in warned if "shell's history" in w]
    from_stdin = json.loads(run("--json", "-", stdin=io.StringIO(text)).out)["warnings"]
    assert [w for w in from_stdin if "servers log" in w]


def test_what_is_read_is_text() -> None:
    class Bytes(io.StringIO):
        def read(self, size: int | None = -1, /) -> str:
            return b"\xff"[: size or -1].decode()

    done = run("-", stdin=Bytes())
    assert (done.code, done.err) == (USAGE, "diagnose: standard input holds no text\n")


def test_a_key_alone_is_no_url_and_is_refused_as_an_argument() -> None:
    assert run(PASTED_KEY).code == USAGE
    assert run("-", stdin=io.StringIO(PASTED_KEY)).code == 1
