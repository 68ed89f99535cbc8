"""SAE namespaces and config maps, through the vendor's own SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.clients import raised, sae

if TYPE_CHECKING:
    from tests.emulator.clients import Clients


def create(client: Any, name: str = "app", namespace: str = "cn-beijing:team", data: str = '{"A":"1"}') -> Any:
    request = sae.CreateConfigMapRequest(name=name, namespace_id=namespace, data=data, description="first")
    return client.create_config_map(request).body


def describe(client: Any, map_id: Any) -> Any:
    return client.describe_config_map(sae.DescribeConfigMapRequest(config_map_id=map_id)).body.data


def test_a_config_map_lives_and_dies(clients: Clients) -> None:
    client = clients.sae()
    made = create(client)
    assert (made.code, made.success) == ("200", True)
    map_id = made.data.config_map_id
    found = describe(client, map_id)
    assert (found.data, found.name, found.namespace_id) == ({"A": "1"}, "app", "cn-beijing:team")
    client.update_config_map(sae.UpdateConfigMapRequest(config_map_id=map_id, data='{"B":"2"}', description="second"))
    found = describe(client, map_id)
    assert (found.data, found.description) == ({"B": "2"}, "second")
    listing = sae.ListNamespacedConfigMapsRequest(namespace_id="cn-beijing:team")
    listed = client.list_namespaced_config_maps(listing).body.data.config_maps
    assert [item.name for item in listed] == ["app"]
    client.delete_config_map(sae.DeleteConfigMapRequest(config_map_id=map_id))
    for call in (
        lambda: describe(client, map_id),
        lambda: client.delete_config_map(sae.DeleteConfigMapRequest(config_map_id=map_id)),
        lambda: client.update_config_map(sae.UpdateConfigMapRequest(config_map_id=map_id, data="{}")),
    ):
        error = raised(call)
        assert (error.status_code, error.code) == (400, "NotFound.ConfigMap")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"name": "has-dash"}, 400, "InvalidParameter.WithMessage"),
        ({"name": "1st"}, 400, "InvalidParameter.WithMessage"),
        ({"data": "no json"}, 400, "InvalidParameter.WithMessage"),
        ({"data": "[]"}, 400, "InvalidParameter.WithMessage"),
        ({"namespace": "cn-beijing:nosuch"}, 404, "InvalidNamespaceId.NotFound"),
        ({"name": "taken"}, 400, "Exist.ConfigMap"),
    ],
)
def test_what_is_refused(clients: Clients, given: dict[str, str], status: int, code: str) -> None:
    client = clients.sae()
    create(client, name="taken")
    error = raised(lambda: create(client, **given))
    assert (error.status_code, error.code) == (status, code)


def test_every_region_has_a_default_namespace(clients: Clients) -> None:
    for region in ("cn-beijing", "us-east-1"):
        assert create(clients.sae(region), namespace=region).success is True


def test_namespaces(clients: Clients) -> None:
    client = clients.sae()
    where = {"namespace_id": "cn-beijing:new"}
    made = client.create_namespace(sae.CreateNamespaceRequest(namespace_name="new", **where)).body
    assert made.data.namespace_id == "cn-beijing:new"
    again = raised(lambda: client.create_namespace(sae.CreateNamespaceRequest(namespace_name="new", **where)))
    assert again.code == "NamespaceId.AlreadyExists"
    client.update_namespace(sae.UpdateNamespaceRequest(namespace_name="renamed", **where))
    found = client.describe_namespace(sae.DescribeNamespaceRequest(**where)).body.data
    assert (found.namespace_name, found.name_space_short_id) == ("renamed", "new")
    map_id = create(client, namespace="cn-beijing:new").data.config_map_id
    assert raised(lambda: client.delete_namespace(sae.DeleteNamespaceRequest(**where))).status_code == 400
    client.delete_config_map(sae.DeleteConfigMapRequest(config_map_id=map_id))
    assert client.delete_namespace(sae.DeleteNamespaceRequest(**where)).body.success is True
    gone = raised(lambda: client.describe_namespace(sae.DescribeNamespaceRequest(**where)))
    assert (gone.status_code, gone.code) == (404, "InvalidNamespaceId.NotFound")
    default = sae.DeleteNamespaceRequest(namespace_id="cn-beijing")
    assert raised(lambda: client.delete_namespace(default)).status_code == 400


def test_the_data_may_travel_in_the_query_even_if_it_is_big(clients: Clients) -> None:
    # As the alicloud provider sends it.
    operation = {"action": "", "version": "2019-05-06", "pathname": "/pop/v1/sam/configmap/configMap", "style": "ROA"}
    big = "&" * 150_000
    query = {"Name": "app", "NamespaceId": "cn-beijing:team", "Data": f'{{"A":"{big}"}}'}
    made = clients.raw_call(operation, query=query)
    assert describe(clients.sae(), made["body"]["Data"]["ConfigMapId"]).data == {"A": big}
