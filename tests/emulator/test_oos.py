"""OOS parameters, plain and secret, through the vendor's own SDK."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.clients import oos, raised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess

SECRET_ONLY = {"KeyId", "DKMSInstanceId"}
TIMES = {"Id", "CreatedDate", "UpdatedDate"}
NOWHERE = (404, "EntityNotExists.Parameter")


class Parameters:
    """The calls on parameters of one kind: `Parameter` or `SecretParameter`."""

    def __init__(self, clients: Clients, noun: str, region: str = "cn-beijing") -> None:
        self.client = clients.oos(region)
        self.noun = noun
        self.type = "Secret" if noun == "SecretParameter" else "String"
        self.tagged = {"region_id": region, "resource_type": noun.lower()}

    def call(self, verb: str, suffix: str = "", **given: Any) -> Any:
        """Make a request as the generated model of that operation and return the answer's body."""
        request = getattr(oos, f"{verb}{self.noun}{suffix}Request")(**given)
        method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", f"{verb}{self.noun}{suffix}").lower()
        return getattr(self.client, method)(request).body

    def create(self, name: str = "app", value: str = "one", **more: Any) -> Any:
        return self.call("Create", name=name, value=value, **{"type": self.type} | more).parameter

    def get(self, name: str = "app", **more: Any) -> Any:
        if self.type == "Secret":
            more = {"with_decryption": True} | more
        return self.call("Get", name=name, **more).parameter

    def update(self, name: str = "app", value: str = "two", **more: Any) -> Any:
        if "tags" in more and self.noun == "Parameter":
            more["tags"] = json.dumps(more["tags"])  # this one model alone takes a text
        return self.call("Update", name=name, value=value, **more).parameter

    def delete(self, name: str = "app") -> Any:
        return self.call("Delete", name=name)

    def pages(self, **given: Any) -> list[list[str]]:
        """Follow the tokens; return the names of each page."""
        found: list[list[str]] = []
        token = None
        while token != "":
            body = self.call("List", "s", next_token=token, **given)
            found.append([parameter.name for parameter in body.parameters])
            token = body.next_token
        return found

    def names(self, **given: Any) -> list[str]:
        return [name for page in self.pages(sort_field="Name", sort_order="Ascending", **given) for name in page]

    def tag(self, names: Iterable[str], tags: dict[str, str]) -> None:
        self.client.tag_resources(oos.TagResourcesRequest(resource_ids=list(names), tags=tags, **self.tagged))

    def untag(self, names: Iterable[str], **which: Any) -> None:
        self.client.untag_resources(oos.UntagResourcesRequest(resource_ids=list(names), **which, **self.tagged))

    def tags(self, *names: str, **more: Any) -> dict[str, dict[str, str]]:
        which = {"resource_ids": list(names)} if names else {}
        request = oos.ListTagResourcesRequest(**which, **more, **self.tagged)
        found: dict[str, dict[str, str]] = {}
        for tag in self.client.list_tag_resources(request).body.tag_resources.tag_resource:
            assert tag.resource_type == self.noun.lower()
            found.setdefault(tag.resource_id, {})[tag.tag_key] = tag.tag_value
        return found


@pytest.fixture(params=["Parameter", "SecretParameter"])
def parameters(request: pytest.FixtureRequest, clients: Clients) -> Parameters:
    """Each test runs for both kinds."""
    return Parameters(clients, request.param)


def code(call: Any) -> tuple[int, str]:
    error = raised(call)
    return error.status_code, error.code


def test_one_lives_and_dies(parameters: Parameters) -> None:
    made = parameters.create(description="first", tags={"team": "a"}).to_map()
    assert all(made.pop(name) for name in TIMES)
    expected: dict[str, Any] = {
        "Name": "app",
        "Type": parameters.type,
        "Description": "first",
        "Tags": {"team": "a"},
        "ParameterVersion": 1,
        "ShareType": "Private",
        "ResourceGroupId": "rg-default",
        "CreatedBy": "root(1234567890123456)",
        "UpdatedBy": "root(1234567890123456)",
    }
    assert made == expected, "without the value"
    got = parameters.get().to_map()
    assert {name: value for name, value in got.items() if name not in TIMES} == expected | {"Value": "one"}
    updated = parameters.update(value="two")
    assert (updated.parameter_version, updated.description, updated.tags) == (2, "first", {"team": "a"})
    assert parameters.get().value == "two"
    parameters.delete()
    for call in (parameters.get, parameters.update, parameters.delete):
        assert code(call) == NOWHERE
    assert parameters.create().parameter_version == 1, "the name is free at once"


