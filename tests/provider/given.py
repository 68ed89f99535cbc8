"""What tests of the resources start from: type names, inputs, and what the services received."""

from typing import Any

from tests.emulator_process import EmulatorProcess
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource

OWNER, WORKSPACE, PERMISSIONS, KEY, BROUGHT, CHECK, VERSION, RETIREMENT = (
    f"modelstudio:index:{name}"
    for name in (
        "Owner",
        "Workspace",
        "ModelPermissions",
        "ApiKey",
        "BroughtKey",
        "PairCheck",
        "SecretVersion",
        "KeyRetirement",
    )
)
OWNER_ID = "0123456789abcdef"
REGION = "cn-beijing"
DAY = 86400
STACK = {"organization": "o", "project": "model-studio", "stack": "test"}


def workspace_inputs(**more: Any) -> dict[str, Any]:
    return {"regionId": REGION, "ownerId": OWNER_ID, "logicalName": "chat", **more}


def key_inputs(workspace: Resource, **more: Any) -> dict[str, Any]:
    return {"regionId": REGION, "workspaceId": workspace.state["workspaceId"], "ownerId": OWNER_ID, **more}


def plan_inputs(key: str, **more: Any) -> dict[str, Any]:
    """Inputs of an ApiKey that stands for a plan's key."""
    return {"regionId": REGION, "workspaceId": "", "ownerId": OWNER_ID, "brought": key, **more}


def brought_inputs(**more: Any) -> dict[str, Any]:
    """A coding plan's key from the configuration; None takes an input out."""
    plan = {"regionId": REGION, "domain": "coding_plan", "urlRegion": REGION, "key": "sk-sp-test.a1", **more}
    return {name: value for name, value in plan.items() if value is not None}


def facts_of(workspace: Resource, **more: str) -> dict[str, str]:
    return {
        "MODEL_STUDIO_GENERATION": "1",
        "MODEL_STUDIO_REGION": workspace.state["regionId"],
        "MODEL_STUDIO_WORKSPACE_ID": workspace.state["workspaceId"],
        "MODEL_STUDIO_DOMAIN": "dedicated",
        **more,
    }


def check_inputs(emulator: EmulatorProcess, workspace: Resource, key: Resource, **more: Any) -> dict[str, Any]:
    url = f"{emulator.url}/_host/{workspace.state['apiHost']}"
    return {
        "apiKey": key.state["value"],
        "urls": {
            "openai": f"{url}/compatible-mode/v1",
            "anthropic": f"{url}/apps/anthropic",
            "dashscope": f"{url}/api/v1",
        },
        "facts": facts_of(workspace),
        "keyId": key.state["keyId"],
        "prefix": emulator.inference,
        **more,
    }


def retirement_inputs(key: Resource, **more: Any) -> dict[str, Any]:
    """Return what the component would pass on when every sink was delivered to."""
    return {
        "ownerId": OWNER_ID,
        "generation": key.state["generation"],
        "keyId": key.state["keyId"],
        "held": {"kms:cn-beijing/gw": f"g{key.state['generation']}r1"},
        "superseded": key.state["supersededKeys"],
        "overlap": 7 * DAY,
        "soak": 2 * DAY,
        **more,
    }


def operations(emulator: EmulatorProcess, *names: str) -> list[str]:
    """Return the operations received, or those of some names."""
    calls = [call["operation"] for call in emulator.calls()]
    return [name for name in calls if not names or name in names]


def disabled(console: Console, workspace: Resource) -> list[str]:
    return sorted(i for i, key in console.keys(workspace.state["workspaceId"]).items() if key.disabled)


def live(console: Console, workspace: Resource) -> list[str]:
    return sorted(console.keys(workspace.state["workspaceId"]))
