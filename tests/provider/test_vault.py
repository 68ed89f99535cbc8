"""The vault: where a key's value lies; lost, unreadable, foreign, full, moved."""

import json
from dataclasses import replace
from typing import Any

import pytest

from catalogue.record import config_record, digest, facts_in, key_in, secret_of
from provider.stores.store import Version
from tests.provider.bench import HOST, SHARED, Bench, KilledError, at, failure

NEXT = {"rotation": {"minGeneration": 2}}
BACK = {"rotation": {"serveGeneration": 1}}
URLS_2 = {"openai": f"{HOST}/compatible-mode/v2"}
GW, NEW = "kms:cn-beijing/gw", "kms:cn-beijing/new"


def test_a_vault_that_is_lost_costs_the_next_generation(bench: Bench) -> None:
    bench.up()
    del bench.kms.held["gw"]
    bench.refresh()
    assert bench.state["held"] == ""
    bench.up()
    assert bench.now == ("2", 2, "g2r2")
    assert (bench.served, bench.superseded) == ("sk-ws-test.k2", ["1"])


@pytest.mark.parametrize(
    "error",
    [
        failure("refused", "Forbidden.NoPermission", 403),
        failure("failed", status=500),
        failure("throttled", "Throttling", 429),
        failure("lost"),
    ],
)
@pytest.mark.parametrize("due", ["the URLs", "an older key", "a key that a killed run made"])
def test_a_vault_that_cannot_be_read_mints_nothing(bench: Bench, error: Exception, due: str) -> None:
    given: dict[str, dict[str, Any]] = {"the URLs": {"urls": URLS_2}, "an older key": BACK}
    bench.up()
    if due != "the URLs":
        bench.up(**NEXT)
    if due == "a key that a killed run made":
        bench.calls.fault("put", KilledError())
        bench.killed(rotation={"minGeneration": 3})
    live, before = bench.live, dict(bench.state)
    bench.calls.fault("read", error, times=9)
    bench.fails("made to fail", **given.get(due, {"rotation": {"minGeneration": 3}}))
    assert (bench.live, bench.state) == (live, before)


def test_a_refresh_that_may_not_read_says_what_it_needs(bench: Bench) -> None:
    bench.up()
    bench.calls.fault("read", failure("refused", "Forbidden.NoPermission", 403))
    with pytest.raises(Exception, match="kms:cn-beijing/gw cannot be read: .*probe_on_refresh: false"):
        bench.refresh()


def test_the_stack_s_own_secret_is_taken_out_of_its_deletion_window(bench: Bench) -> None:
    bench.up()
    bench.kms.held["gw"].deleted_at = "2027-02-15T08:00:00Z"
    bench.refresh()
    assert bench.state["held"] == ""
    bench.up()
    assert (bench.now, bench.live) == (("1", 1, "g1r1"), ["1"])
    assert bench.kms.held["gw"].deleted_at == ""


def test_a_secret_of_another_stack_is_left_in_its_deletion_window(bench: Bench) -> None:
    bench.up()
    held = bench.kms.held["gw"]
    held.deleted_at, held.mark = "2027-02-15T08:00:00Z", None
    bench.fails("made to fail", urls=URLS_2)
    assert held.deleted_at
    assert bench.live == ["1"]


@pytest.mark.parametrize("due", [{}, {"urls": URLS_2}])
def test_a_foreign_value_in_the_vault_is_never_delivered(bench: Bench, due: dict[str, Any]) -> None:
    bench.up()
    foreign(bench, "sk-ws-test.foreign")
    bench.refresh()
    assert bench.state["held"] == "g?r?"
    assert "sk-ws-test.foreign" not in [key for key, _, _ in bench.asked]
    bench.up(**due)
    assert (bench.served, bench.live, bench.state["generation"]) == ("sk-ws-test.k1", ["1"], 1)
    assert "sk-ws-test.foreign" not in [key for key, _, _ in bench.asked]


def test_a_foreign_value_in_the_place_of_the_only_version_is_a_lost_one(bench: Bench) -> None:
    bench.up()
    foreign(bench, "sk-ws-test.foreign")
    bench.kms.held["gw"].versions = bench.kms.held["gw"].versions[-1:]
    bench.up(urls=URLS_2)
    assert (bench.served, bench.state["keyId"]) == ("sk-ws-test.k2", "2")
    assert "sk-ws-test.foreign" not in [key for key, _, _ in bench.asked]