def test_a_secret_value_is_shown_on_demand_only(clients: Clients) -> None:
    parameters = Parameters(clients, "SecretParameter")
    parameters.create(value="hidden", key_id="key", dkmsinstance_id="kst")
    assert parameters.get(with_decryption=True).value == "hidden"
    for without in (None, False):
        found = parameters.get(with_decryption=without)
        assert found.value is None
        assert (found.key_id, found.dkmsinstance_id) == ("key", "kst")


def test_every_update_is_a_version(parameters: Parameters) -> None:
    parameters.create()
    for value in ("two", "two", "three"):
        parameters.update(value=value)
    assert [parameters.get(parameter_version=n).value for n in (1, 2, 3, 4)] == ["one", "two", "two", "three"]
    assert parameters.get(parameter_version=2).parameter_version == 2
    for version in (0, 5):
        assert code(lambda version=version: parameters.get(parameter_version=version))[0] == 400


def versions(parameters: Parameters, **more: Any) -> list[Any]:
    """Follow the tokens; return all versions, newest first."""
    found: list[Any] = []
    token = None
    while token != "":
        body = parameters.call("List", "Versions", name="app", next_token=token, **more)
        assert (body.name, body.type, body.total_count) == ("app", parameters.type, 3)
        assert len(body.parameter_versions) <= 2, "a page of the emulator's"
        found += body.parameter_versions
        token = body.next_token
    return found


def test_versions_are_listed_by_pages(parameters: Parameters, emulator: EmulatorProcess) -> None:
    parameters.create()
    emulator.settings(clock_offset_s=60)
    for value in ("two", "three"):
        parameters.update(value=value)
    found = versions(parameters)
    assert [version.parameter_version for version in found] == [3, 2, 1]
    assert found[1].updated_date > found[2].updated_date
    shown = ["three", "two", "one"] if parameters.type == "String" else [None] * 3
    assert [version.value for version in found] == shown, "a secret one on demand only"
    if parameters.type == "Secret":
        found = versions(parameters, with_decryption=True)
        assert [version.value for version in found] == ["three", "two", "one"]
    for given in ({"max_results": 9}, {"max_results": 101}, {"next_token": "x"}):
        assert code(lambda given=given: parameters.call("List", "Versions", name="app", **given))[0] == 400, given
    parameters.delete()
    assert code(lambda: parameters.call("List", "Versions", name="app")) == NOWHERE


def test_the_oldest_version_is_dropped_and_numbers_go_on(parameters: Parameters, emulator: EmulatorProcess) -> None:
    assert emulator.admin("GET", "/settings")["max_parameter_versions"] == 100
    emulator.settings(max_parameter_versions=3)
    parameters.create()
    for value in ("two", "three", "four"):
        parameters.update(value=value)
    assert code(lambda: parameters.get(parameter_version=1)) == NOWHERE
    assert [parameters.get(parameter_version=n).value for n in (2, 3, 4)] == ["two", "three", "four"]
    assert [version.parameter_version for version in versions(parameters)] == [4, 3, 2]
    assert parameters.get().parameter_version == 4
    assert parameters.update(value="five").parameter_version == 5


def test_kinds_and_regions_are_apart(clients: Clients) -> None:
    plain, secret = Parameters(clients, "Parameter"), Parameters(clients, "SecretParameter")
    elsewhere = Parameters(clients, "Parameter", "us-east-1")
    plain.create(value="plain")
    for other in (secret, elsewhere):
        assert code(other.get) == NOWHERE
        assert other.names() == []
        assert other.tags() == {}
        other.create(value="other")
    assert plain.get().value == "plain"


