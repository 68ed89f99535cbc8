"""GetSecretValue, PutSecretValue, UpdateSecretVersionStage, ListSecretVersionIds.

Version ids are never reused with other data; a new version becomes current and the former one previous; ten versions
are kept, the oldest without a stage goes first (API reference of KMS, PutSecretValue and UpdateSecretVersionStage).
"""

import json
import re

from emulator.kms.common import CURRENT, PREVIOUS, exists_already, invalid, operation, page_numbers, usable
from emulator.openapi import Call, Json, Refusal, show_time
from emulator.state import Secret, SecretVersion

_MAX_BYTES = 30720
_MAX_VERSIONS = 10
_MAX_STAGES = 8
_VERSION_ID = re.compile(r"[\x21-\x7e]{1,64}")


def check_version_id(version_id: str) -> None:
    """Raise Refusal unless it has 1 to 64 visible characters."""
    if not _VERSION_ID.fullmatch(version_id):
        raise invalid("VersionId")


def check_data(call: Call) -> str:
    """Check the size of SecretData (30 KB) and return its type. Raises Refusal."""
    if len(call.required("SecretData").encode()) > _MAX_BYTES:
        raise invalid("SecretData")
    data_type = call.get("SecretDataType") or "text"
    if data_type not in ("text", "binary"):
        raise invalid("SecretDataType")
    return data_type


def _get(call: Call) -> Json:
    secret = usable(call)
    version_id, stage = call.get("VersionId"), call.get("VersionStage")
    if not version_id and not stage:
        stage = CURRENT
    for version in secret.versions:
        if version_id in ("", version.version_id) and (not stage or stage in version.stages):
            return {
                "SecretName": secret.name,
                "SecretType": "Generic",
                "SecretData": version.data,
                "VersionId": version.version_id,
                "SecretDataType": version.data_type,
                "VersionStages": {"VersionStage": version.stages},
                "CreateTime": show_time(version.created),
            }
    raise Refusal(404, "Forbidden.ResourceNotFound", "Resource not found.")


def _put(call: Call) -> Json:
    secret = usable(call)
    version_id, data = call.required("VersionId"), call.required("SecretData")
    check_version_id(version_id)
    data_type = check_data(call)
    stages = _stages(call)
    known = next((v for v in secret.versions if v.version_id == version_id), None)
    if known:
        if known.data != data:
            raise exists_already()
        # A repetition: nothing changes, the stages neither.
        return _put_answer(secret, known)
    held = {stage for version in secret.versions for stage in version.stages} | set(stages) | {PREVIOUS}
    if len(held) > _MAX_STAGES:
        raise Refusal(400, "Rejected.LimitExceeded", "The number of version stages exceeds the limit.")
    new = SecretVersion(version_id=version_id, data=data, data_type=data_type, stages=[], created=call.store.now())
    secret.versions.append(new)
    for stage in stages:
        _move(secret, stage, new)
    _drop_oldest(secret)
    secret.updated = call.store.now()
    return _put_answer(secret, new)


def _update_stage(call: Call) -> Json:
    secret = usable(call)
    stage, target_id, source_id = (
        call.required("VersionStage"),
        call.get("MoveToVersion"),
        call.get("RemoveFromVersion"),
    )
    if not target_id and not source_id:
        raise invalid("MoveToVersion or RemoveFromVersion")
    if not target_id and stage in (CURRENT, PREVIOUS):
        # "System-defined stages cannot be deleted, only moved."
        raise invalid("MoveToVersion")
    source = _version(secret, source_id) if source_id else None
    target = _version(secret, target_id) if target_id else None
    if source and stage not in source.stages:
        raise invalid("RemoveFromVersion")
    if target:
        _move(secret, stage, target)
    elif source:
        source.stages.remove(stage)
    secret.updated = call.store.now()
    return {"SecretName": secret.name}


def _list(call: Call) -> Json:
    secret = usable(call)
    number, size = page_numbers(call, 20)
    every = call.get("IncludeDeprecated") == "true"
    found = [version for version in secret.versions if version.stages or every]
    shown = [
        {
            "VersionId": version.version_id,
            "CreateTime": show_time(version.created),
            "VersionStages": {"VersionStage": version.stages},
        }
        for version in found[(number - 1) * size : number * size]
    ]
    return {
        "SecretName": secret.name,
        "VersionIds": {"VersionId": shown},
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": len(found),
    }


def _stages(call: Call) -> list[str]:
    """Read VersionStages, a JSON list in a string; the default is the current stage. Raises Refusal."""
    text = call.get("VersionStages")
    if not text:
        return [CURRENT]
    try:
        stages = [str(stage) for stage in json.loads(text)]
    except (ValueError, TypeError):
        raise invalid("VersionStages") from None
    if not stages:
        raise invalid("VersionStages")
    return stages


def _version(secret: Secret, version_id: str) -> SecretVersion:
    for version in secret.versions:
        if version.version_id == version_id:
            return version
    raise Refusal(404, "Forbidden.ResourceNotFound", "Resource not found.")


def _move(secret: Secret, stage: str, target: SecretVersion) -> None:
    """Give a stage to one version alone. The one that was current becomes the previous one."""
    former = next((v for v in secret.versions if stage in v.stages), None)
    if former is target:
        return
    for version in secret.versions:
        version.stages = [held for held in version.stages if held != stage]
    target.stages.append(stage)
    if stage == CURRENT and former:
        _move(secret, PREVIOUS, former)


def _drop_oldest(secret: Secret) -> None:
    while len(secret.versions) > _MAX_VERSIONS:
        oldest = next((v for v in secret.versions if not v.stages), None)
        if oldest is None:
            return
        secret.versions.remove(oldest)


def _put_answer(secret: Secret, version: SecretVersion) -> Json:
    return {
        "SecretName": secret.name,
        "VersionId": version.version_id,
        "VersionStages": {"VersionStage": version.stages},
    }


OPERATIONS = (
    operation("GetSecretValue", _get),
    operation("PutSecretValue", _put),
    operation("UpdateSecretVersionStage", _update_stage),
    operation("ListSecretVersionIds", _list),
)
