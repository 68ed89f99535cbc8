"""The vendor's generated clients, unmodified; one thin wrapper, since they are untyped."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator_process import EmulatorProcess


def _module(name: str) -> Any:
    """Import an untyped module of the vendor's as Any."""
    return import_module(name)


ms: Any = _module("alibabacloud_modelstudio20260210.models")
kms: Any = _module("alibabacloud_kms20160120.models")
oos: Any = _module("alibabacloud_oos20190601.models")
sae: Any = _module("alibabacloud_sae20190506.models")
mse: Any = _module("alibabacloud_mse20190531.models")
sts: Any = _module("alibabacloud_sts20150401.models")

_CLIENTS = {
    "model_studio": "alibabacloud_modelstudio20260210.client",
    "kms": "alibabacloud_kms20160120.client",
    "oos": "alibabacloud_oos20190601.client",
    "sae": "alibabacloud_sae20190506.client",
    "mse": "alibabacloud_mse20190531.client",
    "sts": "alibabacloud_sts20150401.client",
}


class Clients:
    """Clients for one emulator."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator

    def config(self, region: str = "cn-beijing", **more: Any) -> Any:
        given = {
            "access_key_id": "emulator-access-key",
            "access_key_secret": "emulator-access-key-secret",
            "region_id": region,
            "protocol": "HTTP",
            "endpoint": f"127.0.0.1:{self.emulator.regions[region]}",
        }
        return _module("alibabacloud_tea_openapi.utils_models").Config(**(given | more))

    def model_studio(self, region: str = "cn-beijing", **more: Any) -> Any:
        return _module(_CLIENTS["model_studio"]).Client(self.config(region, **more))

    def kms(self, region: str = "cn-beijing", **more: Any) -> Any:
        return _module(_CLIENTS["kms"]).Client(self.config(region, **more))

    def oos(self, region: str = "cn-beijing", **more: Any) -> Any:
        return _module(_CLIENTS["oos"]).Client(self.config(region, **more))

    def sae(self, region: str = "cn-beijing", **more: Any) -> Any:
        return _module(_CLIENTS["sae"]).Client(self.config(region, **more))

    def mse(self, region: str = "cn-beijing", **more: Any) -> Any:
        return _module(_CLIENTS["mse"]).Client(self.config(region, **more))

    def delete_config_map(self, identifier: int) -> None:
        self.sae().delete_config_map(sae.DeleteConfigMapRequest(config_map_id=identifier))

    def sts(self, region: str = "cn-beijing", **more: Any) -> Any:
        return _module(_CLIENTS["sts"]).Client(self.config(region, **more))

    def raw_call(
        self, operation: dict[str, str], body: dict[str, str] | None = None, query: dict[str, str] | None = None
    ) -> Any:
        """Send an operation that the generated clients lack, or in another form than theirs."""
        models = _module("alibabacloud_tea_openapi.utils_models")
        default = {"method": "POST", "auth_type": "AK", "style": "RPC", "body_type": "json", "protocol": "HTTP"}
        params = models.Params(**(default | {"req_body_type": "formData" if body else "json"} | operation))
        client = _module("alibabacloud_tea_openapi.client").Client(self.config())
        runtime = _module("darabonba.runtime").RuntimeOptions()
        return client.call_api(params, models.OpenApiRequest(body=body, query=query), runtime)

    def workspace(self, name: str = "test", region: str = "cn-beijing", *, models: bool = True) -> Any:
        """Make a workspace; let it call every model unless told otherwise."""
        client = self.model_studio(region)
        made = client.create_workspace(ms.CreateWorkspaceRequest(workspace_name=name)).body.workspace
        if models:
            request = ms.UpdateModelPermissionsRequest(workspace_id=made.workspace_id, access_all_entities="OPEN")
            assert client.update_model_permissions(request).body.success is True
        return made

    def key(self, workspace_id: str, region: str = "cn-beijing", description: str = "test", auth: Any = None) -> Any:
        """Make a key; return the answer's body."""
        request = ms.CreateApiKeyRequest(workspace_id=workspace_id, description=description, auth=auth)
        return self.model_studio(region).create_api_key(request).body


def auth(**given: Any) -> Any:
    """An auth of CreateApiKey from `type`, `ips`, `all`, `models`."""
    scope = ms.CreateApiKeyRequestAuthModelAccessScope(
        accessible_models=given.get("models"), allow_all_models=given.get("all")
    )
    return ms.CreateApiKeyRequestAuth(
        access_ips=given.get("ips"), type=given.get("type", "Custom"), model_access_scope=scope
    )


def raised(call: Callable[[], Any]) -> Any:
    """Return the vendor's exception that a call raises."""
    try:
        call()
    except Exception as exc:  # noqa: BLE001 - the vendor's exceptions have no typed base
        return exc
    raise AssertionError("nothing was raised")