@pytest.mark.parametrize("said", ["nothing", "another key's id", "a digest that does not hold"])
def test_what_a_foreign_hand_put_there_is_not_adopted(bench: Bench, said: str) -> None:
    bench.up()
    bench.calls.fault("put", KilledError(), after=True)
    bench.killed(**NEXT)
    record = json.loads(bench.kms.data("gw"))
    more = {"nothing": {}, "another key's id": {"MODEL_STUDIO_KEY_ID": "9"}}.get(said)
    data = json.dumps(record | {"OPENAI_API_KEY": "sk-ws-test.foreign"} | (more or {}))
    bench.kms.hand("gw", Version(version="x", name="x", data="sk-ws-test.foreign" if said == "nothing" else data))
    bench.up(**NEXT)
    assert bench.now == ("3", 3, "g3r2")
    assert "sk-ws-test.foreign" not in [key for key, _, _ in bench.asked]


def test_a_record_that_was_made_up_around_a_key_s_id_is_not_adopted(bench: Bench) -> None:
    """Who may write the secret can write a whole record, its digest too; what the service shows of the key tells."""
    bench.up()
    bench.calls.fault("put", KilledError(), after=True)
    bench.killed(**NEXT)
    bench.plane.keys["2"] = replace(bench.plane.keys["2"], masked="sk-w****.k2")
    said = facts_in(json.loads(bench.kms.data("gw")))
    made_up = secret_of(
        config_record(said, revision=2, digest=digest("sk-ws-test.foreign", said), pointer=""), "sk-ws-test.foreign"
    )
    bench.kms.hand("gw", Version(version="x", name="x", data=json.dumps(made_up)))
    bench.up(**NEXT)
    assert (bench.now, bench.served) == (("3", 3, "g3r2"), "sk-ws-test.k3")
    assert "sk-ws-test.foreign" not in [key for key, _, _ in bench.asked]


def foreign(bench: Bench, value: str) -> None:
    """Let another hand put a whole record with its own key, made current."""
    record = json.loads(bench.kms.data("gw")) | {"OPENAI_API_KEY": value}
    bench.kms.hand("gw", Version(version="foreign", name="foreign", data=json.dumps(record)))


@pytest.mark.parametrize("form", ["json", "key"])
def test_a_newer_key_that_only_the_vault_knows_is_proven_and_adopted(bench: Bench, form: str) -> None:
    given: dict[str, Any] = NEXT | {"vault": at("gw", format=form), "keyAlone": form == "key"}
    bench.up(**given | {"rotation": {}})
    bench.calls.fault("put", KilledError(), after=True)
    bench.killed(**given)
    bench.up(**given)
    assert bench.now == ("2", 2, "g2r2")
    assert key_in(bench.kms.data("gw")) == "sk-ws-test.k2"
    assert bench.asked[-1][0] == "sk-ws-test.k2"
    assert (bench.calls.count()["create_api_key"], bench.superseded) == (2, ["1"])


def test_what_is_adopted_is_proven_first(bench: Bench) -> None:
    bench.up()
    bench.calls.fault("put", KilledError(), after=True)
    bench.killed(**NEXT)
    bench.outcomes["sk-ws-test.k2", ""] = "refused"
    bench.fails("the pair is refused", **NEXT)
    assert bench.live == ["1", "2"], "readers may have it"


def test_a_key_that_was_adopted_serves_the_record_that_was_wanted_meanwhile(bench: Bench) -> None:
    bench.up()
    bench.calls.fault("put", KilledError(), after=True)
    bench.killed(**NEXT)
    bench.up(**NEXT, urls=URLS_2)
    assert bench.state["keyId"] == "2"
    assert json.loads(bench.kms.data("gw"))["OPENAI_BASE_URL"] == URLS_2["openai"]


def test_one_version_more_than_the_store_keeps_is_refused_while_an_older_key_needs_the_first(bench: Bench) -> None:
    bench.kms.versions_kept = 3
    bench.up()
    bench.up(**NEXT)
    bench.up(**NEXT, urls=URLS_2)
    for due in ({"urls": SHARED, **NEXT}, {"urls": URLS_2, "rotation": {"minGeneration": 3}}):
        with pytest.raises(Exception, match=r"keeps 3 versions, .*g1r1-\w+, which alone holds key 1 .generation 1"):
            bench.preview(**due)
        calls = len(bench.calls.made)
        bench.fails("revoke_through: 1", **due)
        assert "create_api_key" not in [name for name, _ in bench.calls.made[calls:]]
    assert bench.preview(urls=URLS_2, **BACK)["generation"] != 1, "what is served again needs its own version no more"
    bench.up(urls=URLS_2, **BACK)
    assert (bench.served, bench.superseded) == ("sk-ws-test.k1", ["2"])


