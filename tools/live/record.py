"""Every answer of a run as it came, masked, in the form that `POST /_admin/replay` of the emulator takes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from provider.client.errors import ServiceError
from provider.client.redact import MASK, redact
from provider.client.sdk import Sdk
from provider.client.shapes import Json, as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from provider.client.sdk import Operation
    from provider.probe.http import Heard
    from provider.probe.question import Question

KeyKind = Literal["good", "sibling", "junk", "none"]
"""As the emulator names them: good: the host serves it. sibling: one of the region that a dedicated host does not."""

_HEADERS = ("content-type", "retry-after")
_SECRET_FIELDS = ("apiKeyValue",)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What was answered."""

    account: str
    entries: list[Json] = field(default_factory=list[Json])

    def inference(self, url: str, question: Question, heard: Heard, key: KeyKind, *, ordinary: bool) -> None:
        """Add an answer of an inference host; `url`: the real base URL.

        `ordinary`: from a key with no limits. The answers to others stand first in the file: whoever replays it takes
        the last one that fits, and cannot tell such keys apart.
        """
        parts = urlsplit(url)
        headers = {name: heard.headers[name] for name in _HEADERS if name in heard.headers}
        entry: Json = {
            "method": question.method,
            "host": _host(parts.hostname or ""),
            "path": f"{parts.path}{question.path}",
            "status": heard.status,
            "headers": headers,
            "body": _body(heard.body),
            "key": key,
            "request": question.body,
            "asked": question.kind,
        }
        self.entries.append(entry) if ordinary else self.entries.insert(0, entry)

    def control(self, operation: Operation, region: str, path_id: str, status: int, body: Json) -> None:
        """Add an answer of the control plane. The emulator takes it and never finds use for it."""
        self.entries.append(
            {
                "method": operation.method,
                "host": f"{operation.product}.{region}.aliyuncs.com",
                "path": operation.path.replace("{id}", path_id),
                "status": status,
                "body": _masked(body),
                "asked": operation.action,
            }
        )

    def text(self) -> str:
        """Return it as JSON. What turned out to be a secret only later is masked here, too.

        What any workspace's host answered comes first: one host's own answers are to win over it.
        """
        ordered = sorted(self.entries, key=lambda entry: not entry["host"].startswith("*."))
        whole = redact(json.dumps(ordered, indent=1, ensure_ascii=False))
        return whole.replace(self.account, "[account]") + "\n"

    def write(self, path: Path) -> None:
        """Write it for this user alone."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            path.chmod(0o600)  # of a file that was there
            file.write(self.text())


class RecordingSdk(Sdk):
    """The client's own way to the control plane, with a record of what comes back."""

    record: Record

    def call(
        self,
        operation: Operation,
        region: str,
        *,
        path_id: str = "",
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Json:
        """Send one operation, and note the answer. Raises ServiceError."""
        try:
            answer = super().call(operation, region, path_id=path_id, query=query, form=form, repeatable=repeatable)
        except ServiceError as error:
            if error.status >= 200:
                self.record.control(operation, region, path_id, error.status, {"code": error.code, "text": str(error)})
            raise
        self.record.control(operation, region, path_id, 200, answer)
        return answer


def _host(name: str) -> str:
    """Return a host as it stands in the file: a workspace's own is written as that of any workspace."""
    label, _, rest = name.partition(".")
    own = label.startswith(("ws-", "llm-")) and "n0suchworkspace" not in label
    return f"*.{rest}" if own else name


def _body(raw: bytes) -> Any:
    text = raw.decode(errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: MASK if n in _SECRET_FIELDS else _masked(v) for n, v in as_object(value).items()}
    return [_masked(item) for item in as_list(value)] if isinstance(value, list) else value
