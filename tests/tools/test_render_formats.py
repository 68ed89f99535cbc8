"""Each format is read back by the rules of its reader, whatever the values are."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from dataclasses import replace

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.rules import Refused
from tests.tools.readers import CHECKS, KEY, SERVICE, URL, by_sh, spring
from tools.render import claude_code, codex, env, external_secret, higress, langchain, litellm, qwen_code
from tools.render.format import Asked, RenderError
from tools.render.formats import FORMATS

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
"""What may be a key: printable ASCII."""


def test_every_format_has_a_check() -> None:
    assert set(CHECKS) == set(FORMATS)


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_read_back(name: str, key: str | None) -> None:
    text = FORMATS[name].render(Asked(service=SERVICE, key=key, model="m"))
    CHECKS[name](text, key)
    assert text.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_without_the_key_a_format_says_where_it_is(name: str) -> None:
    text = FORMATS[name].render(Asked(service=SERVICE))
    assert "team/gateway" in text or name == "qwen-code"  # JSON for variables alone: `envKey` is its reference


@given(st.text())
@example("\x7f")
def test_toml_reads_any_text_back(text: str) -> None:
    assert tomllib.loads(f"a = {codex.quoted(text)}") == {"a": text}


@given(KEYS, KEYS)
def test_any_key_and_model_come_through_the_formats_with_escapes(key: str, model: str) -> None:
    asked = Asked(service=SERVICE, key=key, model=model)
    assert json.loads(claude_code.render(asked))["env"]["ANTHROPIC_AUTH_TOKEN"] == key
    config = tomllib.loads(codex.render(asked))
    assert (config["model"], config["model_providers"]["model-studio-gateway"]["experimental_bearer_token"]) == (
        model,
        key,
    )
    if "$" in key + model:
        with pytest.raises(RenderError, match="the name of a variable"):
            qwen_code.render(asked)
    else:
        assert json.loads(qwen_code.render(asked))["env"] == {"OPENAI_API_KEY": key, "QWEN_API_KEY": key}


@settings(max_examples=50)
@given(KEYS, KEYS)
def test_any_key_and_model_come_through_the_formats_of_programs(key: str, model: str) -> None:
    asked = Asked(service=SERVICE, key=key, model=model)
    called = next(
        node for node in ast.walk(ast.parse(langchain.render(asked))) if isinstance(node, ast.Call) and node.keywords
    )
    said = {str(word.arg): ast.literal_eval(word.value) for word in called.keywords}
    assert (said["api_key"], said["model"]) == (key, model)
    (entry,) = yaml.safe_load(litellm.render(asked))["model_list"]
    assert (entry["litellm_params"]["api_key"], entry["model_name"]) == (key, model)
    provider = yaml.safe_load(higress.render(asked))["provider"]
    assert (provider["apiTokens"], provider["modelMapping"]) == ([key], {"*": model})
    if "${" in key + model:
        with pytest.raises(RenderError, match="the name of a variable"):
            FORMATS["spring-ai"].render(asked)
    else:
        read = spring(FORMATS["spring-ai"].render(asked))
        assert (read["api-key"], read["chat.options.model"]) == (key, model)


def test_a_key_that_a_reader_would_take_for_a_variable_is_refused() -> None:
    with pytest.raises(RenderError, match="begins with os.environ/"):
        litellm.render(Asked(service=SERVICE, key="os.environ/A"))


@pytest.mark.parametrize("name", FORMATS)
def test_a_prefix_is_part_of_every_name(name: str) -> None:
    text = FORMATS[name].render(Asked(service=replace(SERVICE, prefix="QWEN_")))
    if name == "env":
        assert "\nQWEN_MODEL_STUDIO_SECRET=" in text
        assert all(line.startswith("QWEN_") for line in text.splitlines())
    elif name == "external-secret":
        assert "API_KEY" not in text  # it takes each name as it is in the record
    else:
        assert "QWEN_OPENAI_API_KEY" in text or "QWEN_ANTHROPIC_AUTH_TOKEN" in text
    assert not re.search(r"(?<!QWEN_)(OPENAI_API_KEY|ANTHROPIC_AUTH_TOKEN in)", text)


def test_with_a_prefix_only_its_names_are_in_an_env_file() -> None:
    read = by_sh(env.render(Asked(service=replace(SERVICE, prefix="QWEN_"), key=KEY)))
    assert read["QWEN_OPENAI_API_KEY"] == KEY
    assert "QWEN_API_KEY" not in read


def test_higress_calls_a_url_that_is_no_plain_host_as_it_is() -> None:
    service = replace(SERVICE, urls={"openai": "http://127.0.0.1:1/_host/h/compatible-mode/v1"})
    provider = yaml.safe_load(higress.render(Asked(service=service)))["provider"]
    assert (provider["type"], provider["openaiCustomUrl"]) == (
        "openai",
        "http://127.0.0.1:1/_host/h/compatible-mode/v1/chat/completions",
    )


@pytest.mark.parametrize("name", ["spring-ai", "spring-ai-2", "langchain", "litellm", "higress"])
def test_a_plan_s_key_is_for_no_program(name: str) -> None:
    with pytest.raises(Refused, match=r"\[plan-key-tools\]"):
        FORMATS[name].render(Asked(service=replace(SERVICE, domain="coding_plan")))


@pytest.mark.parametrize("value", ["a b", "a#b", '"a"', "`ls`", "*", "~", "a;b", "(a)", "a&b", "!a"])
def test_a_value_that_needs_quotes_is_read_by_the_shell(value: str) -> None:
    text = env.render(Asked(service=replace(SERVICE, workspace_id=value)))
    assert by_sh(text)["MODEL_STUDIO_WORKSPACE_ID"] == value
    assert f"'{value}'" in text


@pytest.mark.parametrize("value", ["it's", "a$b", "${HOME}", r"a\b", "a\nb", "a\x7fb"])
def test_a_value_that_readers_take_differently_is_refused(value: str) -> None:
    with pytest.raises(RenderError, match="the value of OPENAI_API_KEY") as refused:
        env.render(Asked(service=SERVICE, key=value))
    assert value not in str(refused.value)


@settings(max_examples=50)
@given(KEYS)
def test_any_key_is_refused_or_read_by_the_shell(key: str) -> None:
    try:
        text = env.render(Asked(service=SERVICE, key=key))
    except RenderError:
        assert set(key) & set("'$\\")
    else:
        assert by_sh(text)["OPENAI_API_KEY"] == key


def test_without_a_secret_sink_an_env_file_says_so() -> None:
    assert "MODEL_STUDIO_SECRET=none\n" in env.render(Asked(service=replace(SERVICE, pointer="")))


@pytest.mark.parametrize(
    ("name", "missing"), [("claude-code", "anthropic"), ("codex", "openai"), ("qwen-code", "openai")]
)
def test_a_protocol_that_the_service_has_not_is_named_with_those_it_has(name: str, missing: str) -> None:
    service = replace(SERVICE, urls={"dashscope": f"{URL}/api/v1"})
    with pytest.raises(RenderError, match=f"'gateway' has no {missing} URL, .* it has: dashscope. Add {missing}"):
        FORMATS[name].render(Asked(service=service))


def test_a_plan_s_key_is_not_for_a_cluster() -> None:
    with pytest.raises(Refused, match=r"coding_plan key .*\[plan-key-tools\]"):
        external_secret.render(Asked(service=replace(SERVICE, domain="coding_plan")))


def test_codex_says_what_is_not_certain_of_the_coding_plan() -> None:
    said = codex.render(Asked(service=replace(SERVICE, domain="coding_plan")))
    assert "not certain" in said
    assert tomllib.loads(said)["model_provider"] == "model-studio-gateway"
    assert "not certain" not in codex.render(Asked(service=SERVICE))
