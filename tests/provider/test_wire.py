"""What the engine asks of the whole plugin: bounds, cancellation, and arguments that cannot be meant."""

import json
import threading
import time
from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb

from provider.handlers import handlers
from provider.plugin import Plugin
from provider.resource import Call
from provider.resources.owner import OwnerHandler
from provider.values import UNKNOWN, Values, encode
from provider.wire import serve
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import ACCOUNT, MakeWire, endpoints
from tests.provider.given import OWNER, STACK, WORKSPACE, operations, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

MANY = 100
"""Resources at a time; the engine starts four for each processor."""


def test_custom_timeouts_bound_an_operation(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    emulator.fault("CreateWorkspace", "429", times=1000, retry_after=2)
    inputs, _ = wire.check(Resource(WORKSPACE, "x"), workspace_inputs())
    for seconds, tries in ((5.0, range(2, 4)), (0.0, range(20, 32))):
        before = len(operations(emulator, "CreateWorkspace"))
        request = pb.CreateRequest(urn=Resource(WORKSPACE, "x").urn, properties=encode(inputs), timeout=seconds)
        with pytest.raises(WireError, match="Throttling"):
            wire.call("Create", request)
        assert len(operations(emulator, "CreateWorkspace")) - before in tries, seconds
    assert console.workspaces() == {}


class PatientOwner(OwnerHandler):
    """Waits for a minute, as a throttled call may."""

    def __init__(self) -> None:
        self.waiting = threading.Semaphore(0)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        self.waiting.release()
        call.services.clock.sleep(60)
        return super().planned(call, state, news)


def test_cancel_reaches_a_plugin_whose_requests_all_wait() -> None:
    owner = PatientOwner()
    wire = Wire(Plugin([owner]))
    wire.configure({"accountId": ACCOUNT})
    request = pb.CreateRequest(urn=Resource(OWNER, "x").urn, properties=encode(STACK), preview=True)
    futures: list[Any] = [wire.stub.Create.future(request, timeout=60) for _ in range(MANY)]
    assert all(owner.waiting.acquire(timeout=20) for _ in range(MANY)), "all of them are served at a time"
    start = time.monotonic()
    wire.call("Cancel", Empty())
    assert all("cancelled; run `pulumi up` again" in f.exception().details() for f in futures)
    assert time.monotonic() - start < 5
    wire.close()


def test_an_engine_that_takes_no_lines_stops_nothing() -> None:
    plugin = Plugin(handlers())
    server, _ = serve(plugin, "127.0.0.1:1")
    plugin.warn("urn", "what was done must be recorded all the same")
    server.stop(0).wait()


def refusals(wire: Wire, args: Values) -> dict[str, str]:
    answer = wire.call("CheckConfig", pb.CheckRequest(urn="", news=encode(args)))
    # The property stands in the text alone, so that the engine does not print its value.
    return dict(failure.reason.split(": ", 1) for failure in answer.failures)


@pytest.mark.parametrize(
    ("addresses", "offset", "says"),
    [
        ({}, "86400", "give endpoints too, every one of them on loopback"),
        ({"modelstudio": "https://double.example.com"}, "86400", "every one of them on loopback"),
        ({"modelstudio": "http://127.0.0.1:1", "sts": {"cn-beijing": "https://x.example.com"}}, "1", "on loopback"),
        ({"modelstudio": "http://127.0.0.1:1"}, "a day", "'a day' is not a number of seconds"),
        ({"modelstudio": "http://127.0.0.1:1"}, "inf", "'inf' is not a number of seconds"),
    ],
)
def test_a_clock_offset_is_for_doubles_alone(addresses: Values, offset: str, says: str) -> None:
    wire = Wire(Plugin(handlers()))
    args = {"accountId": ACCOUNT, "endpoints": json.dumps(addresses), "clockOffset": offset}
    assert says in refusals(wire, args)["clockOffset"]
    with pytest.raises(WireError, match=says):
        wire.configure(args)
    assert wire.plugin.clock.offset == 0
    wire.close()


def test_a_clock_offset_shifts_the_plugin_s_clock(emulator: EmulatorProcess, make_wire: MakeWire) -> None:
    args = {"accountId": ACCOUNT, "endpoints": json.dumps(endpoints(emulator)), "clockOffset": "86400"}
    wire = make_wire(clockOffset="86400")
    assert refusals(wire, args) == {}
    assert refusals(wire, args | {"clockOffset": UNKNOWN}) == {}
    assert abs(wire.plugin.clock.now() - time.time() - 86400) < 60
    assert make_wire().plugin.clock.offset == 0
