"""Further secrets of a service: the record of its vault, put, made current, put back; never a key of another's."""

import json
from typing import Any

import pytest

from catalogue.record import canonical, secret_of
from tests.emulator_process import EmulatorProcess
from tests.provider.given import (
    KEY,
    OWNER_ID,
    PLACE,
    STORES,
    VERSION,
    key_inputs,
    operations,
    place_inputs,
    place_text,
    urls_of,
    version_inputs,
    written_at,
)
from tests.provider.vendor import MARK_TAG, Console
from tests.provider.wire_client import Resource, Wire, WireError

FOREIGN = '{"OPENAI_API_KEY":"sk-test.f1"}'
READS = {"kms": "GetSecretValue", "oos": "GetSecretParameter"}
PUTS = {"kms": "PutSecretValue", "oos": "UpdateSecretParameter"}
MAKES = {"kms": "CreateSecret", "oos": "CreateSecretParameter"}


def claim(wire: Wire, store: str, name: str = "copy", **more: Any) -> Resource:
    return wire.create(PLACE, name, place_inputs(store=store, name=name, **more))


def held_in(console: Console, store: str, name: str = "copy") -> str:
    data = console.secrets[store].read(name)
    assert data is not None
    return data


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Each test runs with further secrets of both stores; the vault is a KMS secret."""
    return str(request.param)


@pytest.fixture
def further(wire: Wire, store: str) -> Resource:
    return claim(wire, store)


@pytest.fixture
def version(wire: Wire, further: Resource, key: Resource) -> Resource:
    return wire.create(VERSION, "copy", version_inputs(further, key))


@pytest.mark.parametrize("vault", STORES)
def test_the_record_of_the_vault_is_put_here_too(
    wire: Wire, console: Console, workspace: Resource, store: str, vault: str
) -> None:
    given = key_inputs(workspace, claim(wire, vault, "vault"), verify="off")
    key, further = wire.create(KEY, "gw-key", given), claim(wire, store)
    made = wire.create(VERSION, "copy", version_inputs(further, key))
    assert held_in(console, store) == held_in(console, vault, "vault")
    record = json.loads(held_in(console, store))
    assert record["MODEL_STUDIO_KEY_ID"] == key.state["keyId"]
    assert made.id == place_text(further)
    name = f"g1r1-{key.state['digest'][:8]}"
    assert (made.state["held"], made.state["pointer"]) == ("g1r1", f"{place_text(further)}@{name}")
    assert console.secrets[store].tags("copy")[MARK_TAG] == f"{OWNER_ID}:{key.state['series']}"


def test_it_goes_on_with_the_key(
    wire: Wire, console: Console, workspace: Resource, place: Resource, key: Resource, further: Resource, store: str
) -> None:
    made = wire.create(VERSION, "copy", version_inputs(further, key))
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    assert wire.up(made, version_inputs(further, key)) == dict.fromkeys(("fingerprint", "record", "held"), "UPDATE")
    assert made.state["held"] == "g2r2"
    assert held_in(console, store) == held_in(console, "kms", "gw")


def test_another_place_of_the_value_is_no_change(
    emulator: EmulatorProcess, wire: Wire, key: Resource, further: Resource, version: Resource
) -> None:
    calls = len(operations(emulator))
    assert wire.up(version, version_inputs(further, key, vault="kms:cn-beijing/new", vaultVersion="v9")) == {}
    assert len(operations(emulator)) == calls


def test_the_version_on_record_is_read_whatever_is_current(
    wire: Wire, console: Console, key: Resource, further: Resource, store: str
) -> None:
    expected = held_in(console, "kms", "gw")
    console.put_secret("gw", "foreign", FOREIGN)
    wire.create(VERSION, "copy", version_inputs(further, key))
    assert held_in(console, store) == expected


@pytest.mark.parametrize("data", [FOREIGN, "sk-test.f1", "{}", "whole"])
def test_a_value_that_is_not_the_key_is_never_delivered(
    wire: Wire, console: Console, key: Resource, further: Resource, store: str, data: str
) -> None:
    """Whoever may write the vault must not be able to have a key of their own delivered elsewhere."""
    if data == "whole":  # a record that is right in itself
        data = canonical(secret_of(key.state["record"], "sk-test.f1"))
    console.delete_secret("gw")
    console.create_secret("gw")
    console.put_secret("gw", key.state["stored"], data)
    with pytest.raises(WireError, match="gw does not hold the key that was put there, so nothing was delivered"):
        wire.create(VERSION, "copy", version_inputs(further, key))
    assert not console.secrets[store].exists("copy")


@pytest.mark.parametrize("how", ["deleted", "dropped"])
def test_a_value_that_is_lost_is_not_delivered(
    wire: Wire, console: Console, key: Resource, further: Resource, store: str, how: str
) -> None:
    if how == "deleted":
        console.delete_secret("gw")
    else:
        for n in range(12):
            console.put_secret("gw", f"foreign-{n}", "{}")
    with pytest.raises(WireError, match="does not hold the key .*run `pulumi refresh`"):
        wire.create(VERSION, "copy", version_inputs(further, key))
    assert not console.secrets[store].exists("copy")


def test_a_vault_that_cannot_be_read_is_an_error_and_nothing_else(
    emulator: EmulatorProcess, wire: Wire, console: Console, key: Resource, further: Resource, store: str
) -> None:
    given = version_inputs(further, key)
    emulator.fault("GetSecretValue", "500", times=1000)
    with pytest.raises(WireError, match="GetSecretValue"):
        wire.create(VERSION, "copy", given)
    assert not console.secrets[store].exists("copy")


def test_the_vault_is_taken_out_of_its_deletion_window_for_it(
    wire: Wire, console: Console, key: Resource, further: Resource, store: str
) -> None:
    expected = held_in(console, "kms", "gw")
    console.delete_secret("gw", window_days=7)
    wire.create(VERSION, "copy", version_inputs(further, key))
    assert held_in(console, store) == expected == held_in(console, "kms", "gw")


def test_another_hand_s_version_is_seen_and_put_back(
    emulator: EmulatorProcess, wire: Wire, console: Console, version: Resource, store: str
) -> None:
    before = held_in(console, store)
    console.secrets[store].put("copy", FOREIGN)
    assert wire.refresh(version)
    assert version.state["held"] == "g?r?"
    assert wire.up(version, version.inputs) == {"held": "UPDATE"}
    assert (held_in(console, store), version.state["held"]) == (before, "g1r1")
    moved = operations(emulator, "UpdateSecretVersionStage")
    assert moved == (["UpdateSecretVersionStage"] if store == "kms" else []), "what KMS still has is not put again"
    assert wire.refresh(version)
    assert wire.up(version, version.inputs) == {}


def test_without_reading_the_value_another_version_is_seen_too(
    emulator: EmulatorProcess, wire: Wire, console: Console, key: Resource, further: Resource, store: str
) -> None:
    made = wire.create(VERSION, "copy", version_inputs(further, key, probeOnRefresh=False))
    calls = len(emulator.calls())
    assert wire.refresh(made)
    assert made.state["held"] == "g1r1"
    asked = emulator.calls()[calls:]
    assert "GetSecretValue" not in [call["operation"] for call in asked]
    assert not [call for call in asked if str(call["params"].get("WithDecryption", "")).lower() == "true"]
    console.secrets[store].put("copy", FOREIGN)
    assert wire.refresh(made)
    assert made.state["held"] == "g?r?"
    assert wire.up(made, made.inputs) == {"held": "UPDATE"}


def test_a_version_that_kms_dropped_is_put_again(wire: Wire, console: Console, key: Resource) -> None:
    made = wire.create(VERSION, "copy", version_inputs(claim(wire, "kms"), key))
    before = held_in(console, "kms")
    for n in range(12):
        console.put_secret("copy", f"foreign-{n}", "{}")
    assert wire.refresh(made)
    wire.up(made, made.inputs)
    stored, data = console.secret("copy")
    assert stored.startswith(f"g1r1-{key.state['digest'][:8]}")
    assert (data, made.state["stored"], made.state["held"]) == (before, stored, "g1r1")


def test_other_data_under_the_wanted_id_gets_a_number(wire: Wire, console: Console, key: Resource) -> None:
    name = f"g1r1-{key.state['digest'][:8]}"
    console.secrets["kms"].create("copy", "{}")
    console.put_secret("copy", name, "other")
    made = wire.create(VERSION, "copy", version_inputs(claim(wire, "kms", onConflict="adopt"), key))
    assert made.state["stored"] == f"{name}-2"
    assert made.state["pointer"].endswith(f"@{name}-2")
    assert wire.refresh(made)
    assert wire.up(made, made.inputs) == {}
    assert console.secret("copy")[0] == f"{name}-2"


def test_one_that_is_gone_is_made_again(wire: Wire, console: Console, version: Resource, store: str) -> None:
    before = held_in(console, store)
    console.secrets[store].delete("copy")
    assert wire.refresh(version)
    assert wire.up(version, version.inputs) == {"held": "UPDATE"}
    assert held_in(console, store) == before


@pytest.mark.parametrize("probe", [True, False])
def test_one_in_its_window_is_restored(wire: Wire, console: Console, key: Resource, *, probe: bool) -> None:
    made = wire.create(VERSION, "copy", version_inputs(claim(wire, "kms"), key, probeOnRefresh=probe))
    before = held_in(console, "kms")
    console.delete_secret("copy", window_days=7)
    assert wire.refresh(made)
    assert wire.up(made, made.inputs) == {"held": "UPDATE"}
    assert held_in(console, "kms") == before


def test_one_that_became_another_s_is_refused(wire: Wire, console: Console, version: Resource, store: str) -> None:
    console.secrets[store].take("copy", "f" * 16)
    console.secrets[store].put("copy", FOREIGN)
    assert wire.refresh(version)
    with pytest.raises(WireError, match="copy is another's now: .*Nothing was written"):
        wire.up(version, version.inputs)
    assert held_in(console, store) == FOREIGN


def test_a_name_that_was_taken_since_it_was_claimed_is_refused(
    wire: Wire, console: Console, key: Resource, further: Resource, store: str
) -> None:
    console.secrets[store].create("copy", "somebody's")
    with pytest.raises(WireError, match="copy is another's now"):
        wire.create(VERSION, "copy", version_inputs(further, key))
    assert held_in(console, store) == "somebody's"


@pytest.mark.parametrize("kind", ["cut_after", "500", "truncate", "cut_before"])
@pytest.mark.parametrize("exists", [True, False])
def test_the_answer_may_be_lost(
    emulator: EmulatorProcess, wire: Wire, console: Console, key: Resource, store: str, kind: str, *, exists: bool
) -> None:
    if exists:
        console.secrets[store].create("copy", "old")
    further = claim(wire, store, **({"onConflict": "adopt"} if exists else {}))
    emulator.fault((PUTS if exists else MAKES)[store], kind)
    made = wire.create(VERSION, "copy", version_inputs(further, key))
    assert held_in(console, store) == held_in(console, "kms", "gw")
    assert wire.refresh(made)
    assert wire.up(made, made.inputs) == {}


def test_a_key_alone_is_put_as_it_is(
    wire: Wire, console: Console, workspace: Resource, key: Resource, further: Resource, store: str
) -> None:
    value = json.loads(held_in(console, "kms", "gw"))["OPENAI_API_KEY"]
    form = written_at(further, format="key")
    made = wire.create(VERSION, "copy", version_inputs(further, key) | {"place": form})
    assert held_in(console, store) == value
    assert made.state["held"] == "g1r1"
    assert wire.refresh(made)
    assert wire.up(made, made.inputs) == {}
    whole = version_inputs(further, key)
    assert wire.up(made, whole) == {"place": "UPDATE"}
    assert json.loads(held_in(console, store))["OPENAI_API_KEY"] == value
    del workspace


def test_a_prefix_is_on_every_name(wire: Wire, console: Console, key: Resource, further: Resource, store: str) -> None:
    form = written_at(further, prefix="QWEN_")
    made = wire.create(VERSION, "copy", version_inputs(further, key) | {"place": form})
    assert all(name.startswith("QWEN_") for name in json.loads(held_in(console, store)))
    assert wire.refresh(made)
    assert wire.up(made, made.inputs) == {}


def test_a_record_that_the_store_does_not_take_is_refused_before_it_is_sent(
    emulator: EmulatorProcess, wire: Wire, key: Resource
) -> None:
    further = claim(wire, "oos")
    record = key.state["record"] | {"MODEL_STUDIO_X": "x" * 5000}
    with pytest.raises(WireError, match="oos-secret:cn-beijing/copy: "):
        wire.create(VERSION, "copy", version_inputs(further, key, record=record))
    assert operations(emulator, "CreateSecretParameter") == []


def test_one_that_could_not_be_read_back_is_recorded_and_looked_at_again(
    emulator: EmulatorProcess, wire: Wire, console: Console, workspace: Resource, store: str
) -> None:
    vault = "oos" if store == "kms" else "kms"  # so that the fault is about the further secret alone
    given = key_inputs(workspace, claim(wire, vault, "vault"), verify="off")
    key, further = wire.create(KEY, "gw-key", given), claim(wire, store)
    emulator.fault(READS[store], "500", times=1000)
    with pytest.raises(WireError, match="was put into .*copy, but could not be read back") as failed:
        wire.create(VERSION, "copy", version_inputs(further, key))
    half = failed.value.half_made(VERSION, "copy")
    assert (half.state["held"], half.state["madeIn"]) == ("", "model-studio/test")
    emulator.admin("DELETE", "/faults")
    assert wire.up(half, half.inputs) == {"held": "UPDATE"}
    assert half.state["held"] == "g1r1"
    assert operations(emulator, PUTS[store]) == [] or store == "kms", "it is there already"
    assert held_in(console, store) == held_in(console, vault, "vault")


def test_another_place_is_another_resource(wire: Wire, key: Resource, version: Resource) -> None:
    other = claim(wire, "kms", "other")
    assert wire.diff(version, version_inputs(other, key))["place"] == "UPDATE_REPLACE"


def test_its_delete_leaves_the_secret_to_its_place(
    emulator: EmulatorProcess, wire: Wire, console: Console, version: Resource, store: str
) -> None:
    before = held_in(console, store)
    wire.delete(version)
    assert held_in(console, store) == before
    assert operations(emulator, "DeleteSecret", "DeleteSecretParameter") == []


def test_urls_change_without_a_new_key(
    wire: Wire, console: Console, workspace: Resource, place: Resource, key: Resource, further: Resource, store: str
) -> None:
    made = wire.create(VERSION, "copy", version_inputs(further, key))
    wire.up(key, key_inputs(workspace, place, urls=urls_of(workspace, "openai")))
    assert wire.up(made, version_inputs(further, key)) == dict.fromkeys(("record", "held"), "UPDATE")
    assert made.state["held"] == "g1r2"
    assert "ANTHROPIC_BASE_URL" not in json.loads(held_in(console, store))


@pytest.mark.parametrize("probe", [True, False])
def test_a_vault_in_its_window_is_restored_by_the_next_up(
    wire: Wire, console: Console, workspace: Resource, place: Resource, *, probe: bool
) -> None:
    key = wire.create(KEY, "gw-key", key_inputs(workspace, place, probeOnRefresh=probe))
    before = held_in(console, "kms", "gw")
    console.delete_secret("gw", window_days=7)
    assert wire.refresh(key)
    assert wire.up(key, key.inputs) == {"held": "UPDATE"}
    assert (held_in(console, "kms", "gw"), key.state["generation"], key.state["held"]) == (before, 1, "g1r1")
