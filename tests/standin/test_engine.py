"""Each type on the real engine, with the stand-in as its plugin and the emulator as the services."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulator.standin.install import install
from emulator.standin.plugin import NOTICE
from tests.standin.golden import CONFIG_MAP, PARAMETER, SECRET, SECRET_PARAMETER

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


def test_config_map(stack: EngineStack, double: Double) -> None:
    args = {"name": "app", "namespace_id": NAMESPACE, "data": '{"A":"1"}'}
    declare(stack, config_map=args, secret_data=True)
    assert stack.up().ok().changes == {"create": 3}
    assert double.calls() == ["CreateConfigMap", "DescribeConfigMap"]
    assert encrypted(stack, CONFIG_MAP) == {"data"}

    declare(stack, config_map=args | {"data": '{"URL":"https://x.example/?a=1\\u0026b"}'})
    assert stack.up().ok().changes == {"update": 1}
    assert double.calls() == ["UpdateConfigMap", "DescribeConfigMap"]

    assert stack.refresh().ok().changes == {}
    assert stack.up().ok().changes == {}
    assert double.calls() == ["DescribeConfigMap"]

    declare(stack, config_map=args | {"name": "app2"})
    replaced = stack.up().ok()
    assert next(s.op for s in replaced.steps if s.type == CONFIG_MAP) == "delete-replaced"
    assert double.calls() == ["DeleteConfigMap", "CreateConfigMap", "DescribeConfigMap"]

    stack.destroy().ok()
    assert double.calls() == ["DeleteConfigMap"]


READ_BOTH = ["GetParameter", "GetSecretParameter", "ListTagResources"]


def test_parameters(stack: EngineStack, double: Double) -> None:
    plain = {"parameter_name": "app", "type": "String", "value": "one", "tags": {"a": "b"}}
    hidden = {"secret_parameter_name": "app", "value": "hunter2", "tags": {"a": "b"}}
    declare(stack, parameter=plain, secret_parameter=hidden)
    assert stack.up().ok().changes == {"create": 4}
    assert sorted(double.calls()) == ["CreateParameter", "CreateSecretParameter", *READ_BOTH]
    assert encrypted(stack, SECRET_PARAMETER) == {"value"}
    assert encrypted(stack, PARAMETER) == set()

    assert stack.up().ok().changes == {}
    assert double.calls() == []

    declare(stack, parameter=plain | {"value": "two"}, secret_parameter=hidden | {"value": "hunter3"})
    assert stack.up().ok().ops_by_type == {("update", PARAMETER): 1, ("update", SECRET_PARAMETER): 1}
    assert sorted(double.calls()) == [*READ_BOTH, "UpdateParameter", "UpdateSecretParameter"]
    assert resource(stack, PARAMETER)["outputs"]["value"] == "two"

    assert stack.refresh().ok().changes == {}
    assert sorted(double.calls()) == READ_BOTH

    declare(stack, parameter=plain | {"parameter_name": "OOS-x", "value": "hunter4" * 600})
    refused = stack.preview()
    assert refused.code != 0
    assert "It cannot start with `ALIYUN`" in refused.text
    assert "hunter4" not in refused.text
    assert double.calls() == []

    assert stack.destroy().ok().changes == {"delete": 4}
    assert sorted(double.calls()) == ["DeleteParameter", "DeleteSecretParameter"]


def test_public_endpoint_is_refused(stack: EngineStack, double: Double) -> None:
    stack.configure({"alicloud-program:endpoint": "kms.cn-beijing.aliyuncs.com"})
    declare(stack, secret=VALUES)
    refused = stack.preview()
    assert refused.code != 0
    assert "kms: kms.cn-beijing.aliyuncs.com is not on loopback" in refused.text
    assert "Traceback" not in refused.text
    assert double.calls() == []
