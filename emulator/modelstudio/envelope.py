"""How the control plane answers, in one place.

Two kinds of refusal. What the gateway refuses (credentials, signature, unknown action, throttling) has a real status
and PascalCase fields, like every product's. What the product itself refuses (a limit, an unknown id, a bad value)
comes as HTTP 200 with `success: false`, `code`, `message` and the would-be status in `httpStatusCode`: the response
schema has these fields and the vendor's documents do not say which it is, so the reading that is easiest to overlook
is the default here. The setting `refusals_in_200: false` gives it its own status.

Codes that no document names are the emulator's own; only their kind counts.
"""

from collections.abc import Callable
from typing import Literal

from emulator.openapi import Answer, Call, Json, Operation, Refusal
from emulator.state import Workspace

VERSION = "2026-02-10"

Method = Literal["GET", "POST", "PUT", "DELETE"]


class ProductRefusal(Exception):
    """A refusal by the product; `status` is the would-be one."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def invalid(name: str, why: str) -> ProductRefusal:
    """Return the refusal of a parameter."""
    return ProductRefusal(400, f"InvalidParameter.{name}", f"{name}: {why}")


def operation(
    action: str, method: Method, path: str, run: Callable[[Call], Json], *, message: str = "message"
) -> Operation:
    """Make an operation whose handler returns the payload; `message` is the field that the envelope's text is in."""

    def enveloped(call: Call, request_id: str) -> Answer:
        try:
            payload = run(call)
        except (ProductRefusal, Refusal) as refusal:
            # A bad page or boolean is found by shared code but is the product's to refuse.
            body: Json = {"code": refusal.code, "httpStatusCode": refusal.status, message: refusal.message}
            status = 200 if call.store.settings.refusals_in_200 else refusal.status
            return Answer(status=status, body=body | {"requestId": request_id, "success": False})
        text = "success" if message == "message" else ""
        body = {"code": "200", "httpStatusCode": 200, message: text, "requestId": request_id, "success": True}
        return Answer(status=200, body=body | payload)

    return Operation(
        product="modelstudio",
        version=VERSION,
        action=action,
        method=method,
        path=f"/modelstudio{path}",
        run=enveloped,
    )


def workspace_of(call: Call, workspace_id: str) -> Workspace:
    """Return a workspace of the call's region. Raises ProductRefusal."""
    for workspace in call.store.state.workspaces:
        if workspace.workspace_id == workspace_id and workspace.region == call.region:
            return workspace
    raise ProductRefusal(404, "WorkspaceNotFound", f"A workspace with ID {workspace_id} does not exist.")
