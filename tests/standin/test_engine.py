"""Each type on the real engine, with the stand-in as its plugin and the emulator as the services."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulator.standin.install import install
from emulator.standin.plugin import NOTICE, TYPES
from tests.standin.golden import CONFIG_MAP, NACOS_CONFIG, PARAMETER, SECRET, SECRET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.conftest import MakeStack
    from tests.engine_harness import EngineStack

pytestmark = pytest.mark.engine

Json = dict[str, Any]

ROOT = Path(__file__).parent.parent.parent
PROGRAM = ROOT / "tests" / "data" / "alicloud_program"
NAMESPACE = "cn-beijing:local"


class Double:
    """The emulator, seen through its administration."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._seen = 0

    def calls(self) -> list[str]:
        """Return the operations called since the last look."""
        with urllib.request.urlopen(f"http://{self.address}/_admin/calls?since={self._seen}") as answer:
            calls: list[Json] = json.load(answer)["calls"]
        self._seen = max([self._seen, *(call["n"] for call in calls)])
        return [call["operation"] for call in calls]


@pytest.fixture
def double(tmp_path: Path) -> Generator[Double]:
    arguments = ["--state", str(tmp_path / "emulator"), "--sae-namespace", NAMESPACE, "--until-stdin-closes"]
    arguments += ["--mse-instance", "cn-beijing:mse-1", "--nacos-namespace", "mse-1:local"]
    with subprocess.Popen(
        [sys.executable, "-m", "emulator", *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield Double(json.loads(process.stdout.readline())["port"])
        process.communicate(b"", timeout=10)


@pytest.fixture
def stack(make_stack: MakeStack, tmp_path: Path, double: Double) -> EngineStack:
    plugins = install(tmp_path / "plugins", Path(sys.executable), ROOT).parent
    made = make_stack(program=PROGRAM, path=[plugins])
    made.configure({"alicloud-program:endpoint": double.address})
    return made


def declare(stack: EngineStack, **values: Any) -> None:
    """Set what the program declares; None takes a value away."""
    stack.configure({f"alicloud-program:{name}": value for name, value in values.items()})


def resource(stack: EngineStack, token: str) -> Json:
    found: Json = next(r for r in stack.state(show_secrets=True)["resources"] if r["type"] == token)
    return found


def encrypted(stack: EngineStack, token: str) -> set[str]:
    """Return which outputs the state file holds encrypted."""
    found: Json = next(r for r in stack.state()["resources"] if r["type"] == token)
    return {name for name, value in found["outputs"].items() if isinstance(value, dict) and "ciphertext" in value}


READ = ["DescribeSecret", "GetSecretValue", "ListTagResources"]
VALUES = {"secret_name": "app", "secret_data": "hunter2", "version_id": "v1", "force_delete_without_recovery": True}


def test_secret(stack: EngineStack, double: Double) -> None:
    declare(stack, secret=VALUES)
    previewed = stack.preview().ok()
    assert previewed.changes == {"create": 3}
    assert double.calls() == []

    run = stack.up().ok()
    assert NOTICE in run.text
    assert run.changes == {"create": 3}
    assert double.calls() == ["CreateSecret", *READ]
    assert encrypted(stack, SECRET) == {"secretData"}

    assert stack.up().ok().changes == {}
    assert double.calls() == []

    declare(stack, secret=VALUES | {"secret_data": "hunter3", "version_id": "v2", "tags": {"a": "b"}})
    updated = stack.up().ok()
    assert updated.ops_by_type == {("update", SECRET): 1}
    assert double.calls() == ["PutSecretValue", "TagResources", *READ]

    assert stack.refresh().ok().changes == {}
    assert double.calls() == READ

    declare(stack, secret=VALUES | {"secret_name": "app2"})
    replaced = stack.up().ok()
    assert replaced.changes == {"replace": 1}
    assert double.calls() == ["CreateSecret", *READ, "DeleteSecret"]

    declare(stack, secret=VALUES | {"secret_name": "app2", "secret_data": "hunter4"})
    refused = stack.up()
    assert refused.code != 0
    assert "Resource app2 PutSecretValue Failed!!!" in refused.text
    assert "hunter4" not in refused.text
    assert double.calls() == ["PutSecretValue"]
    declare(stack, secret=VALUES | {"secret_name": "app2"})
    assert stack.up().ok().changes == {"update": 1}
    assert double.calls() == READ

    assert stack.destroy().ok().changes == {"delete": 3}
    assert double.calls() == ["DeleteSecret"]


def test_secret_as_container(stack: EngineStack, double: Double) -> None:
    declare(stack, secret=VALUES, ignore_changes=["secretData", "versionId"])
    stack.up().ok()
    declare(stack, secret=VALUES | {"secret_data": "ignored", "version_id": "v9", "tags": {"a": "b"}})
    double.calls()
    assert stack.up().ok().ops_by_type == {("update", SECRET): 1}
    assert double.calls() == ["TagResources", *READ]
    assert resource(stack, SECRET)["outputs"]["versionId"] == "v1"
    assert stack.up().ok().changes == {}


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a resource of one type goes through, and the calls that are seen of it, in order, by their verbs."""

    key: str
    """Of the program's configuration."""
    arguments: Json
    changed: Json
    renamed: Json
    read: tuple[str, ...]
    replaced: tuple[str, ...]
    encrypted: frozenset[str]
    """Outputs that the state file holds so, the program having marked those of `MARKED`."""


MARKED = ["content", "data"]
LIVES = {
    CONFIG_MAP: Life(
        key="config_map",
        arguments={"name": "app", "namespace_id": NAMESPACE, "data": '{"A":"1"}'},
        changed={"data": '{"URL":"https://x.example/?a=1\\u0026b"}'},
        renamed={"name": "app2"},
        read=("Describe",),
        replaced=("Delete", "Create", "Describe"),
        encrypted=frozenset({"data"}),
    ),
    NACOS_CONFIG: Life(
        key="nacos_config",
        arguments={
            "instance_id": "mse-1",
            "namespace_id": "local",
            "data_id": "app.properties",
            "group": "G",
            "content": "A=1\n",
            "type": "properties",
        },
        changed={"content": "URL=https://x.example/?a=1&b=<ü>\n", "desc": "second"},
        renamed={"data_id": "app:2"},
        read=("Get",),
        replaced=("Create", "Get", "Delete"),
        encrypted=frozenset({"content"}),
    ),
    PARAMETER: Life(
        key="parameter",
        arguments={"parameter_name": "app", "type": "String", "value": "one", "tags": {"a": "b"}},
        changed={"value": "two"},
        renamed={"parameter_name": "app2"},
        read=("Get",),
        replaced=("Create", "Get", "Delete"),
        encrypted=frozenset(),
    ),
    SECRET_PARAMETER: Life(
        key="secret_parameter",
        arguments={"secret_parameter_name": "app", "value": "hunter2", "tags": {"a": "b"}},
        changed={"value": "hunter3"},
        renamed={"secret_parameter_name": "app2"},
        read=("Get", "List"),
        replaced=("Create", "Get", "List", "Delete"),
        encrypted=frozenset({"value"}),
    ),
}
OWNERS = {token.rpartition(":")[2]: token for token in LIVES} | {"TagResources": SECRET_PARAMETER}
"""By the rest of a call's name: whose call it is."""


def test_every_type_is_here() -> None:
    assert {SECRET, *LIVES} == set(TYPES)


def test_lives(stack: EngineStack, double: Double) -> None:
    def declare_all(*parts: str) -> None:
        for life in LIVES.values():
            declare(stack, **{life.key: {n: v for part in parts for n, v in getattr(life, part).items()}})

    def seen() -> dict[str, tuple[str, ...]]:
        calls: dict[str, tuple[str, ...]] = {}
        for call in double.calls():
            verb, owned = re.findall(r"([A-Z][a-z]+)(.*)", call)[0]
            calls[OWNERS[owned]] = (*calls.get(OWNERS[owned], ()), verb)
        return calls

    declare(stack, private=MARKED)
    declare_all("arguments")
    assert stack.up().ok().changes == {"create": 2 + len(LIVES)}
    assert seen() == {token: ("Create", *life.read) for token, life in LIVES.items()}
    assert {t: encrypted(stack, t) for t in LIVES} == {t: life.encrypted for t, life in LIVES.items()}

    declare_all("arguments", "changed")
    assert stack.up().ok().ops_by_type == {("update", token): 1 for token in LIVES}
    assert seen() == {token: ("Update", *life.read) for token, life in LIVES.items()}
    assert resource(stack, PARAMETER)["outputs"]["value"] == "two"

    assert stack.refresh().ok().changes == {}
    assert stack.up().ok().changes == {}
    assert seen() == {token: life.read for token, life in LIVES.items()}

    declare_all("arguments", "changed", "renamed")
    assert stack.up().ok().changes == {"replace": len(LIVES)}
    assert seen() == {token: life.replaced for token, life in LIVES.items()}

    declare(stack, parameter=LIVES[PARAMETER].arguments | {"parameter_name": "OOS-x", "value": "hunter4" * 600})
    refused = stack.preview()
    assert refused.code != 0
    assert "It cannot start with `ALIYUN`" in refused.text
    assert "hunter4" not in refused.text
    assert seen() == {}

    assert stack.destroy().ok().changes == {"delete": 2 + len(LIVES)}
    assert seen() == dict.fromkeys(LIVES, ("Delete",))


def test_public_endpoint_is_refused(stack: EngineStack, double: Double) -> None:
    stack.configure({"alicloud-program:endpoint": "kms.cn-beijing.aliyuncs.com"})
    declare(stack, secret=VALUES)
    refused = stack.preview()
    assert refused.code != 0
    assert "kms: kms.cn-beijing.aliyuncs.com is not on loopback" in refused.text
    assert "Traceback" not in refused.text
    assert double.calls() == []
