"""Each format is read back by the rules of its reader; no key is printed that was not asked for."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from alibabacloud_credentials.utils import auth_util
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.record import digest, secret_record
from catalogue.rules import Refused
from provider.client.errors import ServiceError
from provider.client.kms import Kms
from provider.client.retry import RetryPolicy
from tests.emulator_process import EmulatorProcess
from tests.provider.vendor import Console
from tools import canary, delivered
from tools.delivered import Service
from tools.local.place import Place
from tools.render import claude_code, codex, env, external_secret, qwen_code
from tools.render.__main__ import main
from tools.render.format import Asked, RenderError
from tools.render.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

KEY = "sk-ws-test.a1"
URL = "https://llm-abc.cn-beijing.maas.aliyuncs.com"
POINTER = "kms:cn-beijing/team/gateway@g2r3-ab12cd34"
UNSIGNED = Service(
    name="gateway",
    urls={"openai": f"{URL}/compatible-mode/v1", "anthropic": f"{URL}/apps/anthropic", "dashscope": f"{URL}/api/v1"},
    domain="dedicated",
    region="cn-beijing",
    workspace_id="ws-1",
    generation=2,
    revision=3,
    digest="",
    pointer=POINTER,
)
SERVICE = replace(UNSIGNED, digest=digest(KEY, UNSIGNED.said))
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
"""What may be a key: printable ASCII."""


def check_claude_code(text: str, key: str | None) -> None:
    variables = json.loads(text)["env"]
    assert variables["ANTHROPIC_BASE_URL"] == f"{URL}/apps/anthropic"
    assert [name for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY") if name in variables] == [
        "ANTHROPIC_AUTH_TOKEN"
    ]
    assert variables["ANTHROPIC_AUTH_TOKEN"] == (key or f"<ANTHROPIC_AUTH_TOKEN in {POINTER}>")
    assert [variables[f"ANTHROPIC{size}_MODEL"] for size in ("", "_DEFAULT_OPUS", "_DEFAULT_HAIKU")] == ["m"] * 3
    assert all(isinstance(value, str) for value in variables.values())


def check_codex(text: str, key: str | None) -> None:
    config = tomllib.loads(text)
    assert config["model"] == "m"
    chosen = config["model_providers"][config["model_provider"]]
    assert (chosen["base_url"], chosen["wire_api"]) == (f"{URL}/compatible-mode/v1", "responses")
    said = {name: chosen.get(name) for name in ("env_key", "env_key_instructions", "experimental_bearer_token")}
    by_name = {"env_key": "OPENAI_API_KEY", "env_key_instructions": f"OPENAI_API_KEY in {POINTER}"}
    assert {n: v for n, v in said.items() if v} == ({"experimental_bearer_token": key} if key else by_name)
    assert config["model_provider"] not in ("openai", "amazon-bedrock", "ollama", "lmstudio")  # Codex's own


def check_qwen_code(text: str, key: str | None) -> None:
    given = json.loads(text)
    models = given["modelProviders"][given["security"]["auth"]["selectedType"]]
    chosen = next(model for model in models if model["id"] == given["model"]["name"])
    assert (chosen["id"], chosen["baseUrl"]) == ("m", f"{URL}/compatible-mode/v1")
    assert given.get("env") == ({chosen["envKey"]: key} if key else None)


def check_env(text: str, key: str | None) -> None:
    literal = dict(line.split("=", 1) for line in text.splitlines())
    assert by_sh(text) == literal  # a reader that undoes no quotes reads the same
    assert literal["OPENAI_BASE_URL"] == f"{URL}/compatible-mode/v1"
    keys = {name: literal.get(name) for name in ("OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DASHSCOPE_API_KEY")}
    assert keys == dict.fromkeys(keys, key)
    assert literal.get("MODEL_STUDIO_SECRET") == (None if key else POINTER)
    assert literal["MODEL_STUDIO_DIGEST"] == SERVICE.digest


def check_external_secret(text: str, key: str | None) -> None:
    del key
    manifest = yaml.safe_load(text)
    assert (manifest["apiVersion"], manifest["kind"]) == ("alibabacloud.com/v1alpha1", "ExternalSecret")
    assert manifest["metadata"] == {"name": "gateway"}
    assert manifest["spec"] == {
        "provider": "kms",
        "dataProcess": [{"extract": {"key": "team/gateway", "versionStage": "ACSCurrent"}}],
    }
    assert "acs:kms:cn-beijing:<account id>:secret/team/gateway" in text


CHECKS: Mapping[str, Callable[[str, str | None], None]] = {
    "claude-code": check_claude_code,
    "codex": check_codex,
    "qwen-code": check_qwen_code,
    "env": check_env,
    "external-secret": check_external_secret,
}


def by_sh(text: str) -> dict[str, str]:
    """Return what a shell that reads the lines puts into the environment of a command."""
    script = f"set -a\n{text}\nexec env -0"
    done = subprocess.run(["sh", "-c", script], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)
    read = dict(entry.split("=", 1) for entry in done.stdout.decode().split("\0") if entry)
    return {name: value for name, value in read.items() if name not in ("PATH", "PWD", "SHLVL", "_", "OLDPWD")}


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
        assert json.loads(qwen_code.render(asked))["env"] == {"OPENAI_API_KEY": key}


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


@dataclass
class Deployed:
    """A stack `local` whose record is in the emulator's KMS."""

    place: Place
    console: Console
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = main(arguments, self.place)
        said = self.capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[EmulatorProcess]:
    process = EmulatorProcess.start(tmp_path_factory.mktemp("emulator"))
    record = secret_record(SERVICE.said, KEY, revision=3, digest=SERVICE.digest, prefix="QWEN_")
    console = Console(process)
    for name, data in (("team/gateway", json.dumps(record)), ("other", "no JSON")):
        console.create_secret(name)
        console.put_secret(name, "g2r3-ab12cd34", data)
    yield process
    process.stop()


