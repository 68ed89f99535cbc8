"""Other hands: what somebody does in the console, done with the vendor's generated clients."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false
# They ship no types, and say wrong ones.

from typing import Any, Protocol

from alibabacloud_kms20160120 import models as kms_models
from alibabacloud_kms20160120.client import Client as KmsClient
from alibabacloud_modelstudio20260210 import models
from alibabacloud_modelstudio20260210.client import Client as ModelStudioClient
from alibabacloud_oos20190601 import models as oos_models
from alibabacloud_oos20190601.client import Client as OosClient
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config

from tests.emulator_process import EmulatorProcess


class SecretHand(Protocol):
    """Another hand on the secrets of one store."""

    def create(self, name: str, data: str, tags: dict[str, str] | None = None, *, mark: str = "") -> None:
        """Make one, with a first version; with a mark as the plugin writes it."""
        ...

    def put(self, name: str, data: str) -> None:
        """Make other data current."""
        ...

    def read(self, name: str) -> str | None:
        """Return what readers get, None when there is none."""
        ...

    def tags(self, name: str) -> dict[str, str]:
        """Return its tags."""
        ...

    def tag(self, name: str, tags: dict[str, str]) -> None:
        """Set some of them."""
        ...

    def untag(self, name: str, *keys: str) -> None:
        """Take some away."""
        ...

    def take(self, name: str, owner_id: str) -> None:
        """Make it another stack's: its mark, wherever the store keeps it, names that owner."""
        ...

    def delete(self, name: str) -> None:
        """Remove it at once."""
        ...

    def exists(self, name: str) -> bool:
        """Whether readers may still get it, in a deletion window or not."""
        ...


MARK_TAG = "model-studio-mark"


class KmsHand:
    """KMS secrets."""

    def __init__(self, client: Any, region: str) -> None:
        self._kms = client
        self._where = {"region_id": region, "resource_type": "secret"}

    def create(self, name: str, data: str, tags: dict[str, str] | None = None, *, mark: str = "") -> None:
        self._kms.create_secret(kms_models.CreateSecretRequest(secret_name=name, secret_data=data, version_id="v0"))
        tags = (tags or {}) | ({MARK_TAG: mark} if mark else {})
        if tags:
            self.tag(name, tags)

    def put(self, name: str, data: str) -> None:
        version = f"foreign-{len(self.versions(name))}"
        self._kms.put_secret_value(
            kms_models.PutSecretValueRequest(secret_name=name, version_id=version, secret_data=data)
        )

    def versions(self, name: str) -> list[str]:
        """Return the ids of the versions that are kept."""
        request = kms_models.ListSecretVersionIdsRequest(secret_name=name, include_deprecated="true", page_size=100)
        return [str(v.version_id) for v in self._kms.list_secret_version_ids(request).body.version_ids.version_id]

    def read(self, name: str) -> str | None:
        try:
            return str(self._kms.get_secret_value(kms_models.GetSecretValueRequest(secret_name=name)).body.secret_data)
        except ClientException as error:
            if error.code != "Forbidden.ResourceNotFound":
                raise
            return None

    def tags(self, name: str) -> dict[str, str]:
        request = kms_models.ListTagResourcesRequest(resource_id=[name], **self._where)
        found = self._kms.list_tag_resources(request).body.tag_resources.tag_resource
        return {str(tag.tag_key): str(tag.tag_value) for tag in found}

    def tag(self, name: str, tags: dict[str, str]) -> None:
        given = [kms_models.TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()]
        self._kms.tag_resources(kms_models.TagResourcesRequest(resource_id=[name], tag=given, **self._where))

    def untag(self, name: str, *keys: str) -> None:
        request = kms_models.UntagResourcesRequest(resource_id=[name], tag_key=list(keys), **self._where)
        self._kms.untag_resources(request)

    def take(self, name: str, owner_id: str) -> None:
        self.tag(name, {MARK_TAG: owner_id + self.tags(name)[MARK_TAG][16:]})

    def delete(self, name: str) -> None:
        request = kms_models.DeleteSecretRequest(secret_name=name, force_delete_without_recovery="true")
        self._kms.delete_secret(request)

    def planned(self, name: str) -> str:
        """Return when it will be gone, "" unless it is in its deletion window."""
        request = kms_models.DescribeSecretRequest(secret_name=name)
        return str(self._kms.describe_secret(request).body.planned_delete_time or "")

    def exists(self, name: str) -> bool:
        try:
            self._kms.describe_secret(kms_models.DescribeSecretRequest(secret_name=name))
        except ClientException as error:
            if error.code != "Forbidden.ResourceNotFound":
                raise
            return False
        return True


