"""The published `ResourceProvider` protocol over gRPC: the only module that knows it.

`pulumi.provider.experimental` is not used: it loses unknowns, cannot report a partial create, and turns every error
into a traceback (docs/decisions.md). Nothing is ever printed here but the port, which the engine waits for.
"""

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent import futures
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from provider.client.errors import NotReadyError, ServiceError
from provider.client.redact import redact
from provider.client.retry import CancelledError
from provider.plugin import Plugin, remember_secrets
from provider.resource import Failure, PartlyMadeError, RefusedError, Urn
from provider.schema import schema_json
from provider.values import Decoded, decode, encode
from provider.version import VERSION

_MAX_MESSAGE = 400 * 1024 * 1024
_WORKERS = 256
"""Requests at a time. Started when needed; more than the engine sends at once, so that Cancel never waits for one."""
_PARENT_WATCH = 1.0
"""Seconds between looks at whether the process that started this one is still there."""
_LOG = 5.0
"""Seconds for the engine to take a line."""
_GRACE = 2.0
"""Seconds for calls in flight to end; the engine gives all plugins five."""
_READABLE = (ServiceError, RefusedError, NotReadyError, CancelledError)
_KINDS = {"update": pb.PropertyDiff.Kind.UPDATE, "replace": pb.PropertyDiff.Kind.UPDATE_REPLACE}

