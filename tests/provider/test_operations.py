"""Every call of ours is the one that the vendor's generated client makes: action, version, path, method, parameters."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The libraries held against ours here ship no types.

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_kms20160120 import models as kms_models
from alibabacloud_kms20160120.client import Client as KmsClient
from alibabacloud_modelstudio20260210 import models
from alibabacloud_modelstudio20260210.client import Client as ModelStudioClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.client import Client as CoreClient
from alibabacloud_tea_openapi.utils_models import Config

from provider.client import account, control_plane, kms, model_list
from provider.client.control_plane import ControlPlane, KeyScope
from provider.client.errors import ServiceError
from provider.client.kms import Kms
from provider.client.sdk import Endpoints, Operation, Sdk

ANSWER = {
    "workspace": {"workspaceId": "ws-1"},
    "apiKey": {"apiKeyId": 1, "apiKeyValue": "sk-ws-test.a1"},
    "isDeleted": True,
    "VersionId": "v1",
    "AccountId": "1",
}
SCOPE = KeyScope(models=("m1", "m2"), allowed_ips=("10.0.0.0/8",))


def _auth(kind: str) -> Any:
    prefix = f"{kind}ApiKeyRequestAuth"
    scope = getattr(models, f"{prefix}ModelAccessScope")(allow_all_models=False, accessible_models=["m1", "m2"])
    return getattr(models, prefix)(type="Custom", access_ips=["10.0.0.0/8"], model_access_scope=scope)


PERMISSIONS = models.UpdateModelPermissionsRequest(
    workspace_id="ws-1",
    access_all_entities="KEEP",
    models=[models.UpdateModelPermissionsRequestModels(model="m1", inference=True)],
)
LISTED = models.ListModelPermissionsRequest(
    workspace_id="ws-1", authorization_scope="AUTHORIZED", model_action="INFERENCE", max_results=50
)

Ours = Callable[[ControlPlane, Kms, Sdk], object]
Theirs = Callable[[Any, Any, Any], object]
CALLS: dict[str, tuple[Ours, Theirs]] = {
    "CreateWorkspace": (
        lambda c, _k, _s: c.create_workspace("eu-central-1", "n", "global"),
        lambda c, _k, _s: c.create_workspace(models.CreateWorkspaceRequest(workspace_name="n", service_site="global")),
    ),
    "ListWorkspaces": (
        lambda c, _k, _s: c.workspaces("eu-central-1", workspace_id="ws-1", name="n"),
        lambda c, _k, _s: c.list_workspaces(
            models.ListWorkspacesRequest(workspace_id="ws-1", workspace_name="n", max_results=50)
        ),
    ),
    "DeleteWorkspace": (
        lambda c, _k, _s: c.delete_workspace("eu-central-1", "ws/1"),
        lambda c, _k, _s: c.delete_workspace("ws/1", models.DeleteWorkspaceRequest()),
    ),
    "CreateApiKey": (
        lambda c, _k, _s: c.create_api_key("eu-central-1", "ws-1", "d", SCOPE),
        lambda c, _k, _s: c.create_api_key(
            models.CreateApiKeyRequest(workspace_id="ws-1", description="d", auth=_auth("Create"))
        ),
    ),
    "GetApiKey": (lambda c, _k, _s: c.api_key("eu-central-1", "1"), lambda c, _k, _s: c.get_api_key("1")),
    "ListApiKeys": (
        lambda c, _k, _s: c.api_keys("eu-central-1", "ws-1", containing="d"),
        lambda c, _k, _s: c.list_api_keys(
            models.ListApiKeysRequest(workspace_id="ws-1", description="d", max_results=50)
        ),
    ),
    "UpdateApiKey": (
        lambda c, _k, _s: c.update_api_key("eu-central-1", "1", SCOPE),
        lambda c, _k, _s: c.update_api_key("1", models.UpdateApiKeyRequest(auth=_auth("Update"))),
    ),
    "EnableApiKey": (
        lambda c, _k, _s: c.enable_api_key("eu-central-1", "1"),
        lambda c, _k, _s: c.enable_api_key("1", models.EnableApiKeyRequest()),
    ),
    "DisableApiKey": (
        lambda c, _k, _s: c.disable_api_key("eu-central-1", "1"),
        lambda c, _k, _s: c.disable_api_key("1", models.DisableApiKeyRequest()),
    ),
    "DeleteApiKey": (
        lambda c, _k, _s: c.delete_api_key("eu-central-1", "1"),
        lambda c, _k, _s: c.delete_api_key("1"),
    ),
    "ListModels": (
        lambda _c, _k, s: model_list.list_models(s, "eu-central-1"),
        lambda c, _k, _s: c.list_models(models.ListModelsRequest(max_results=50)),
    ),
    "ListModelPermissions": (
        lambda c, _k, _s: c.models("eu-central-1", "ws-1", authorized=True),
        lambda c, _k, _s: c.list_model_permissions(LISTED),
    ),
    "UpdateModelPermissions": (
        lambda c, _k, _s: c.set_models("eu-central-1", "ws-1", allow=["m1"], deny=[]),
        lambda c, _k, _s: c.update_model_permissions(PERMISSIONS),
    ),
    "GetSecretValue": (
        lambda _c, k, _s: k.value("eu-central-1", "s", version_id="v1"),
        lambda _c, k, _s: k.get_secret_value(kms_models.GetSecretValueRequest(secret_name="s", version_id="v1")),
    ),
    "PutSecretValue": (
        lambda _c, k, _s: k.put("eu-central-1", "s", "v1", "data"),
        lambda _c, k, _s: k.put_secret_value(
            kms_models.PutSecretValueRequest(
                secret_name="s", version_id="v1", secret_data="data", secret_data_type="text"
            )
        ),
    ),
    "UpdateSecretVersionStage": (
        lambda _c, k, _s: k.make_current("eu-central-1", "s", "v2", instead_of="v1"),
        lambda _c, k, _s: k.update_secret_version_stage(
            kms_models.UpdateSecretVersionStageRequest(
                secret_name="s", version_stage="ACSCurrent", move_to_version="v2", remove_from_version="v1"
            )
        ),
    ),
    "GetCallerIdentity": (
        lambda _c, _k, s: s.call(account.GET_CALLER_IDENTITY, "eu-central-1"),
        lambda _c, _k, s: s.get_caller_identity(),
    ),
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
        value.action
        for module in (control_plane, kms, account, model_list)
        for value in vars(module).values()
        if isinstance(value, Operation)
    }
    assert set(CALLS) == declared


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
    sdk = Sdk(endpoints=Endpoints())
    with pytest.raises(ServiceError) as error:
        CALLS[action][0](ControlPlane(sdk), Kms(sdk), sdk)
    assert error.value.may_have_run, "what was made is looked for"


@pytest.mark.usefixtures("sent")
def test_a_time_that_is_none_loses_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"apiKey": {"apiKeyId": 7, "apiKeyValue": "sk-ws-test.a1", "gmtCreate": "2026-11-24"}}
    monkeypatch.setitem(globals(), "ANSWER", answer)
    made = ControlPlane(Sdk(endpoints=Endpoints())).create_api_key("cn-beijing", "ws-1", "mark", SCOPE)
    assert (made.key_id, made.created_at) == ("7", 0.0)


@pytest.mark.parametrize("action", CALLS)
def test_a_call_is_the_vendor_s_own(action: str, sent: list[tuple[Any, Any, str]]) -> None:
    ours, theirs = CALLS[action]
    sdk = Sdk(endpoints=Endpoints())
    ours(ControlPlane(sdk), Kms(sdk), sdk)
    config = Config(access_key_id="test-id", access_key_secret="test-secret", region_id="eu-central-1")
    theirs(ModelStudioClient(config), KmsClient(config), StsClient(config))
    (our_params, our_request, our_host), (their_params, their_request, their_host) = sent
    for name in ("action", "version", "pathname", "method", "style", "auth_type", "body_type"):
        assert getattr(our_params, name) == getattr(their_params, name), name
    assert our_host == their_host
    said = {**(our_request.query or {}), **(our_request.body or {})}
    meant = {**(their_request.query or {}), **_flat(their_request.body or {})}
    assert said == {name: _spelled(value) for name, value in meant.items()}


@pytest.mark.parametrize("action", ["PutSecretValue"])
def test_secret_data_travels_in_the_body(action: str, sent: list[tuple[Any, Any, str]]) -> None:
    sdk = Sdk(endpoints=Endpoints())
    CALLS[action][0](ControlPlane(sdk), Kms(sdk), sdk)
    ((_, request, _),) = sent
    assert "SecretData" in request.body
    assert not request.query


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Flatten a body as the vendor's core does for a form."""
    if isinstance(value, dict):
        return {k: v for name, item in value.items() for k, v in _flat(item, f"{prefix}{name}.").items()}
    if isinstance(value, list):
        return {k: v for n, item in enumerate(value, 1) for k, v in _flat(item, f"{prefix}{n}.").items()}
    return {prefix.rstrip("."): value}


def _spelled(value: Any) -> str:
    """Spell a value as we do: the vendor's Python client writes True and False, its other clients true and false."""
    return str(value).lower() if isinstance(value, bool) else str(value)
