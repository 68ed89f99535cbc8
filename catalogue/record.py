"""The record: the one flat JSON object that every sink of a service gets, and its digest."""

import hashlib
import hmac
import json
from collections.abc import Mapping

from catalogue.rows import Protocol

URL_NAMES: dict[Protocol, str] = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "dashscope": "DASHSCOPE_HTTP_BASE_URL",
    "realtime": "DASHSCOPE_WEBSOCKET_BASE_URL",
}
KEY_NAMES: dict[Protocol, str] = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_AUTH_TOKEN",
    "dashscope": "DASHSCOPE_API_KEY",
    "realtime": "DASHSCOPE_API_KEY",
}
"""What the `openai`, `anthropic` and `dashscope` clients and the tools built on them read from the environment."""

QWEN_KEY_NAME = "QWEN_API_KEY"
"""What clients of Qwen Cloud read, another name of the international site. In no record: for those that render one."""

WORKSPACE_NAME = "MODEL_STUDIO_WORKSPACE_ID"
REGION_NAME = "MODEL_STUDIO_REGION"
KEY_ID_NAME = "MODEL_STUDIO_KEY_ID"
POINTER_NAME = "MODEL_STUDIO_SECRET"
REVISION_NAME = "MODEL_STUDIO_REVISION"
DIGEST_NAME = "MODEL_STUDIO_DIGEST"
DOMAIN_NAME = "MODEL_STUDIO_DOMAIN"
GENERATION_NAME = "MODEL_STUDIO_GENERATION"

PUBLIC_NAMES = frozenset(URL_NAMES.values()) | {
    *(WORKSPACE_NAME, REGION_NAME, POINTER_NAME, REVISION_NAME, DIGEST_NAME, DOMAIN_NAME, GENERATION_NAME),
    KEY_ID_NAME,
}
"""Names, without prefix, under which a record holds what may be printed. Everything else in one is masked."""


def facts(
    urls: Mapping[Protocol, str], *, workspace_id: str, region: str, domain: str, generation: int, key_id: str = ""
) -> dict[str, str]:
    """Return what a record says without its keys, pointer, revision and digest; this is what the digest covers.

    `workspace_id` "" (a plan's key, or one of an unnamed workspace): the record names none. `key_id` "": a key that was
    made elsewhere, whose id is not known.
    """
    return {
        **{name: urls[protocol] for protocol, name in URL_NAMES.items() if protocol in urls},
        **({WORKSPACE_NAME: workspace_id} if workspace_id else {}),
        REGION_NAME: region,
        DOMAIN_NAME: domain,
        GENERATION_NAME: str(generation),
        **({KEY_ID_NAME: key_id} if key_id else {}),
    }


def canonical(value: Mapping[str, str]) -> str:
    """Return `value` as JSON with sorted keys and no spaces, non-ASCII as it is: one spelling for one content."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(api_key: str, said: Mapping[str, str]) -> str:
    """Return the first 16 hex digits of HMAC-SHA256(API key, canonical facts).

    A consumer that holds a record can recompute it, and so prove that URL and key are of one making.
    """
    return hmac.new(api_key.encode(), canonical(said).encode(), hashlib.sha256).hexdigest()[:16]


def config_record(said: Mapping[str, str], *, revision: int, digest: str, pointer: str) -> dict[str, str]:
    """Return the record without keys, and where the secret is; `pointer` "" where no secret sink holds it."""
    where = {POINTER_NAME: pointer} if pointer else {}
    return {**said, REVISION_NAME: str(revision), DIGEST_NAME: digest, **where}


def urls_in(record: Mapping[str, str]) -> dict[str, str]:
    """Return the URLs of a record without prefix, by protocol."""
    return {protocol: record[name] for protocol, name in URL_NAMES.items() if name in record}


def facts_in(record: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of a record without prefix: what its digest covers."""
    other = {*KEY_NAMES.values(), REVISION_NAME, DIGEST_NAME, POINTER_NAME}
    return {name: value for name, value in record.items() if name not in other}


def secret_of(record: Mapping[str, str], api_key: str, *, prefix: str = "") -> dict[str, str]:
    """Return what a secret holds: the URLs, each with the key under the name that its client reads.

    `record`: what a config sink without a prefix holds.
    """
    said = {name: value for name, value in record.items() if name != POINTER_NAME}
    keys = {KEY_NAMES[protocol]: api_key for protocol, name in URL_NAMES.items() if name in said}
    return {prefix + name: value for name, value in {**said, **keys}.items()}


def version_name(generation: int, revision: int, digest: str) -> str:
    """Return the id under which a record stands in a secret store, as `g1r1-ab12cd34`."""
    return f"g{generation}r{revision}-{digest[:8]}"


def fingerprint(api_key: str, series: str) -> str:
    """Return 32 hex digits that stand for a key in a state: they tell whether a value is that key, and no more."""
    return hmac.new(api_key.encode(), f"model-studio:{series}".encode(), hashlib.sha256).hexdigest()[:32]


def key_in(data: str) -> str:
    """Return the key in a secret's data: that of a record, whatever its prefix, or the whole text of another.

    "" for a record that holds no key, or several.
    """
    record = record_in(data)
    if record is None:
        return data
    keys = {value for name, value in record.items() if name.endswith(tuple(KEY_NAMES.values()))}
    return keys.pop() if len(keys) == 1 else ""


def record_in(data: str) -> dict[str, str] | None:
    """Return the record that a secret's data is, None for other data."""
    try:
        given: object = json.loads(data)
    except ValueError:
        return None
    if not isinstance(given, dict):
        return None
    return {str(name): value for name, value in given.items() if isinstance(value, str)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON


def said_in(record: Mapping[str, str], name: str) -> str:
    """Return a value of a record by its name, whatever prefix it has; "" for none."""
    return next((value for key, value in record.items() if key.endswith(name)), "")


def is_whole(record: Mapping[str, str], *, prefix: str) -> bool:
    """Whether a secret record's own digest holds: key and facts are of one making."""
    plain = {name.removeprefix(prefix): value for name, value in record.items()}
    keys = {plain[name] for name in KEY_NAMES.values() if name in plain}
    return len(keys) == 1 and hmac.compare_digest(digest(keys.pop(), facts_in(plain)), plain.get(DIGEST_NAME, ""))
