"""The record and its digest."""

import hashlib
import hmac
import json

from catalogue.record import (
    KEY_NAMES,
    PUBLIC_NAMES,
    QWEN_KEY_NAME,
    canonical,
    config_record,
    digest,
    facts,
    secret_record,
    version_name,
)

KEY = "sk-ws-test.a1"
SAID = facts(
    {"openai": "https://h/compatible-mode/v1", "anthropic": "https://h/apps/anthropic"},
    workspace_id="ws-1",
    region="cn-beijing",
    domain="dedicated",
    generation=3,
)


def test_a_secret_record_holds_each_url_with_its_key() -> None:
    assert secret_record(SAID, KEY, revision=2, digest="d1") == {
        "OPENAI_BASE_URL": "https://h/compatible-mode/v1",
        "OPENAI_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": "https://h/apps/anthropic",
        "ANTHROPIC_AUTH_TOKEN": KEY,
        "MODEL_STUDIO_WORKSPACE_ID": "ws-1",
        "MODEL_STUDIO_REGION": "cn-beijing",
        "MODEL_STUDIO_DOMAIN": "dedicated",
        "MODEL_STUDIO_GENERATION": "3",
        "MODEL_STUDIO_REVISION": "2",
        "MODEL_STUDIO_DIGEST": "d1",
    }


def test_only_the_protocols_asked_for_are_in_it() -> None:
    said = facts({"openai": "https://h"}, workspace_id="w", region="r", domain="shared", generation=1)
    assert not [name for name in secret_record(said, KEY, revision=1, digest="d") if "ANTHROPIC" in name]


def test_a_config_record_holds_no_key_but_the_pointer() -> None:
    record = config_record(SAID, revision=2, digest="d1", pointer="kms:r/n@g3r2-d1", prefix="QWEN_")
    assert KEY not in json.dumps(record)
    assert record["QWEN_MODEL_STUDIO_SECRET"] == "kms:r/n@g3r2-d1"
    assert all(name.startswith("QWEN_") for name in record)
    assert not [name for name in record if name.endswith(("API_KEY", "AUTH_TOKEN"))]


def test_all_but_the_keys_is_public() -> None:
    assert config_record(SAID, revision=2, digest="d1", pointer="kms:r/n@g3r2-d1").keys() <= PUBLIC_NAMES
    secret = secret_record(SAID, KEY, revision=2, digest="d1")
    assert {value for name, value in secret.items() if name not in PUBLIC_NAMES} == {KEY}
    assert not PUBLIC_NAMES & {*KEY_NAMES.values(), QWEN_KEY_NAME}


def test_a_consumer_can_recompute_the_digest_from_the_delivered_record() -> None:
    held = secret_record(SAID, KEY, revision=9, digest=digest(KEY, SAID))
    left_out = ("OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "MODEL_STUDIO_REVISION", "MODEL_STUDIO_DIGEST")
    said = {name: value for name, value in held.items() if name not in left_out}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hmac.new(held["OPENAI_API_KEY"].encode(), text.encode(), hashlib.sha256).hexdigest()[:16]
    assert held["MODEL_STUDIO_DIGEST"] == expected


def test_the_digest_changes_with_key_and_facts() -> None:
    assert digest(KEY, SAID) != digest("sk-ws-test.a2", SAID)
    assert digest(KEY, SAID) != digest(KEY, {**SAID, "MODEL_STUDIO_REGION": "x"})


def test_canonical_has_one_spelling() -> None:
    assert canonical({"b": "1", "a": "ü"}) == '{"a":"ü","b":"1"}'


def test_a_version_is_named_by_generation_revision_and_digest() -> None:
    assert version_name(7, 12, "ab12cd34ef56ab78") == "g7r12-ab12cd34"
