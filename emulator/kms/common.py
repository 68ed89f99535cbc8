"""What all KMS operations share."""

import re
from collections.abc import Callable

from emulator.openapi import Answer, Call, Json, Operation, Refusal
from emulator.state import Secret

VERSION = "2016-01-20"

CURRENT, PREVIOUS = "ACSCurrent", "ACSPrevious"

_ARN = re.compile(r"acs:kms:[^:]+:[^:]+:secret/(.+)")


def operation(action: str, run: Callable[[Call], Json]) -> Operation:
    """Make an operation whose handler returns the payload."""

    def enveloped(call: Call, request_id: str) -> Answer:
        _purge(call)
        return Answer(status=200, body={"RequestId": request_id} | run(call))

    return Operation(product="kms", version=VERSION, action=action, run=enveloped)


def existing(call: Call) -> Secret:
    """Return the secret that the call names, by name or ARN; it may be in its deletion window. Raises Refusal."""
    given = call.required("SecretName")
    arn = _ARN.fullmatch(given)
    name = arn[1] if arn else given
    for secret in call.store.state.secrets:
        if secret.name == name and secret.region == call.region:
            return secret
    raise Refusal(404, "Forbidden.ResourceNotFound", "Resource not found.")


def usable(call: Call) -> Secret:
    """Return the secret that the call names unless it is in its deletion window. Raises Refusal."""
    secret = existing(call)
    if secret.planned_delete is not None:
        raise in_delete_window()
    return secret


def in_delete_window() -> Refusal:
    """Return the refusal of what is planned to be deleted."""
    return Refusal(409, "Rejected.ResourceInDeleteWindow", "The secret is planned to be deleted.")


def exists_already() -> Refusal:
    """Return the refusal of a name or version that is taken."""
    return Refusal(409, "Rejected.ResourceExist", "The resource already exists.")


def invalid(name: str) -> Refusal:
    """Return the refusal of a parameter."""
    return Refusal(400, "InvalidParameter", f"The specified parameter {name} is not valid.")


def page_numbers(call: Call, size: int) -> tuple[int, int]:
    """Return page number (from 1) and page size; `size` is the default. Raises Refusal."""
    number, wanted = call.get("PageNumber") or "1", call.get("PageSize") or str(size)
    if not (number.isdigit() and wanted.isdigit() and int(number) > 0 and 0 < int(wanted) <= 100):
        raise invalid("PageNumber or PageSize")
    return int(number), int(wanted)


def _purge(call: Call) -> None:
    """Drop the secrets whose deletion window has ended."""
    now = call.store.now()
    state = call.store.state
    state.secrets = [s for s in state.secrets if s.planned_delete is None or s.planned_delete > now]
