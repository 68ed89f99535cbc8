"""`python -m tools.render`: no key is printed that was not asked for; what cannot be had is one line."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_credentials.utils import auth_util

from catalogue.record import config_record, secret_of
from provider.client.errors import ServiceError
from provider.client.kms import Kms
from provider.client.retry import RetryPolicy
from tests.emulator_process import EmulatorProcess
from tests.provider.vendor import Console
from tests.tools.readers import CHECKS, KEY, POINTER, SERVICE, check_codex
from tools import call, canary, delivered
from tools.local.place import Place
from tools.render.__main__ import main
from tools.render.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path


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
    console = Console(process)
    record = config_record(SERVICE.said, revision=3, digest=SERVICE.digest, pointer="")
    held = {
        name: json.dumps(secret_of(record, KEY, prefix=prefix))
        for name, prefix in (("team/gateway", ""), ("team/prefixed", "QWEN_"))
    }
    for name, data in [*held.items(), ("team/alone", KEY), ("other", "no JSON")]:
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
        "api_key_id": SERVICE.key_id,
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


def test_a_secret_that_holds_the_key_alone_is_read_too(deployed: Deployed) -> None:
    alone = outputs(secret=POINTER.replace("gateway", "alone"))
    deployed.place.outputs.write_text(json.dumps({"services": {"gateway": alone}}))
    code, out, _ = deployed.run("--for", "env", "gateway", "--show-key")
    assert code == 0
    assert f"OPENAI_API_KEY={KEY}\n" in out
    deployed.place.outputs.write_text(json.dumps({"services": {"gateway": {**alone, "digest": "0" * 16}}}))
    code, out, err = deployed.run("--for", "env", "gateway", "--show-key")
    assert (code, out) == (1, "")
    assert KEY not in err
    assert "is not what the stack's outputs name" in err


PREFIXED = POINTER.replace("gateway", "prefixed")


@pytest.mark.parametrize("told", [{"prefix": "QWEN_"}, {}])
def test_a_sink_s_prefix_is_in_every_name(deployed: Deployed, told: dict[str, str]) -> None:
    deployed.place.outputs.write_text(json.dumps({"services": {"gateway": outputs(secret=PREFIXED, **told)}}))
    code, out, _ = deployed.run("--for", "env", "gateway", "--show-key")
    assert code == 0
    assert f"QWEN_OPENAI_API_KEY={KEY}\n" in out
    assert all(line.startswith("QWEN_") for line in out.splitlines())
    code, out, _ = deployed.run("--for", "codex", "gateway")
    assert code == 0
    assert ('env_key = "QWEN_OPENAI_API_KEY"' in out) == bool(told)  # outputs of an earlier version do not tell it


def test_a_model_is_called_with_a_record_that_has_a_prefix(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    def ask(record: dict[str, str], *_: object, **__: object) -> str:
        asked.append(record)
        return "hello"

    monkeypatch.setattr(call, "ask", ask)
    monkeypatch.setattr(call, "Place", lambda: deployed.place)
    monkeypatch.setattr("sys.argv", ["call", "gateway"])
    for pointer in (POINTER, PREFIXED):
        deployed.place.outputs.write_text(json.dumps({"services": {"gateway": outputs(secret=pointer)}}))
        assert call.main() == 0
    assert deployed.capsys.readouterr().out.endswith(f"{SERVICE.urls['openai']} answers:\nhello\n")
    assert asked[0] == asked[1]

    def another(*_: object) -> dict[str, str]:
        return {"ANTHROPIC_BASE_URL": "https://a"}

    monkeypatch.setattr(delivered, "record_of", another)
    assert call.main() == 1
    assert "has no OPENAI_BASE_URL and no OPENAI_API_KEY, which" in deployed.capsys.readouterr().err


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
