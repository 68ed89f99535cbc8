"""What a stack file says of a sink is what the sink is made with: every word of every kind."""

from typing import Any

import pytest

from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Sink as Delivering
from components.sinks.table import SINKS
from stacks.delivery import sink_of
from stacks.settings import SecretDeletion
from stacks.sinks import ConfigSink, OneOf, SecretSink

SECRET: dict[str, Any] = {"audience": "tools", "format": "key", "encryption_key": "key-1", "instance": "kst-1"}
SAID: dict[str, Any] = {"prefix": "QWEN_", "on_conflict": "adopt", "on_delete": "retain"}
WHOLE = [
    (
        SecretSink,
        {"kms": {**SAID, "region": "us-east-1", "name": "a", **SECRET}},
        KmsSecret(
            **SAID,
            region="us-east-1",
            name="a",
            **SECRET,
            recovery_window_days=9,
            force_delete=True,
        ),
    ),
    (
        SecretSink,
        {"oos": {**SAID, "region": "us-east-1", "name": "ab", **SECRET}},
        OosSecretParameter(**SAID, region="us-east-1", name="ab", **SECRET),
    ),
    (
        ConfigSink,
        {"sae": {**SAID, "namespace": "cn-hongkong:b", "config_map": "c", "config_map_id": "7"}},
        SaeConfigMap(**SAID, namespace="cn-hongkong:b", name="c", config_map_id="7"),
    ),
    (
        ConfigSink,
        {
            "nacos": {
                **SAID,
                "region": "us-east-1",
                "instance_id": "mse-1",
                "namespace": "n",
                "group": "G",
                "data_id": "d",
                "content_type": "yaml",
            }
        },
        NacosConfig(
            **SAID,
            region="us-east-1",
            instance_id="mse-1",
            namespace="n",
            group="G",
            data_id="d",
            content_type="yaml",
        ),
    ),
    (
        ConfigSink,
        {"oos": {**SAID, "region": "us-east-1", "name": "ab"}},
        OosParameter(**SAID, region="us-east-1", name="ab"),
    ),
]
IDS = [type(sink).__name__ for _, _, sink in WHOLE]


@pytest.mark.parametrize(("model", "entry", "sink"), WHOLE, ids=IDS)
def test_every_word_reaches_the_sink(model: type[OneOf], entry: dict[str, Any], sink: Delivering) -> None:
    given = model.model_validate(entry).sink
    assert given.model_fields_set == set(type(given).model_fields), "a word that is not in this table"
    deletion = SecretDeletion(recovery_window_days=9, force=True)
    made = sink_of(given, "cn-beijing", deletion)
    assert made == sink
    assert given.place_in("cn-beijing") == sink.place
    assert given.facts("cn-beijing") == sink.facts()


@pytest.mark.parametrize(("model", "entry", "sink"), WHOLE, ids=IDS)
def test_left_out_the_words_mean_what_the_sink_s_own_defaults_mean(
    model: type[OneOf], entry: dict[str, Any], sink: Delivering
) -> None:
    ((store, words),) = entry.items()
    needed = {"name", "namespace", "config_map", "instance_id", "data_id", "content_type"}
    given = model.model_validate({store: {k: v for k, v in words.items() if k in needed}}).sink
    assert given.region_in("cn-beijing") == ("cn-hongkong" if isinstance(sink, SaeConfigMap) else "cn-beijing")
    own = {k: v for k, v in vars(sink).items() if k in needed}
    where = {} if isinstance(sink, SaeConfigMap) else {"region": "cn-beijing"}
    kind: Any = type(sink)
    assert sink_of(given, "cn-beijing", SecretDeletion()) == kind(**own, **where)


def test_every_sink_is_in_the_table() -> None:
    assert {type(sink) for _, _, sink in WHOLE} == set(SINKS)
    kinds = [*SecretSink.model_fields, *ConfigSink.model_fields]
    assert sorted(next(iter(entry)) for _, entry, _ in WHOLE) == sorted(kinds)
