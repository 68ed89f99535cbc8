"""The security token service, API version 2015-04-01: GetCallerIdentity and AssumeRole."""

import re
import secrets
from datetime import UTC, datetime

from emulator.openapi import Answer, Call, Operation, Refusal
from emulator.state import Session

_VERSION = "2015-04-01"
_ROLE = re.compile(r"acs:ram::(\d+):role/([A-Za-z0-9._-]{1,64})")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_DEFAULT_SECONDS = 3600


def _identity(call: Call, request_id: str) -> Answer:
    caller = call.caller
    body = {
        "RequestId": request_id,
        "AccountId": caller.account_id,
        "PrincipalId": caller.principal_id,
        "Arn": caller.arn,
        "IdentityType": caller.identity_type,
    }
    # An assumed role has a RoleId, an account or user a UserId.
    body |= {"RoleId": caller.role_id} if caller.role_id else {"UserId": caller.principal_id}
    return Answer(status=200, body=body)


def _assume_role(call: Call, request_id: str) -> Answer:
    role = _ROLE.fullmatch(call.required("RoleArn"))
    name = call.required("RoleSessionName")
    seconds = call.get("DurationSeconds") or str(_DEFAULT_SECONDS)
    if not role:
        raise Refusal(400, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
    if role[1] != call.store.state.account_id:
        raise Refusal(404, "EntityNotExist.Role", "The role does not exist.")
    if not _SESSION_NAME.fullmatch(name):
        raise Refusal(400, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
    if not seconds.isdigit() or not 900 <= int(seconds) <= 43200:
        raise Refusal(400, "InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/12hr.")
    session = Session(
        access_key_id=f"STS.emulator-{secrets.token_hex(4)}",
        secret=secrets.token_hex(8),
        token=secrets.token_hex(12),
        role=role[2],
        role_id=f"3{secrets.randbelow(10**15):015d}",
        name=name,
        expires=call.store.now() + int(seconds),
    )
    call.store.state.sessions.append(session)
    arn = f"acs:ram::{role[1]}:assumed-role/{session.role}/{name}"
    body = {
        "RequestId": request_id,
        "AssumedRoleUser": {"Arn": arn, "AssumedRoleId": f"{session.role_id}:{name}"},
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "AccessKeySecret": session.secret,
            "SecurityToken": session.token,
            "Expiration": datetime.fromtimestamp(session.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }
    return Answer(status=200, body=body)


OPERATIONS = (
    Operation(product="sts", version=_VERSION, action="GetCallerIdentity", run=_identity),
    Operation(product="sts", version=_VERSION, action="AssumeRole", run=_assume_role),
)
