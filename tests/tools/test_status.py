"""What `tools.status` says of a stack's outputs and state, and its exit code."""

from typing import Any

import pytest

from provider.client.shapes import Json
from tools import delivered, status

KMS, OOS = "kms:cn-beijing/prod/gw", "oos-secret:cn-beijing/prod-gw"
SAE, NACOS = "sae:cn-beijing:prod/gw", "nacos:cn-beijing/mse-1/public/G/a::gw.properties"
PLACES = (KMS, OOS, SAE, NACOS)
NEWER = "MODEL_STUDIO_GENERATION=7\nMODEL_STUDIO_REVISION=10\n"
OUTPUTS: Json = {
    "services": {"gw": {"generation": 7, "revision": 10, "delivered": dict.fromkeys(PLACES, "g7r10")}},
}
STATE: dict[str, tuple[str, str, Any]] = {
    KMS: ("modelstudio:index:SecretVersion", "currentVersionId", "g7r10-ab12cd34-2"),
    OOS: ("alicloud:oos/secretParameter:SecretParameter", "description", "g7r10-ab12cd34"),
    SAE: (
        "alicloud:sae/configMap:ConfigMap",
        "data",
        '{"Q_MODEL_STUDIO_GENERATION":"7","Q_MODEL_STUDIO_REVISION":"10"}',
    ),
    NACOS: ("alicloud:mse/nacosConfig:NacosConfig", "content", NEWER),
}


def resources(**other: Any) -> list[Json]:
    """Return a state; `other` has another value for a place by its store, None for one that is gone."""
    found: list[Json] = []
    for place, (kind, output, value) in STATE.items():
        now = other.get(place.partition(":")[0].replace("-", "_"), value)
        if now is not None:
            found.append({"urn": f"urn:pulumi:s::p::x${kind}::gw-{place}", "type": kind, "outputs": {output: now}})
    return found


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({}, f"gw: g7r10 in {', '.join(sorted(PLACES))}"),
        (
            {"nacos": NEWER.replace("7", "6").replace("10", "9")},
            f"gw: {NACOS} holds g6r9, the others g7r10; `pulumi up` puts it right",
        ),
        ({"kms": "foreign", "sae": None}, f"gw: {KMS} holds g?r?, {SAE} holds nothing, the others g7r10; `pulumi up`"),
    ],
)
def test_what_each_place_holds(other: dict[str, Any], says: str) -> None:
    lines, wrong = status.report("gw", OUTPUTS, resources(**other))
    assert lines[0].startswith(says)
    assert wrong == bool(other)


def test_a_service_whose_last_up_did_not_end_is_mixed_everywhere() -> None:
    outputs = {"services": {"gw": {"generation": 8, "revision": 11, "delivered": dict.fromkeys(PLACES, "g7r10")}}}
    lines, wrong = status.report("gw", outputs, resources())
    assert lines[0].endswith("holds g7r10, the service has g8r11; `pulumi up` puts it right")
    assert wrong


def test_old_keys_and_a_service_without_places() -> None:
    keys = [
        {"keyId": "7", "generation": 6, "phase": "overlap", "until": "2026-12-01T00:00:00Z"},
        {"keyId": "6", "generation": 5, "phase": "deleted", "until": ""},
    ]
    kind = "modelstudio:index:KeyRetirement"
    state: list[Json] = [{"urn": f"urn:pulumi:s::p::x${kind}::gw-retirement", "type": kind, "outputs": {"keys": keys}}]
    outputs: Json = {"services": {"gw": {"generation": 7, "revision": 1, "delivered": {}}}}
    assert status.report("gw", outputs, state) == (
        [
            "gw: g7r1, delivered nowhere",
            "  key 7 (generation 6): overlap until 2026-12-01T00:00:00Z",
            "  key 6 (generation 5): deleted",
        ],
        False,
    )


@pytest.mark.parametrize(("other", "code"), [({}, 0), ({"kms": "foreign"}, 1)])
def test_the_exit_code_tells(monkeypatch: pytest.MonkeyPatch, other: dict[str, Any], code: int) -> None:
    def outputs_of(*_: object) -> Json:
        return OUTPUTS

    def resources_of(*_: object) -> list[Json]:
        return resources(**other)

    monkeypatch.setattr(delivered, "outputs_of", outputs_of)
    monkeypatch.setattr(delivered, "resources_of", resources_of)
    assert status.main(["--stack", "prod"]) == code


def test_a_stack_that_cannot_be_read_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> Json:
        raise delivered.DeliveredError("it is not up")

    monkeypatch.setattr(delivered, "outputs_of", fail)
    assert status.main([]) == 1
    assert capsys.readouterr().err == "status: it is not up\n"