T = TypeVar("T")


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Translates each request for the plugin and its answer back."""

    def __init__(self, plugin: Plugin, engine_address: str | None) -> None:
        self._plugin = plugin
        self._engine = _engine_log(engine_address) if engine_address else None
        plugin.warn = partial(self._say, engine_pb2.LogSeverity.WARNING)
        plugin.info = partial(self._say, engine_pb2.LogSeverity.INFO)
        plugin.debug = partial(self._say, engine_pb2.LogSeverity.DEBUG)

    # the plugin

    def Handshake(self, request: pb.ProviderHandshakeRequest, context: grpc.ServicerContext) -> Any:
        del request, context
        return pb.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> Any:
        del request, context
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: pb.GetSchemaRequest, context: grpc.ServicerContext) -> Any:
        del request, context
        return pb.GetSchemaResponse(schema=schema_json(self._plugin.handlers.values(), VERSION))

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        del context
        self._engine = _engine_log(request.address)
        return Empty()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Any:
        del request, context
        self._plugin.cancel()
        return Empty()

    def CheckConfig(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> Any:
        del context
        failures = self._plugin.check_config(decode(request.news).values)
        return pb.CheckResponse(inputs=request.news, failures=_failures(failures))

    def DiffConfig(self, request: pb.DiffRequest, context: grpc.ServicerContext) -> Any:
        del context
        # Never a replacement: that would replace every resource of this provider with it.
        olds, news = decode(request.olds).values, decode(request.news).values
        names = [name for name in sorted({*olds, *news}) if name != "version" and olds.get(name) != news.get(name)]
        return pb.DiffResponse(changes=_changes(names), diffs=names)

    def Configure(self, request: pb.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            self._plugin.configure(decode(request.args).values)
            return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

        return self._guarded(context, run)

    # resources

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            news = _read(request.news)
            olds = _read(request.olds).values if request.HasField("olds") and request.olds.fields else None
            inputs, failures = self._plugin.check(request.urn, news.values, olds)
            return pb.CheckResponse(
                inputs=encode(inputs, self._secrets(request.urn, news)), failures=_failures(failures)
            )

        return self._guarded(context, run)

    def Diff(self, request: pb.DiffRequest, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            olds, news = _read(request.old_inputs).values, _read(request.news).values
            diff = self._plugin.diff(request.urn, _read(request.olds).values, olds, news)
            changed = {name: kind for name, kind in diff.changed.items() if name not in request.ignoreChanges}
            return pb.DiffResponse(
                changes=_changes(list(changed)),
                diffs=list(changed),
                replaces=[name for name, kind in changed.items() if kind == "replace"],
                hasDetailedDiff=True,
                detailedDiff={
                    name: pb.PropertyDiff(kind=_KINDS[kind], inputDiff=name in {*olds, *news})
                    for name, kind in changed.items()
                },
            )

        return self._guarded(context, run)

    def Create(self, request: pb.CreateRequest, context: grpc.ServicerContext) -> Any:
        news = _read(request.properties)

        def run() -> Any:
            made = self._plugin.create(request.urn, news.values, preview=request.preview)
            return pb.CreateResponse(id=made.id, properties=encode(made.state, self._secrets(request.urn, news)))

        return self._guarded(context, run, urn=request.urn, inputs=news, timeout=request.timeout)

    def Read(self, request: pb.ReadRequest, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            state, inputs = _read(request.properties), _read(request.inputs)
            found = self._plugin.read(request.urn, request.id, state.values, inputs.values)
            if found is None:
                return pb.ReadResponse()
            return pb.ReadResponse(
                id=found.id,
                properties=encode(found.state, self._secrets(request.urn, state)),
                inputs=encode(found.inputs, self._secrets(request.urn, inputs)),
            )

        return self._guarded(context, run, timeout=request.timeout)

    def Update(self, request: pb.UpdateRequest, context: grpc.ServicerContext) -> Any:
        news = _read(request.news)

        def run() -> Any:
            state, olds = _read(request.olds).values, _read(request.old_inputs).values
            made = self._plugin.update(request.urn, state, olds, news.values, preview=request.preview)
            return pb.UpdateResponse(properties=encode(made, self._secrets(request.urn, news)))

        return self._guarded(context, run, urn=request.urn, inputs=news, timeout=request.timeout)

    def Delete(self, request: pb.DeleteRequest, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            state, inputs = _read(request.properties).values, _read(request.old_inputs).values
            self._plugin.delete(request.urn, request.id, state, inputs)
            return Empty()

        return self._guarded(context, run, timeout=request.timeout)

    # helpers

    def _secrets(self, urn: str, given: Decoded) -> frozenset[str]:
        """Return the properties to mark: those that came in marked, and those that are secret by their nature."""
        handler = self._plugin.handlers.get(Urn.parse(urn).type)
        properties = {**handler.inputs, **handler.outputs} if handler else {}
        return given.secrets | {name for name, prop in properties.items() if prop.secret}

    def _guarded(
        self,
        context: grpc.ServicerContext,
        run: Callable[[], T],
        *,
        urn: str = "",
        inputs: Decoded | None = None,
        timeout: float = 0.0,
    ) -> T:
        """Run, and turn what goes wrong into one readable line without a traceback or key material.

        `timeout`: seconds that `customTimeouts` gives it, 0 for no bound.
        """
        try:
            with self._plugin.clock.within(timeout):
                return run()
        except PartlyMadeError as partly:
            text = redact(partly.reason)
            given = inputs or Decoded({}, frozenset())
            secrets = self._secrets(urn, given)
            detail = pb.ErrorResourceInitFailed(
                id=partly.made.id,
                properties=encode(partly.made.state, secrets),
                reasons=[text],
                inputs=encode(given.values, secrets),
            )
            packed = AnyMessage()
            packed.Pack(detail)
            status = Status(code=2, message=text, details=[packed])
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(grpc.StatusCode.UNKNOWN, text)
        except _READABLE as error:
            context.abort(grpc.StatusCode.UNKNOWN, redact(str(error)))
        except Exception as error:  # noqa: BLE001 - whatever else happens must not reach the user as a traceback
            at = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(at.filename).name}:{at.lineno}"
            text = f"internal error in the modelstudio plugin at {where}: {type(error).__name__}: {error}"
            context.abort(grpc.StatusCode.INTERNAL, redact(text))
        raise AssertionError("abort does not return")

    def _say(self, severity: Any, urn: str, text: str) -> None:
        if self._engine is not None:
            log: Any = self._engine
            # What was just done must be recorded even when nobody can be told.
            with contextlib.suppress(grpc.RpcError):
                log.Log(engine_pb2.LogRequest(severity=severity, message=redact(text), urn=urn), timeout=_LOG)


def serve(plugin: Plugin, engine_address: str | None) -> tuple[grpc.Server, int]:
    """Start the plugin's server on a free loopback port and return both."""
    options = [("grpc.max_receive_message_length", _MAX_MESSAGE), ("grpc.max_send_message_length", _MAX_MESSAGE)]
    grpc_: Any = grpc  # its stubs leave type parameters open
    server: grpc.Server = grpc_.server(futures.ThreadPoolExecutor(_WORKERS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(plugin, engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main(plugin: Plugin, argv: list[str]) -> None:
    """Serve until the engine ends this process, or is gone. Its address is the one argument that is not a flag."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):  # how the engine ends a plugin
        signal.signal(number, end)
    engine = next((arg for arg in argv if not arg.startswith("-")), None)
    server, port = serve(plugin, engine)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while not stop.wait(_PARENT_WATCH) and os.getppid() == parent:  # a killed engine ends nobody
        pass
    plugin.cancel()
    server.stop(_GRACE).wait()


def _engine_log(address: str) -> engine_pb2_grpc.EngineStub:
    # Without the option gRPC would look for the engine, on loopback, behind the machine's proxy.
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]))


def _read(struct: Any) -> Decoded:
    decoded = decode(struct)
    remember_secrets(decoded.values, decoded.secrets)
    return decoded


def _failures(failures: list[Failure]) -> list[pb.CheckFailure]:
    # The property stands in the text alone: of one that it is told of, the engine prints the value, even a secret's.
    return [pb.CheckFailure(reason=redact(f"{f.property}: {f.reason}" if f.property else f.reason)) for f in failures]


def _changes(names: list[str]) -> Any:
    return pb.DiffResponse.DIFF_SOME if names else pb.DiffResponse.DIFF_NONE
