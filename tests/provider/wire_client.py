"""Talks to the plugin as the engine does: over gRPC, with marked secrets and unknowns."""

from dataclasses import dataclass, field
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from provider.plugin import Plugin
from provider.values import Decoded, Values, decode, encode
from provider.wire import serve


class WireError(Exception):
    """What the engine would print."""

    def __init__(self, error: Any) -> None:
        self.details: str = error.details() or ""
        self.partly: pb.ErrorResourceInitFailed | None = None
        metadata: list[tuple[str, bytes]] = list(error.trailing_metadata() or ())
        for name, value in metadata:
            if name == "grpc-status-details-bin":
                self.partly = _unpacked(value)
        super().__init__(self.details)

    def half_made(self, type_: str, name: str) -> "Resource":
        """Return the resource that was partly made, as the engine records it."""
        assert self.partly is not None, self.details
        state, inputs = decode(self.partly.properties), decode(self.partly.inputs).values
        secrets = state.secrets
        return Resource(type_, name, id=self.partly.id, inputs=inputs, state=state.values, secrets=secrets)


@dataclass
class Resource:
    """One resource as the engine keeps it: inputs and outputs, and what is secret in them."""

    type: str
    name: str
    id: str = ""
    inputs: Values = field(default_factory=dict[str, Any])
    state: Values = field(default_factory=dict[str, Any])
    secrets: frozenset[str] = frozenset()
    stack: str = "test"
    inference: str = ""
    """Prefix of the double's inference hosts, in whose address space it was made."""

    @property
    def urn(self) -> str:
        return f"urn:pulumi:{self.stack}::model-studio::{self.type}::{self.name}"


class Wire:
    """The plugin's server with a client on it. `inference`: prefix of the double's inference hosts."""

    def __init__(self, plugin: Plugin, inference: str = "") -> None:
        self.plugin = plugin
        self.inference = inference
        self.server, port = serve(plugin, None)
        self.warnings: list[str] = []
        """What was shown beside resources, by this wire's plugin."""
        plugin.warn = lambda _urn, text: self.warnings.append(text)
        self.told: list[str] = []
        """What was shown beside resources that is no reason to worry."""
        plugin.info = lambda _urn, text: self.told.append(text)
        self.logged: list[str] = []
        """What stands in the engine's log alone."""
        plugin.debug = lambda _urn, text: self.logged.append(text)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def close(self) -> None:
        self._channel.close()
        self.server.stop(0).wait()

    def call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            raise WireError(error) from None

    def configure(self, args: Values) -> None:
        self.call("Configure", pb.ConfigureRequest(args=encode(args), acceptSecrets=True))

    def check(self, resource: Resource, news: Values) -> tuple[Values, dict[str, str]]:
        """Return completed inputs and refusals by property."""
        olds = encode(resource.inputs) if resource.id else None
        answer = self.call("Check", pb.CheckRequest(urn=resource.urn, news=encode(news), olds=olds))
        assert not [f.property for f in answer.failures if f.property], "the engine would print its value"
        said = (f.reason.partition(": ") for f in answer.failures)
        return decode(answer.inputs).values, {name: reason for name, _, reason in said}

    def diff(self, resource: Resource, news: Values) -> dict[str, str]:
        """Return what would change, by property: UPDATE or UPDATE_REPLACE."""
        request = pb.DiffRequest(
            id=resource.id,
            urn=resource.urn,
            olds=encode(resource.state),
            news=encode(news),
            old_inputs=encode(resource.inputs),
        )
        answer = self.call("Diff", request)
        assert (answer.changes == pb.DiffResponse.DIFF_SOME) == bool(answer.detailedDiff)
        return {name: pb.PropertyDiff.Kind.Name(d.kind) for name, d in answer.detailedDiff.items()}

    def preview(self, type_: str, name: str, news: Values) -> Decoded:
        """Return the state that a preview of a create shows."""
        request = pb.CreateRequest(urn=Resource(type_, name).urn, properties=encode(news), preview=True)
        return decode(self.call("Create", request).properties)

    def create(self, type_: str, name: str, news: Values, *, stack: str = "test") -> Resource:
        """Check and create; refusals are raised."""
        resource = Resource(type_, name, stack=stack, inference=self.inference)
        inputs, failures = self.check(resource, news)
        assert not failures, failures
        answer = self.call("Create", pb.CreateRequest(urn=resource.urn, properties=encode(inputs)))
        decoded = decode(answer.properties)
        resource.id, resource.inputs, resource.state = answer.id, inputs, decoded.values
        resource.secrets = decoded.secrets
        return resource

    def refresh(self, resource: Resource) -> bool:
        """Read back into `resource`; False when it is gone."""
        request = pb.ReadRequest(
            id=resource.id, urn=resource.urn, properties=encode(resource.state), inputs=encode(resource.inputs)
        )
        answer = self.call("Read", request)
        if not answer.id:
            return False
        decoded = decode(answer.properties)
        resource.id, resource.state, resource.inputs = answer.id, decoded.values, decode(answer.inputs).values
        resource.secrets = decoded.secrets
        return True

    def up(self, resource: Resource, news: Values) -> dict[str, str]:
        """Check, diff and, where needed, update; return the diff."""
        inputs, failures = self.check(resource, news)
        assert not failures, failures
        changed = self.diff(resource, inputs)
        if changed:
            assert "UPDATE_REPLACE" not in changed.values(), changed
            decoded = decode(self.call("Update", self._update(resource, inputs)).properties)
            resource.inputs, resource.state, resource.secrets = inputs, decoded.values, decoded.secrets
        return changed

    def preview_up(self, resource: Resource, news: Values) -> Values:
        """Check, diff and, where needed, preview the update; return the state that it shows."""
        inputs, failures = self.check(resource, news)
        assert not failures, failures
        if not self.diff(resource, inputs):
            return resource.state
        return decode(self.call("Update", self._update(resource, inputs, preview=True)).properties).values

    def finish(self, resource: Resource) -> None:
        """Update without a change, as the engine does for what was partly made."""
        resource.state = decode(self.call("Update", self._update(resource, resource.inputs)).properties).values

    @staticmethod
    def _update(resource: Resource, inputs: Values, *, preview: bool = False) -> pb.UpdateRequest:
        return pb.UpdateRequest(
            id=resource.id,
            urn=resource.urn,
            olds=encode(resource.state),
            news=encode(inputs),
            old_inputs=encode(resource.inputs),
            preview=preview,
        )

    def delete(self, resource: Resource) -> None:
        request = pb.DeleteRequest(
            id=resource.id, urn=resource.urn, properties=encode(resource.state), old_inputs=encode(resource.inputs)
        )
        self.call("Delete", request)


def _unpacked(value: bytes) -> pb.ErrorResourceInitFailed:
    from google.rpc.status_pb2 import Status  # noqa: PLC0415 - only when something was partly made

    status = Status.FromString(value)
    detail = pb.ErrorResourceInitFailed()
    status.details[0].Unpack(detail)
    return detail