def test_a_name_is_taken_unless_it_is_the_same_request(parameters: Parameters) -> None:
    first = parameters.create(client_token="once")
    assert parameters.create(client_token="once").id == first.id
    for token in ("twice", None):
        assert code(lambda token=token: parameters.create(client_token=token)) == (409, "EntityAlreadyExists.Parameter")
    parameters.create("other")
    assert code(lambda: parameters.create("other")) == (409, "EntityAlreadyExists.Parameter"), (
        "no token is not the same"
    )
    assert parameters.names() == ["app", "other"]


ARGUMENTS: list[tuple[dict[str, Any], str | None]] = [
    ({"name": "a/b-c_D9"}, None),
    ({"name": "n" * 180}, None),
    ({"name": "n" * 181}, "InvalidParameter.Name"),
    ({"name": "n"}, "InvalidParameter.Name"),
    ({"name": "a.b"}, "InvalidParameter.Name"),
    *[({"name": f"{word}-x"}, "InvalidParameter.Name") for word in ("ALIYUN", "ACS", "ALIBABA", "ALICLOUD", "OOS")],
    ({"name": "acs-x"}, "InvalidParameter.Name"),
    ({"name": ""}, "MissingName"),
    ({"value": "ü" * 4096}, None),
    ({"value": "v" * 4097}, "InvalidParameter.Value"),
    ({"value": ""}, "MissingValue"),
    ({"description": "d" * 200}, None),
    ({"description": "d" * 201}, "InvalidParameter.Description"),
    ({"tags": {str(n): "" for n in range(20)}}, None),
    ({"tags": {str(n): "" for n in range(21)}}, "InvalidParameter.Tags"),
    ({"type": "Text"}, "InvalidParameter.Type"),
    ({"constraints": "no json"}, "InvalidParameter.Constraints"),
    ({"constraints": "[]"}, "InvalidParameter.Constraints"),
    ({"constraints": '{"AllowedPattern": "("}'}, "InvalidParameter.Constraints"),
]
"""What a create is given, and the code of its refusal, if any."""


def test_what_is_refused(parameters: Parameters) -> None:
    for given, expected in ARGUMENTS:
        if expected:
            assert code(partial(parameters.create, **given)) == (400, expected), given
        else:
            parameters.delete(parameters.create(**given).name)
        assert parameters.names() == [], given


def test_types(clients: Clients) -> None:
    plain, secret = Parameters(clients, "Parameter"), Parameters(clients, "SecretParameter")
    assert plain.create(type="StringList", value="a,b").type == "StringList"
    assert secret.create(type=None).type == "Secret"
    assert code(lambda: plain.create("other", type=None)) == (400, "MissingType")
    assert code(lambda: plain.create("other", type="Secret")) == (400, "InvalidParameter.Type")
    assert code(lambda: secret.create("other", type="String")) == (400, "InvalidParameter.Type")


CONSTRAINTS: list[tuple[dict[str, Any], str, str]] = [
    ({"AllowedValues": ["on", "off"]}, "on", "o"),
    ({"AllowedPattern": "[a-z]+"}, "abc", "abc1"),
    ({"MinLength": 2}, "ab", "a"),
    ({"MaxLength": 2}, "ab", "abc"),
]
"""Constraints, a value that obeys them, one that does not."""


def test_constraints(parameters: Parameters) -> None:
    refused = (400, "InvalidParameter.Value")
    for constraints, good, bad in CONSTRAINTS:
        text = json.dumps(constraints)
        assert code(partial(parameters.create, value=bad, constraints=text)) == refused, text
        assert parameters.create(value=good, constraints=text).constraints == text
        assert code(partial(parameters.update, value=bad)) == refused, text
        assert parameters.update(value=good).parameter_version == 2
        parameters.delete()


def test_an_update_replaces_what_it_names(parameters: Parameters) -> None:
    parameters.create(description="first", tags={"a": "1", "b": "2"})
    parameters.update(description="second", tags={"b": "3"}, resource_group_id="rg-other")
    found = parameters.get()
    assert (found.description, found.tags, found.resource_group_id) == ("second", {"b": "3"}, "rg-other")
    parameters.update(description="")
    found = parameters.get()
    assert (found.description, found.tags, found.resource_group_id) == ("", {"b": "3"}, "rg-other")
    assert code(lambda: parameters.update(description="d" * 201)) == (400, "InvalidParameter.Description")
    assert code(lambda: parameters.update(value="v" * 4097)) == (400, "InvalidParameter.Value")
    assert parameters.get().parameter_version == 3


