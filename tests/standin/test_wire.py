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
from tests.standin.golden import CONFIG_MAP, NACOS_CONFIG, PARAMETER, SECRET, SECRET_PARAMETER, load

if TYPE_CHECKING:
    from tests.standin.conftest import Connect
    from tests.standin.replay_server import Replay

Json = dict[str, Any]

RECORD = load("grpc")["types"]
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
    assert {call["method"] for steps in RECORD.values() for s in steps for call in s["calls"]} == set(REQUESTS)


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[s.replace(" ", "-") for s in STEPS])
@pytest.mark.parametrize("token", RECORD, ids=lambda token: token.split(":")[1].replace("/", "-"))
def test_conversation(token: str, number: int, connect: Connect, replay: Replay, provider_args: Json) -> None:
    engine = connect(None if number == 0 and token == SECRET else provider_args, token=token)
    for call in RECORD[token][number]["calls"]:
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


def _secret(identifier: str, found: Json) -> Json:
    data: Json = found.get("secretData") or {}
    return {
        "SecretName": identifier,
        "Arn": found.get("arn"),
        "CreateTime": found.get("createTime"),
        "SecretType": "Generic",
        "AutomaticRotation": "Disabled",
        "VersionId": found.get("versionId"),
        "SecretData": data.get("value"),
        "SecretDataType": "text",
        "VersionStages": {"VersionStage": ["ACSCurrent"]},
        "TagResources": _tags(identifier, found),
    }


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
    value = found.get("value")
    parameter: Json = {
        "Name": identifier,
        "Type": found.get("type"),
        "Description": "",
        "ResourceGroupId": found.get("resourceGroupId"),
        "Constraints": None,
        "CreatedDate": found.get("createTime"),
        "Tags": found.get("tags"),
        "Value": value if isinstance(value, str) else None,  # that of a secret one is not shown
    }
    return {"Parameter": parameter, "TagResources": _tags(identifier, found)}


def _tags(identifier: str, found: Json) -> Json:
    tags = found.get("tags", {}).items()
    return {"TagResource": [{"ResourceId": identifier, "TagKey": key, "TagValue": text} for key, text in tags]}


ANSWERS = {
    SECRET: _secret,
    CONFIG_MAP: _config_map,
    NACOS_CONFIG: _nacos_config,
    PARAMETER: _parameter,
    SECRET_PARAMETER: _parameter,
}
