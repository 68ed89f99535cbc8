"""What the products of the OpenAPI gateway share: a call, an operation, a refusal."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from emulator.state import Store

Json = dict[str, Any]
Product = Literal["modelstudio", "kms", "mse", "oos", "sae", "sts", "inference"]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose credentials signed a call."""

    account_id: str
    arn: str
    identity_type: Literal["Account", "RAMUser", "AssumedRoleUser"]
    principal_id: str
    role_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One signed call of one operation."""

    store: Store
    caller: Caller
    region: str
    params: dict[str, str]
    """Query and form merged."""
    path_id: str = ""
    """The `{id}` of the path, decoded."""

    def get(self, name: str) -> str:
        """Return a parameter, or "" when it was not given."""
        return self.params.get(name, "")

    def required(self, name: str) -> str:
        """Return a parameter that must be given. Raises Refusal."""
        value = self.get(name)
        if not value:
            raise Refusal(400, f"Missing{name[0].upper()}{name[1:]}", f"{name} is mandatory for this action.")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean. Raises Refusal for another spelling than `true`, `false` (see settings)."""
        text = self.get(name)
        if not text:
            return default
        if self.store.settings.lenient_booleans and text in ("True", "False"):
            return text == "True"
        if "small_booleans_ignored" in self.store.settings.deviations:
            return default
        if text not in ("true", "false"):
            raise Refusal(400, f"InvalidParameter.{name}", f"{name}: neither true nor false")
        return text == "true"

    def numbered(self, prefix: str, suffix: str = "") -> list[str]:
        """Return the values of `<prefix>.1<suffix>`, `<prefix>.2<suffix>`, ... up to the first gap."""
        values: list[str] = []
        while (name := f"{prefix}.{len(values) + 1}{suffix}") in self.params:
            values.append(self.params[name])
        return values


class Refusal(Exception):
    """A call that the service turns down; nothing was changed."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def refusal_body(refusal: Refusal, request_id: str) -> Json:
    """Return the error body of the gateway, as every product but the control plane's own refusals has it."""
    return {"Code": refusal.code, "Message": refusal.message, "RequestId": request_id, "HostId": "127.0.0.1"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer before it travels."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of one product."""

    product: Product
    version: str
    action: str
    run: Callable[[Call, str], Answer]
    """Takes the call and the request id; raises Refusal for what the gateway itself would refuse."""
    method: str = "POST"
    path: str = "/"
    """`/` for RPC style, where the action decides; else the path, with `{id}` for one segment."""


def show_time(seconds: float) -> str:
    """Spell a time as KMS and OOS do."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(
    items: Sequence[Json],
    call: Call,
    most: int,
    names: tuple[str, str, str] = ("maxResults", "nextToken", "totalCount"),
) -> tuple[list[Json], Json]:
    """Cut one page out of a list; return it and the paging fields of the answer.

    A page holds `maxResults` entries, but never more than `most`. The token is the offset, encoded; the last page has
    an empty one (how the service marks the end is not documented). `names` is how the product spells the fields.
    """
    size_name, token_name, count_name = names
    wanted = call.get(size_name)
    if wanted and not (wanted.isdigit() and int(wanted) > 0):
        raise Refusal(400, f"InvalidParameter.{size_name}", f"{size_name} is not a positive number.")
    size = min(int(wanted), most) if wanted else most
    start = _offset(call.get(token_name), token_name)
    end = start + size
    more = end < len(items) or "last_page_has_a_token" in call.store.settings.deviations
    following = base64.b64encode(f"offset:{min(end, len(items))}".encode()).decode() if more else ""
    return list(items[start:end]), {size_name: size, token_name: following, count_name: len(items)}


def _offset(token: str, name: str) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        word, number = "", ""
    if word != "offset" or not number.isdigit():
        raise Refusal(400, f"InvalidParameter.{name}", f"{name} is none that this service handed out.")
    return int(number)
