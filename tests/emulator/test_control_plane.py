"""The control plane, through the vendor's own SDK: workspaces and what surrounds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.clients import ms, raised

if TYPE_CHECKING:
    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess

REGIONS = ("cn-beijing", "cn-hongkong", "ap-southeast-1", "ap-northeast-1", "us-east-1", "eu-central-1")


def all_workspaces(client: Any, **filters: Any) -> tuple[list[Any], int]:
    """Return all workspaces and the number of pages."""
    found: list[Any] = []
    token, pages = None, 0
    while pages == 0 or token:
        body = client.list_workspaces(ms.ListWorkspacesRequest(next_token=token, **filters)).body
        assert body.success is True
        found += body.workspaces
        token, pages = body.next_token, pages + 1
    return found, pages


def test_create_list_delete(clients: Clients) -> None:
    client = clients.model_studio("ap-southeast-1")
    made = clients.workspace("chat", "ap-southeast-1")
    assert re.fullmatch("ws-[0-9a-z]{16}", made.workspace_id)
    assert made.api_host == f"{made.workspace_id}.ap-southeast-1.maas.aliyuncs.com"
    assert (made.region, made.workspace_name) == ("ap-southeast-1", "chat")

    found, _ = all_workspaces(client, workspace_id=made.workspace_id)
    assert [w.to_map() for w in found] == [made.to_map()]
    assert client.delete_workspace(made.workspace_id, ms.DeleteWorkspaceRequest()).body.is_deleted is True
    assert all_workspaces(client, workspace_id=made.workspace_id)[0] == []


def test_a_host_label_may_be_unlike_the_id(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.settings(llm_host_labels=True)
    made = clients.workspace("chat", "ap-southeast-1")
    label, _, rest = made.api_host.partition(".")
    assert rest == "ap-southeast-1.maas.aliyuncs.com"
    assert re.fullmatch("llm-[0-9a-z]{16}", label)
    assert label.removeprefix("llm-") not in made.workspace_id
    defaults = [w for w in emulator.admin("GET", "/state")["workspaces"] if w["is_default"]]
    assert {w["api_host"] for w in defaults} == {
        f"{w['workspace_id']}.{w['region']}.maas.aliyuncs.com" for w in defaults
    }


def test_each_region_has_its_default_workspace_and_sees_no_other(clients: Clients) -> None:
    ids: set[str] = set()
    for region in REGIONS:
        found, _ = all_workspaces(clients.model_studio(region))
        assert [(w.workspace_name, w.region) for w in found] == [("default", region)]
        ids.add(found[0].workspace_id)
    assert len(ids) == len(REGIONS)


def test_names_are_filtered_by_parts_of_them(clients: Clients) -> None:
    for name in ("chat", "chat-2", "other"):
        clients.workspace(name, models=False)
    found, _ = all_workspaces(clients.model_studio(), workspace_name="CHAT")
    assert sorted(w.workspace_name for w in found) == ["chat", "chat-2"]


def test_lists_have_several_pages_and_max_results_is_capped(clients: Clients, emulator: EmulatorProcess) -> None:
    for n in range(4):
        clients.workspace(f"w{n}", models=False)
    client = clients.model_studio()
    found, pages = all_workspaces(client, max_results=100)
    assert (len({w.workspace_id for w in found}), pages) == (5, 3)
    first = client.list_workspaces(ms.ListWorkspacesRequest(max_results=1)).body
    assert (len(first.workspaces), first.total_count) == (1, 5)
    emulator.settings(page_size=100)
    assert all_workspaces(client)[1] == 1


def test_a_token_that_was_never_handed_out_is_refused(clients: Clients) -> None:
    body = clients.model_studio().list_workspaces(ms.ListWorkspacesRequest(next_token="nonsense")).body
    assert (body.success, body.code) == (False, "InvalidParameter.nextToken")


def test_twenty_workspaces_per_account_over_all_regions(clients: Clients, emulator: EmulatorProcess) -> None:
    for n in range(14):  # six default ones exist
        clients.workspace(f"w{n}", REGIONS[n % len(REGIONS)], models=False)
    request = ms.CreateWorkspaceRequest(workspace_name="one more")
    refused = clients.model_studio().create_workspace(request)
    assert (refused.status_code, refused.body.success) == (200, False)
    assert "limit" in refused.body.message
    emulator.settings(max_workspaces=21)
    assert clients.model_studio().create_workspace(request).body.success is True


def test_names_have_1_to_30_characters(clients: Clients) -> None:
    client = clients.model_studio()
    for name, good in (("x" * 30, True), ("x" * 31, False), ("", False)):
        body = client.create_workspace(ms.CreateWorkspaceRequest(workspace_name=name)).body
        assert body.success is good, name


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("cn-beijing", set[str]()),
        ("ap-southeast-1", set[str]()),
        ("us-east-1", {"global", "united-states"}),
        ("cn-hongkong", {"global", "cn-hongkong"}),
        ("ap-northeast-1", {"global", "japan"}),
        ("eu-central-1", {"global", "european-union"}),
    ],
)
def test_a_service_site_is_one_of_the_region_s(clients: Clients, region: str, words: set[str]) -> None:
    client = clients.model_studio(region)
    for site in ("global", "united-states", "cn-hongkong", "japan", "european-union", "international"):
        request = ms.CreateWorkspaceRequest(workspace_name="w", service_site=site)
        body = client.create_workspace(request).body
        assert body.success is (site in words), site
        assert not body.success or body.workspace.service_site == site


def test_a_workspace_with_keys_or_the_default_one_is_not_deleted(clients: Clients) -> None:
    client = clients.model_studio()
    made = clients.workspace()
    key = clients.key(made.workspace_id).api_key
    kept = client.delete_workspace(made.workspace_id, ms.DeleteWorkspaceRequest())
    assert (kept.status_code, kept.body.success, kept.body.is_deleted) == (200, True, False)
    assert [(r.resource_type, r.reason) for r in kept.body.fail_reasons] == [
        ("API Key", "API Key exists. Please clear them first.")
    ]
    client.delete_api_key(str(key.api_key_id))
    assert client.delete_workspace(made.workspace_id, ms.DeleteWorkspaceRequest()).body.is_deleted is True

    default = all_workspaces(client)[0][0]
    kept = client.delete_workspace(default.workspace_id, ms.DeleteWorkspaceRequest()).body
    assert kept.is_deleted is False
    assert kept.fail_reasons


def test_an_unknown_workspace_is_refused_in_a_200_or_with_its_status(
    clients: Clients, emulator: EmulatorProcess
) -> None:
    client = clients.model_studio()
    refused = client.delete_workspace("ws-none", ms.DeleteWorkspaceRequest())
    assert (refused.status_code, refused.body.success, refused.body.http_status_code) == (200, False, 404)
    emulator.settings(refusals_in_200=False)
    error = raised(lambda: client.delete_workspace("ws-none", ms.DeleteWorkspaceRequest()))
    assert (error.status_code, error.code) == (404, "WorkspaceNotFound")


def test_new_workspaces_are_listed_late_when_asked_for(clients: Clients, emulator: EmulatorProcess) -> None:
    client = clients.model_studio()
    emulator.settings(visibility_delay_calls=2)
    made = clients.workspace()
    seen = [len(all_workspaces(client, workspace_id=made.workspace_id)[0]) for _ in range(3)]
    assert seen == [0, 0, 1]

    emulator.settings(visibility_delay_calls=0, visibility_delay_s=3600)
    late = clients.workspace("late")
    assert all_workspaces(client, workspace_id=late.workspace_id)[0] == []
    emulator.settings(clock_offset_s=3601)
    assert len(all_workspaces(client, workspace_id=late.workspace_id)[0]) == 1
