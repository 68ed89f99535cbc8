"""Where a region does not disable keys: they end without a soak, but never while a sink holds them, nor by mistake."""

from typing import Any

import pytest

from provider.client.errors import Kind, ServiceError
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import OnDay
from tests.provider.given import (
    KEY,
    OWNER_ID,
    PLACE,
    RETIREMENT,
    WORKSPACE,
    disabled,
    key_inputs,
    live,
    operations,
    place_inputs,
    retirement_inputs,
    workspace_inputs,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

VIRGINIA = "us-east-1"
WHERE = {"regionId": VIRGINIA}


@pytest.fixture
def console(emulator: EmulatorProcess) -> Console:
    return Console(emulator, VIRGINIA)


@pytest.fixture
def workspace(wire: Wire) -> Resource:
    return wire.create(WORKSPACE, "chat-workspace", workspace_inputs(**WHERE, allModels=True))


@pytest.fixture
def place(wire: Wire) -> Resource:
    return wire.create(PLACE, "gw", place_inputs(**WHERE))


@pytest.fixture
def rotated(wire: Wire, workspace: Resource, place: Resource) -> Resource:
    """A service in Virginia with one superseded key, generation 1, on day 0."""
    key = wire.create(KEY, "gw-key", key_inputs(workspace, place))
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    return key


@pytest.fixture
def retirement(wire: Wire, rotated: Resource) -> Resource:
    return wire.create(RETIREMENT, "gw-retirement", retirement_inputs(rotated))


def phase(retirement: Resource) -> str:
    (key,) = retirement.state["keys"]
    return str(key["phase"])


def old(retirement: Resource) -> str:
    return str(retirement.state["keys"][0]["keyId"])


def refuses(emulator: EmulatorProcess, **more: Any) -> None:
    emulator.settings(disable_refused_in=[VIRGINIA], **more)


@pytest.mark.parametrize("in_200", [True, False])
def test_a_key_is_deleted_when_its_overlap_is_over_with_a_warning(
    emulator: EmulatorProcess,
    on_day: OnDay,
    workspace: Resource,
    rotated: Resource,
    retirement: Resource,
    console: Console,
    in_200: bool,
) -> None:
    refuses(emulator, refusals_in_200=in_200)
    given, first = retirement_inputs(rotated), old(retirement)
    assert on_day(6.9).up(retirement, given) == {}
    assert first in live(console, workspace)
    wire = on_day(7.1)
    assert wire.up(retirement, given) == {"keys": "UPDATE"}
    assert (phase(retirement), live(console, workspace)) == ("deleted", [rotated.state["keyId"]])
    (line,) = wire.warnings
    assert line.startswith(f"key {first} (generation 1) was deleted without a soak, since us-east-1 does not disable")
    assert "OperationNotSupported" in line
    assert on_day(100).up(retirement, given) == {}


def test_a_region_that_disables_after_all_soaks(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    on_day(7.1).up(retirement, retirement_inputs(rotated))
    assert (phase(retirement), disabled(console, workspace)) == ("soak", [old(retirement)])


def test_a_revoked_key_is_deleted_at_once(
    emulator: EmulatorProcess, on_day: OnDay, rotated: Resource, retirement: Resource
) -> None:
    refuses(emulator)
    on_day(0).up(retirement, retirement_inputs(rotated, rotation={"revokeThrough": 1, "retire": "manual"}))
    assert phase(retirement) == "deleted"


@pytest.mark.parametrize("words", [{}, {"revokeThrough": 1}, {"overlap": 0}])
@pytest.mark.parametrize("holds", ["g1r1", ""])
def test_a_key_that_a_sink_may_hold_is_not_deleted(
    emulator: EmulatorProcess,
    on_day: OnDay,
    workspace: Resource,
    rotated: Resource,
    retirement: Resource,
    console: Console,
    words: Any,
    holds: str,
) -> None:
    refuses(emulator)
    held = {"kms:us-east-1/gw": "g2r1", "nacos:mse/gw": holds}
    with pytest.raises(WireError, match="nacos:mse/gw holds"):
        on_day(50).up(retirement, retirement_inputs(rotated, held=held, rotation=words))
    assert old(retirement) in live(console, workspace)
    assert operations(emulator, "DisableApiKey", "DeleteApiKey") == []


@pytest.mark.parametrize("words", [{"retire": "manual"}, {"serveGeneration": 1}])
def test_a_key_that_rests_is_not_deleted(
    emulator: EmulatorProcess, on_day: OnDay, rotated: Resource, retirement: Resource, words: Any
) -> None:
    refuses(emulator)
    on_day(50).up(retirement, retirement_inputs(rotated, rotation=words))
    assert operations(emulator, "DisableApiKey", "DeleteApiKey") == []


def test_somebody_else_s_key_is_left(
    emulator: EmulatorProcess,
    on_day: OnDay,
    workspace: Resource,
    rotated: Resource,
    retirement: Resource,
    console: Console,
) -> None:
    refuses(emulator)
    mark = console.keys(workspace.state["workspaceId"])[old(retirement)].description
    console.describe_key(old(retirement), mark.replace(OWNER_ID, "f" * 16))
    on_day(8).up(retirement, retirement_inputs(rotated))
    assert (phase(retirement), old(retirement) in live(console, workspace)) == ("left", True)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "NoPermission"),
        (400, "Throttling.Api"),
        (404, "ApiKeyNotFound"),
        (409, "Conflict"),
        (500, "InternalError"),
    ],
)
def test_a_refusal_for_another_reason_skips_no_soak(
    emulator: EmulatorProcess,
    on_day: OnDay,
    workspace: Resource,
    rotated: Resource,
    retirement: Resource,
    console: Console,
    status: int,
    code: str,
) -> None:
    refuses(emulator, disable_refusal_status=status, disable_refusal_code=code)
    with pytest.raises(WireError, match="could not be retired: DisableApiKey"):
        on_day(8).up(retirement, retirement_inputs(rotated))
    assert old(retirement) in live(console, workspace)
    emulator.settings(disable_refused_in=[])
    on_day(8.1).up(retirement, retirement_inputs(rotated))
    assert phase(retirement) == "soak"