class OosHand:
    """OOS secret parameters."""

    def __init__(self, client: Any, region: str) -> None:
        self._oos = client
        self._where = {"region_id": region, "resource_type": "secretparameter"}

    def create(self, name: str, data: str, tags: dict[str, str] | None = None, *, mark: str = "") -> None:
        tags = (tags or {}) | ({MARK_TAG: mark} if mark else {})
        request = oos_models.CreateSecretParameterRequest(
            name=name, type="Secret", value=data, tags=tags, description=f"g1r1-x {mark}" if mark else "by hand"
        )
        self._oos.create_secret_parameter(request)

    def put(self, name: str, data: str) -> None:
        self._oos.update_secret_parameter(oos_models.UpdateSecretParameterRequest(name=name, value=data))

    def read(self, name: str) -> str | None:
        found = self._get(name)
        return None if found is None else str(found.value)

    def description(self, name: str) -> str:
        """Return its description, where the mark stands too."""
        return str(self._get(name).description)

    def tags(self, name: str) -> dict[str, str]:
        request = oos_models.ListTagResourcesRequest(resource_ids=[name], **self._where)
        found = self._oos.list_tag_resources(request).body.tag_resources.tag_resource
        return {str(tag.tag_key): str(tag.tag_value) for tag in found if tag.resource_id == name}

    def tag(self, name: str, tags: dict[str, str]) -> None:
        self._oos.tag_resources(oos_models.TagResourcesRequest(resource_ids=[name], tags=tags, **self._where))

    def untag(self, name: str, *keys: str) -> None:
        self._oos.untag_resources(
            oos_models.UntagResourcesRequest(resource_ids=[name], tag_keys=list(keys), **self._where)
        )

    def take(self, name: str, owner_id: str) -> None:
        mark = owner_id + self.tags(name)[MARK_TAG][16:]
        self.tag(name, {MARK_TAG: mark})
        found = self._get(name)
        request = oos_models.UpdateSecretParameterRequest(name=name, value=found.value, description=f"g1r1-x {mark}")
        self._oos.update_secret_parameter(request)

    def delete(self, name: str) -> None:
        self._oos.delete_secret_parameter(oos_models.DeleteSecretParameterRequest(name=name))

    def exists(self, name: str) -> bool:
        return self._get(name) is not None

    def _get(self, name: str) -> Any:
        request = oos_models.GetSecretParameterRequest(name=name, with_decryption=True)
        try:
            return self._oos.get_secret_parameter(request).body.parameter
        except ClientException as error:
            if error.code != "EntityNotExists.Parameter":
                raise
            return None


