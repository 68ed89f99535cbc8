"""Keys, through the vendor's own SDK."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.clients import auth, ms

if TYPE_CHECKING:
    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess


def shown(clients: Clients, key_id: Any) -> Any:
    return clients.model_studio().get_api_key(str(key_id)).body.api_key


def listed(clients: Clients, **filters: Any) -> list[int]:
    found: list[int] = []
    token = None
    while token != "":
        body = clients.model_studio().list_api_keys(ms.ListApiKeysRequest(next_token=token, **filters)).body
        found += [key.api_key_id for key in body.api_keys]
        token = body.next_token
    return found


def test_the_value_is_shown_at_creation_and_masked_afterwards(clients: Clients) -> None:
    made = clients.key(clients.workspace().workspace_id).api_key
    assert re.fullmatch(r"sk-ws-[A-Z]\.\w{6}\.\w{4}\.\w+", made.api_key_value)
    assert len(made.api_key_value) < 28
    assert made.created_by == "1234567890123456"
    masked = shown(clients, made.api_key_id).api_key_value
    assert "****" in masked
    assert masked != made.api_key_value
    assert made.api_key_value[12:-2] not in masked
    body = clients.model_studio().list_api_keys(ms.ListApiKeysRequest(api_key_id=made.api_key_id)).body
    assert [key.api_key_value for key in body.api_keys] == [masked]
    assert body.api_keys[0].workspace_name == "test"


def test_an_empty_workspace_id_means_the_default_workspace(clients: Clients) -> None:
    made = clients.key("").api_key
    body = clients.model_studio().list_workspaces(ms.ListWorkspacesRequest(workspace_id=made.workspace_id)).body
    assert [w.workspace_name for w in body.workspaces] == ["default"]


def test_twenty_keys_per_workspace(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.settings(max_keys_per_workspace=2)
    full, other = clients.workspace("full").workspace_id, clients.workspace("other").workspace_id
    assert [clients.key(full).success for _ in range(3)] == [True, True, False]
    assert clients.key(other).success is True
    assert emulator.admin("GET", "/settings")["max_keys_per_workspace"] == 2
    emulator.settings(max_keys_per_workspace=20)
    assert [clients.key(full).success for _ in range(19)].count(True) == 18


def test_a_description_has_at_most_200_characters(clients: Clients) -> None:
    workspace = clients.workspace().workspace_id
    assert [clients.key(workspace, description="d" * length).success for length in (200, 201)] == [True, False]


def test_lists_filter_sort_and_page(clients: Clients) -> None:
    workspace, other = clients.workspace("a").workspace_id, clients.workspace("b").workspace_id
    ids = [clients.key(workspace, description=f"mark-{n}").api_key.api_key_id for n in range(3)]
    foreign = clients.key(other, description="mark-9").api_key.api_key_id
    assert listed(clients, workspace_id=workspace) == ids[::-1]
    assert listed(clients, workspace_id=workspace, order="ASC", order_by="gmtCreate") == ids
    assert listed(clients, description="mark-") == [foreign, *ids[::-1]]
    assert listed(clients, description="ARK-1") == [ids[1]]
    assert listed(clients, api_key_id=ids[0]) == [ids[0]]
    assert listed(clients, workspace_id="ws-none") == []


def test_a_key_is_known_in_its_region_only(clients: Clients) -> None:
    made = clients.key(clients.workspace().workspace_id).api_key
    elsewhere = clients.model_studio("us-east-1").get_api_key(str(made.api_key_id)).body
    assert (elsewhere.success, elsewhere.http_status_code) == (False, 404)
    refused = clients.key(made.workspace_id, region="us-east-1")
    assert (refused.success, refused.code) == (False, "WorkspaceNotFound")


def test_a_custom_key_without_ips_is_open_to_the_world(clients: Clients) -> None:
    made = clients.key(clients.workspace().workspace_id, auth=auth(all=True)).api_key
    assert shown(clients, made.api_key_id).auth.to_map() == {
        "type": "Custom",
        "accessIps": ["0.0.0.0/0", "::/0"],
        "modelAccessScope": {"allowAllModels": True},
    }


def test_auth_is_replaced_as_a_whole(clients: Clients) -> None:
    client = clients.model_studio()
    made = clients.key(
        clients.workspace().workspace_id, auth=auth(ips=["10.0.0.0/8"], all=False, models=["qwen-plus"])
    ).api_key
    key_id = str(made.api_key_id)
    client.update_api_key(key_id, ms.UpdateApiKeyRequest(description="new"))
    key = shown(clients, key_id)
    assert (key.description, key.auth.access_ips) == ("new", ["10.0.0.0/8"])
    scope = ms.UpdateApiKeyRequestAuthModelAccessScope(allow_all_models=False, accessible_models=["qwen-max"])
    given = ms.UpdateApiKeyRequestAuth(type="Custom", model_access_scope=scope)
    assert client.update_api_key(key_id, ms.UpdateApiKeyRequest(auth=given)).body.success is True
    key = shown(clients, key_id)
    assert key.description == "new"
    assert key.auth.access_ips == ["0.0.0.0/0", "::/0"], "the IP list was left out, so it is gone"
    assert key.auth.model_access_scope.accessible_models == ["qwen-max"]
    # Part of an auth is refused and changes nothing.
    half = client.update_api_key(key_id, ms.UpdateApiKeyRequest(auth=ms.UpdateApiKeyRequestAuth(access_ips=["::/0"])))
    assert half.body.success is False
    assert shown(clients, key_id).auth.to_map() == key.auth.to_map()


@pytest.mark.parametrize(
    ("region", "given", "good"),
    [
        ("cn-beijing", {"ips": ["10.0.0.1"] * 20}, True),
        ("cn-beijing", {"ips": ["10.0.0.1"] * 21}, False),
        ("cn-beijing", {"ips": ["10.0.0.300"]}, False),
        ("cn-beijing", {"ips": ["2001:db8::/32"]}, True),
        ("us-east-1", {"ips": ["2001:db8::/32"]}, False),
        ("cn-beijing", {"all": False, "models": ["qwen-plus"] * 30}, True),
        ("cn-beijing", {"all": False, "models": ["qwen-plus"] * 31}, False),
        ("cn-beijing", {"all": False, "models": ["no-such-model"]}, False),
        ("cn-beijing", {"type": "Some"}, False),
    ],
)
def test_what_a_key_may_be_given(clients: Clients, region: str, given: dict[str, Any], good: bool) -> None:
    # One workspace in either state: a list of models holds only what the workspace may call.
    workspace = clients.workspace(region=region, models=given != {"all": False, "models": ["no-such-model"]})
    assert clients.key(workspace.workspace_id, region, auth=auth(**given)).success is good


def test_a_key_lists_only_models_that_its_workspace_may_call(clients: Clients) -> None:
    workspace = clients.workspace(models=False).workspace_id
    given = auth(all=False, models=["qwen-plus"])
    assert clients.key(workspace, auth=given).success is False
    item = ms.UpdateModelPermissionsRequestModels(model="qwen-plus", inference=True)
    request = ms.UpdateModelPermissionsRequest(workspace_id=workspace, models=[item])
    assert clients.model_studio().update_model_permissions(request).body.success is True
    assert clients.key(workspace, auth=given).success is True


def test_booleans_keep_their_spelling_in_the_record_and_may_be_taken_strictly(
    clients: Clients, emulator: EmulatorProcess
) -> None:
    workspace = clients.workspace().workspace_id
    assert clients.key(workspace, auth=auth(all=True)).success is True
    assert emulator.calls()[-1]["params"]["auth.modelAccessScope.allowAllModels"] == "True"
    emulator.settings(lenient_booleans=False)
    assert clients.key(workspace, auth=auth(all=True)).success is False
    assert clients.key(workspace, auth=auth(all="true")).success is True
    assert clients.key(workspace, auth=auth(all="yes")).success is False


def test_enable_and_disable_are_not_repeatable(clients: Clients) -> None:
    client = clients.model_studio()
    key_id = str(clients.key(clients.workspace().workspace_id).api_key.api_key_id)
    assert client.enable_api_key(key_id, ms.EnableApiKeyRequest()).body.success is False
    assert client.disable_api_key(key_id, ms.DisableApiKeyRequest()).body.success is True
    assert shown(clients, key_id).disabled == 1
    assert client.disable_api_key(key_id, ms.DisableApiKeyRequest()).body.success is False
    assert client.enable_api_key(key_id, ms.EnableApiKeyRequest()).body.success is True
    assert shown(clients, key_id).disabled == 0


def test_reset_gives_a_new_value_under_the_same_id(clients: Clients) -> None:
    made = clients.key(clients.workspace().workspace_id).api_key
    reset = clients.model_studio().reset_api_key(str(made.api_key_id), ms.ResetApiKeyRequest()).body.api_key
    assert reset.api_key_id == made.api_key_id
    assert reset.api_key_value != made.api_key_value
    assert "****" not in reset.api_key_value


def test_a_deleted_key_is_gone_and_its_id_is_not_used_again(clients: Clients) -> None:
    client = clients.model_studio()
    workspace = clients.workspace().workspace_id
    first = clients.key(workspace).api_key.api_key_id
    assert client.delete_api_key(str(first)).body.success is True
    assert client.get_api_key(str(first)).body.success is False
    assert client.delete_api_key(str(first)).body.success is False
    assert clients.key(workspace).api_key.api_key_id != first
    assert isinstance(first, int)


def test_new_keys_are_listed_late_when_asked_for(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace().workspace_id
    emulator.settings(visibility_delay_calls=1)
    made = clients.key(workspace).api_key.api_key_id
    assert [listed(clients, workspace_id=workspace) for _ in range(2)] == [[], [made]]
    assert shown(clients, made).api_key_id == made


def test_model_permissions_of_a_new_workspace_start_empty(clients: Clients, emulator: EmulatorProcess) -> None:
    client = clients.model_studio()
    workspace = clients.workspace(models=False).workspace_id

    def permitted(scope: str = "AUTHORIZED", workspace_id: str = workspace) -> list[str]:
        emulator.settings(page_size=100)
        request = ms.ListModelPermissionsRequest(workspace_id=workspace_id, authorization_scope=scope, max_results=100)
        return [item.model for item in client.list_model_permissions(request).body.list]

    def update(**given: Any) -> bool:
        request = ms.UpdateModelPermissionsRequest(workspace_id=workspace, **given)
        done: bool = client.update_model_permissions(request).body.success
        return done

    def item(model: str, *, inference: bool) -> Any:
        return ms.UpdateModelPermissionsRequestModels(model=model, inference=inference)

    every = permitted("AUTHORIZABLE")
    assert permitted() == []
    assert "qwen-plus" in every
    assert update(models=[item("qwen-plus", inference=True), item("qwen-max", inference=True)])
    assert permitted() == ["qwen-max", "qwen-plus"]
    assert update(access_all_entities="KEEP", models=[item("qwen-max", inference=False)])
    assert permitted() == ["qwen-plus"]
    assert not update(models=[item("no-such-model", inference=True)])
    assert not update(access_all_entities="KEEP")
    assert not update(models=[item("qwen-plus", inference=True)] * 21)
    assert update(access_all_entities="OPEN")
    assert permitted() == every
    assert update(access_all_entities="CLOSE")
    assert permitted() == []

    default = clients.key("").api_key.workspace_id
    assert permitted(workspace_id=default) == every
    refused = ms.UpdateModelPermissionsRequest(workspace_id=default, access_all_entities="CLOSE")
    assert client.update_model_permissions(refused).body.success is False
    over = ms.ListModelPermissionsRequest(workspace_id=workspace, max_results=101)
    assert client.list_model_permissions(over).body.code == "InvalidParameter.maxResults"


def test_models_are_listed(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.settings(page_size=100)
    client = clients.model_studio()
    body = client.list_models(ms.ListModelsRequest(providers=["qwen"])).body
    assert body.total_count == len(body.models)
    assert "qwen-plus" in [model.model for model in body.models]
    one = client.list_models(ms.ListModelsRequest(model="qwen-plus")).body
    assert [model.model for model in one.models] == ["qwen-plus"]
