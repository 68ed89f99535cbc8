"""KMS secrets, through the vendor's own SDK: versions, stages, deletion windows."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.clients import kms, raised

if TYPE_CHECKING:
    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess

DAY = 86400


class Secrets:
    """One secret's calls."""

    def __init__(self, clients: Clients, name: str = "app/key", region: str = "cn-beijing") -> None:
        self.client = clients.kms(region)
        self.name = name

    def create(self, data: str = "one", version: str = "v1", **more: Any) -> Any:
        request = kms.CreateSecretRequest(secret_name=self.name, secret_data=data, version_id=version, **more)
        return self.client.create_secret(request).body

    def put(self, data: str, version: str, **more: Any) -> Any:
        request = kms.PutSecretValueRequest(secret_name=self.name, secret_data=data, version_id=version, **more)
        return self.client.put_secret_value(request).body

    def get(self, **which: Any) -> Any:
        return self.client.get_secret_value(kms.GetSecretValueRequest(secret_name=self.name, **which)).body

    def move(self, stage: str, to: str | None = None, off: str | None = None) -> Any:
        request = kms.UpdateSecretVersionStageRequest(
            secret_name=self.name, version_stage=stage, move_to_version=to, remove_from_version=off
        )
        return self.client.update_secret_version_stage(request).body

    def delete(self, days: str | None = None, force: str | None = None) -> Any:
        request = kms.DeleteSecretRequest(
            secret_name=self.name, recovery_window_in_days=days, force_delete_without_recovery=force
        )
        return self.client.delete_secret(request).body

    def describe(self) -> Any:
        return self.client.describe_secret(kms.DescribeSecretRequest(secret_name=self.name)).body

    def stages(self, *, every: bool = True) -> dict[str, list[str]]:
        request = kms.ListSecretVersionIdsRequest(
            secret_name=self.name, include_deprecated=str(every).lower(), page_size=100
        )
        found = self.client.list_secret_version_ids(request).body.version_ids.version_id
        return {version.version_id: version.version_stages.version_stage for version in found}


@pytest.fixture
def secret(clients: Clients) -> Secrets:
    made = Secrets(clients)
    made.create()
    return made


def code(call: Any) -> tuple[int, str]:
    error = raised(call)
    return error.status_code, error.code


def test_create_describe_get(clients: Clients) -> None:
    secret = Secrets(clients, region="us-east-1")
    made = secret.create("hello", description="first", tags='[{"TagKey":"team","TagValue":"a"}]')
    arn = "acs:kms:us-east-1:1234567890123456:secret/app/key"
    assert (made.secret_name, made.version_id, made.arn, made.secret_type) == ("app/key", "v1", arn, "Generic")
    shown = secret.describe().to_map()
    for name in ("RequestId", "CreateTime", "UpdateTime"):
        assert shown.pop(name)
    assert shown == {
        "SecretName": "app/key",
        "SecretType": "Generic",
        "PlannedDeleteTime": "",
        "Arn": arn,
        "Description": "first",
        "AutomaticRotation": "Disabled",
    }
    value = secret.get()
    assert (value.secret_data, value.secret_data_type, value.version_id) == ("hello", "text", "v1")
    assert value.version_stages.version_stage == ["ACSCurrent"]
    assert Secrets(clients, arn, "us-east-1").get().secret_data == "hello", "an ARN names a secret, too"
    assert code(Secrets(clients).describe) == (404, "Forbidden.ResourceNotFound"), "another region"
    assert code(secret.create) == (409, "Rejected.ResourceExist")


def test_a_new_version_becomes_current_and_the_former_one_previous(secret: Secrets) -> None:
    assert secret.put("two", "v2").version_stages.version_stage == ["ACSCurrent"]
    assert secret.stages() == {"v1": ["ACSPrevious"], "v2": ["ACSCurrent"]}
    secret.put("three", "v3")
    assert secret.stages() == {"v1": [], "v2": ["ACSPrevious"], "v3": ["ACSCurrent"]}
    assert list(secret.stages(every=False)) == ["v2", "v3"]
    assert secret.get().secret_data == "three"
    assert secret.get(version_stage="ACSPrevious").secret_data == "two"
    assert secret.get(version_id="v1").secret_data == "one"
    assert code(lambda: secret.get(version_id="v9"))[0] == 404
    assert code(lambda: secret.get(version_id="v1", version_stage="ACSCurrent"))[0] == 404


