"""Nacos configs, through the vendor's own SDK, and as an application reads them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.emulator.clients import mse, raised
from tests.emulator_process import ROOT, EmulatorProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator.clients import Clients

CONTENT = "OPENAI_BASE_URL=https://x.example/v1?a=1&b=<2>\nNOTE=ü\\: \t#!\n"
ALL: dict[str, Any] = {"app_name": "gateway", "tags": "a,b", "desc": "first", "type": "properties"}


class Config:
    """One config's calls."""

    def __init__(self, clients: Clients, region: str = "cn-beijing", **other: str) -> None:
        self.client = clients.mse(region)
        named = {"instance_id": "mse-1", "namespace_id": "team", "data_id": "app.properties", "group": "G"}
        self.where = named | other

    def create(self, content: str = CONTENT, **more: str) -> Any:
        return self.client.create_nacos_config(mse.CreateNacosConfigRequest(**self.where, content=content, **more)).body

    def get(self) -> Any:
        body = self.client.get_nacos_config(mse.GetNacosConfigRequest(**self.where)).body
        assert body.success is True
        return body.configuration

    def update(self, content: str, **more: str) -> Any:
        return self.client.update_nacos_config(mse.UpdateNacosConfigRequest(**self.where, content=content, **more)).body

    def delete(self) -> Any:
        return self.client.delete_nacos_config(mse.DeleteNacosConfigRequest(**self.where)).body


def code(call: Any) -> tuple[int, str]:
    error = raised(call)
    return error.status_code, error.code


def consume(emulator: EmulatorProcess, region: str = "cn-beijing", **query: str) -> tuple[int, str]:
    """Read as an application does: the Nacos open API, without the vendor's SDK."""
    url = f"{emulator.region_url(region)}/nacos/v1/cs/configs?{urlencode(query)}"
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=30) as answer:
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_config_lives_and_dies(clients: Clients) -> None:
    config = Config(clients)
    made = config.create(**ALL)
    assert (made.success, made.http_code, made.error_code) == (True, "200", None)
    shown = config.get().to_map()
    assert shown == {
        "DataId": "app.properties",
        "Group": "G",
        "Content": CONTENT,
        "Type": "properties",
        "AppName": "gateway",
        "Tags": "a,b",
        "Desc": "first",
        "BetaIps": "",
        "EncryptedDataKey": "",
        "Md5": hashlib.md5(CONTENT.encode(), usedforsecurity=False).hexdigest(),
    } | {"GrayVersions": shown["GrayVersions"]}, "the SDK adds an empty list"
    assert config.update('{"A":"2"}', type="json").success is True
    found = config.get()
    assert (found.content, found.type) == ('{"A":"2"}', "json")
    assert (found.app_name, found.tags, found.desc) == ("", "", ""), "what is not given is emptied"
    assert config.delete().success is True
    assert config.get() is None
    assert code(lambda: config.update("A=3")) == (404, "mse-200-021")
    assert config.get() is None, "an update makes nothing"
    assert config.delete().success is True, "what is gone is gone"


def test_a_config_that_exists_is_not_made_again(clients: Clients) -> None:
    config = Config(clients)
    config.create("A=1", desc="mine")
    again = config.create("A=2")
    assert (again.success, again.message, again.error_code) == (False, "config already exists", "mse-200-105")
    assert (config.get().content, config.get().desc) == ("A=1", "mine")


@pytest.mark.parametrize("type_", ["text", "json", "xml", "yaml", "html", "properties"])
def test_types(clients: Clients, type_: str) -> None:
    config = Config(clients)
    config.create(type=type_)
    assert config.get().type == type_


def test_the_type_is_text_unless_given(clients: Clients) -> None:
    config = Config(clients)
    config.create()
    assert config.get().type == "text"