@pytest.fixture
def deployed(
    emulator: EmulatorProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Generator[Deployed]:
    place = Place(tmp_path)
    place.directory.mkdir()
    place.ports.write_text(json.dumps({"main": emulator.port, **emulator.regions}))
    place.outputs.write_text(json.dumps({"services": {"gateway": outputs()}}))
    # The vendor's chain reads the environment once, when it is imported.
    monkeypatch.setattr(auth_util, "environment_access_key_id", emulator.env()["ALIBABA_CLOUD_ACCESS_KEY_ID"])
    monkeypatch.setattr(auth_util, "environment_access_key_secret", emulator.env()["ALIBABA_CLOUD_ACCESS_KEY_SECRET"])
    before = dict(os.environ)  # the tool makes the environment that of the stack `local`
    yield Deployed(place, Console(emulator), capsys)
    os.environ.clear()
    os.environ.update(before)


def outputs(**more: Any) -> dict[str, Any]:
    return {
        "domain": "dedicated",
        "region": "cn-beijing",
        "workspace_id": "ws-1",
        **{f"{protocol}_base_url": url for protocol, url in SERVICE.urls.items()},
        "api_key_id": "1",
        "generation": 2,
        "revision": 3,
        "digest": SERVICE.digest,
        "secret": POINTER,
        **more,
    }


@pytest.mark.parametrize("name", FORMATS)
def test_the_key_is_printed_only_when_it_is_asked_for(deployed: Deployed, name: str) -> None:
    code, out, err = deployed.run("--for", name, "gateway", "--model", "m")
    assert code == 0
    CHECKS[name](out, None)
    places = [canary.Place("stdout", "", out.encode()), canary.Place("stderr", "", err.encode())]
    assert canary.find([KEY], places) == []
    code, out, err = deployed.run("--for", name, "gateway", "--model", "m", "--show-key")
    if FORMATS[name].holds_key:
        assert code == 0
        CHECKS[name](out, KEY)
        assert canary.find([KEY], [canary.Place("stdout", "", out.encode())])
    else:
        assert (code, out) == (1, "")
        assert "leave --show-key out" in err
    assert KEY not in err
    assert FORMATS[name].goes_to in err or code == 1


WRONG: Mapping[str, tuple[dict[str, Any], str]] = {
    "no such secret": ({"secret": "kms:cn-beijing/gone@g1r1-0"}, "there is no KMS secret gone in cn-beijing"),
    "no record in it": ({"secret": "kms:cn-beijing/other@g1r1-0"}, "other holds now is not what the stack's outputs"),
    "another revision": ({"revision": 4, "digest": "0" * 16}, "team/gateway holds now is not what the stack's outputs"),
    "no secret sink": ({"secret": ""}, "the record of 'gateway' is not in KMS but in no secret store"),
    "another store": ({"secret": "oos:cn-beijing/a@1"}, "is not in KMS but in oos:cn-beijing/a@1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_cannot_be_had_is_one_line(deployed: Deployed, case: str) -> None:
    more, says = WRONG[case]
    deployed.place.outputs.write_text(json.dumps({"services": {"gateway": outputs(**more)}}))
    one_line(deployed.run("--for", "codex", "gateway", "--show-key"), says)


def test_no_right_to_the_secret_names_the_right(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ServiceError("GetSecretValue", "refused", "no permission", code="Forbidden.NoPermission", status=403)

    monkeypatch.setattr(Kms, "value", refuse)
    one_line(deployed.run("--for", "env", "gateway", "--show-key"), "it takes the right kms:GetSecretValue")


def test_a_store_that_does_not_answer_is_one_line(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivered, "_PATIENCE", RetryPolicy(bound=0))
    deployed.place.ports.write_text(json.dumps({"cn-beijing": 9}))
    one_line(deployed.run("--for", "env", "gateway", "--show-key"), "cannot be reached")


def test_an_unknown_service_is_answered_with_those_there_are(deployed: Deployed) -> None:
    one_line(deployed.run("--for", "env", "gatway"), "no service 'gatway'; there are: gateway")


def test_a_stack_that_is_not_up_is_one_line(deployed: Deployed) -> None:
    deployed.place.outputs.unlink()
    one_line(deployed.run("--for", "env", "gateway"), "the stack `local` is not up: run `make up` first")


def test_a_plan_s_key_comes_with_its_terms(deployed: Deployed) -> None:
    deployed.place.outputs.write_text(json.dumps({"services": {"gateway": outputs(domain="token_plan")}}))
    code, _, err = deployed.run("--for", "claude-code", "gateway")
    assert code == 0
    assert "interactive coding tools only, by the plan's terms" in err


def test_another_stack_is_read_from_the_engine(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = deployed.place.root / "bin"
    folder.mkdir()
    (folder / "pulumi").symlink_to("/bin/false")
    monkeypatch.setenv("PATH", str(folder))
    one_line(deployed.run("--for", "env", "gateway", "--stack", "prod"), "outputs of the stack 'prod' cannot be read")
    (folder / "pulumi").unlink()
    one_line(deployed.run("--for", "env", "gateway", "--stack", "prod"), "`pulumi`, which is not on PATH")
    engine = "#!/bin/sh\n[ \"$*\" = 'stack output --json --non-interactive --stack prod' ] || exit 1\necho '{}'\n"
    (folder / "pulumi").write_text(engine.replace("{}", json.dumps({"services": {"gateway": outputs()}})))
    (folder / "pulumi").chmod(0o755)
    code, out, _ = deployed.run("--for", "codex", "gateway", "--stack", "prod", "--model", "m")
    assert code == 0
    check_codex(out, None)


def test_why_the_engine_has_no_outputs_is_passed_on(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = deployed.place.root / "bin"
    folder.mkdir()
    (folder / "pulumi").write_text(
        "#!/bin/sh\necho \"error: no stack named 'prod' found\" >&2\necho more >&2\nexit 255\n"
    )
    (folder / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    one_line(
        deployed.run("--for", "env", "gateway", "--stack", "prod"),
        "the outputs of the stack 'prod' cannot be read: no stack named 'prod' found",
    )


def one_line(done: tuple[int, str, str], says: str) -> None:
    code, out, err = done
    assert (code, out) == (1, "")
    assert err.startswith("render: ")
    assert err.count("\n") == 1
    assert says in err
    assert KEY not in err
