"""`/_admin/...`: what tests ask of the emulator, and what no real service has."""

import json
import os
import secrets
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.calls import CallLog
from emulator.faults import Fault, Faults
from emulator.hosts import Plan
from emulator.inference.replay import Replays
from emulator.settings import Settings
from emulator.state import PlanKey, RamUser, Store


class _PlanKeyRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    plan: Plan
    region: str


class Admin:
    """The admin endpoints."""

    def __init__(
        self, store: Store, calls: CallLog, faults: Faults, replays: Replays, stop: Callable[[], None]
    ) -> None:
        self._store = store
        self._calls = calls
        self._faults = faults
        self._replays = replays
        self._stop = stop

    def routes(self) -> list[Route]:
        """Return what is mounted at `/_admin`."""
        return [
            Route("/calls", self._get_calls),
            Route("/faults", self._get_faults, methods=["GET"]),
            Route("/faults", self._post_fault, methods=["POST"]),
            Route("/faults", self._delete_faults, methods=["DELETE"]),
            Route("/replay", self._post_replay, methods=["POST"]),
            Route("/replay", self._delete_replay, methods=["DELETE"]),
            Route("/state", self._get_state),
            Route("/settings", self._get_settings, methods=["GET"]),
            Route("/settings", self._post_settings, methods=["POST"]),
            Route("/plan-keys", self._post_plan_key, methods=["POST"]),
            Route("/ram-users", self._post_ram_user, methods=["POST"]),
            Route("/ram-users/{user_id}", self._delete_ram_user, methods=["DELETE"]),
            Route("/identity", self._get_identity),
            Route("/stop", self._post_stop, methods=["POST"]),
        ]

    async def _get_calls(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdigit():
            return _bad("since is not a number")
        return JSONResponse({"calls": [call.model_dump() for call in self._calls.since(int(since))]})

    async def _get_faults(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        return JSONResponse({"faults": [fault.model_dump() for fault in self._faults.active]})

    async def _post_fault(self, request: Request) -> Response:
        try:
            fault = Fault.model_validate_json(await request.body())
        except ValidationError as exc:
            return _bad(str(exc))
        self._faults.active.append(fault)
        return JSONResponse(fault.model_dump())

    async def _delete_faults(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        self._faults.active.clear()
        return JSONResponse({"faults": []})

    async def _post_replay(self, request: Request) -> Response:
        """Add recorded answers."""
        try:
            added = self._replays.add(await request.body())
        except ValidationError as exc:
            return _bad(str(exc))
        return JSONResponse({"added": added})

    async def _delete_replay(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        self._replays.clear()
        return JSONResponse({"added": 0})

    async def _get_settings(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        return JSONResponse(self._store.settings.model_dump())

    async def _post_settings(self, request: Request) -> Response:
        """Change the settings given and keep the others."""
        try:
            given: Any = json.loads(await request.body())
            settings = Settings.model_validate({**self._store.settings.model_dump(), **given})
        except (ValueError, TypeError) as exc:
            return _bad(str(exc))
        self._store.state.settings = settings
        self._store.save()
        return JSONResponse(settings.model_dump())

    async def _post_plan_key(self, request: Request) -> Response:
        """Register a key of a subscription plan; the service has no call that this double could offer for it."""
        try:
            asked = _PlanKeyRequest.model_validate_json(await request.body())
        except ValidationError as exc:
            return _bad(str(exc))
        key = PlanKey(value=f"sk-sp-{secrets.token_hex(8)}", plan=asked.plan, region=asked.region)
        self._store.state.plan_keys.append(key)
        self._store.save()
        return JSONResponse({"plan": key.plan, "region": key.region, "value": key.value})

    async def _post_ram_user(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        """Make a RAM user that may do everything, with one access key."""
        made = RamUser(
            user_id=f"2{secrets.randbelow(10**17):017d}",
            access_key_id=f"emulator-user-{secrets.token_hex(4)}",
            secret=secrets.token_hex(16),
        )
        self._store.state.ram_users.append(made)
        self._store.save()
        return JSONResponse(made.model_dump())

    async def _delete_ram_user(self, request: Request) -> Response:
        """Delete a RAM user, and with it its API keys ("API keys" page: they die with the user).

        Whether they are still listed afterwards is not said; here they are not.
        """
        state, user_id = self._store.state, request.path_params["user_id"]
        if all(user.user_id != user_id for user in state.ram_users):
            return _bad("there is no such user")
        state.ram_users = [user for user in state.ram_users if user.user_id != user_id]
        state.keys = [key for key in state.keys if key.created_by != user_id]
        self._store.save()
        return JSONResponse({"deleted": user_id})

    async def _get_identity(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        return JSONResponse({"instance": self._store.state.instance, "pid": os.getpid()})

    async def _post_stop(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        self._stop()
        return JSONResponse({"stopping": True})

    async def _get_state(self, request: Request) -> Response:  # noqa: ARG002 - the signature of an endpoint
        """Show what exists, without any value of a key or secret."""
        state = self._store.state
        shown: dict[str, list[dict[str, Any]]] = {
            "workspaces": [
                w.model_dump(exclude={"visibility"})
                | {"keys": sum(k.workspace_id == w.workspace_id for k in state.keys)}
                for w in state.workspaces
            ],
            "keys": [k.model_dump(exclude={"value", "former", "visibility"}) for k in state.keys],
            "plan_keys": [k.model_dump(exclude={"value"}) for k in state.plan_keys],
            "secrets": [
                s.model_dump(exclude={"versions"}) | {"versions": [v.model_dump(exclude={"data"}) for v in s.versions]}
                for s in state.secrets
            ],
            "namespaces": [n.model_dump() for n in state.namespaces],
            "config_maps": [m.model_dump() for m in state.config_maps],
            "mse_instances": [i.model_dump() for i in state.mse_instances],
            "nacos_configs": [c.model_dump() for c in state.nacos_configs],
            "parameters": [p.model_dump() for p in state.parameters],
            "secret_parameters": [p.model_dump(exclude={"versions", "constraints"}) for p in state.secret_parameters],
            "sessions": [s.model_dump(include={"role", "name", "expires"}) for s in state.sessions],
        }
        return JSONResponse({"counts": {name: len(items) for name, items in shown.items()}} | shown)


def _bad(message: str) -> Response:
    return JSONResponse({"error": message}, 400)
