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
POINTER_NAME = "MODEL_STUDIO_SECRET"
REVISION_NAME = "MODEL_STUDIO_REVISION"
DIGEST_NAME = "MODEL_STUDIO_DIGEST"
DOMAIN_NAME = "MODEL_STUDIO_DOMAIN"
GENERATION_NAME = "MODEL_STUDIO_GENERATION"

PUBLIC_NAMES = frozenset(URL_NAMES.values()) | {
    *(WORKSPACE_NAME, REGION_NAME, POINTER_NAME, REVISION_NAME, DIGEST_NAME, DOMAIN_NAME, GENERATION_NAME)
}
"""Names, without prefix, under which a record holds what may be printed. Everything else in one is masked."""


def facts(
    urls: Mapping[Protocol, str], *, workspace_id: str, region: str, domain: str, generation: int
) -> dict[str, str]:
    """Return what a record says without its keys, pointer, revision and digest; this is what the digest covers.

    `workspace_id` "" (a plan's key, or one of an unnamed workspace): the record names none.
    """
    return {
        **{URL_NAMES[protocol]: url for protocol, url in urls.items()},
        **({WORKSPACE_NAME: workspace_id} if workspace_id else {}),
        REGION_NAME: region,
        DOMAIN_NAME: domain,
        GENERATION_NAME: str(generation),
    }


def canonical(value: Mapping[str, str]) -> str:
    """Return `value` as JSON with sorted keys and no spaces, non-ASCII as it is: one spelling for one content."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(api_key: str, said: Mapping[str, str]) -> str:
    """Return the first 16 hex digits of HMAC-SHA256(API key, canonical facts).

    A consumer that holds a record can recompute it, and so prove that URL and key are of one making.
    """
    return hmac.new(api_key.encode(), canonical(said).encode(), hashlib.sha256).hexdigest()[:16]


def config_record(
    said: Mapping[str, str], *, revision: int, digest: str, pointer: str, prefix: str = ""
) -> dict[str, str]:
    """Return what a config sink holds: no key, but where the secret is; `pointer` "" where no secret sink holds it."""
    where = {POINTER_NAME: pointer} if pointer else {}
    record = {**said, REVISION_NAME: str(revision), DIGEST_NAME: digest, **where}
    return {prefix + name: value for name, value in record.items()}


def secret_record(
    said: Mapping[str, str], api_key: str, *, revision: int, digest: str, prefix: str = ""
) -> dict[str, str]:
    """Return what a secret sink holds: the URLs, each with the key under the name its client reads."""
    keys = {KEY_NAMES[protocol]: api_key for protocol, name in URL_NAMES.items() if name in said}
    record = {**said, **keys, REVISION_NAME: str(revision), DIGEST_NAME: digest}
    return {prefix + name: value for name, value in record.items()}


def version_name(generation: int, revision: int, digest: str) -> str:
    """Return the id under which a record stands in a secret store, as `g1r1-ab12cd34`."""
    return f"g{generation}r{revision}-{digest[:8]}"