def test_a_known_version_with_the_same_data_changes_nothing_and_with_other_data_is_refused(secret: Secrets) -> None:
    secret.put("two", "v2")
    assert secret.put("one", "v1", version_stages='["ACSCurrent"]').version_id == "v1"
    assert secret.stages() == {"v1": ["ACSPrevious"], "v2": ["ACSCurrent"]}, "not even the stage moved"
    assert code(lambda: secret.put("other", "v1")) == (409, "Rejected.ResourceExist")
    assert secret.get(version_id="v1").secret_data == "one"


def test_stages_move_but_the_system_ones_are_not_taken_away(secret: Secrets) -> None:
    secret.put("two", "v2")
    secret.move("ACSCurrent", to="v1", off="v2")
    assert secret.stages() == {"v1": ["ACSCurrent"], "v2": ["ACSPrevious"]}
    assert secret.get().secret_data == "one"
    secret.move("ACSCurrent", to="v2")
    assert secret.stages() == {"v1": ["ACSPrevious"], "v2": ["ACSCurrent"]}
    assert code(lambda: secret.move("ACSCurrent", off="v2")) == (400, "InvalidParameter")
    assert code(lambda: secret.move("ACSCurrent", to="v1", off="v1")) == (400, "InvalidParameter")
    assert code(lambda: secret.move("ACSCurrent")) == (400, "InvalidParameter")
    assert code(lambda: secret.move("ACSCurrent", to="v9"))[0] == 404
    secret.move("blue", to="v1")
    assert secret.stages()["v1"] == ["ACSPrevious", "blue"]
    secret.move("blue", off="v1")
    assert secret.stages() == {"v1": ["ACSPrevious"], "v2": ["ACSCurrent"]}


def test_ten_versions_are_kept(secret: Secrets) -> None:
    secret.move("keep", to="v1")
    for n in range(2, 12):
        secret.put(f"data {n}", f"v{n}")
    assert sorted(secret.stages()) == sorted(["v1", *(f"v{n}" for n in range(3, 12))]), "v2 went: oldest without stage"


def test_eight_stages(secret: Secrets) -> None:
    stages = [f"s{n}" for n in range(7)]
    assert code(lambda: secret.put("two", "v2", version_stages=json.dumps(stages)))[1] == "Rejected.LimitExceeded"
    secret.put("two", "v2", version_stages=json.dumps(stages[:6]))
    assert secret.stages() == {"v1": ["ACSCurrent"], "v2": stages[:6]}


@pytest.mark.parametrize(
    ("name", "data", "version", "expected"),
    [
        ("a" * 192, "x" * 30720, "v" * 64, None),
        ("a" * 193, "x", "v1", "InvalidParameter"),
        ("acs/x", "x", "v1", "InvalidParameter"),
        ("a b", "x", "v1", "InvalidParameter"),
        ("app", "x" * 30721, "v1", "InvalidParameter"),
        ("app", "", "v1", "MissingSecretData"),
        ("app", "x", "v" * 65, "InvalidParameter"),
    ],
)
def test_names_and_sizes(clients: Clients, name: str, data: str, version: str, expected: str | None) -> None:
    secret = Secrets(clients, name)
    if expected is None:
        assert secret.create(data, version).secret_name == name
    else:
        assert code(lambda: secret.create(data, version)) == (400, expected)


def test_a_deleted_secret_stays_for_its_window(secret: Secrets, emulator: EmulatorProcess) -> None:
    assert code(lambda: secret.delete("6")) == (400, "InvalidParameter")
    assert code(lambda: secret.delete("31")) == (400, "InvalidParameter")
    planned = secret.delete("7").planned_delete_time
    assert secret.describe().planned_delete_time == planned
    in_window = (409, "Rejected.ResourceInDeleteWindow")
    for call in (secret.get, secret.delete, secret.create, lambda: secret.put("two", "v2"), secret.stages):
        assert code(call) == in_window
    emulator.settings(clock_offset_s=7 * DAY - 60)
    assert code(secret.get) == in_window
    emulator.settings(clock_offset_s=7 * DAY + 60)
    assert code(secret.describe) == (404, "Forbidden.ResourceNotFound")
    assert code(secret.delete) == (404, "Forbidden.ResourceNotFound")
    assert secret.create().version_id == "v1"


