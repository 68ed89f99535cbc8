"""The published `ResourceProvider` protocol over gRPC: the only module here that knows it."""

# ruff: noqa: N802 - the methods are named as the protocol names them

import contextlib
import traceback
from collections.abc import Callable
from concurrent import futures
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin import plan
from emulator.standin.clock import Cancelled
from emulator.standin.errors import Failure
from emulator.standin.plugin import KNOWN, NOTICE, TYPES, HalfDone, Plugin
from emulator.standin.resource import ResourceType
from emulator.standin.schema import VERSION, schema_json
from emulator.standin.settings import Refused, canonical, problems
from emulator.standin.values import Values, decode, encode

_MAX_MESSAGE = 400 * 1024 * 1024
_WORKERS = 32
_READABLE = (Failure, Refused, Cancelled)
_T = TypeVar("_T")


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Translates each request for the plugin, and its answer back."""

    def __init__(self, plugin: Plugin, engine_address: str | None) -> None:
        self._plugin = plugin
        self._engine_address = engine_address

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> Any:
        """Say which version of the published plugin this stands for."""
        del request, context
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: pb.GetSchemaRequest, context: grpc.ServicerContext) -> Any:
        """Describe the served types."""
        del request, context
        return pb.GetSchemaResponse(schema=schema_json(KNOWN.values()))

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Any:
        """End all pauses."""
        del request, context
        self._plugin.clock.cancel()
        return Empty()

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Take the engine's address, when the plugin was started without it."""
        del context
        self._engine_address = request.address
        return Empty()

    def CheckConfig(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> Any:
        """Refuse what is not on loopback."""
        del context
        wrong = problems(decode(request.news))
        inputs = request.news
        endpoints = inputs.fields["endpoints"].string_value if "endpoints" in inputs.fields else ""
        if endpoints and not wrong:
            inputs.fields["endpoints"].string_value = canonical(endpoints)
        failures = [pb.CheckFailure(property=name, reason=reason) for name, reason in wrong]
        return pb.CheckResponse(inputs=inputs, failures=failures)

    def DiffConfig(self, request: pb.DiffRequest, context: grpc.ServicerContext) -> Any:
        """Compare provider arguments. No difference replaces anything, not even that of the region."""
        del context
        olds, news = decode(request.olds), decode(request.news)
        names = [n for n in sorted({*olds, *news} - {"version"}) if olds.get(n) != news.get(n)]
        return pb.DiffResponse(changes=_changes(bool(names)), diffs=names)

    def Configure(self, request: pb.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        """Take over the provider's arguments, and say once that this is a stand-in."""

        def run() -> Any:
            args = decode(request.args) if request.HasField("args") else {}
            self._plugin.configure(args or {n.rsplit(":", 1)[-1]: v for n, v in request.variables.items()})
            self._say(NOTICE)
            return pb.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

        return _guarded(context, run)

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> Any:
        """Fill in defaults and refuse what the plugin itself refuses."""
        kind = _kind(request.urn, context)
        inputs, wrong = plan.check(
            kind,
            decode(request.news),
            decode(request.olds),
            logical_name=request.urn.rsplit("::", 1)[-1],
            seed=request.randomSeed,
            proposed_name=request.autonaming.proposed_name,
        )
        failures = [pb.CheckFailure(reason=reason) for reason in wrong]
        return pb.CheckResponse(inputs=encode(inputs, _sensitive(kind)), failures=failures)

    def Diff(self, request: pb.DiffRequest, context: grpc.ServicerContext) -> Any:
        """Compare wanted inputs with the outputs of the state."""
        kind = _kind(request.urn, context)
        found = plan.diff(kind, decode(request.olds), decode(request.news), request.ignoreChanges)
        details = {
            path: pb.PropertyDiff(kind=_diff_kind(change, replace=path in found.replaces))
            for path, change in found.details.items()
        }
        return pb.DiffResponse(
            changes=_changes(bool(details)),
            diffs=sorted(found.changed),
            replaces=sorted(found.replaces),
            stables=sorted(found.stables),
            deleteBeforeReplace=found.delete_first,
            hasDetailedDiff=True,
            detailedDiff=details,
        )

    def Create(self, request: pb.CreateRequest, context: grpc.ServicerContext) -> Any:
        """Make the object, or say what a preview can say of it."""
        kind = _kind(request.urn, context)
        inputs = decode(request.properties)

        def run() -> Any:
            if request.preview:
                state = plan.previewed(kind, plan.planned(kind, inputs))
                return pb.CreateResponse(properties=encode(state, _sensitive(kind)))
            identifier, outputs = self._plugin.create(kind, request.urn, inputs)
            return pb.CreateResponse(id=identifier, properties=encode(outputs, _sensitive(kind)))

        return _guarded(context, run, kind, inputs)

    def Read(self, request: pb.ReadRequest, context: grpc.ServicerContext) -> Any:
        """Read the object for a refresh, an import or a program that names its id."""
        kind = _kind(request.urn, context)
        state, inputs = decode(request.properties), decode(request.inputs)

        def run() -> Any:
            found = self._plugin.read(kind, request.urn, request.id, state, inputs)
            if found is None:
                return pb.ReadResponse()
            secret = _sensitive(kind)
            return pb.ReadResponse(
                id=request.id, properties=encode(found.outputs, secret), inputs=encode(found.inputs, secret)
            )

        return _guarded(context, run, kind, inputs, state)

    def Update(self, request: pb.UpdateRequest, context: grpc.ServicerContext) -> Any:
        """Change the object, or say what a preview can say of it."""
        kind = _kind(request.urn, context)
        olds, inputs = decode(request.olds), decode(request.news)

        def run() -> Any:
            if request.preview:
                changed = plan.diff(kind, olds, inputs, request.ignoreChanges).changed
                outputs = plan.apply(kind, olds, inputs, changed)
            else:
                outputs = self._plugin.update(kind, request.urn, request.id, olds, inputs, request.ignoreChanges)
            return pb.UpdateResponse(properties=encode(outputs, _sensitive(kind)))

        return _guarded(context, run, kind, inputs, olds)

    def Delete(self, request: pb.DeleteRequest, context: grpc.ServicerContext) -> Any:
        """Remove the object."""
        kind = _kind(request.urn, context)
        state = decode(request.properties)

        def run() -> Any:
            self._plugin.delete(kind, request.urn, request.id, state)
            return Empty()

        return _guarded(context, run, kind, state)

    def Invoke(self, request: pb.InvokeRequest, context: grpc.ServicerContext) -> Any:
        """Refuse every function by name."""
        _abort(context, f"the stand-in plugin of the emulator does not serve the function {request.tok}")

    def _say(self, text: str) -> None:
        if self._engine_address:
            stub: Any = engine_pb2_grpc.EngineStub
            options = [("grpc.enable_http_proxy", 0)]  # gRPC too would send loopback calls to a proxy
            with contextlib.suppress(grpc.RpcError), grpc.insecure_channel(self._engine_address, options) as channel:
                stub(channel).Log(engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.INFO, message=text))


def serve(plugin: Plugin, engine_address: str | None) -> tuple[grpc.Server, int]:
    """Start the server on a free loopback port and return both."""
    options = [("grpc.max_receive_message_length", _MAX_MESSAGE), ("grpc.max_send_message_length", _MAX_MESSAGE)]
    grpc_: Any = grpc  # its stubs leave type parameters open
    server: grpc.Server = grpc_.server(futures.ThreadPoolExecutor(_WORKERS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(plugin, engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _kind(urn: str, context: grpc.ServicerContext) -> ResourceType:
    token = urn.split("::")[2].rsplit("$", 1)[-1]
    kind = KNOWN.get(token)
    if kind is None:
        served = ", ".join(sorted(TYPES))
        _abort(context, f"the stand-in plugin of the emulator does not serve {token}; it serves {served}")
    return kind


def _sensitive(kind: ResourceType) -> frozenset[str]:
    return frozenset(p.name for p in kind.properties if p.sensitive)


def _guarded(
    context: grpc.ServicerContext,
    run: Callable[[], _T],
    kind: ResourceType | None = None,
    *known: Values,
) -> _T:
    """Run, and turn what goes wrong into a readable message; a half-done operation also carries its state.

    The messages show no contents of `known`, the first of which are the inputs.
    """

    def shown(error: Exception) -> str:
        return plan.masked(kind, str(error), *known) if kind else str(error)

    try:
        return run()
    except HalfDone as half:
        secret = _sensitive(kind) if kind else frozenset[str]()
        detail = pb.ErrorResourceInitFailed(
            id=half.identifier,
            properties=encode(half.state, secret),
            reasons=[shown(half)],
            inputs=encode(known[0] if known else {}, secret),
        )
        packed = AnyMessage()
        packed.Pack(detail)
        status = Status(code=grpc.StatusCode.UNKNOWN.value[0], message=shown(half), details=[packed])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        _abort(context, shown(half))
    except _READABLE as error:
        _abort(context, shown(error))
    except Exception as error:  # noqa: BLE001 - whatever else happens must not reach the user as a traceback
        at = traceback.extract_tb(error.__traceback__)[-1]
        _abort(context, f"internal error in the stand-in plugin: {type(error).__name__} at {at.name}:{at.lineno}")


def _abort(context: grpc.ServicerContext, text: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, text)
    raise AssertionError("abort does not return")


def _diff_kind(change: plan.Kind, *, replace: bool) -> Any:
    return pb.PropertyDiff.Kind.Value(f"{change}_REPLACE" if replace else change)


def _changes(some: bool) -> Any:
    return pb.DiffResponse.DIFF_SOME if some else pb.DiffResponse.DIFF_NONE
