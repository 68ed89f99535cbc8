"""Every call of ours beside the one of the vendor's generated client that means the same."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The libraries held against ours here ship no types.

from collections.abc import Callable
from typing import Any, NamedTuple, Self

from alibabacloud_kms20160120 import models as kms_models
from alibabacloud_modelstudio20260210 import models
from alibabacloud_oos20190601 import models as oos_models

from provider.client import account, model_list
from provider.client.control_plane import ControlPlane, KeyScope
from provider.client.kms import Kms
from provider.client.oos import Oos
from provider.client.sdk import Endpoints, Sdk

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


class Ours(NamedTuple):
    """Our clients."""

    plane: ControlPlane
    kms: Kms
    oos: Oos
    sdk: Sdk

    @classmethod
    def new(cls) -> Self:
        sdk = Sdk(endpoints=Endpoints())
        return cls(ControlPlane(sdk), Kms(sdk), Oos(sdk), sdk)


class Theirs(NamedTuple):
    """The vendor's."""

    studio: Any
    kms: Any
    oos: Any
    sts: Any


TAGGED = kms_models.TagResourcesRequest(
    region_id="eu-central-1",
    resource_type="secret",
    resource_id=["s"],
    tag=[kms_models.TagResourcesRequestTag(key="a", value="1"), kms_models.TagResourcesRequestTag(key="b", value="ä")],
)
MADE_PARAMETER = oos_models.CreateSecretParameterRequest(
    region_id="eu-central-1",
    name="p",
    value="held-data",
    type="Secret",
    description="d",
    tags={"a": "1", "b": "ä"},
    client_token="token",
    key_id="key",
    dkmsinstance_id="kst",
)
PARAMETER_TAGS: dict[str, Any] = {
    "region_id": "eu-central-1",
    "resource_type": "secretparameter",
    "resource_ids": ["p"],
}

