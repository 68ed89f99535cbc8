"""Asks the plugin over gRPC what the engine asks for each command, and keeps the state as the engine does.

What the engine itself does with the answers (order of a replacement, what a failure leaves, which values stay marked)
is taken from the record; tests on the real engine are in `test_engine.py`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SIGNATURE = "4dabf18193072939515e22adb298388d"
Json = dict[str, Any]


@dataclass
class State:
    """A resource in the state."""

    id: str
    inputs: Json
    outputs: Json
    secret_inputs: set[str] = field(default_factory=set[str])
    secret_outputs: set[str] = field(default_factory=set[str])
    init_errors: list[str] = field(default_factory=list[str])

    @property
    def secret_paths(self) -> list[str]:
        return sorted(
            [f"inputs.{name}" for name in self.secret_inputs if name in self.inputs]
            + [f"outputs.{name}" for name in self.secret_outputs if name in self.outputs]
        )


@dataclass
class Outcome:
    """What a command did."""

    operations: list[Json] = field(default_factory=list[Json])
    preview: list[Json] = field(default_factory=list[Json])
    error: str = ""
    state: State | None = None


def struct(values: Mapping[str, Any]) -> Struct:
    made = Struct()
    json_format.ParseDict(dict(values), made)
    return made


def plain(given: Struct) -> tuple[Json, set[str]]:
    """Return the values without marks, and the names of those that were marked."""
    values: Json = whole(json_format.MessageToDict(given))
    marked = {n for n, v in values.items() if isinstance(v, dict) and SIGNATURE in v}
    return {n: v["value"] if n in marked else v for n, v in values.items()}, marked


def whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType] - JSON
    if isinstance(value, list):
        return [whole(item) for item in value]  # pyright: ignore[reportUnknownVariableType] - JSON
    return value


class EngineDouble:
    """The engine's side of the protocol, for one resource `res`."""

    def __init__(self, port: int, token: str) -> None:
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
        stub: Any = provider_pb2_grpc.ResourceProviderStub
        self.stub: Any = stub(self.channel)
        self.token = token
        self.urn = f"urn:pulumi:dev::rec::{token}::res"

    def close(self) -> None:
        self.channel.close()

    # commands

    def up(
        self,
        state: State | None,
        args: Mapping[str, Any],
        *,
        secret: Iterable[str] = (),
        also_secret: Iterable[str] = (),
        delete_first: bool = False,
        preview: bool = False,
    ) -> Outcome:
        """Create, update, replace or leave alone. A preview makes no change."""
        checked = self.stub.Check(
            pb.CheckRequest(
                urn=self.urn, olds=struct(state.inputs if state else {}), news=struct(args), randomSeed=b"seed"
            )
        )
        if checked.failures:
            reasons = "; ".join(f.reason for f in checked.failures)
            return Outcome(error=f"{self.token} resource 'res' has a problem: {reasons}", state=state)
        inputs, marked = plain(checked.inputs)
        marked |= set(secret)
        extra = set(also_secret)
        if state is None:
            return self._create(inputs, marked, extra, preview=preview)
        diff = self.stub.Diff(
            pb.DiffRequest(
                id=state.id,
                urn=self.urn,
                olds=struct(state.outputs),
                news=struct(inputs),
                old_inputs=struct(state.inputs),
            )
        )
        if diff.replaces:
            return self._replace(state, inputs, marked, extra, diff, delete_first=delete_first, preview=preview)
        if diff.changes == pb.DiffResponse.DIFF_NONE and not state.init_errors:
            state.inputs, state.secret_inputs = inputs, marked
            return Outcome([{"op": "same", "name": "res"}], [], state=state)
        return self._update(state, inputs, marked, extra, diff, preview=preview)

    def refresh(self, state: State) -> Outcome:
        operation: Json = {"op": "refresh", "name": "res"}
        try:
            found = self._read(state.id, state.outputs, state.inputs)
        except grpc.RpcError as error:
            return Outcome([operation, operation | {"failed": True}], error=_text(error), state=state)
        if not found.id:
            return Outcome([operation])
        inputs, secret_inputs = plain(found.inputs)
        outputs, secret_outputs = plain(found.properties)
        secret_inputs |= state.secret_inputs
        after = State(state.id, inputs, outputs, secret_inputs, secret_outputs | state.secret_outputs)
        return Outcome([operation], state=after)

    def destroy(self, state: State) -> Outcome:
        operation: Json = {"op": "delete", "name": "res"}
        try:
            self._delete(state)
        except grpc.RpcError as error:
            return Outcome([operation, operation | {"failed": True}], error=_text(error), state=state)
        return Outcome([operation])

    def read_by_id(self, identifier: str, *, external: bool) -> Outcome:
        """Read without a state: for an import, or for a program that names an id."""
        operation: Json = {"op": "read" if external else "import", "name": "res"}
        try:
            found = self._read(identifier, {}, {})
        except grpc.RpcError as error:
            return Outcome([operation, operation | {"failed": True}], error=_text(error))
        if not found.id:
            said = f"resource '{identifier}' does not exist"
            return Outcome([operation, operation | {"failed": True}], error=said)
        inputs, secret_inputs = ({}, set[str]()) if external else plain(found.inputs)
        outputs, secret_outputs = plain(found.properties)
        return Outcome([operation], state=State(found.id, inputs, outputs, secret_inputs, secret_outputs))

    # parts

    def _create(self, inputs: Json, marked: set[str], extra: set[str], *, preview: bool, op: str = "create") -> Outcome:
        operation: Json = {"op": op, "name": "res"}
        request = pb.CreateRequest(urn=self.urn, properties=struct(inputs), preview=preview)
        try:
            made = self.stub.Create(request)
        except grpc.RpcError as error:
            failed = [operation, operation | {"failed": True}]
            detail = _init_failed(error)
            if detail is None:
                return Outcome(failed, error=_text(error))
            outputs, secret = plain(detail.properties)
            state = State(detail.id, inputs, outputs, marked, secret | marked | extra, list(detail.reasons))
            return Outcome(failed, error=_init_error(detail), state=state)
        if preview:
            return Outcome([], [operation])
        outputs, secret = plain(made.properties)
        return Outcome([operation], state=State(made.id, inputs, outputs, marked, secret | marked | extra))

    def _update(
        self, state: State, inputs: Json, marked: set[str], extra: set[str], diff: Any, *, preview: bool
    ) -> Outcome:
        operation: Json = {"op": "update", "name": "res"}
        request = pb.UpdateRequest(
            id=state.id,
            urn=self.urn,
            olds=struct(state.outputs),
            news=struct(inputs),
            old_inputs=struct(state.inputs),
            preview=preview,
        )
        done = operation | _step_diff(diff, "diffs", "diffKind")
        try:
            changed = self.stub.Update(request)
        except grpc.RpcError as error:
            detail = _init_failed(error)
            if detail is None:
                return Outcome([done, operation | {"failed": True}], error=_text(error), state=state)
            outputs, secret = plain(detail.properties)
            after = State(
                state.id,
                state.inputs,
                outputs,
                state.secret_inputs,
                secret | state.secret_outputs,
                list(detail.reasons),
            )
            return Outcome([done, operation | {"failed": True}], error=_init_error(detail), state=after)
        if preview:
            return Outcome([], [operation | _step_diff(diff, "diffReasons", "kind")], state=state)
        outputs, secret = plain(changed.properties)
        return Outcome([done], state=State(state.id, inputs, outputs, marked, secret | marked | extra))

    def _replace(
        self,
        state: State,
        inputs: Json,
        marked: set[str],
        extra: set[str],
        diff: Any,
        *,
        delete_first: bool,
        preview: bool,
    ) -> Outcome:
        again = self.stub.Check(pb.CheckRequest(urn=self.urn, olds=struct({}), news=struct(inputs)))
        assert not again.failures
        if preview:
            shown = _step_diff(diff, "diffReasons", "kind") | {"replaceReasons": sorted(diff.replaces)}
            made = self._create(inputs, marked, extra, preview=True)
            assert not made.error
            return Outcome([], [{"op": "replace", "name": "res"} | shown], state=state)
        detail = _step_diff(diff, "diffs", "diffKind") | {"keys": sorted(diff.replaces)}
        creation = {"op": "create-replacement", "name": "res"}
        middle = {"op": "replace", "name": "res"} | detail
        deletion = {"op": "delete-replaced", "name": "res"}
        first = diff.deleteBeforeReplace or delete_first
        if first:
            self._delete(state)
        made = self._create(inputs, marked, extra, preview=False, op="create-replacement")
        if made.error:
            failed = creation | {"failed": True}
            return Outcome([creation | detail, failed], error=made.error, state=None if first else state)
        if first:
            return Outcome([deletion, middle, creation | detail], state=made.state)
        self._delete(state)
        return Outcome([creation | detail, middle, deletion], state=made.state)

    def _read(self, identifier: str, outputs: Json, inputs: Json) -> Any:
        return self.stub.Read(
            pb.ReadRequest(id=identifier, urn=self.urn, properties=struct(outputs), inputs=struct(inputs))
        )

    def _delete(self, state: State) -> None:
        self.stub.Delete(
            pb.DeleteRequest(
                id=state.id, urn=self.urn, properties=struct(state.outputs), old_inputs=struct(state.inputs)
            )
        )


def copy_of(state: State | None) -> State | None:
    return copy.deepcopy(state)


def _step_diff(diff: Any, names: str, kind: str) -> Json:
    if not diff.diffs:
        return {}
    kinds = pb.PropertyDiff.Kind.Name
    details = {
        path: {kind: kinds(d.kind).lower().replace("_", "-"), "inputDiff": d.inputDiff}
        for path, d in diff.detailedDiff.items()
    }
    return {names: sorted(diff.diffs), "detailedDiff": details}


def _text(error: Any) -> str:
    said: str = error.details()
    return said


def _init_failed(error: Any) -> Any:
    """Return the published detail of a half-done operation, if the error carries one."""
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for packed in Status.FromString(value).details:
                detail = pb.ErrorResourceInitFailed()
                assert packed.Unpack(detail)
                return detail
    return None


def _init_error(detail: Any) -> str:
    return "1 error occurred:\n\t* " + "\n\t* ".join(detail.reasons) + "\n\n"
