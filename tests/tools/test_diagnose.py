"""The diagnosis by what is written: exit codes for scripts, the plugin's own texts, and no key in any of them."""

from __future__ import annotations

import getpass
import json
import sys
import warnings
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.pairs import KeyFacts, UrlFacts, better_row, check_pair
from catalogue.pasted import Pasted
from catalogue.rows import DOMAINS, PLANS, REGIONS, ROWS
from catalogue.rules import Refused
from tests.tools.diagnosed import CODING, KEY, PLAN_KEY, SHARED, Terminal, run
from tools.diagnose.__main__ import EXIT_CODES, USAGE
from tools.diagnose.key import NAMES, OWN, Held, take, terminal_prompt
from tools.diagnose.pair import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalogue.rows import Row

DEDICATED = "https://llm-abc.cn-beijing.maas.aliyuncs.com/apps/anthropic"
CASES: Mapping[str, tuple[Sequence[str], str, int, str]] = {
    "nothing known": ([SHARED], "", 3, "there is no key, and nothing is said of one"),
    "a key alone": ([SHARED], KEY, 0, "can work: nothing that is written speaks against it"),
    "the plan fits": (
        [CODING, "--plan", "coding_plan"],
        "",
        0,
        "coding_plan domain in ap-southeast-1, openai protocol",
    ),
    "another plan": ([CODING, "--plan", "token_plan"], "", 1, "[billing-plan]"),
    "no plan": ([SHARED, "--plan", "coding_plan"], PLAN_KEY, 1, "[billing-plan]"),
    "the region fits": ([SHARED, "--region", "cn-beijing"], "", 0, "can work"),
    "another region": ([SHARED, "--region", "ap-southeast-1"], KEY, 1, "[key-region]"),
    "the host fits": (
        [DEDICATED, "--workspace", "llm-abc"],
        "",
        0,
        "dedicated domain of the host llm-abc in cn-beijing",
    ),
    "the api_host fits": ([DEDICATED, "--workspace", "LLM-abc.cn-beijing.maas.aliyuncs.com"], "", 0, "can work"),
    "another host": ([DEDICATED, "--workspace", "llm-xyz.cn-beijing.maas.aliyuncs.com"], "", 1, "[key-workspace]"),
    "names of two forms": ([DEDICATED, "--workspace", "ws-1"], KEY, 3, "does not show in the names"),
    "a workspace elsewhere": ([SHARED, "--workspace", "ws-1"], "", 0, "can work"),
    "looks like a plan's": ([SHARED], PLAN_KEY, 3, "cannot be told: the key begins as those of subscr"),
    "does not look like a plan's": ([CODING], KEY, 3, "It is a hint, no proof"),
    "what is said beats a hint": ([CODING, "--plan", "coding_plan"], KEY, 0, "warning: the key does not begin as"),
    "temporary": ([SHARED], "st-test.a1", 1, "[temporary-key]"),
    "cut": ([SHARED], "sk-ws- test.a1", 1, "was it cut or joined?"),
    "trailing slash": ([f"{SHARED}/"], KEY, 0, f"url: {SHARED}\n"),
    "a call's URL": ([f"{SHARED}/chat/completions"], KEY, 0, f"url: {SHARED}\n"),
    "plain http": ([SHARED.replace("https", "http")], KEY, 0, "pasted: its scheme is http"),
    "another path": ([f"{SHARED}/x/y"], KEY, 0, "pasted: it is the URL of a call"),
    "no path of this host": (["https://dashscope.aliyuncs.com/x/y"], KEY, 1, f"it has {SHARED} (openai)"),
    "mistyped": (
        ["https://dashscop.aliyuncs.com/compatible-mode/v1"],
        KEY,
        1,
        "mean https://dashscope.aliyuncs.com/co",
    ),
    "somebody else's": (["https://api.openai.com/v1"], KEY, 1, "'api.openai.com' is not a host of Model Studio"),
    "no URL": (["x"], KEY, 1, "'x' is not a host of Model Studio"),
    "behind a double": (
        ["http://127.0.0.1:1/_host/dashscope.aliyuncs.com/api/v1", "--prefix", "http://127.0.0.1:1/_host/"],
        KEY,
        0,
        "dashscope protocol",
    ),
    "key as argument": ([KEY], "", 2, "an argument is or holds a key"),
    "key in the URL": ([f"{SHARED}/{PLAN_KEY}"], "", 2, "an argument is or holds a key"),
    "key in the host": ([f"https://{KEY}.cn-beijing.maas.aliyuncs.com/api/v1"], "", 2, "an argument is or holds a key"),
    "key in a query string": ([f"{SHARED}?key={PLAN_KEY}"], "", 3, "key: from the paste, its query string\n"),
    "its own key as argument": ([SHARED, "--workspace", "Kz7qKz7q"], "Kz7qKz7q", 2, "an argument is or holds a key"),
    "too much": ([SHARED, "Kz7qKz7q"], "", 2, "the arguments are not understood; usage: python -m tools.diagnose"),
    "cut option": ([SHARED, "--liv"], "", 2, "the arguments are not understood; usage: python -m tools.diagnose"),
    "option with a value": ([SHARED, "--live=Kz7qKz7q"], "", 2, "the arguments are not understood"),
    "too little": ([], "", 2, "the arguments are not understood"),
    "no such plan": ([SHARED, "--plan", "gold"], "", 2, "plan 'gold' does not exist; allowed: pay_as_you_go"),
    "no such region": ([SHARED, "--region", "mars-1"], "", 2, "region 'mars-1' does not exist; allowed: cn-beijing"),
    "open prefix": ([SHARED, "--prefix", "http://example.org"], KEY, 2, "--prefix must be an https URL"),
    "live without a key": ([SHARED, "--live"], "", 2, "--live needs a key"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_case(case: str) -> None:
    arguments, key, code, says = CASES[case]
    done = run(*arguments, key=key)
    assert (done.code, bool(done.err)) == (code, code == USAGE)
    assert says in done.out + done.err
    assert done.err.count("\n") == (code == USAGE)
    for secret in (key, KEY, PLAN_KEY, "Kz7qKz7q"):
        assert not secret or secret not in done.out + done.err


def test_every_exit_code_has_a_case_and_every_verdict_a_code() -> None:
    assert set(EXIT_CODES) == set(get_args(Verdict))
    assert {case[2] for case in CASES.values()} == {*EXIT_CODES.values(), USAGE}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.domain}-{row.region}-{row.protocol}")
def test_every_published_url_is_known(row: Row) -> None:
    url = row.url_template.replace("{workspace_id}", "llm-abc")
    done = run(url, "--plan", row.billing_plan, "--region", row.region, "--json")
    assert done.code == 0
    said = json.loads(done.out)
    expected = {
        "base_url": url,
        "domain": row.domain,
        "region": row.region,
        "protocol": row.protocol,
        "billing_plan": row.billing_plan,
        "source": row.source,
        "published": row.published.isoformat(),
    }
    assert {name: said["url"][name] for name in expected} == expected
    warned = [warning for warning in said["warnings"] if "://{workspace_id}." in warning]
    assert bool(warned) == (better_row(row) is not None)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("region", REGIONS)
def test_the_verdict_and_its_text_are_the_plugin_s(domain: str, plan: str, region: str) -> None:
    row = next(r for r in ROWS if r.domain == domain)
    facts = KeyFacts(billing_plan=next(p for p in PLANS if p == plan), region=region)
    try:
        check_pair(facts, UrlFacts(domain=row.domain, region=row.region))
        expected = ""
    except Refused as refused:
        expected = str(refused)
    done = run(row.url_template.replace("{workspace_id}", "llm-abc"), "--plan", plan, "--region", region)
    assert done.code == (1 if expected else 0)
    assert expected in done.out


PASTED = Pasted(url=SHARED, key="p", key_place="its header")
ALL = {name: f"of {name}" for name in NAMES}
ORDER: Mapping[str, tuple[Mapping[str, str], str, Pasted | None, str | None, Held]] = {
    "its own variable": (ALL, "openai", PASTED, "typed", Held(value=f"of {OWN}", source=OWN)),
    "typed": ({"OPENAI_API_KEY": "v"}, "openai", PASTED, " typed\n", Held(value="typed", source="the prompt")),
    "pasted": ({"OPENAI_API_KEY": "v"}, "openai", PASTED, "", Held(value="p", source="the paste, its header")),
    "nothing typed": ({"OPENAI_API_KEY": "v"}, "openai", None, "", Held(value="v", source="OPENAI_API_KEY")),
    "nobody there": (
        {"ANTHROPIC_AUTH_TOKEN": " v "},
        "anthropic",
        None,
        None,
        Held(value="v", source="ANTHROPIC_AUTH_TOKEN"),
    ),
    "of another protocol": ({"ANTHROPIC_AUTH_TOKEN": "v", "ANTHROPIC_API_KEY": "v"}, "openai", None, None, Held()),
    "of another one, too": ({"OPENAI_API_KEY": "v", "QWEN_API_KEY": "v"}, "anthropic", None, None, Held()),
    "the vendor's": (
        {"DASHSCOPE_API_KEY": "v", "OPENAI_API_KEY": ""},
        "openai",
        None,
        None,
        Held(value="v", source="DASHSCOPE_API_KEY"),
    ),
    "the other client's": (
        {"ANTHROPIC_API_KEY": "v"},
        "anthropic",
        None,
        None,
        Held(value="v", source="ANTHROPIC_API_KEY"),
    ),
    "Qwen Cloud's": ({"QWEN_API_KEY": "v"}, "dashscope", None, None, Held(value="v", source="QWEN_API_KEY")),
    "no protocol": ({"OPENAI_API_KEY": "v", "DASHSCOPE_API_KEY": "v"}, "", None, None, Held()),
    "none": ({}, "openai", None, None, Held()),
}


@pytest.mark.parametrize("case", ORDER)
def test_where_the_key_comes_from(case: str) -> None:
    env, protocol, pasted, typed, held = ORDER[case]
    assert take(env, protocol, pasted, None if typed is None else lambda: typed) == held


OF_URL = [
    (SHARED, "OPENAI_API_KEY"),
    ("https://dashscope.aliyuncs.com/apps/anthropic/v1/messages", "ANTHROPIC_AUTH_TOKEN"),
    ("https://dashscope.aliyuncs.com/api/v1", "DASHSCOPE_API_KEY"),
]


@pytest.mark.parametrize(("url", "name"), OF_URL)
def test_of_many_variables_that_of_the_url_s_protocol_is_used_and_named(url: str, name: str) -> None:
    env = {other: f"{KEY}{n}" for n, other in enumerate(NAMES) if other != OWN}
    assert f"key: from {name}\n" in run(url, env=env).out


def test_a_variable_that_is_not_used_is_named() -> None:
    done = run(SHARED, env={"ANTHROPIC_AUTH_TOKEN": KEY})
    assert "key: none (ANTHROPIC_AUTH_TOKEN: not used, since it is for another protocol)\n" in done.out


FOREIGN = [
    ("OPENAI_API_KEY", "Kz7qKz7q", True),
    ("OPENAI_API_KEY", KEY, False),
    ("DASHSCOPE_API_KEY", "Kz7qKz7q", False),
]


@pytest.mark.parametrize(("name", "key", "warned"), FOREIGN)
def test_a_key_that_may_be_another_provider_s_is_told(name: str, key: str, warned: bool) -> None:
    done = run(SHARED, env={name: key})
    assert ("may be another provider's: it is sent to this URL's host alone" in done.out) is warned
    assert key not in done.out


def test_which_variable_was_used_is_said() -> None:
    assert "key: from DASHSCOPE_API_KEY\n" in run(SHARED, env={"DASHSCOPE_API_KEY": KEY}).out
    assert json.loads(run(SHARED, "--json", key=KEY).out)["key_from"] == "MODEL_STUDIO_KEY"
    assert json.loads(run(SHARED, "--json").out)["key_from"] is None


def test_a_terminal_is_asked_and_told_what_empty_means(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return KEY

    monkeypatch.setattr(getpass, "getpass", answer)
    done = run(SHARED, env={"OPENAI_API_KEY": "v"}, stdin=Terminal())
    assert (done.code, asked) == (0, ["Key (not shown; empty: OPENAI_API_KEY): "])
    assert "key: from the prompt\n" in done.out
    assert KEY not in done.out


def test_a_typed_key_that_is_an_argument_too_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(_prompt: str) -> str:
        return "Kz7qKz7q"

    monkeypatch.setattr(getpass, "getpass", typed)
    done = run(SHARED, "--workspace", "Kz7qKz7q", stdin=Terminal())
    assert (done.code, done.out) == (USAGE, "")
    assert "an argument is or holds a key" in done.err


def test_a_terminal_that_would_show_the_key_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def shows(prompt: str) -> str:
        warnings.warn(prompt, getpass.GetPassWarning, stacklevel=2)
        return KEY

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", shows)
    prompt = terminal_prompt({}, "openai", None)
    assert prompt is not None
    assert prompt() == ""


URLS = st.one_of(
    st.text(),
    st.sampled_from(ROWS).map(lambda row: row.url_template.replace("{workspace_id}", "llm-abc")),
    st.builds("https://{}{}".format, st.text(max_size=20), st.sampled_from(["", "/v1", "/apps/anthropic", ":99999"])),
    st.builds("https://{}.{}.maas.aliyuncs.com/api/v1".format, st.text(max_size=20), st.sampled_from(REGIONS)),
)
KEYS = st.text(min_size=2, max_size=30).map(lambda tail: f"Kz7qKz7q-{tail}") | st.from_regex(
    r"sk-(ws|sp)-[a-z0-9.]{4,9}", fullmatch=True
)


@settings(max_examples=300)
@given(
    url=URLS,
    key=KEYS | st.just(""),
    plan=st.none() | st.sampled_from(PLANS) | st.text(),
    region=st.none() | st.sampled_from(REGIONS) | st.text(),
    workspace=st.none() | st.text() | st.from_regex(r"(ws|llm)-[a-z0-9]{3}", fullmatch=True),
    prefix=st.none() | st.text(),
    leak=st.sampled_from(["", "url", "region", "workspace", "prefix"]),
)
def test_any_text_gives_an_answer_without_the_key(
    url: str, key: str, plan: str | None, region: str | None, workspace: str | None, prefix: str | None, leak: str
) -> None:
    given = {"plan": plan, "region": region, "workspace": workspace, "prefix": prefix}
    if leak == "url":
        url = f"{url}{key}"
    elif leak:
        given[leak] = f"{given[leak] or ''}{key}"
    # With `=`, so that a text that begins with a hyphen is a value and not an option.
    arguments = [f"--{name}={value}" for name, value in given.items() if value is not None]
    done = run("--json", *arguments, "--", url, key=key)
    if done.code == USAGE:
        assert done.err.startswith("diagnose: ")
    else:
        assert json.loads(done.out)["verdict"] in EXIT_CODES
    assert not key.strip() or key.strip() not in done.out + done.err
