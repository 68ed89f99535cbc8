"""What tests of the resources start from: type names, inputs, and what the services received."""

from typing import Any

from tests.emulator_process import EmulatorProcess
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource

OWNER, WORKSPACE, PLACE, KEY, VERSION, RETIREMENT = (
    f"modelstudio:index:{name}"
    for name in ("Owner", "Workspace", "SecretPlace", "ApiKey", "SecretVersion", "KeyRetirement")
)
OWNER_ID = "0123456789abcdef"
REGION = "cn-beijing"
DAY = 86400
STACK = {"organization": "o", "project": "model-studio", "stack": "test"}
STORES = ("kms", "oos")
PATHS = {"openai": "/compatible-mode/v1", "anthropic": "/apps/anthropic", "dashscope": "/api/v1"}


def workspace_inputs(**more: Any) -> dict[str, Any]:
    return {"regionId": REGION, "ownerId": OWNER_ID, "logicalName": "chat", **more}


def place_inputs(**more: Any) -> dict[str, Any]:
    """A KMS secret `gw` of the stack, to be made; None takes an input out."""
    given = {"store": "kms", "regionId": REGION, "name": "gw", "ownerId": OWNER_ID, **more}
    return {name: value for name, value in given.items() if value is not None}


def written_at(place: Resource, **form: Any) -> dict[str, Any]:
    """Return what those who write to a claimed place are given."""
    said = {name: place.inputs[name] for name in ("store", "regionId", "name")}
    return said | {name: place.state[name] for name in ("claim", "found")} | form


def place_text(place: Resource) -> str:
    """Return how a place is called in outputs and messages."""
    given = place.inputs
    return f"{'oos-secret' if given['store'] == 'oos' else 'kms'}:{given['regionId']}/{given['name']}"


def urls_of(workspace: Resource, *protocols: str) -> dict[str, str]:
    """Return the base URLs of a workspace's own host, at the double."""
    host = f"{workspace.inference}/{workspace.state['apiHost']}"
    return {protocol: f"{host}{PATHS[protocol]}" for protocol in protocols or PATHS}


def key_inputs(workspace: Resource, place: Resource | None, **more: Any) -> dict[str, Any]:
    """Inputs of a minted key of a workspace, its value in `place`; None takes an input out."""
    given = {
        "regionId": workspace.inputs["regionId"],
        "workspaceId": workspace.state["workspaceId"],
        "ownerId": OWNER_ID,
        "urls": urls_of(workspace),
        "domain": "dedicated",
        "prefix": workspace.inference,
        "vault": written_at(place) if place else None,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def version_inputs(place: Resource, key: Resource, **more: Any) -> dict[str, Any]:
    """Inputs of a further secret of the service of `key`."""
    vault = key.inputs["vault"]
    kind = "oos-secret" if vault["store"] == "oos" else "kms"
    return {
        "place": written_at(place),
        "vault": f"{kind}:{vault['regionId']}/{vault['name']}",
        "vaultVersion": key.state["stored"],
        "fingerprint": key.state["fingerprint"],
        "series": key.state["series"],
        "ownerId": OWNER_ID,
        "record": key.state["record"],
        **more,
    }


def retirement_inputs(key: Resource, **more: Any) -> dict[str, Any]:
    """Return what the component would pass on when every sink was delivered to; the rotation is the default one."""
    return {
        "ownerId": OWNER_ID,
        "generation": key.state["generation"],
        "keyId": key.state["keyId"],
        "held": {"kms:cn-beijing/gw": key.state["held"]},
        "superseded": key.state["superseded"],
        **more,
    }


def operations(emulator: EmulatorProcess, *names: str) -> list[str]:
    """Return the operations received, calls of the inference hosts too, or those of some names."""
    calls = [call["operation"] for call in emulator.calls()]
    return [name for name in calls if not names or name in names]


def disabled(console: Console, workspace: Resource) -> list[str]:
    return sorted(i for i, key in console.keys(workspace.state["workspaceId"]).items() if key.disabled)


def live(console: Console, workspace: Resource) -> list[str]:
    return sorted(console.keys(workspace.state["workspaceId"]))
