"""Who signed a call: the three signature schemes of the OpenAPI gateway, really verified.

ACS3-HMAC-SHA256 is what the vendor's present SDKs send; HMAC-SHA1 version 1.0 what the older ones and the alicloud
provider do, in the RPC form (in the parameters) and the ROA form (in the Authorization header).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from emulator.openapi import Caller, Refusal
from emulator.state import Session, Store

ACCESS_KEY_ID = "emulator-access-key"
ACCESS_KEY_SECRET = "emulator-access-key-secret"  # noqa: S105 - the published key of a loopback double

_ACS3 = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})")
_ROA = re.compile(r"acs ([^:]+):(\S+)")


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What of a request its signature covers."""

    method: str
    path: str
    """As sent, not decoded."""
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes


def verify(request: Signed, store: Store) -> Caller:
    """Return whose credentials signed the request. Raises Refusal."""
    authorization = request.headers.get("authorization", "")
    params = {**request.query, **request.form}
    if acs3 := _ACS3.fullmatch(authorization):
        key_id, names, signature = acs3.groups()
        token = request.headers.get("x-acs-security-token", "")
        secret, caller = _credentials(key_id, token, store)
        good = _acs3(request, names, secret)
    elif roa := _ROA.fullmatch(authorization):
        key_id, signature = roa.groups()
        secret, caller = _credentials(key_id, request.headers.get("x-acs-security-token", ""), store)
        good = _roa(request, secret)
    elif key_id := params.get("AccessKeyId", ""):
        signature = params.get("Signature", "")
        secret, caller = _credentials(key_id, params.get("SecurityToken", ""), store)
        good = _rpc(request.method, params, secret)
    else:
        raise Refusal(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
    if not hmac.compare_digest(good.encode(), signature.encode()):
        raise Refusal(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
    return caller


def _credentials(key_id: str, token: str, store: Store) -> tuple[str, Caller]:
    account = store.state.account_id
    if key_id == ACCESS_KEY_ID:
        arn = f"acs:ram::{account}:root"
        return ACCESS_KEY_SECRET, Caller(account_id=account, arn=arn, identity_type="Account", principal_id=account)
    user = next((u for u in store.state.ram_users if u.access_key_id == key_id), None)
    if user is not None:
        arn = f"acs:ram::{account}:user/{user.user_id}"
        return user.secret, Caller(account_id=account, arn=arn, identity_type="RAMUser", principal_id=user.user_id)
    session = next((s for s in store.state.sessions if s.access_key_id == key_id), None)
    if session is None:
        raise Refusal(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    if not hmac.compare_digest(session.token.encode(), token.encode()):
        raise Refusal(400, "InvalidSecurityToken.MismatchWithAccessKey", "The token does not belong to the access key.")
    if session.expires < store.now():
        raise Refusal(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
    return session.secret, _session_caller(session, account)


def _session_caller(session: Session, account: str) -> Caller:
    return Caller(
        account_id=account,
        arn=f"acs:ram::{account}:assumed-role/{session.role}/{session.name}",
        identity_type="AssumedRoleUser",
        principal_id=f"{session.role_id}:{session.name}",
        role_id=session.role_id,
    )


def _acs3(request: Signed, names: str, secret: str) -> str:
    digest = hashlib.sha256(request.body).hexdigest()
    if request.headers.get("x-acs-content-sha256", digest) != digest:
        return ""
    signed_headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names.split(";"))
    canonical = "\n".join([request.method, request.path, _canonical(request.query), signed_headers, names, digest])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _rpc(method: str, params: Mapping[str, str], secret: str) -> str:
    signed = {name: value for name, value in params.items() if name != "Signature"}
    return _sha1(f"{secret}&", f"{method}&%2F&{_percent(_canonical(signed))}")


def _roa(request: Signed, secret: str) -> str:
    lines = [request.method, *(request.headers.get(h, "") for h in ("accept", "content-md5", "content-type", "date"))]
    lines += [f"{name}:{request.headers[name]}" for name in sorted(request.headers) if name.startswith("x-acs-")]
    query = "&".join(f"{name}={value}" if value else name for name, value in sorted(request.query.items()))
    return _sha1(secret, "\n".join([*lines, f"{request.path}?{query}" if query else request.path]))


def _canonical(params: Mapping[str, str]) -> str:
    return "&".join(f"{_percent(name)}={_percent(value)}" for name, value in sorted(params.items()))


def _percent(text: str) -> str:
    return quote(text, safe="~")


def _sha1(secret: str, text: str) -> str:
    # The older scheme is SHA-1 by definition.
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
