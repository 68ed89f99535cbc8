"""What `tools.status` says of a stack's state, and its exit code."""

from pathlib import Path
from typing import Any

import pytest

from provider.client.shapes import Json
from tools import delivered, status
from tools.local.place import Place

KMS, OOS = "kms:cn-beijing/prod/gw", "oos-secret:cn-beijing/prod-gw"
SAE, NACOS = "sae:cn-beijing:prod/gw", "nacos:cn-beijing/mse-1/public/G/a::gw.properties"
PLACES = (KMS, OOS, SAE, NACOS)
NEWER = "MODEL_STUDIO_GENERATION=7\nMODEL_STUDIO_REVISION=10\n"
OLDER = "MODEL_STUDIO_GENERATION=6\nMODEL_STUDIO_REVISION=9\n"
ID = "1234567890123456"
STATE: dict[str, tuple[str, str, str, Any]] = {
    OOS: ("modelstudio:index:SecretVersion", f"{ID}/{OOS}", "held", "g7r10"),
    SAE: (
        "alicloud:sae/configMap:ConfigMap",
        f"gw-{SAE}",
        "data",
        '{"Q_MODEL_STUDIO_GENERATION":"7","Q_MODEL_STUDIO_REVISION":"10"}',
    ),
    NACOS: ("alicloud:mse/nacosConfig:NacosConfig", f"gw-{NACOS}", "content", NEWER),
}
"""Kind, name, output and value of what tells, for each place but the vault."""
VAULT = {"store": "kms", "regionId": "cn-beijing", "name": "prod/gw", "claim": "c" * 16, "found": "absent"}


def entry(kind: str, name: str, **outputs: Any) -> Json:
    return {"urn": f"urn:pulumi:s::p::x${kind}::{name}", "type": kind, "outputs": outputs}


def ours(kind: str, name: str, **outputs: Any) -> Json:
    return entry(f"modelstudio:index:{kind}", name, **outputs)


def key(**outputs: Any) -> Json:
    return ours("ApiKey", "gw-key", **outputs) | {"inputs": {"vault": VAULT, "alsoAt": [OOS]}}


def resources(generation: float = 7, revision: float = 10, vault: str = "g7r10", **other: Any) -> list[Json]:
    """Return a state; `other` has another value for a place by its store, None for one that is gone."""
    found = [
        ours("ServiceAccess", "gw"),
        key(generation=generation, revision=revision, held=vault),
        ours("KeyRetirement", "gw-retirement", keys=[], held=dict.fromkeys(PLACES, "g6r9")),
        ours("SecretPlace", f"{ID}/{OOS}", claim="c" * 16),
        ours("SecretVersion", f"{ID}/kms:cn-beijing/of-another-service", held="g1r1"),
        entry("alicloud:oos/parameter:Parameter", "gw-b-oos:cn-beijing/of-another-service", value="{}"),
        ours("SecretVersion", f"{ID}/{OOS}", held="g5r1") | {"delete": True},
    ]
    for place, (kind, name, output, value) in STATE.items():
        now = other.get(place.partition(":")[0].replace("-", "_"), value)
        if now is not None:
            found.append(entry(kind, name, **{output: now}))
    return found


UP, AFTER_READING = "`pulumi up --stack prod` puts it right", "`pulumi up --refresh --stack prod` puts it right"


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({}, f"gw: g7r10 in {', '.join(sorted(PLACES))}"),
        ({"nacos": OLDER}, f"gw: {NACOS} holds g6r9, the others g7r10; {AFTER_READING}"),
        ({"vault": "g6r9"}, f"gw: {KMS} holds g6r9, the others g7r10; {UP}"),
        ({"oos_secret": "g?r?"}, f"gw: {OOS} holds g?r?, the others g7r10; {UP}"),
        ({"oos_secret": None}, f"gw: {OOS} holds nothing, the others g7r10; {UP}"),
        (
            {"vault": "g?r?", "sae": None},
            f"gw: {KMS} holds g?r?, {SAE} holds nothing, the others g7r10; {AFTER_READING}",
        ),
    ],
)
def test_what_each_place_holds(other: dict[str, Any], says: str) -> None:
    lines, wrong = status.report("gw", resources(**other), "prod")
    assert lines == [says]
    assert wrong == bool(other)


def test_after_a_run_that_failed_half_way_the_places_that_lag_are_named() -> None:
    state = resources(generation=8, revision=11.0, vault="g8r11", oos_secret="g8r11", sae=NEWER)
    lines, wrong = status.report("gw", state, "prod")
    assert lines == [f"gw: {NACOS} holds g7r10, {SAE} holds g7r10, the others g8r11; {AFTER_READING}"]
    assert wrong


def test_a_service_that_delivered_nothing_yet_is_behind_everywhere() -> None:
    lines, wrong = status.report("gw", resources(generation=8, revision=11), "prod")
    assert lines[0].endswith(f"holds g7r10, the service has g8r11; {AFTER_READING}")
    assert wrong


def test_a_service_whose_first_key_did_not_pass_the_check_has_none() -> None:
    state = [ours("ServiceAccess", "gw")]
    assert status.report("gw", state) == (
        ["gw: delivered nowhere, it has no key yet; `make up` again puts it right"],
        True,
    )


def test_a_key_that_was_made_and_could_not_be_deleted_is_told() -> None:
    ledger = {"unfinished": [{"keyId": "9", "generation": 8.0}]}
    left = "  key 9 (generation 8) was minted, delivered nowhere and could not be deleted yet; "
    state = resources()
    state[1]["outputs"]["ledger"] = ledger
    lines, wrong = status.report("gw", state, "prod")
    assert lines == [f"gw: g7r10 in {', '.join(sorted(PLACES))}", left + UP]
    assert wrong
    first = [ours("ServiceAccess", "gw"), key(generation=0, ledger=ledger)]
    lines, wrong = status.report("gw", first, "prod")
    assert (lines[1:], wrong) == ([left + UP], True)


def test_old_keys_and_a_service_without_places() -> None:
    keys = [
        {"keyId": "7", "generation": 6, "phase": "overlap", "until": "2026-12-01T00:00:00Z"},
        {"keyId": "6", "generation": 5, "phase": "deleted", "until": ""},
    ]
    alone = ours("ApiKey", "gw-key", generation=7, revision=10, held="") | {"inputs": {"keepValue": True}}
    state = [ours("ServiceAccess", "gw"), alone, ours("KeyRetirement", "gw-retirement", keys=keys, held={})]
    assert status.report("gw", state) == (
        [
            "gw: g7r10, delivered nowhere",
            "  key 7 (generation 6): overlap until 2026-12-01T00:00:00Z",
            "  key 6 (generation 5): deleted",
        ],
        False,
    )


@pytest.mark.parametrize(("other", "code"), [({}, 0), ({"vault": "g?r?"}, 1)])
def test_the_exit_code_tells(monkeypatch: pytest.MonkeyPatch, other: dict[str, Any], code: int) -> None:
    def resources_of(*_: object) -> list[Json]:
        return resources(**other)

    monkeypatch.setattr(delivered, "resources_of", resources_of)
    assert status.main(["--stack", "prod"]) == code


def test_a_stack_that_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status.main([], Place(tmp_path)) == 1
    assert capsys.readouterr().err == "status: the stack `local` is not up: run `make up` first\n"


def test_a_stack_without_services_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def none(*_: object) -> list[Json]:
        return []

    monkeypatch.setattr(delivered, "resources_of", none)
    assert status.main(["--stack", "prod"]) == 1
    assert capsys.readouterr().err == "status: the stack 'prod' has no services; is it up?\n"