@pytest.mark.parametrize("kind", ["429", "500", "cut_before", "cut_after", "truncate"])
@pytest.mark.parametrize("times", [1, 1000])
def test_a_disturbed_call_skips_no_soak(
    emulator: EmulatorProcess,
    on_day: OnDay,
    workspace: Resource,
    rotated: Resource,
    retirement: Resource,
    console: Console,
    kind: str,
    times: int,
) -> None:
    emulator.fault("DisableApiKey", kind, times=times)
    try:
        on_day(8).up(retirement, retirement_inputs(rotated))
    except WireError:
        assert times > 1
    assert old(retirement) in live(console, workspace)
    assert operations(emulator, "DeleteApiKey") == []


@pytest.mark.parametrize("kind", ["500", "cut_before", "cut_after", "truncate"])
@pytest.mark.parametrize("operation", ["DisableApiKey", "DeleteApiKey"])
def test_a_lost_answer_ends_in_the_same_way(
    emulator: EmulatorProcess,
    on_day: OnDay,
    workspace: Resource,
    rotated: Resource,
    retirement: Resource,
    console: Console,
    operation: str,
    kind: str,
) -> None:
    refuses(emulator)
    emulator.fault(operation, kind)
    on_day(8).up(retirement, retirement_inputs(rotated))
    assert (phase(retirement), live(console, workspace)) == ("deleted", [rotated.state["keyId"]])


def test_a_preview_says_both(emulator: EmulatorProcess, on_day: OnDay, rotated: Resource, retirement: Resource) -> None:
    wire, calls = on_day(8), len(operations(emulator))
    wire.preview_up(retirement, retirement_inputs(rotated))
    (line,) = wire.warnings
    assert line.startswith(
        f"key {old(retirement)} (generation 1): will be disabled, or deleted at once, without a soak, "
    )
    assert line.endswith("if us-east-1 does not disable keys")
    assert len(operations(emulator)) == calls


def test_a_refused_list_makes_no_key(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console
) -> None:
    emulator.settings(key_lists_refused_in=[VIRGINIA])
    with pytest.raises(WireError, match="Custom is not supported in region us-east-1"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place, allowedIps=["203.0.113.7"]))
    assert live(console, workspace) == []


def refusal(status: int, code: str, *, kind: Kind = "refused", message: str = "no") -> ServiceError:
    return ServiceError("DisableApiKey", kind, message, code=code, status=status)


@pytest.mark.parametrize(
    "error",
    [
        refusal(400, "OperationNotSupported"),
        refusal(400, "UnsupportedOperation"),
        refusal(403, "Operation.Unsupported"),
        refusal(400, "InvalidOperation"),
        refusal(404, "InvalidApiOrAction.NotFound"),
        refusal(400, "InvalidParameter.region", message="This operation is not supported in this region."),
        refusal(400, "400", message="Not supported."),
    ],
    ids=str,
)
def test_what_is_not_offered_is_told(error: ServiceError) -> None:
    assert error.not_offered


@pytest.mark.parametrize(
    "error",
    [
        refusal(403, "NoPermission"),
        refusal(403, "NoPermission", message="The role is not supported."),
        refusal(403, "Forbidden.RAM"),
        refusal(403, "Suspended"),
        refusal(400, "Forbidden.AccessKeyDisabled"),
        refusal(401, "Unauthorized"),
        refusal(400, "SignatureDoesNotMatch"),
        refusal(400, "UnsupportedSignatureMethod"),
        refusal(404, "InvalidAccessKeyId.NotFound"),
        refusal(400, "InvalidSecurityToken.Expired"),
        refusal(404, "ApiKeyNotFound"),
        refusal(400, "InvalidOperation", message="The API key does not exist."),
        refusal(400, "InvalidParameter.apiKeyId"),
        refusal(400, "MissingWorkspaceId"),
        refusal(409, "OperationConflict"),
        refusal(408, "OperationTimeout"),
        refusal(400, "ServiceUnavailable"),
        refusal(400, "AccountArrears"),
        refusal(400, "QuotaExceeded"),
        refusal(400, "400"),
        refusal(400, ""),
        refusal(200, "OperationNotSupported"),
        refusal(429, "Throttling.User", kind="throttled"),
        refusal(400, "Throttling.NotSupported", kind="throttled"),
        refusal(500, "OperationNotSupported", kind="failed"),
        refusal(0, "", kind="lost", message="not supported"),
        refusal(0, "", kind="unreachable"),
    ],
    ids=str,
)
def test_what_is_about_something_else_is_not(error: ServiceError) -> None:
    assert not error.not_offered
