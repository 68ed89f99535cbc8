"""Typed helpers around `pulumi.runtime`'s untyped test API: a recorder that stands for the engine."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, cast

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor

from catalogue.record import GENERATION_NAME, REVISION_NAME, config_record, facts
from provider.resource import Urn
from provider.stores.written import place_of

P = ParamSpec("P")
T = TypeVar("T")


def pulumi_test(fn: Callable[P, object]) -> Callable[P, None]:
    """`pulumi.runtime.test` with types: drains registrations, awaits the result."""
    runtime = cast("Any", pulumi.runtime)
    return cast("Callable[P, None]", runtime.test(fn))


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One registration as the engine would have seen it, secrets unwrapped."""

    typ: str
    name: str
    inputs: Mapping[str, Any]
    secret_inputs: frozenset[str]


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""The published mark of a secret value."""

DIGEST = "ab12cd34ef56ab78"
COMPUTED: dict[str, dict[str, Any]] = {
    "modelstudio:index:Owner": {"ownerId": "0123456789abcdef"},
    "modelstudio:index:Workspace": {"workspaceId": "ws-1", "created": True},
    "modelstudio:index:ApiKey": {
        "keyId": "7",
        "generation": 2,
        "createdBy": "1234567890123456",
        "createdAt": "2026-11-23T10:00:00Z",
        "present": True,
        "rotateAfter": "",
        "superseded": [],
        "fingerprint": "f" * 32,
        "stored": "v-2",
        "series": "5" * 16,
        "outcome": "verified",
        "verifiedAt": "2026-11-23T10:00:00Z",
        "digest": DIGEST,
        "revision": 3,
    },
    "modelstudio:index:KeyRetirement": {
        "keys": [
            {"generation": 1, "keyId": "6", "phase": "overlap", "until": "2026-11-30T10:00:00Z"},
            {"generation": 2, "keyId": "5", "phase": "left", "until": ""},
        ],
        "next": "2026-11-30T10:00:00Z",
    },
    "modelstudio:index:SecretPlace": {"claim": "c" * 16, "found": "absent", "tagged": True},
}


def computed(typ: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what the plugin would add to the inputs of a resource."""
    outputs = dict(COMPUTED.get(typ, {}))
    match typ.rpartition(":")[2]:
        case "Workspace":
            outputs["apiHost"] = f"llm-1.{given['regionId']}.maas.aliyuncs.com"
        case "ApiKey":
            outputs |= _key(given)
        case "SecretVersion":
            record = given["record"]
            outputs["held"] = f"g{record[GENERATION_NAME]}r{record[REVISION_NAME]}"
        case _:
            pass
    return outputs


def _key(given: dict[str, Any]) -> dict[str, Any]:
    vault, is_existing = given.get("vault"), bool(given.get("existingKey") or given.get("existingAt"))
    said = facts(
        given["urls"],
        workspace_id=given["workspaceId"],
        region=given.get("urlRegion") or given["regionId"],
        domain=given["domain"],
        generation=2,
        key_id="" if is_existing else "7",
    )
    pointer = f"{place_of(vault)}@g2r3-{DIGEST[:8]}" if vault else ""
    return {
        "record": config_record(said, revision=3, digest=DIGEST, pointer=pointer),
        "held": "g2r3" if vault else "",
        **({"keyId": ""} if is_existing else {}),
        **({"value": SECRET | {"value": "sk-ws-test.a1"}} if given.get("keepValue") else {}),
    }


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Answers every registration with its inputs and what the plugin would add."""

    preview: bool = False
    seen: list[Registered] = field(default_factory=list[Registered])
    waits: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By name, the names of the resources that it is made after."""
    providers: dict[str, str] = field(default_factory=dict[str, str])
    """Name of the provider that each was given to, by type; only those that were given to one."""
    protected: set[str] = field(default_factory=set[str])
    parents: dict[str, str] = field(default_factory=dict[str, str])
    """Name of the parent that each has, by name; only those that have one."""
    requests: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the SDK sent, by name."""

    def start(self) -> None:
        """Stand for the engine from now on."""
        monitor = _Monitor(self)
        pulumi.runtime.set_mocks(self, project="model-studio", stack="test", preview=self.preview, monitor=monitor)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raw = cast("dict[str, Any]", cast("Any", args).inputs)
        secret = frozenset(k for k, v in raw.items() if rpc.is_rpc_secret(v))
        plain = {k: rpc.unwrap_rpc_secret(v) for k, v in raw.items()}
        self.seen.append(Registered(typ=args.typ, name=args.name, inputs=plain, secret_inputs=secret))
        if self.preview:
            return None, dict(raw)
        return f"{args.name}-id", {**raw, **computed(args.typ, plain)}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"unexpected invoke {args.token}")

    def of(self, typ: str) -> list[Registered]:
        """Return the registrations of a type."""
        return [r for r in self.seen if r.typ == typ]

    def only(self, typ: str) -> Registered:
        """Return the single registration of a type."""
        found = self.of(typ)
        assert len(found) == 1, f"expected one {typ}, saw {[(r.typ, r.name) for r in self.seen]}"
        return found[0]


class _Monitor(MockMonitor):
    """Notes what mocks are not told."""

    mocks: Recorder  # pyright: ignore[reportIncompatibleVariableOverride] - narrower, and set once

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the base class calls it so
        self.mocks.waits[request.name] = {Urn.parse(urn).name for urn in request.dependencies}
        if request.provider:
            self.mocks.providers[request.type] = request.provider.split("::")[-2]
        self.mocks.requests[request.name] = request
        if request.parent and "pulumi:pulumi:Stack" not in request.parent.rpartition("$")[2]:
            self.mocks.parents[request.name] = Urn.parse(request.parent).name
        if request.protect:
            self.mocks.protected.add(request.name)
        return cast("Any", super()).RegisterResource(request)


async def value_of(out: pulumi.Output[T]) -> T | None:
    """Resolve an output; None when it is unknown."""
    return await cast("Awaitable[T | None]", out.future())
