"""What a sink's argument may not be: refused when the sink is made, by class and argument, as in a stack file."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pulumi
import pytest

from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Sink
from components.sinks.table import SINKS
from provider.resources.base import ArgumentError
from tests.components.given import KEY
from tests.components.test_sinks import ALL

Bad = list[tuple[Any, str]]
"""Values, and what is said of each."""

COMMON: Mapping[str, Bad] = {
    "prefix": [("qwen", "'qwen' must be capital letters"), (None, "takes text, not None")],
    "on_conflict": [("overwrite", "'overwrite' does not exist; allowed: fail, adopt")],
    "on_delete": [("keep", "'keep' does not exist; allowed: delete, retain"), (None, "takes text, not None")],
}
REGION: Bad = [
    ("mars-1", "'mars-1' must be the id of a region, such as cn-hangzhou"),
    ("", "'' must be the id of a region"),
    (pulumi.Output.from_input("cn-beijing"), "takes text, not Output"),
]
AUDIENCE: Bad = [("robots", "'robots' does not exist; allowed: backends, tools"), (None, "takes text, not None")]
SECRET: Mapping[str, Bad] = {
    "audience": AUDIENCE,
    "format": [("yaml", "'yaml' does not exist; allowed: json, key"), (None, "takes text, not None")],
    "encryption_key": [(7, "takes text or None, not int")],
    "instance": [(7, "takes text or None, not int")],
}
OOS_NAME: Bad = [("oos-a", "'oos-a' must be 2 to 180"), ("a.b", "'a.b' must be 2 to 180"), (7, "takes text, not int")]
OWN: Mapping[type[Sink], Mapping[str, Bad]] = {
    KmsSecret: {
        "region": REGION,
        "name": [("acs/a", "'acs/a' must be 1 to 192 letters"), (f"{KEY} ", "given here must be 1 to 192")],
        **SECRET,
        "recovery_window_days": [(6, "6 must be 7 to 30 days"), (31, "31 must be"), ("7", "takes int, not text")],
        "force_delete": [("no", "takes True or False, not text")],
    },
    OosSecretParameter: {"region": REGION, "name": OOS_NAME, **SECRET},
    OosParameter: {"region": REGION, "name": OOS_NAME},
    SaeConfigMap: {
        "namespace": [("x", "'x' must be <region>:"), (None, "takes text, not None")],
        "name": [("a-b", "'a-b' must be letters"), ("a" * 64, "'a*' must be letters")],
        "config_map_id": [("a", "'a' must be a number, in quotes"), (7, "takes text or None, not int")],
    },
    NacosConfig: {
        "region": REGION,
        "instance_id": [("a/b", "'a/b' must be the id of an MSE instance")],
        "namespace": [("a/b", "'a/b' must be the id of a Nacos namespace")],
        "group": [("a b", "'a b' must be 1 to 128 letters")],
        "data_id": [("a b.json", "'a b.json' must be 1 to 256"), ("gw", "'gw' does not end in .properties, .yaml")],
        "content_type": [("toml", "'toml' does not exist; allowed: properties, yaml, json")],
    },
}
ROWS = [
    (kind, argument, value, says)
    for kind in SINKS
    for argument, bad in {**COMMON, **OWN.get(kind, {})}.items()
    for value, says in bad
]


@pytest.mark.parametrize(("kind", "argument", "value", "says"), ROWS)
def test_what_a_store_would_refuse_is_refused_at_once(kind: type[Sink], argument: str, value: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{kind.__name__}: {argument}: {says}") as refused:
        ALL[kind](**{argument: value})
    assert isinstance(refused.value, pulumi.RunError), "printed without a traceback"
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("kind", SINKS)
def test_every_argument_of_every_sink_has_its_row(kind: type[Sink]) -> None:
    assert {**COMMON, **OWN.get(kind, {})}.keys() == {argument.name for argument in fields(kind)}


def test_a_config_map_is_adopted_by_its_number() -> None:
    with pytest.raises(ArgumentError, match="SaeConfigMap: config_map_id: missing; SAE knows a config map that is to"):
        SaeConfigMap(namespace="cn-beijing", name="a", on_conflict="adopt")
    assert SaeConfigMap(namespace="cn-beijing", name="a", on_conflict="adopt", config_map_id="7").object_id == "7"


def test_a_secret_of_an_instance_needs_a_key_of_it() -> None:
    for kind in (KmsSecret, OosSecretParameter):
        with pytest.raises(
            ArgumentError, match=f"{kind.__name__}: encryption_key: missing: a secret of a dedicated KMS"
        ):
            kind(region="cn-beijing", name="ab", instance="kst-1")
        assert kind(region="cn-beijing", name="ab", instance="kst-1", encryption_key="key-1").instance == "kst-1"


def test_all_that_is_wrong_with_a_sink_is_said_at_once() -> None:
    wrong: Any = {"region": "mars-1", "name": "acs/a", "instance": "kst-1", "format": "yaml"}
    with pytest.raises(ArgumentError) as refused:
        KmsSecret(**wrong)
    first, *lines = str(refused.value).splitlines()
    assert first == "KmsSecret:"
    assert [line.split(":")[0] for line in lines] == ["  format", "  region", "  name"]