def test_pages(parameters: Parameters, emulator: EmulatorProcess) -> None:
    for n in range(5):
        parameters.create(f"app{n}")
    order: dict[str, Any] = {"sort_field": "Name", "sort_order": "Ascending"}
    assert parameters.pages(**order) == [["app0", "app1"], ["app2", "app3"], ["app4"]]
    emulator.settings(page_size=50)
    assert parameters.pages(**order) == [[f"app{n}" for n in range(5)]]
    assert parameters.pages(sort_field="Name") == [[f"app{n}" for n in reversed(range(5))]]
    assert parameters.call("List", "s", max_results=10).max_results == 10
    for given in (
        {"max_results": 9},
        {"max_results": 101},
        {"next_token": "x"},
        {"sort_field": "X"},
        {"sort_order": "X"},
    ):
        assert code(lambda given=given: parameters.call("List", "s", **given))[0] == 400, given


def test_filters(parameters: Parameters, clients: Clients) -> None:
    parameters.create("prod/gateway", tags={"team": "a", "env": "prod"})
    parameters.create("prod/eu/gateway", tags={"team": "b"}, resource_group_id="rg-other")
    parameters.create("dev")
    assert parameters.names(name="gate") == ["prod/eu/gateway", "prod/gateway"]
    assert parameters.names(path="prod/") == ["prod/gateway"]
    assert parameters.names(path="prod/", recursive=True) == ["prod/eu/gateway", "prod/gateway"]
    assert parameters.names(tags={"team": "a"}) == ["prod/gateway"]
    assert parameters.names(tags={"team": "a", "env": "dev"}) == []
    assert parameters.names(resource_group_id="rg-other") == ["prod/eu/gateway"]
    operation = {"action": f"List{parameters.noun}s", "version": "2019-06-01", "pathname": "/"}
    listed = clients.raw_call(operation, {"Name": "dev"})["body"]["Parameters"][0]
    assert listed["ParameterVersion"] == "1"
    assert not {"Value", "Constraints", "DKMSInstanceId"} & set(listed)


def test_plain_ones_are_counted_and_found_by_type(clients: Clients) -> None:
    parameters = Parameters(clients, "Parameter")
    for n in range(3):
        parameters.create(f"app{n}")
    parameters.create("list", type="StringList")
    assert parameters.names(type="StringList") == ["list"]
    assert parameters.call("List", "s").total_count == 4


def test_tags(parameters: Parameters) -> None:
    parameters.create("one", tags={"a": "1"})
    parameters.create("two", tags={"b": "2"})
    assert parameters.tags("one") == {"one": {"a": "1"}}
    assert parameters.tags() == {"one": {"a": "1"}, "two": {"b": "2"}}
    assert parameters.tags(tags={"b": "2"}) == {"two": {"b": "2"}}
    parameters.tag(["one", "two"], {"a": "9", "c": "3"})
    assert parameters.tags() == {"one": {"a": "9", "c": "3"}, "two": {"a": "9", "b": "2", "c": "3"}}
    assert parameters.get("one").tags == {"a": "9", "c": "3"}
    parameters.untag(["two"], tag_keys=["a", "b"])
    assert parameters.tags("two") == {"two": {"c": "3"}}
    assert code(lambda: parameters.untag(["one"])) == (400, "InvalidParameter.TagKeys")
    parameters.untag(["one"], all=True)
    assert parameters.tags() == {"two": {"c": "3"}}
    gone = (404, "InvalidResourceId.NotFound")
    assert code(lambda: parameters.tags("one", "nosuch")) == gone
    assert code(lambda: parameters.tag(["one", "nosuch"], {"a": "1"})) == gone
    assert code(lambda: parameters.untag(["nosuch"], all=True)) == gone
    assert code(lambda: parameters.tag(["two"], {str(n): "" for n in range(20)}))[1] == "InvalidParameter.Tags"
    assert code(lambda: parameters.tag([], {"a": "1"}))[1] == "InvalidParameter.ResourceIds"
    parameters.tagged["resource_type"] = "template"
    assert code(parameters.tags) == (400, "InvalidParameter.ResourceType")


