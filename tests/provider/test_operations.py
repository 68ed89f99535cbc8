"""Every call of ours is the one that the vendor's generated client makes: action, version, path, method, parameters."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The libraries held against ours here ship no types.

from typing import Any

import pytest
from alibabacloud_kms20160120.client import Client as KmsClient
from alibabacloud_modelstudio20260210.client import Client as ModelStudioClient
from alibabacloud_oos20190601.client import Client as OosClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.client import Client as CoreClient
from alibabacloud_tea_openapi.utils_models import Config

from provider.client import account, control_plane, kms, model_list, oos
from provider.client import redact as redact_module
from provider.client.errors import ServiceError
from provider.client.redact import MASK, redact
from provider.client.sdk import Operation
from tests.provider.calls import CALLS, SCOPE, Ours, Theirs

ANSWER = {
    "workspace": {"workspaceId": "ws-1"},
    "apiKey": {"apiKeyId": 1, "apiKeyValue": "sk-ws-test.a1"},
    "isDeleted": True,
    "VersionId": "v1",
    "SecretData": "read-data",
    "Parameter": {"ParameterVersion": 7, "Value": "read-data"},
    "ParameterVersions": [{"ParameterVersion": 7, "Value": "read-data"}],
    "AccountId": "1",
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any, str]]:
    """What the vendor's core client was asked to send, and where to."""
    calls: list[tuple[Any, Any, str]] = []

    def call_api(self: Any, params: Any, request: Any, runtime: Any) -> dict[str, Any]:
        del runtime
        calls.append((params, request, str(self._endpoint)))
        return {"body": dict(ANSWER), "headers": {}, "statusCode": 200}

    monkeypatch.setattr(CoreClient, "call_api", call_api)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "test-id")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "test-secret")
    return calls


def test_every_operation_is_compared() -> None:
    declared = {
        f"oos:{value.action}" if value.product == "oos" else value.action
        for module in (control_plane, kms, oos, account, model_list)
        for value in vars(module).values()
        if isinstance(value, Operation)
    }
    assert {name.partition(",")[0] for name in CALLS} == declared


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("CreateWorkspace", {"workspace": {"workspaceName": "n"}}),
        ("CreateApiKey", {"apiKey": {"apiKeyValue": "sk-ws-test.a1"}}),
    ],
)
@pytest.mark.usefixtures("sent")
def test_an_answer_without_an_id_is_a_lost_one(monkeypatch: pytest.MonkeyPatch, action: str, answer: Any) -> None:
    monkeypatch.setitem(globals(), "ANSWER", answer)
    with pytest.raises(ServiceError) as error:
        CALLS[action][0](Ours.new())
    assert error.value.may_have_run, "what was made is looked for"


@pytest.mark.usefixtures("sent")
def test_a_time_that_is_none_loses_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"apiKey": {"apiKeyId": 7, "apiKeyValue": "sk-ws-test.a1", "gmtCreate": "2026-11-24"}}
    monkeypatch.setitem(globals(), "ANSWER", answer)
    made = Ours.new().plane.create_api_key("cn-beijing", "ws-1", "mark", SCOPE)
    assert (made.key_id, made.created_at) == ("7", 0.0)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_the_vendor_s_own(name: str, sent: list[tuple[Any, Any, str]]) -> None:
    ours, theirs = CALLS[name]
    ours(Ours.new())
    config = Config(access_key_id="test-id", access_key_secret="test-secret", region_id="eu-central-1")
    theirs(Theirs(ModelStudioClient(config), KmsClient(config), OosClient(config), StsClient(config)))
    (our_params, our_request, our_host), (their_params, their_request, their_host) = sent
    for part in ("action", "version", "pathname", "method", "style", "auth_type", "body_type"):
        assert getattr(our_params, part) == getattr(their_params, part), part
    assert our_host == their_host
    said = {**(our_request.query or {}), **(our_request.body or {})}
    meant = {**(their_request.query or {}), **_flat(their_request.body or {})}
    assert said == {name: _spelled(value) for name, value in meant.items()}


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("CreateSecret", "SecretData"),
        ("PutSecretValue", "SecretData"),
        ("oos:CreateSecretParameter", "Value"),
        ("oos:UpdateSecretParameter", "Value"),
    ],
)
def test_values_travel_in_the_body_and_are_masked(
    name: str, parameter: str, sent: list[tuple[Any, Any, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redact_module, "_known", set[str]())
    CALLS[name][0](Ours.new())
    ((_, request, _),) = sent
    assert request.body[parameter] == "held-data"
    assert not request.query
    assert redact("held-data") == MASK


@pytest.mark.parametrize("name", ["GetSecretValue", "oos:GetSecretParameter", "oos:ListSecretParameterVersions"])
@pytest.mark.usefixtures("sent")
def test_values_that_are_answered_are_masked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact_module, "_known", set[str]())
    CALLS[name][0](Ours.new())
    assert redact("read-data") == MASK


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("GetSecretValue", {"VersionId": "v1"}),
        ("GetSecretValue", {"SecretData": "read-data"}),
        ("oos:CreateSecretParameter", {"Parameter": {"Name": "p"}}),
        ("oos:UpdateSecretParameter", {}),
        ("oos:GetSecretParameter", {"Parameter": {"ParameterVersion": 7, "Value": None}}),
        ("oos:ListSecretParameterVersions", {"ParameterVersions": [{"Value": "read-data"}]}),
    ],
)
@pytest.mark.usefixtures("sent")
def test_an_answer_without_value_or_version_is_a_lost_one(
    monkeypatch: pytest.MonkeyPatch, name: str, answer: Any
) -> None:
    monkeypatch.setitem(globals(), "ANSWER", answer)
    with pytest.raises(ServiceError) as error:
        CALLS[name][0](Ours.new())
    assert error.value.may_have_run


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Flatten a body as the vendor's core does for a form."""
    if isinstance(value, dict):
        return {k: v for name, item in value.items() for k, v in _flat(item, f"{prefix}{name}.").items()}
    if isinstance(value, list):
        return {k: v for n, item in enumerate(value, 1) for k, v in _flat(item, f"{prefix}{n}.").items()}
    return {prefix.rstrip("."): value}


def _spelled(value: Any) -> str:
    """Spell a value as we do: the vendor's Python client writes True and False, its other clients true and false."""
    text = str(value)
    return text.lower() if text in ("True", "False") else text
