"""CreateSecret, DescribeSecret, UpdateSecret, ListSecrets, DeleteSecret, RestoreSecret."""

import json
import re

from emulator.kms.common import (
    CURRENT,
    existing,
    exists_already,
    in_delete_window,
    invalid,
    operation,
    page_numbers,
    usable,
)
from emulator.kms.tags import check_tag_count, read_tags
from emulator.kms.versions import check_data, check_version_id
from emulator.openapi import Call, Json, Refusal, show_time
from emulator.state import Secret, SecretVersion

_NAME = re.compile(r"[A-Za-z0-9_/+=.@-]{1,192}")
_DAY = 86400


def _create(call: Call) -> Json:
    name, data, version_id = call.required("SecretName"), call.required("SecretData"), call.required("VersionId")
    if not _NAME.fullmatch(name) or name.startswith("acs/"):
        raise invalid("SecretName")
    check_version_id(version_id)
    data_type = check_data(call)
    if call.get("SecretType") not in ("", "Generic"):
        raise invalid("SecretType")
    key_id, instance_id = call.get("EncryptionKeyId") or None, call.get("DKMSInstanceId") or None
    if (key_id is None) != (instance_id is None):
        # A secret of a dedicated instance needs both (CreateSecret, 2026-11).
        raise invalid("DKMSInstanceId or EncryptionKeyId")
    tags = read_tags(call)
    check_tag_count(tags)
    for other in call.store.state.secrets:
        if other.name == name and other.region == call.region:
            raise exists_already() if other.planned_delete is None else in_delete_window()
    now = call.store.now()
    secret = Secret(
        name=name,
        region=call.region,
        description=call.get("Description"),
        created=now,
        updated=now,
        encryption_key_id=key_id,
        dkms_instance_id=instance_id,
        tags=tags,
        versions=[SecretVersion(version_id=version_id, data=data, data_type=data_type, stages=[CURRENT], created=now)],
    )
    call.store.state.secrets.append(secret)
    made: Json = {"SecretName": name, "VersionId": version_id, "Arn": _arn(call, secret), "SecretType": "Generic"}
    return made | ({"DKMSInstanceId": instance_id} if instance_id else {})


def _describe(call: Call) -> Json:
    secret = existing(call)
    shown: Json = {
        "SecretName": secret.name,
        "SecretType": "Generic",
        "CreateTime": show_time(secret.created),
        "UpdateTime": show_time(secret.updated),
        "PlannedDeleteTime": _planned(secret),
        "Arn": _arn(call, secret),
        "Description": secret.description,
        "AutomaticRotation": "Disabled",
    }
    # Shown only if given at creation: clients take an invented value for a change that needs a new secret.
    if secret.encryption_key_id:
        shown["EncryptionKeyId"] = secret.encryption_key_id
    if secret.dkms_instance_id:
        shown["DKMSInstanceId"] = secret.dkms_instance_id
    if call.get("FetchTags") == "true":
        shown["Tags"] = {"Tag": [{"TagKey": k, "TagValue": v} for k, v in sorted(secret.tags.items())]}
    return shown


def _update(call: Call) -> Json:
    secret = usable(call)
    if "Description" in call.params:
        secret.description = call.get("Description")
    secret.updated = call.store.now()
    return {"SecretName": secret.name}


def _list(call: Call) -> Json:
    number, size = page_numbers(call, 10)
    found = sorted((s for s in call.store.state.secrets if s.region == call.region), key=lambda s: s.name)
    for name, values in _filters(call):
        found = [secret for secret in found if _matches(secret, name, values)]
    shown = [
        {
            "SecretName": secret.name,
            "SecretType": "Generic",
            "CreateTime": show_time(secret.created),
            "UpdateTime": show_time(secret.updated),
            "PlannedDeleteTime": _planned(secret),
            "Tags": {"Tag": [{"TagKey": k, "TagValue": v} for k, v in sorted(secret.tags.items())]},
        }
        for secret in found[(number - 1) * size : number * size]
    ]
    return {"SecretList": {"Secret": shown}, "PageNumber": number, "PageSize": size, "TotalCount": len(found)}


def _delete(call: Call) -> Json:
    secret = usable(call)
    if call.get("ForceDeleteWithoutRecovery") == "true":
        # The documents forbid a window beside it, yet the alicloud provider always sends one: force wins.
        call.store.state.secrets.remove(secret)
        return {"SecretName": secret.name}
    days = call.get("RecoveryWindowInDays") or "30"
    if not days.isdigit() or not 7 <= int(days) <= 30:
        raise invalid("RecoveryWindowInDays")
    secret.planned_delete = call.store.now() + int(days) * _DAY
    return {"SecretName": secret.name, "PlannedDeleteTime": _planned(secret)}


def _restore(call: Call) -> Json:
    secret = existing(call)
    if secret.planned_delete is None:
        raise Refusal(409, "Rejected.ResourceInUse", "The secret is not planned to be deleted.")
    secret.planned_delete = None
    return {"SecretName": secret.name}


def _filters(call: Call) -> list[tuple[str, list[str]]]:
    text = call.get("Filters")
    if not text:
        return []
    try:
        return [(str(item["Key"]), [str(value) for value in item["Values"]]) for item in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        raise invalid("Filters") from None


def _matches(secret: Secret, name: str, values: list[str]) -> bool:
    fields = {
        "SecretName": [secret.name],
        "Description": [secret.description],
        "TagKey": list(secret.tags),
        "TagValue": list(secret.tags.values()),
        "SecretType": ["Generic"],
        "DKMSInstanceId": [secret.dkms_instance_id or ""],
    }
    if name not in fields:
        raise invalid("Filters")
    return any(value in held for value in values for held in fields[name])


def _planned(secret: Secret) -> str:
    return "" if secret.planned_delete is None else show_time(secret.planned_delete)


def _arn(call: Call, secret: Secret) -> str:
    return f"acs:kms:{secret.region}:{call.store.state.account_id}:secret/{secret.name}"


OPERATIONS = (
    operation("CreateSecret", _create),
    operation("DescribeSecret", _describe),
    operation("UpdateSecret", _update),
    operation("ListSecrets", _list),
    operation("DeleteSecret", _delete),
    operation("RestoreSecret", _restore),
)