CALLS: dict[str, tuple[Callable[[Ours], object], Callable[[Theirs], object]]] = {
    "CreateWorkspace": (
        lambda o: o.plane.create_workspace("eu-central-1", "n", "global"),
        lambda t: t.studio.create_workspace(models.CreateWorkspaceRequest(workspace_name="n", service_site="global")),
    ),
    "ListWorkspaces": (
        lambda o: o.plane.workspaces("eu-central-1", workspace_id="ws-1", name="n"),
        lambda t: t.studio.list_workspaces(
            models.ListWorkspacesRequest(workspace_id="ws-1", workspace_name="n", max_results=50)
        ),
    ),
    "DeleteWorkspace": (
        lambda o: o.plane.delete_workspace("eu-central-1", "ws/1"),
        lambda t: t.studio.delete_workspace("ws/1", models.DeleteWorkspaceRequest()),
    ),
    "CreateApiKey": (
        lambda o: o.plane.create_api_key("eu-central-1", "ws-1", "d", SCOPE),
        lambda t: t.studio.create_api_key(
            models.CreateApiKeyRequest(workspace_id="ws-1", description="d", auth=_auth("Create"))
        ),
    ),
    "GetApiKey": (lambda o: o.plane.api_key("eu-central-1", "1"), lambda t: t.studio.get_api_key("1")),
    "ListApiKeys": (
        lambda o: o.plane.api_keys("eu-central-1", "ws-1", containing="d"),
        lambda t: t.studio.list_api_keys(
            models.ListApiKeysRequest(workspace_id="ws-1", description="d", max_results=50)
        ),
    ),
    "UpdateApiKey": (
        lambda o: o.plane.update_api_key("eu-central-1", "1", SCOPE),
        lambda t: t.studio.update_api_key("1", models.UpdateApiKeyRequest(auth=_auth("Update"))),
    ),
    "EnableApiKey": (
        lambda o: o.plane.enable_api_key("eu-central-1", "1"),
        lambda t: t.studio.enable_api_key("1", models.EnableApiKeyRequest()),
    ),
    "DisableApiKey": (
        lambda o: o.plane.disable_api_key("eu-central-1", "1"),
        lambda t: t.studio.disable_api_key("1", models.DisableApiKeyRequest()),
    ),
    "DeleteApiKey": (
        lambda o: o.plane.delete_api_key("eu-central-1", "1"),
        lambda t: t.studio.delete_api_key("1"),
    ),
    "ListModels": (
        lambda o: model_list.list_models(o.sdk, "eu-central-1"),
        lambda t: t.studio.list_models(models.ListModelsRequest(max_results=50)),
    ),
    "ListModelPermissions": (
        lambda o: o.plane.models("eu-central-1", "ws-1", authorized=True),
        lambda t: t.studio.list_model_permissions(LISTED),
    ),
    "UpdateModelPermissions": (
        lambda o: o.plane.set_models("eu-central-1", "ws-1", allow=["m1"], deny=[]),
        lambda t: t.studio.update_model_permissions(PERMISSIONS),
    ),
    "GetSecretValue": (
        lambda o: o.kms.value("eu-central-1", "s", version_id="v1"),
        lambda t: t.kms.get_secret_value(kms_models.GetSecretValueRequest(secret_name="s", version_id="v1")),
    ),
    "PutSecretValue": (
        lambda o: o.kms.put("eu-central-1", "s", "v1", "held-data"),
        lambda t: t.kms.put_secret_value(
            kms_models.PutSecretValueRequest(
                secret_name="s", version_id="v1", secret_data="held-data", secret_data_type="text"
            )
        ),
    ),
    "UpdateSecretVersionStage": (
        lambda o: o.kms.make_current("eu-central-1", "s", "v2", instead_of="v1"),
        lambda t: t.kms.update_secret_version_stage(
            kms_models.UpdateSecretVersionStageRequest(
                secret_name="s", version_stage="ACSCurrent", move_to_version="v2", remove_from_version="v1"
            )
        ),
    ),
    "CreateSecret": (
        lambda o: o.kms.create(
            "eu-central-1",
            "s",
            version_id="v1",
            data="held-data",
            tags={"a": "1", "b": "ä"},
            encryption_key="key",
            instance="kst",
        ),
        lambda t: t.kms.create_secret(
            kms_models.CreateSecretRequest(
                secret_name="s",
                version_id="v1",
                secret_data="held-data",
                secret_data_type="text",
                tags='[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "ä"}]',
                encryption_key_id="key",
                dkmsinstance_id="kst",
            )
        ),
    ),
    "CreateSecret, nothing optional": (
        lambda o: o.kms.create("eu-central-1", "s", version_id="v1", data="held-data", tags={}),
        lambda t: t.kms.create_secret(
            kms_models.CreateSecretRequest(
                secret_name="s", version_id="v1", secret_data="held-data", secret_data_type="text"
            )
        ),
    ),
    "DescribeSecret": (
        lambda o: o.kms.describe("eu-central-1", "s"),
        lambda t: t.kms.describe_secret(kms_models.DescribeSecretRequest(secret_name="s", fetch_tags="true")),
    ),
    "ListSecretVersionIds": (
        lambda o: o.kms.version_ids("eu-central-1", "s"),
        lambda t: t.kms.list_secret_version_ids(
            kms_models.ListSecretVersionIdsRequest(
                secret_name="s", include_deprecated="true", page_number=1, page_size=50
            )
        ),
    ),
    "TagResources": (
        lambda o: o.kms.tag("eu-central-1", "s", {"a": "1", "b": "ä"}),
        lambda t: t.kms.tag_resources(TAGGED),
    ),
    "DeleteSecret": (
        lambda o: o.kms.delete("eu-central-1", "s", recovery_days=7),
        lambda t: t.kms.delete_secret(kms_models.DeleteSecretRequest(secret_name="s", recovery_window_in_days="7")),
    ),
    "DeleteSecret, at once": (
        lambda o: o.kms.delete("eu-central-1", "s", recovery_days=None),
        lambda t: t.kms.delete_secret(
            kms_models.DeleteSecretRequest(secret_name="s", force_delete_without_recovery="true")
        ),
    ),
    "RestoreSecret": (
        lambda o: o.kms.restore("eu-central-1", "s"),
        lambda t: t.kms.restore_secret(kms_models.RestoreSecretRequest(secret_name="s")),
    ),
    "oos:CreateSecretParameter": (
        lambda o: o.oos.create(
            "eu-central-1",
            "p",
            value="held-data",
            description="d",
            tags={"a": "1", "b": "ä"},
            client_token="token",
            key_id="key",
            instance="kst",
        ),
        lambda t: t.oos.create_secret_parameter(MADE_PARAMETER),
    ),
    "oos:CreateSecretParameter, nothing optional": (
        lambda o: o.oos.create("eu-central-1", "p", value="held-data", description="d", tags={}, client_token="token"),
        lambda t: t.oos.create_secret_parameter(
            oos_models.CreateSecretParameterRequest(
                region_id="eu-central-1",
                name="p",
                value="held-data",
                type="Secret",
                description="d",
                client_token="token",
            )
        ),
    ),
    "oos:GetSecretParameter": (
        lambda o: o.oos.get("eu-central-1", "p", version=7, decrypt=True),
        lambda t: t.oos.get_secret_parameter(
            oos_models.GetSecretParameterRequest(
                region_id="eu-central-1", name="p", parameter_version=7, with_decryption=True
            )
        ),
    ),
    "oos:GetSecretParameter, without the value": (
        lambda o: o.oos.get("eu-central-1", "p"),
        lambda t: t.oos.get_secret_parameter(oos_models.GetSecretParameterRequest(region_id="eu-central-1", name="p")),
    ),
    "oos:UpdateSecretParameter": (
        lambda o: o.oos.update("eu-central-1", "p", value="held-data", description="d"),
        lambda t: t.oos.update_secret_parameter(
            oos_models.UpdateSecretParameterRequest(
                region_id="eu-central-1", name="p", value="held-data", description="d"
            )
        ),
    ),
    "oos:DeleteSecretParameter": (
        lambda o: o.oos.delete("eu-central-1", "p"),
        lambda t: t.oos.delete_secret_parameter(
            oos_models.DeleteSecretParameterRequest(region_id="eu-central-1", name="p")
        ),
    ),
    "oos:ListSecretParameterVersions": (
        lambda o: o.oos.versions("eu-central-1", "p"),
        lambda t: t.oos.list_secret_parameter_versions(
            oos_models.ListSecretParameterVersionsRequest(region_id="eu-central-1", name="p", max_results=50)
        ),
    ),
    "oos:ListTagResources": (
        lambda o: o.oos.tags("eu-central-1", "p"),
        lambda t: t.oos.list_tag_resources(oos_models.ListTagResourcesRequest(**PARAMETER_TAGS)),
    ),
    "oos:TagResources": (
        lambda o: o.oos.tag("eu-central-1", "p", {"a": "1", "b": "ä"}),
        lambda t: t.oos.tag_resources(oos_models.TagResourcesRequest(tags={"a": "1", "b": "ä"}, **PARAMETER_TAGS)),
    ),
    "GetCallerIdentity": (
        lambda o: o.sdk.call(account.GET_CALLER_IDENTITY, "eu-central-1"),
        lambda t: t.sts.get_caller_identity(),
    ),
}
