"""Objects and their versions, from the first to the end: each case for each store of the table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, get_args

import pytest

from provider.client import kms as kms_client
from provider.client.errors import ServiceError
from provider.client.kms import Kms
from provider.client.sdk import Endpoints, Sdk
from provider.client.times import seconds_of
from provider.services import Services
from provider.stores.store import MARK_TAG, Deleting, Making, SecretStoreName
from provider.stores.table import STORES
from tests.provider.stores.conftest import G1, G2, ONE, TWO, Case
from tests.provider.stores.hands import MARK, REGION, ROWS

if TYPE_CHECKING:
    from tests.emulator_process import EmulatorProcess


def test_every_store_is_here() -> None:
    assert set(ROWS) == set(STORES) == set(get_args(SecretStoreName))
    assert set(Services(account_id="1", endpoints=Endpoints()).stores) == set(STORES)


def test_nothing_there(case: Case) -> None:
    assert case.store.look(case.place) is None
    assert case.store.read(case.place) is None
    assert case.store.read(case.place, "1") is None
    assert case.store.versions(case.place) == []
    for force in (True, False):
        case.store.delete(case.place, Deleting(force=force))
    with pytest.raises(ServiceError) as error:
        case.put(G1, ONE)
    assert error.value.not_found


def test_one_is_made_in_one_call(case: Case) -> None:
    before = case.now()
    made = case.create()
    assert case.calls(before) == [case.row.create]
    assert (made.name, made.data) == (G1, ONE)
    look = case.store.look(case.place)
    assert look is not None
    assert (look.mark, look.tags, look.deleted_at) == (MARK, {"team": "a", MARK_TAG: str(MARK)}, "")
    assert look.tags == case.hand.tags(case.place.name)
    assert (look.current, look.name) in ((made.version, G1), ("", ""))
    assert case.store.read(case.place) == case.store.read(case.place, made.version) == made
    assert [case.store.read(case.place, version) for version in ("99", "0", "v", "g9r9-ab12cd34")] == [None] * 4
    assert case.store.versions(case.place) == [made.version]
    assert case.value() == ONE
    assert ONE not in repr(made)


def test_it_may_name_the_key_that_encrypts_it(case: Case) -> None:
    case.store.create(case.place, G1, ONE, Making(tags={}, mark=MARK, encryption_key="key-1", instance="kst-1"))
    look = case.store.look(case.place)
    assert look is not None
    assert (look.encryption_key, look.instance) == ("key-1", "kst-1")


def test_what_exists_is_not_made_again(case: Case) -> None:
    case.hand.create(case.place.name, G1, "theirs")
    before = case.now()
    with pytest.raises(ServiceError) as error:
        case.create()
    assert (error.value.kind, error.value.status) == ("refused", 409)
    assert case.calls(before) == [case.row.create]
    assert case.value() == "theirs"
    assert case.hand.tags(case.place.name) == {}


def test_not_even_when_it_is_ours(case: Case) -> None:
    case.hand.create(case.place.name, G1, ONE, **next(iter(case.row.ours.values())))
    with pytest.raises(ServiceError):
        case.create()


def test_a_put_is_current_at_once(case: Case) -> None:
    first = case.create()
    second = case.put(G2, TWO)
    assert (second.name, second.data) == (G2, TWO)
    assert case.store.read(case.place) == case.store.read(case.place, second.version) == second
    assert case.value() == TWO
    older = case.store.read(case.place, first.version)
    assert older is not None
    assert (older.version, older.data) == (first.version, ONE)
    assert older.name in (G1, "")
    assert case.store.versions(case.place) == [first.version, second.version]
    look = case.store.look(case.place)
    assert look is not None
    assert look.mark == MARK
    assert (look.current, look.name) in ((second.version, G2), ("", ""))
    assert look.tags == {"team": "a", MARK_TAG: str(MARK)}, "left alone"


def test_equal_data_again_is_no_new_version(case: Case) -> None:
    made = case.create()
    assert case.put(G1, ONE) == made
    second = case.put(G2, TWO)
    assert case.put(G2, TWO) == second
    assert case.store.versions(case.place) == [made.version, second.version]


def test_older_data_becomes_current_again(case: Case) -> None:
    case.create()
    case.put(G2, TWO)
    again = case.put(G1, ONE)
    assert case.value() == ONE
    assert case.store.read(case.place) == again
    assert again.name == G1
    assert len(case.store.versions(case.place)) == (2 if case.row.ids_are_names else 3)


def test_what_somebody_else_put_is_superseded(case: Case) -> None:
    case.create()
    case.hand.put(case.place.name, "theirs", "{}")
    current = case.store.read(case.place)
    assert current is not None
    assert current.data == "{}"
    case.put(G1, ONE)
    assert case.value() == ONE


def test_other_data_under_the_name_is_left_there(case: Case) -> None:
    first = case.create()
    second, third = case.put(G1, TWO), case.put(G1, "three")
    for version, data in ((first, ONE), (second, TWO), (third, "three")):
        found = case.store.read(case.place, version.version)
        assert found is not None
        assert found.data == data
    assert case.value() == "three"
    assert len({first.version, second.version, third.version}) == 3
    if case.row.ids_are_names:
        assert [second.version, third.version] == [f"{G1}-2", f"{G1}-3"]
    assert case.put(G1, "three") == third, "equal data is found under its number"


def test_old_versions_are_dropped_and_their_names_free(case: Case) -> None:
    kept = 10
    case.emulator.settings(max_parameter_versions=kept)  # a hundred at OOS, which takes long
    case.create()
    for n in range(kept):
        case.hand.put(case.place.name, f"theirs-{n}", f"data {n}")
    versions = case.store.versions(case.place)
    assert len(versions) == len(set(versions)) == kept
    found = [case.store.read(case.place, version) for version in versions]
    assert [version.data for version in found if version] == [f"data {n}" for n in range(kept)], "oldest first"
    assert case.store.read(case.place, G1 if case.row.ids_are_names else "1") is None
    again = case.put(G1, ONE)
    assert case.store.read(case.place, again.version) == again
    assert case.store.versions(case.place) == [*versions[1:], again.version]


def test_how_many_are_kept(emulator: EmulatorProcess) -> None:
    kept = {name: store(Sdk(endpoints=Endpoints())).versions_kept for name, store in STORES.items()}
    assert kept == {"kms": 10, "oos": emulator.admin("GET", "/settings")["max_parameter_versions"]}


def test_versions_come_by_pages(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kms_client, "_PAGE", 2)  # OOS pages hold two at the emulator, whatever is asked
    case.create()
    for n in range(4):
        case.put(f"g{n + 2}r1-ab12cd34", f"data {n}")
    assert len(set(case.store.versions(case.place))) == 5


def test_only_read_reads_values(case: Case) -> None:
    case.create()
    before = case.now()
    case.store.look(case.place)
    case.store.versions(case.place)
    calls = case.emulator.calls(before)
    assert calls
    assert not [c for c in calls if c["operation"] == "GetSecretValue" or "WithDecryption" in c["params"]]


@pytest.mark.parametrize("case", ["kms"], indirect=True)
def test_twenty_ids_at_most(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provider.stores.kms._IDS", 2)
    case.create()
    case.put(G1, TWO)
    with pytest.raises(ServiceError, match=f"takes no version under {G1} to {G1}-2"):
        case.put(G1, "three")
    assert case.value() == TWO


@pytest.mark.parametrize("case", ["kms"], indirect=True)
def test_ids_that_kms_refuses(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the service answers to an id that it has dropped, or has with equal data, is known from its pages alone.
    case.create(G2, TWO)
    put = Kms.put

    def picky(self: Kms, region: str, name: str, version_id: str, data: str) -> None:
        if version_id in (G1, G2):
            raise ServiceError("PutSecretValue", "refused", "taken", code="Rejected.ResourceExist", status=409)
        put(self, region, name, version_id, data)

    monkeypatch.setattr(Kms, "put", picky)
    assert case.put(G1, ONE).version == f"{G1}-2", "taken, and nothing is stored under it"
    assert case.put(G2, TWO).version == G2
    assert case.value() == TWO


# the end


def test_a_deleted_one_is_gone_or_waits_in_its_window(case: Case) -> None:
    case.create()
    before = case.now()
    case.store.delete(case.place, Deleting(recovery_days=7))
    sent = case.emulator.calls(before)[-1]["params"]
    case.store.delete(case.place, Deleting(recovery_days=7))
    look = case.store.look(case.place)
    if not case.row.window:
        assert look is None
        return
    assert {name: sent[name] for name in sent if name != "SecretName"} == {"RecoveryWindowInDays": "7"}
    assert look is not None
    assert 6.9 < (seconds_of(look.deleted_at) - time.time()) / 86400 < 7.1
    restore = f"`aliyun kms RestoreSecret --region {REGION} --SecretName {case.place.name}`"
    for use in (
        lambda: case.store.read(case.place),
        lambda: case.store.versions(case.place),
        lambda: case.put(G2, TWO),
        case.create,
    ):
        with pytest.raises(ServiceError, match=restore) as error:
            use()
        assert error.value.code == "Rejected.ResourceInDeleteWindow"


def test_it_is_restored(case: Case) -> None:
    made = case.create()
    if case.row.window:
        case.store.delete(case.place, Deleting())
    for _ in range(2):
        case.store.restore(case.place)
    assert case.store.read(case.place) == made
    look = case.store.look(case.place)
    assert look is not None
    assert (look.mark, look.deleted_at) == (MARK, "")


def test_by_force_it_is_gone_at_once(case: Case) -> None:
    case.create()
    before = case.now()
    case.store.delete(case.place, Deleting(force=True))
    assert "RecoveryWindowInDays" not in case.emulator.calls(before)[-1]["params"]
    assert case.store.look(case.place) is None
    assert case.create().data == ONE