class Console:
    """Somebody with access to the account."""

    def __init__(self, emulator: EmulatorProcess, region: str = "cn-beijing") -> None:
        env = emulator.env()
        config = Config(
            access_key_id=env["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            region_id=region,
            protocol="HTTP",
            endpoint=f"127.0.0.1:{emulator.regions[region]}",
        )
        self.studio: Any = ModelStudioClient(config)
        self.kms: Any = KmsClient(config)
        self.secrets: dict[str, SecretHand] = {
            "kms": KmsHand(self.kms, region),
            "oos": OosHand(OosClient(config), region),
        }
        """Another hand on secrets, by store."""

    def workspaces(self) -> dict[str, str]:
        """Return name by id, the default workspace left out."""
        found: dict[str, str] = {}
        token: Any = None
        while True:
            body = self.studio.list_workspaces(models.ListWorkspacesRequest(next_token=token)).body
            found |= {w.workspace_id: w.workspace_name for w in body.workspaces or []}
            token = body.next_token
            if not token:
                return {i: n for i, n in found.items() if "default" not in n.lower()}

    def create_workspace(self, name: str) -> str:
        return str(
            self.studio.create_workspace(models.CreateWorkspaceRequest(workspace_name=name)).body.workspace.workspace_id
        )

    def delete_workspace(self, workspace: str) -> None:
        self.studio.delete_workspace(workspace, models.DeleteWorkspaceRequest())

    def keys(self, workspace: str) -> dict[str, Any]:
        """Return the keys of a workspace by id."""
        found: dict[str, Any] = {}
        token: Any = None
        while True:
            request = models.ListApiKeysRequest(workspace_id=workspace, next_token=token)
            body = self.studio.list_api_keys(request).body
            found |= {str(k.api_key_id): k for k in body.api_keys or []}
            token = body.next_token
            if not token:
                return found

    def create_key(self, workspace: str, description: str) -> Any:
        request = models.CreateApiKeyRequest(workspace_id=workspace, description=description)
        return self.studio.create_api_key(request).body.api_key

    def delete_key(self, key_id: str) -> None:
        self.studio.delete_api_key(key_id)

    def disable_key(self, key_id: str) -> None:
        self.studio.disable_api_key(key_id, models.DisableApiKeyRequest())

    def enable_key(self, key_id: str) -> None:
        self.studio.enable_api_key(key_id, models.EnableApiKeyRequest())

    def scope_key(self, key_id: str, *accessible: str) -> None:
        scope = models.UpdateApiKeyRequestAuthModelAccessScope(
            allow_all_models=False, accessible_models=list(accessible)
        )
        auth = models.UpdateApiKeyRequestAuth(type="Custom", access_ips=["0.0.0.0/0"], model_access_scope=scope)
        self.studio.update_api_key(key_id, models.UpdateApiKeyRequest(auth=auth))

    def describe_key(self, key_id: str, description: str) -> None:
        self.studio.update_api_key(key_id, models.UpdateApiKeyRequest(description=description))

    def allow_models(self, workspace: str, *names: str) -> None:
        """Let a workspace call some models, or all."""
        items = [models.UpdateModelPermissionsRequestModels(model=name, inference=True) for name in names]
        switch = "KEEP" if names else "OPEN"
        request = models.UpdateModelPermissionsRequest(workspace_id=workspace, access_all_entities=switch, models=items)
        self.studio.update_model_permissions(request)

    def permitted(self, workspace: str) -> list[str]:
        """Return the models that a workspace may call."""
        found: list[str] = []
        token: Any = None
        while True:
            request = models.ListModelPermissionsRequest(
                workspace_id=workspace, authorization_scope="AUTHORIZED", model_action="INFERENCE", next_token=token
            )
            body = self.studio.list_model_permissions(request).body
            found += [str(item.model) for item in body.list or []]
            token = body.next_token
            if not token:
                return sorted(found)

    def create_secret(self, name: str) -> None:
        request = kms_models.CreateSecretRequest(secret_name=name, secret_data="{}", version_id="v0")
        self.kms.create_secret(request)

    def put_secret(self, name: str, version: str, data: str) -> None:
        request = kms_models.PutSecretValueRequest(secret_name=name, version_id=version, secret_data=data)
        self.kms.put_secret_value(request)

    def secret(self, name: str, version: str = "") -> tuple[str, str]:
        """Return version and data of what readers get, of the current version where none is asked for."""
        request = kms_models.GetSecretValueRequest(secret_name=name)
        if version:
            request.version_id = version
        body = self.kms.get_secret_value(request).body
        return str(body.version_id), str(body.secret_data)

    def delete_secret(self, name: str, *, window_days: int = 0) -> None:
        """Delete at once, or with a recovery window."""
        request = (
            kms_models.DeleteSecretRequest(secret_name=name, recovery_window_in_days=str(window_days))
            if window_days
            else kms_models.DeleteSecretRequest(secret_name=name, force_delete_without_recovery="true")
        )
        self.kms.delete_secret(request)