INVALID = (400, "InvalidParameter")
ABSENT = (404, "mse-200-021")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"data_id": "aZ09.:-_" + "a" * 248}, None),
        ({"data_id": "a" * 257}, INVALID),
        ({"data_id": "a/b"}, INVALID),
        ({"data_id": "ü"}, INVALID),
        ({"data_id": ""}, (400, "MissingDataId")),
        ({"group": "aZ09.:-_" + "g" * 120}, None),
        ({"group": "g" * 129}, INVALID),
        ({"group": "a b"}, INVALID),
        ({"group": ""}, (400, "MissingGroup")),
        ({"content": "x" * 102400}, None),
        ({"content": "x" * 102401}, INVALID),
        ({"content": "ü" * 51201}, INVALID),
        ({"content": " \n"}, INVALID),
        ({"content": ""}, (400, "MissingContent")),
        ({"type": "toml"}, INVALID),
        ({"type": "JSON"}, INVALID),
        ({"tags": ",".join(["t" * 64] * 5)}, None),
        ({"tags": "a,b,c,d,e,f"}, INVALID),
        ({"tags": "t" * 65}, INVALID),
        ({"desc": "ü" * 128}, None),
        ({"desc": "d" * 129}, INVALID),
        ({"beta_ips": "10.0.0.1"}, INVALID),
        ({"instance_id": ""}, (400, "MissingInstanceId")),
        ({"instance_id": "mse-9"}, ABSENT),
        ({"instance_id": "mse-us", "namespace_id": ""}, ABSENT),
        ({"namespace_id": "nosuch"}, ABSENT),
        ({"namespace_id": "public"}, None),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_what_is_refused(clients: Clients, given: dict[str, str], expected: tuple[int, str] | None) -> None:
    config = Config(clients)
    arguments = {"content": CONTENT, **config.where, **given}

    def create() -> Any:
        return config.client.create_nacos_config(mse.CreateNacosConfigRequest(**arguments))

    if expected is None:
        assert create().body.success is True
    else:
        assert code(create) == expected
    kept = clients.emulator.admin("GET", "/state")["nacos_configs"]
    assert [c["content"] for c in kept] == ([arguments["content"]] if expected is None else [])


@pytest.mark.parametrize("given", [{"type": "odd"}, {"desc": "d" * 129}, {"content": "x" * 102401}])
def test_a_refused_update_changes_nothing(clients: Clients, given: dict[str, str]) -> None:
    config = Config(clients)
    config.create(**ALL)
    before = config.get().to_map()
    changed = {"content": "A=2", "type": "text", "desc": "second", "app_name": "other", "tags": "c"} | given
    assert code(lambda: config.update(**changed)) == INVALID
    assert config.get().to_map() == before


def test_what_an_absent_place_answers(clients: Clients) -> None:
    for config in (Config(clients, instance_id="mse-9"), Config(clients, namespace_id="nosuch")):
        for call in (config.get, config.delete, lambda c=config: c.update("A=1")):
            assert code(call) == ABSENT


def test_instance_namespace_data_id_and_group_tell_configs_apart(clients: Clients) -> None:
    configs = {
        text: Config(clients, **other)
        for text, other in {
            "0": {},
            "1": {"instance_id": "mse-2"},
            "2": {"namespace_id": ""},
            "3": {"data_id": "other"},
            "4": {"group": "H"},
        }.items()
    }
    for text, config in configs.items():
        assert config.create(text).success is True
    assert {text: config.get().content for text, config in configs.items()} == {text: text for text in configs}
    assert Config(clients, namespace_id="public").get().content == "2", "the empty id and public are one"


def test_configs_are_listed_by_pages_and_filters(clients: Clients) -> None:
    for n in range(3):
        Config(clients, data_id=f"d{n}").create(app_name=f"app{n}", tags=f"t{n}", desc=f"desc{n}")
    Config(clients, namespace_id="").create()
    client = clients.mse()

    def listed(**given: Any) -> Any:
        where = {"instance_id": "mse-1", "namespace_id": "team", "page_num": 1, "page_size": 10}
        return client.list_nacos_configs(mse.ListNacosConfigsRequest(**(where | given))).body

    first = listed(page_size=2)
    assert (first.total_count, first.page_number, first.page_size) == (3, 1, 2)
    shown = first.configurations[0].to_map()
    assert shown.pop("Id")
    assert shown == {"DataId": "d0", "Group": "G", "AppName": "app0", "ConfigTags": "t0", "Description": "desc0"}
    assert [c.data_id for c in listed(page_num=2, page_size=2).configurations] == ["d2"]
    for given in ({"data_id": "d1"}, {"app_name": "app1"}, {"tags": "t1"}):
        assert [c.data_id for c in listed(**given).configurations] == ["d1"]
    assert listed(group="H").configurations == []
    assert len({c.id for c in listed().configurations}) == 3
    assert code(lambda: listed(page_num=None)) == (400, "MissingPageNum")
    assert code(lambda: listed(page_size=0)) == INVALID
    assert code(lambda: listed(namespace_id="nosuch")) == ABSENT


