"""Credentials and the three signature schemes; STS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from tests.emulator.clients import kms, ms, raised, sae, sts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess

OLD = {"signature_algorithm": "v2"}
"""HMAC-SHA1: the vendor's core client still speaks it."""


def _create_workspace(clients: Clients, **config: Any) -> Any:
    request = ms.CreateWorkspaceRequest(workspace_name="a b/é+~*")
    return clients.model_studio(**config).create_workspace(request).body.workspace.workspace_name


def _create_secret(clients: Clients, **config: Any) -> Any:
    data = "a b/é+~*&="
    request = kms.CreateSecretRequest(secret_name="app", secret_data=data, version_id="v1")
    clients.kms(**config).create_secret(request)
    read: str = clients.kms().get_secret_value(kms.GetSecretValueRequest(secret_name="app")).body.secret_data
    return read == data


def _create_config_map(clients: Clients, **config: Any) -> Any:
    data = '{"A":"a b/é+~*&="}'
    request = sae.CreateConfigMapRequest(name="app", namespace_id="cn-beijing:team", data=data, description="")
    map_id = clients.sae(**config).create_config_map(request).body.data.config_map_id
    shown = clients.sae().describe_config_map(sae.DescribeConfigMapRequest(config_map_id=map_id)).body.data
    return shown.data == {"A": "a b/é+~*&="}


CALLS = [
    pytest.param(_create_workspace, {}, id="ACS3, ROA"),
    pytest.param(_create_secret, {}, id="ACS3, RPC"),
    pytest.param(_create_config_map, {}, id="ACS3, JSON body"),
    pytest.param(_create_workspace, OLD, id="HMAC-SHA1, ROA"),
    pytest.param(_create_config_map, OLD, id="HMAC-SHA1, ROA with a body"),
    pytest.param(_create_secret, OLD, id="HMAC-SHA1, RPC"),
]


@pytest.mark.parametrize(("call", "scheme"), CALLS)
def test_every_scheme_is_accepted_and_really_checked(
    clients: Clients, emulator: EmulatorProcess, call: Callable[..., Any], scheme: dict[str, str]
) -> None:
    assert call(clients, **scheme)
    before = emulator.admin("GET", "/state")
    wrong = raised(lambda: call(clients, access_key_secret="wrong", **scheme))
    assert (wrong.status_code, wrong.code) == (400, "SignatureDoesNotMatch")
    unknown = raised(lambda: call(clients, access_key_id="nobody", **scheme))
    assert (unknown.status_code, unknown.code) == (404, "InvalidAccessKeyId.NotFound")
    assert emulator.admin("GET", "/state") == before, "a refused call changes nothing"


def test_a_call_without_credentials_is_refused(clients: Clients) -> None:
    operation = {"action": "GetCallerIdentity", "version": "2015-04-01", "pathname": "/", "auth_type": "Anonymous"}
    assert raised(lambda: clients.raw_call(operation)).code == "MissingAccessKeyId"


@pytest.mark.parametrize(
    "operation",
    [
        {"action": "NoSuchAction", "version": "2016-01-20", "pathname": "/"},
        {"action": "GetWorkspace", "version": "2026-02-10", "pathname": "/modelstudio/workspaces/ws-1", "style": "ROA"},
        {"action": "ListWorkspaces", "version": "2020-01-01", "pathname": "/modelstudio/workspaces", "style": "ROA"},
    ],
)
def test_unknown_operations_are_a_404(clients: Clients, operation: dict[str, str]) -> None:
    error = raised(lambda: clients.raw_call(operation | {"method": "GET"}))
    assert (error.status_code, error.code) == (404, "InvalidApiOrAction")


def test_caller_identity(clients: Clients) -> None:
    body = clients.sts().get_caller_identity().body
    assert (body.account_id, body.identity_type) == ("1234567890123456", "Account")
    assert body.arn == "acs:ram::1234567890123456:root"


def test_assumed_roles_sign_until_they_expire(clients: Clients, emulator: EmulatorProcess) -> None:
    request = sts.AssumeRoleRequest(
        role_arn="acs:ram::1234567890123456:role/deployer", role_session_name="run-1", duration_seconds=900
    )
    answer = clients.sts().assume_role(request).body
    given = {
        "access_key_id": answer.credentials.access_key_id,
        "access_key_secret": answer.credentials.access_key_secret,
        "security_token": answer.credentials.security_token,
    }
    identity = clients.sts(**given).get_caller_identity().body
    assert identity.identity_type == "AssumedRoleUser"
    assert identity.arn == answer.assumed_role_user.arn
    assert identity.principal_id == answer.assumed_role_user.assumed_role_id
    assert _create_workspace(clients, **given)
    for call in (_create_secret, _create_config_map):
        assert call(clients, **given, **OLD)
    mixed = raised(lambda: clients.sts(**(given | {"security_token": "other"})).get_caller_identity())
    assert mixed.code == "InvalidSecurityToken.MismatchWithAccessKey"
    emulator.settings(clock_offset_s=901)
    expired = raised(lambda: clients.sts(**given).get_caller_identity())
    assert expired.code == "InvalidSecurityToken.Expired"


def test_a_ram_user_s_access_key_and_api_keys_go_with_the_user(clients: Clients, emulator: EmulatorProcess) -> None:
    user = emulator.admin("POST", "/ram-users")
    given = {"access_key_id": user["access_key_id"], "access_key_secret": user["secret"]}
    identity = clients.sts(**given).get_caller_identity().body
    assert (identity.identity_type, identity.user_id) == ("RAMUser", user["user_id"])
    request = ms.CreateApiKeyRequest(description="theirs")
    theirs = clients.model_studio(**given).create_api_key(request).body.api_key
    ours = clients.model_studio().create_api_key(request).body.api_key
    assert (theirs.created_by, ours.created_by) == (user["user_id"], "1234567890123456")
    assert raised(lambda: _create_workspace(clients, **(given | {"access_key_secret": "x"}))).status_code == 400
    emulator.admin("DELETE", f"/ram-users/{user['user_id']}")
    assert raised(lambda: _create_workspace(clients, **given)).code == "InvalidAccessKeyId.NotFound"
    left = clients.model_studio().list_api_keys(ms.ListApiKeysRequest()).body.api_keys
    assert [key.api_key_id for key in left] == [ours.api_key_id]
    with pytest.raises(HTTPError, match="400"):
        emulator.admin("DELETE", f"/ram-users/{user['user_id']}")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"role_arn": "deployer"}, "InvalidParameter.RoleArn"),
        ({"role_arn": "acs:ram::1000000000000001:role/deployer"}, "EntityNotExist.Role"),
        ({"role_session_name": "x"}, "InvalidParameter.RoleSessionName"),
        ({"duration_seconds": 60}, "InvalidParameter.DurationSeconds"),
    ],
)
def test_roles_that_cannot_be_assumed(clients: Clients, given: dict[str, Any], code: str) -> None:
    good = {"role_arn": "acs:ram::1234567890123456:role/deployer", "role_session_name": "run-1"}
    assert raised(lambda: clients.sts().assume_role(sts.AssumeRoleRequest(**(good | given)))).code == code
