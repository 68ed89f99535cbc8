"""The recorded gRPC conversations of the served types, answer by answer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin.plugin import TYPES
from tests.standin.engine_double import whole
from tests.standin.golden import CONFIG_MAP, NACOS_CONFIG, PARAMETER, load

if TYPE_CHECKING:
    from tests.standin.conftest import Connect
    from tests.standin.engine_double import EngineDouble
    from tests.standin.replay_server import Replay

Json = dict[str, Any]

PROVIDER, RECORD = (load("grpc")[part] for part in ("provider", "types"))
STEPS = ("create", "no change", "update", "replace", "refresh", "destroy")
REQUESTS = {
    "CheckConfig": pb.CheckRequest,
    "Configure": pb.ConfigureRequest,
    "Check": pb.CheckRequest,
    "Diff": pb.DiffRequest,
    "Create": pb.CreateRequest,
    "Read": pb.ReadRequest,
    "Update": pb.UpdateRequest,
    "Delete": pb.DeleteRequest,
}
UNORDERED = ("diffs", "replaces", "stables")


def test_record_is_complete() -> None:
    assert {token: tuple(s["step"] for s in steps) for token, steps in RECORD.items()} == dict.fromkeys(ANSWERS, STEPS)
    assert set(ANSWERS) == set(TYPES)
    calls = [*PROVIDER, *(call for steps in RECORD.values() for step in steps for call in step["calls"])]
    assert {call["method"] for call in calls} == set(REQUESTS)


def test_configuration(connect: Connect, replay: Replay) -> None:
    _converse(PROVIDER, connect(), PARAMETER, replay)


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[s.replace(" ", "-") for s in STEPS])
@pytest.mark.parametrize("token", RECORD, ids=lambda token: token.split(":")[1].replace("/", "-"))
def test_conversation(token: str, number: int, connect: Connect, replay: Replay, provider_args: Json) -> None:
    _converse(RECORD[token][number]["calls"], connect(provider_args, token=token), token, replay)


def _converse(calls: list[Json], engine: EngineDouble, token: str, replay: Replay) -> None:
    """Ask what was asked, and compare each answer."""
    for call in calls:
        method = call["method"]
        request = REQUESTS[method]()
        json_format.ParseDict(_placed(call["request"], replay.port), request, ignore_unknown_fields=False)
        expected = _sorted(_placed(call["response"], replay.port))
        replay.always(_answer(token, expected))
        response = getattr(engine.stub, method)(request)
        shown = json_format.MessageToDict(response)
        assert _sorted(whole(shown)) == expected, method


def _placed(recorded: Json, port: int) -> Json:
    """Put in what the record has as placeholders, and what proto's JSON form writes otherwise."""
    text = json.dumps(recorded).replace("<port>", str(port))
    text = re.sub(r'"randomSeed": "[^"]*"', '"randomSeed": "c2VlZA=="', text)
    placed: Json = json.loads(text)
    return placed


def _sorted(response: Json) -> Json:
    return {n: sorted(v) if n in UNORDERED else v for n, v in response.items()}


def _answer(token: str, response: Json) -> Json:
    """Return what the service answers, whatever is asked, when the plugin's answer is this one."""
    found: Json = response.get("properties", {})
    return ANSWERS[token](str(response.get("id") or found.get("id", "")), found)


def _config_map(identifier: str, found: Json) -> Json:
    content = found.get("data")
    config_map: Json = {
        "ConfigMapId": int(identifier or 0),
        "Name": found.get("name"),
        "NamespaceId": found.get("namespaceId"),
        "Description": "",
        "Data": json.loads(content) if content else {},
    }
    return {"Code": "200", "Success": True, "Data": config_map}


def _nacos_config(identifier: str, found: Json) -> Json:
    del identifier
    names = {"AppName": "appName", "Content": "content", "DataId": "dataId", "Desc": "desc", "Group": "group"}
    names |= {"Tags": "tags", "Type": "type"}
    return {"Success": True, "Configuration": {name: found.get(prop) for name, prop in names.items()}}


def _parameter(identifier: str, found: Json) -> Json:
    parameter: Json = {
        "Name": identifier,
        "Type": found.get("type"),
        "Description": "",
        "ResourceGroupId": found.get("resourceGroupId"),
        "Constraints": None,
        "CreatedDate": found.get("createTime"),
        "Tags": found.get("tags"),
        "Value": found.get("value"),
    }
    return {"Parameter": parameter}


ANSWERS = {
    CONFIG_MAP: _config_map,
    NACOS_CONFIG: _nacos_config,
    PARAMETER: _parameter,
}