def test_a_version_that_is_not_needed_may_be_dropped(bench: Bench) -> None:
    bench.kms.versions_kept = 3
    bench.up()
    bench.up(**NEXT)
    bench.up(**NEXT, urls=URLS_2)
    bench.up(rotation={"revokeThrough": 1}, urls=SHARED)
    bench.plane.keys.pop("1")
    bench.up(rotation={"minGeneration": 3}, urls=SHARED)
    assert bench.state["generation"] == 3


@pytest.mark.parametrize("versions", [2, 5, 8, 9])
def test_an_adopted_secret_counts_the_versions_that_it_has(bench: Bench, versions: int) -> None:
    vault = at("gw", found="unmarked")
    bench.up(vault=vault)
    bench.up(vault=vault, **NEXT)
    first = bench.kms.held["gw"].versions[0]
    others = [Version(version=f"x{n}", name=f"x{n}", data="{}") for n in range(versions - 2)]
    bench.kms.held["gw"].versions[:] = [first, *others, bench.kms.held["gw"].versions[-1]]
    bench.up(vault=vault, rotation={"minGeneration": 3})
    assert bench.state["generation"] == 3


def test_an_adopted_secret_that_is_full_is_refused_before_anything_is_minted(bench: Bench) -> None:
    vault = at("gw", found="unmarked")
    bench.up(vault=vault)
    bench.up(vault=vault, **NEXT)
    held = bench.kms.held["gw"]
    held.versions[1:1] = [Version(version=f"x{n}", name=f"x{n}", data="{}") for n in range(8)]
    bench.fails("keeps 10 versions", vault=vault, rotation={"minGeneration": 3})
    assert bench.live == ["1", "2"]


def test_a_vault_is_moved_in_two_steps_and_takes_the_older_keys_along(bench: Bench) -> None:
    bench.up()
    bench.up(**NEXT)
    direct = bench.refused(**NEXT, vault=at("new"))
    assert f"list {NEW} first and {GW} after it" in direct
    bench.up(**NEXT, vault=at("new"), alsoAt=[GW])
    assert bench.now == ("2", 2, "g2r2")
    assert [v.name.partition("-")[0] for v in bench.kms.held["new"].versions] == ["g1r1", "g2r2"]
    assert key_in(bench.kms.data("new")) == "sk-ws-test.k2"
    (old,) = bench.state["superseded"]
    assert [copy["place"] for copy in old["copies"]] == [NEW, GW]
    assert bench.changes(**NEXT, vault=at("new"), alsoAt=[GW]) == []
    del bench.kms.held["gw"]
    assert bench.refused(**NEXT, vault=at("new")) == ""
    bench.up(**BACK, vault=at("new"))
    assert key_in(bench.kms.data("new")) == "sk-ws-test.k1"


def test_a_move_to_the_other_store_is_the_same(bench: Bench) -> None:
    bench.up()
    bench.up(**NEXT, vault=at("new", "oos"), alsoAt=[GW])
    assert key_in(bench.oos.data("new")) == "sk-ws-test.k2"
    assert bench.superseded == ["1"]
    bench.up(**BACK, vault=at("new", "oos"), alsoAt=[GW])
    assert key_in(bench.oos.data("new")) == "sk-ws-test.k1"


def test_a_move_that_dies_on_its_way_goes_on(bench: Bench) -> None:
    bench.up()
    bench.up(**NEXT)
    moved: dict[str, Any] = {**NEXT, "vault": at("new"), "alsoAt": [GW]}
    bench.calls.fault("create", KilledError(), after=True)
    bench.killed(**moved)
    bench.up(**moved)
    assert key_in(bench.kms.data("new")) == "sk-ws-test.k2"
    assert bench.live == ["1", "2"]
    bench.up(**moved | BACK)
    assert key_in(bench.kms.data("new")) == "sk-ws-test.k1"


def test_a_move_whose_put_was_lost_puts_it_into_the_new_place_whatever_is_asked_then(bench: Bench) -> None:
    bench.up()
    moved: dict[str, Any] = {"vault": at("new"), "alsoAt": [GW]}
    bench.calls.fault("create")
    bench.up(**moved, **NEXT)
    assert (bench.state["keyId"], bench.state["held"]) == ("1", "")
    bench.up(**moved, **BACK)
    assert key_in(bench.kms.data("new")) == "sk-ws-test.k1"
    assert bench.now == ("1", 1, "g1r1")


def test_another_form_is_another_version_of_the_same_key(bench: Bench) -> None:
    bench.up()
    bench.up(vault=at("gw", prefix="CHAT_"))
    assert set(json.loads(bench.kms.data("gw"))) > {"CHAT_OPENAI_API_KEY", "CHAT_OPENAI_BASE_URL"}
    assert bench.live == ["1"]