def test_restore_ends_the_window(secret: Secrets) -> None:
    secret.delete()
    secret.client.restore_secret(kms.RestoreSecretRequest(secret_name=secret.name))
    assert secret.describe().planned_delete_time == ""
    assert secret.get().secret_data == "one"


def test_what_is_not_planned_to_be_deleted_is_not_restored(secret: Secrets, clients: Clients) -> None:
    def restore(name: str) -> None:
        secret.client.restore_secret(kms.RestoreSecretRequest(secret_name=name))

    assert code(lambda: restore(secret.name)) == (409, "Rejected.ResourceInUse")
    assert code(lambda: restore("nosuch")) == (404, "Forbidden.ResourceNotFound")
    assert secret.get().secret_data == "one"
    assert code(Secrets(clients, "nosuch").describe)[0] == 404


def test_a_secret_of_a_dedicated_instance_names_its_key_too(clients: Clients) -> None:
    secret = Secrets(clients)
    halves: list[dict[str, Any]] = [{"dkmsinstance_id": "kst-1"}, {"encryption_key_id": "key-1"}]
    for alone in halves:
        assert code(partial(secret.create, **alone)) == (400, "InvalidParameter")
        assert code(secret.describe)[0] == 404, "nothing was made"
    made = secret.create(dkmsinstance_id="kst-1", encryption_key_id="key-1")
    assert made.dkmsinstance_id == "kst-1"
    assert (secret.describe().dkmsinstance_id, secret.describe().encryption_key_id) == ("kst-1", "key-1")


def test_force_wins_over_a_window(secret: Secrets) -> None:
    assert secret.delete("30", "true").planned_delete_time is None
    assert code(secret.describe) == (404, "Forbidden.ResourceNotFound")
    assert secret.create("again").version_id == "v1"


def test_description_and_tags(secret: Secrets) -> None:
    secret.client.update_secret(kms.UpdateSecretRequest(secret_name=secret.name, description="second"))
    assert secret.describe().description == "second"
    client, where = secret.client, {"region_id": "cn-beijing", "resource_type": "secret", "resource_id": [secret.name]}

    def tags() -> dict[str, str]:
        found = client.list_tag_resources(kms.ListTagResourcesRequest(**where)).body.tag_resources.tag_resource
        return {tag.tag_key: tag.tag_value for tag in found}

    given = [kms.TagResourcesRequestTag(key=key, value="1") for key in ("a", "b")]
    client.tag_resources(kms.TagResourcesRequest(tag=given, **where))
    assert tags() == {"a": "1", "b": "1"}
    client.untag_resources(kms.UntagResourcesRequest(tag_key=["a"], **where))
    assert tags() == {"b": "1"}


def test_secrets_are_listed_by_pages_and_filters(clients: Clients) -> None:
    for n in range(3):
        Secrets(clients, f"s{n}").create(tags=f'[{{"TagKey":"n","TagValue":"{n}"}}]')
    client = clients.kms()

    def names(**given: Any) -> list[str]:
        body = client.list_secrets(kms.ListSecretsRequest(**given)).body
        return [found.secret_name for found in body.secret_list.secret]

    assert names() == ["s0", "s1", "s2"]
    assert names(page_size=2, page_number=2) == ["s2"]
    assert names(filters='[{"Key":"TagValue","Values":["0","2"]}]') == ["s0", "s2"]


def test_a_value_may_travel_in_query_or_form(clients: Clients, emulator: EmulatorProcess) -> None:
    # The generated client puts all of CreateSecret into the query; UpdateSecretVersionStage is sent as a form here.
    secret = Secrets(clients)
    secret.create()
    secret.put("two", "v2")
    operation = {"action": "GetSecretValue", "version": "2016-01-20", "protocol": "HTTP", "pathname": "/"}
    answer = clients.raw_call(operation, body={"SecretName": secret.name, "VersionId": "v1"})
    assert answer["body"]["SecretData"] == "one"
    assert emulator.calls()[-1]["params"] == {"SecretName": secret.name, "VersionId": "v1"}
