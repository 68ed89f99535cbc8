"""The plugin `floor`: agrees to everything and does nothing."""

# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# The generated stubs leave the handlers' types open.

import os
import sys
import threading
from concurrent import futures
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb
from typing_extensions import override

WATCH_SECONDS = 0.5


class Floor(provider_pb2_grpc.ResourceProviderServicer):
    """The calls that the engine makes for a resource without inputs."""

    @override
    def Handshake(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.ProviderHandshakeResponse(accept_secrets=True)

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        del request, context
        return plugin_pb2.PluginInfo(version="0.0.1")

    @override
    def GetSchema(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.GetSchemaResponse(schema='{"name": "floor", "version": "0.0.1"}')

    @override
    def Attach(self, request: Any, context: Any) -> Any:
        del request, context
        return Empty()

    @override
    def Cancel(self, request: Any, context: Any) -> Any:
        del request, context
        return Empty()

    @override
    def CheckConfig(self, request: Any, context: Any) -> Any:
        del context
        return pb.CheckResponse(inputs=request.news)

    @override
    def DiffConfig(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)

    @override
    def Configure(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @override
    def Check(self, request: Any, context: Any) -> Any:
        del context
        return pb.CheckResponse(inputs=request.news)

    @override
    def Diff(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)

    @override
    def Create(self, request: Any, context: Any) -> Any:
        del context
        return pb.CreateResponse(id="" if request.preview else "nothing", properties=request.properties)

    @override
    def Read(self, request: Any, context: Any) -> Any:
        del context
        return pb.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    @override
    def Delete(self, request: Any, context: Any) -> Any:
        del request, context
        return Empty()


def main() -> None:
    """Serve until the engine is gone: it ends a plugin that runs by signal or by ending itself."""
    server = grpc.server(futures.ThreadPoolExecutor(32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Floor(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while os.getppid() == parent:
        threading.Event().wait(WATCH_SECONDS)


if __name__ == "__main__":
    main()
