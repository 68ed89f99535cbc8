"""Other hands: what somebody does in the console, done with the vendor's generated clients."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# They ship no types.

from typing import Any

from alibabacloud_kms20160120 import models as kms_models
from alibabacloud_kms20160120.client import Client as KmsClient
from alibabacloud_modelstudio20260210 import models
from alibabacloud_modelstudio20260210.client import Client as ModelStudioClient
from alibabacloud_tea_openapi.utils_models import Config

from tests.emulator_process import EmulatorProcess


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
