"""Models of a list are looked for before a key is made or changed; what the service does not say stops nothing."""

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import KEY, PLACE, WORKSPACE, key_inputs, live, operations, place_inputs, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

LIST = {"models": ["qwen-max", "qwen-plus"], "openToWorld": True}
WITHOUT = ["qwen-plus", "qwen3-max"]
"""What is left when qwen-max has ended."""


def ends(emulator: EmulatorProcess) -> None:
    emulator.settings(models=WITHOUT)


def test_a_key_for_a_model_that_ended_is_refused_before_it_is_made(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console
) -> None:
    ends(emulator)
    says = r"does not offer qwen-max .ended there on 2026-07-13; nearest: .*qwen3-max.*\[model-offered\]"
    with pytest.raises(WireError, match=says):
        wire.create(KEY, "gw-key", key_inputs(workspace, place, **LIST))
    assert operations(emulator, "CreateApiKey") == []
    assert live(console, workspace) == []


def test_a_changed_list_is_refused_before_the_key_is_changed(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, key: Resource
) -> None:
    ends(emulator)
    with pytest.raises(WireError, match=r"does not offer qwen-max .*\[model-offered\]"):
        wire.up(key, key_inputs(workspace, place, **LIST))
    assert operations(emulator, "UpdateApiKey") == []


def test_a_model_that_ended_meanwhile_does_not_stop_a_rotation(
    emulator: EmulatorProcess, wire: Wire, make_wire: MakeWire, workspace: Resource, place: Resource, key: Resource
) -> None:
    wire.up(key, key_inputs(workspace, place, **LIST))
    ends(emulator)
    later = make_wire()
    later.up(key, key_inputs(workspace, place, **LIST, rotation={"revokeThrough": 1}))
    assert key.state["generation"] == 2
    assert "does not offer qwen-max (ended there on 2026-07-13" in later.warnings[0]


def test_a_region_is_asked_once_in_a_run_and_never_in_a_preview(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource
) -> None:
    emulator.settings(page_size=50)
    places = {name: wire.create(PLACE, name, place_inputs(name=name)) for name in ("one", "two", "every")}
    wire.preview(KEY, "gw-key", key_inputs(workspace, places["one"], **LIST))
    assert operations(emulator, "ListModels") == []
    wire.create(WORKSPACE, "x", workspace_inputs(models=LIST["models"]))
    for name in ("one", "two"):
        wire.create(KEY, name, key_inputs(workspace, places[name], **LIST))
    wire.create(KEY, "every", key_inputs(workspace, places["every"]))
    assert operations(emulator, "ListModels") == ["ListModels"]


def test_without_a_list_nothing_is_asked(emulator: EmulatorProcess, key: Resource) -> None:
    assert key.state["generation"] == 1
    assert operations(emulator, "ListModels") == []


def test_a_model_that_is_not_listed_but_can_be_allowed_is_taken(
    emulator: EmulatorProcess, wire: Wire, place: Resource
) -> None:
    emulator.settings(deviations=["list_models_is_short"])
    workspace = wire.create(WORKSPACE, "x", workspace_inputs(models=["qwen-flash"]))
    wire.create(KEY, "gw-key", key_inputs(workspace, place, models=["qwen-flash"], openToWorld=True))


@pytest.mark.parametrize("kind", ["refuse", "429", "500", "cut_before", "cut_after", "truncate"])
@pytest.mark.parametrize("times", [1, 1000])
def test_a_list_that_cannot_be_read_stops_nothing(
    emulator: EmulatorProcess, wire: Wire, place: Resource, kind: str, times: int
) -> None:
    emulator.fault("ListModels", kind, times=times)
    workspace = wire.create(WORKSPACE, "x", workspace_inputs(models=["qwen-plus"]))
    before = len(operations(emulator, "ListModels"))
    wire.create(KEY, "gw-key", key_inputs(workspace, place, models=["qwen-plus"], openToWorld=True))
    assert len(operations(emulator, "ListModels")) == before, "it is not waited for twice"