def test_numbered_resource_ids(clients: Clients, emulator: EmulatorProcess) -> None:
    # As the alicloud provider sent them up to 1.287; the live gateway overlooks them and answers the tags of all.
    parameters = Parameters(clients, "SecretParameter")
    for name in ("one", "two"):
        parameters.create(name, tags={name: "x"})
    operation = {"action": "ListTagResources", "version": "2019-06-01", "pathname": "/"}
    form = {"RegionId": "cn-beijing", "ResourceType": "secretparameter", "ResourceIds.1": "one"}

    def keys() -> list[str]:
        found = clients.raw_call(operation, form)["body"]["TagResources"]["TagResource"]
        return [tag["TagKey"] for tag in found]

    assert keys() == ["one"]
    emulator.settings(numbered_ids_ignored=True)
    assert keys() == ["one", "two"]


def test_the_tags_of_all_are_listed_whichever_are_asked_for(parameters: Parameters, emulator: EmulatorProcess) -> None:
    for name in ("one", "two"):
        parameters.create(name, tags={name: "x"})
    emulator.settings(tags_of_all=True)
    assert parameters.tags("one") == {"one": {"one": "x"}, "two": {"two": "x"}}
    assert parameters.get("one").tags == {"one": "x"}


def test_faults_strike_here_too(parameters: Parameters, emulator: EmulatorProcess) -> None:
    emulator.fault(f"Create{parameters.noun}", "429")
    assert code(parameters.create) == (429, "Throttling.User")
    assert parameters.names() == []
    emulator.fault(f"Create{parameters.noun}", "cut_after")
    raised(lambda: parameters.create(client_token="once"))
    assert parameters.names() == ["app"]
    assert parameters.create(client_token="once").name == "app", "a lost answer can be asked for again"


def test_everything_survives_a_restart(clients: Clients, emulator: EmulatorProcess) -> None:
    for noun in ("Parameter", "SecretParameter"):
        made = Parameters(clients, noun)
        made.create(tags={"a": "1"})
        made.update(value="two")
    before = emulator.admin("GET", "/state")
    emulator.restart()
    assert emulator.admin("GET", "/state") == before
    for noun in ("Parameter", "SecretParameter"):
        kept = Parameters(clients, noun).get()
        assert (kept.value, kept.parameter_version, kept.tags) == ("two", 2, {"a": "1"})


def test_no_secret_value_in_the_record_or_the_state_that_is_shown(clients: Clients, emulator: EmulatorProcess) -> None:
    key = "sk-ws-test.a1"
    allowed = json.dumps({"AllowedValues": ["pass-phrase", json.dumps({"OPENAI_API_KEY": key})]})
    secret = Parameters(clients, "SecretParameter")
    secret.create(value="pass-phrase", constraints=allowed)
    secret.update(value=json.dumps({"OPENAI_API_KEY": key}))
    secret.get()
    Parameters(clients, "Parameter").create(value="plain value")
    old = clients.oos(signature_algorithm="v2")
    old.update_secret_parameter(oos.UpdateSecretParameterRequest(name="app", value="pass-phrase"))

    record = (emulator.state_dir / "calls.jsonl").read_text()
    assert not [word for word in (key, "pass-phrase", "plain value") if word in record or word in str(emulator.calls())]
    assert record.count('"Value": "digest:') == 4
    assert {call["product"] for call in emulator.calls()} == {"oos"}
    state = emulator.admin("GET", "/state")
    assert (state["counts"]["parameters"], state["counts"]["secret_parameters"]) == (1, 1)
    assert [version["value"] for version in state["parameters"][0]["versions"]] == ["plain value"], (
        "shown like a config map's data: it is none that is secret"
    )
    shown = state["secret_parameters"]
    assert [shown[0]["name"], shown[0]["type"]] == ["app", "Secret"]
    assert not [word for word in (key, "pass-phrase") if word in json.dumps(shown)]
    assert key in (emulator.state_dir / "state.json").read_text(), "else the search would find nothing anywhere"
