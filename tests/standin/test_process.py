"""The plugin as the engine starts it: an executable that prints its port, and nothing else."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin.install import install
from tests.standin.engine_double import EngineDouble, struct
from tests.standin.golden import SECRET
from tests.standin.replay_server import Replay, Reply

ROOT = Path(__file__).parent.parent.parent


class EngineLog(engine_pb2_grpc.EngineServicer):
    """Keeps what the plugin says to the engine."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, str]] = []

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - the protocol's name
        del context
        self.messages.append((request.severity, request.message))
        return Empty()


def test_installed_executable(tmp_path: Path, provider_args: dict[str, Any], replay: Replay) -> None:
    replay.in_order([Reply(403, {"Code": "Forbidden", "Message": "m"})])
    folder = tmp_path / "a folder"
    path = install(folder, Path(sys.executable), ROOT)
    install(folder, Path(sys.executable), ROOT)
    assert [p.name for p in folder.iterdir()] == ["pulumi-resource-alicloud"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o755

    log = EngineLog()
    grpc_: Any = grpc  # its stubs leave type parameters open
    server = grpc_.server(futures.ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    environment = {"PATH": "/usr/bin:/bin", "DEBUG": "sdk", "HOME": str(tmp_path)}
    process = subprocess.Popen(
        [path, "--logtostderr", "-v=9", address],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        engine = EngineDouble(port, SECRET)
        assert engine.stub.GetPluginInfo(Empty()).version == "4.0.0"
        engine.stub.Configure(pb.ConfigureRequest(args=struct(provider_args)))
        assert engine.up(None, {"secretName": "a", "secretData": "b", "versionId": "c"}).error
        engine.close()
    finally:
        process.terminate()
        out, err = process.communicate(timeout=10)
        server.stop(None).wait(5)
    assert process.returncode == 0
    assert out == ""
    assert err == ""
    said = "the stand-in plugin of this project's emulator is used (loopback only)"
    assert log.messages == [(1, f"alicloud: {said}; the published plugin could not be had")]


def test_configure_without_an_engine(provider_args: dict[str, Any], replay: Replay) -> None:
    # An engine that is gone must not keep the plugin from working.
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator.standin", "127.0.0.1:1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        engine = EngineDouble(int(process.stdout.readline()), SECRET)
        engine.stub.Configure(pb.ConfigureRequest(args=struct(provider_args)))
        engine.close()
    finally:
        # The engine waits some seconds for a plugin that does not end at this signal.
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=2)
    assert process.returncode == 0
    assert replay.asked == []