def test_nothing_is_minted_in_the_place_of_a_lost_key_that_is_asked_for(bench: Bench) -> None:
    bench.up()
    bench.up(**NEXT)
    bench.up(**BACK)
    del bench.kms.held["gw"]
    bench.refresh()
    bench.fails("no vault holds generation 1 any more", **BACK)
    bench.fails("no vault holds generation 2 any more", rotation={"serveGeneration": 2})
    assert bench.live == ["1", "2"]
    bench.up()
    assert bench.state["generation"] == 3, "without the word both are lost"


def test_a_key_that_is_served_again_and_whose_put_is_lost_stands_on_record_once(bench: Bench) -> None:
    bench.up()
    bench.up(**NEXT)
    bench.calls.fault("put")
    bench.up(**BACK)
    assert bench.superseded == ["1"]
    bench.up(**BACK)
    assert (bench.served, bench.superseded) == ("sk-ws-test.k1", ["2"])


def test_a_secret_that_holds_the_key_alone_gets_no_key_that_its_readers_urls_refuse(bench: Bench) -> None:
    given: dict[str, Any] = {"vault": at("gw", format="key"), "keyAlone": True}
    bench.up(**given)
    bench.outcomes["sk-ws-test.k2", "ws-a.cn-beijing.maas.aliyuncs.com"] = "refused"
    bench.fails("refused at URLs that config sinks still hold", **given, **NEXT, urls=SHARED)
    assert (bench.live, bench.kms.data("gw")) == (["1"], "sk-ws-test.k1")
    bench.outcomes.clear()
    bench.up(**given, **NEXT, urls=SHARED)
    assert [(key, host) for key, host, _ in bench.asked[-2:]] == [
        ("sk-ws-test.k3", "dashscope.aliyuncs.com"),
        ("sk-ws-test.k3", "ws-a.cn-beijing.maas.aliyuncs.com"),
    ]


def test_a_move_that_would_give_readers_half_of_a_pair_is_refused_in_preview(bench: Bench) -> None:
    other = {"workspaceId": "ws-b", "urls": {"openai": "https://ws-b.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"}}
    bench.up(keyAlone=True, vault=at("gw", format="key"))
    assert "by way of a shared URL that both keys open" in bench.refused(keyAlone=True, **other)
    assert bench.refused(**other) == ""


def test_a_value_is_kept_in_the_state_only_while_it_is_asked_for(bench: Bench) -> None:
    bench.up(keepValue=True)
    assert bench.state["value"] == "sk-ws-test.k1"
    assert "value" in bench.changes()
    bench.up()
    assert "value" not in bench.state
    assert bench.changes() == []
    bench.up(keepValue=True)
    assert (bench.state["value"], bench.live) == ("sk-ws-test.k1", ["1"])
    bench.preview(keepValue=True)
    assert any("keep_value: the key's value will stand in the state" in text for text in bench.said)


def test_a_kept_value_needs_no_vault_and_restores_one(bench: Bench) -> None:
    bench.up(keepValue=True, vault=None)
    assert bench.kms.held == {}
    assert (bench.state["held"], bench.state["stored"]) == ("", "")
    bench.up(keepValue=True)
    assert (bench.served, bench.live) == ("sk-ws-test.k1", ["1"])
    del bench.kms.held["gw"]
    bench.refresh()
    bench.up(keepValue=True)
    assert (bench.served, bench.live) == ("sk-ws-test.k1", ["1"])
    assert "vault: missing" in bench.refused(vault=None)


def test_a_key_that_is_served_again_must_not_drop_another_one_that_is_needed(bench: Bench) -> None:
    bench.kms.versions_kept = 3
    bench.up()
    bench.up(**NEXT)
    bench.up(rotation={"minGeneration": 3})
    with pytest.raises(Exception, match="which alone holds key 1 .generation 1"):
        bench.preview(rotation={"serveGeneration": 2})
    bench.fails("which alone holds key 1 .generation 1", rotation={"serveGeneration": 2})
    assert bench.served == "sk-ws-test.k3"


def test_a_value_that_another_hand_put_again_is_not_lost(bench: Bench) -> None:
    """Under another version's id, the first one dropped: the value is what counts."""
    bench.up()
    held = bench.kms.held["gw"]
    held.versions[:] = [Version(version="again", name="again", data=held.versions[0].data)]
    held.current = "again"
    bench.up(urls=URLS_2)
    assert (bench.served, bench.live) == ("sk-ws-test.k1", ["1"])