def test_an_application_reads_what_was_put(clients: Clients, emulator: EmulatorProcess) -> None:
    where = {"dataId": "app.properties", "group": "G", "tenant": "team"}
    assert consume(emulator, **where) == (404, "config data not exist")
    config = Config(clients)
    config.create()
    assert consume(emulator, **where) == (200, CONTENT)
    config.update("A=2")
    assert consume(emulator, **where) == (200, "A=2")
    for other in ({"tenant": ""}, {"group": "H"}, {"dataId": "app"}):
        assert consume(emulator, **(where | other))[0] == HTTPStatus.NOT_FOUND
    assert consume(emulator, "us-east-1", **where)[0] == HTTPStatus.NOT_FOUND, "another region"
    Config(clients, instance_id="mse-2").create()
    status, text = consume(emulator, **where)
    assert (status, "mse-1, mse-2" in text) == (409, True), "never a guess between two instances"
    config.delete()
    assert consume(emulator, **where) == (200, CONTENT)


def test_the_public_namespace_is_read_with_and_without_its_name(clients: Clients, emulator: EmulatorProcess) -> None:
    Config(clients, "us-east-1", instance_id="mse-us", namespace_id="public").create()
    for tenant in ({}, {"tenant": ""}, {"tenant": "public"}):
        assert consume(emulator, "us-east-1", dataId="app.properties", group="G", **tenant) == (200, CONTENT)


def test_calls_are_recorded_without_the_content(clients: Clients, emulator: EmulatorProcess) -> None:
    Config(clients).create("A=1")
    consume(emulator, dataId="app.properties", group="G", tenant="team")
    made, read = emulator.calls()
    assert (made["product"], made["operation"], made["region"]) == ("mse", "CreateNacosConfig", "cn-beijing")
    assert made["params"]["DataId"] == "app.properties"
    assert made["params"]["Content"].startswith("digest:")
    assert (read["product"], read["operation"], read["status"]) == ("mse", "nacos:config", 200)
    assert read["params"] == {"dataId": "app.properties", "group": "G", "tenant": "team"}


def test_faults_strike(clients: Clients, emulator: EmulatorProcess) -> None:
    config = Config(clients)
    emulator.fault("CreateNacosConfig", "cut_after")
    raised(config.create)
    assert config.get().content == CONTENT, "done, though the answer was lost"
    emulator.fault("UpdateNacosConfig", "429")
    assert code(lambda: config.update("A=2")) == (429, "Throttling.User")
    assert config.get().content == CONTENT
    emulator.fault("nacos:config", "500")
    where = {"dataId": "app.properties", "group": "G", "tenant": "team"}
    assert consume(emulator, **where)[0] == HTTPStatus.INTERNAL_SERVER_ERROR
    assert consume(emulator, **where) == (200, CONTENT)


def test_configs_survive_a_restart(clients: Clients, emulator: EmulatorProcess) -> None:
    Config(clients).create()
    before = emulator.admin("GET", "/state")
    assert [c["data_id"] for c in before["nacos_configs"]] == ["app.properties"]
    assert [(i["instance_id"], i["namespaces"]) for i in before["mse_instances"]] == [
        ("mse-1", ["team"]),
        ("mse-2", ["team"]),
        ("mse-us", []),
    ]
    emulator.restart()
    assert emulator.admin("GET", "/state") == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mse-instance", "mse-1"], "MSE instance mse-1: must be <region>:<instance>, the region one of cn-beijing"),
        (["--mse-instance", "cn-beijing:"], "MSE instance cn-beijing:: must be <region>:<instance>"),
        (["--nacos-namespace", "mse-9:team"], "Nacos namespace mse-9:team: must be <instance>:<namespace> of a known"),
        (["--mse-instance", "cn-beijing:m", "--nacos-namespace", "m"], "Nacos namespace m: must be"),
    ],
)
def test_places_that_cannot_be(tmp_path: Path, arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", "emulator", "--state", str(tmp_path), *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"emulator: {said}")
    assert run.stderr.count("\n") == 1
