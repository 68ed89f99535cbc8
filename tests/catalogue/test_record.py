"""The record and its digest."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.record import (
    KEY_NAMES,
    PUBLIC_NAMES,
    QWEN_KEY_NAME,
    canonical,
    config_record,
    digest,
    facts,
    facts_in,
    fingerprint,
    is_whole,
    key_in,
    record_in,
    said_in,
    secret_of,
    urls_in,
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


SERIES = "a1b2c3d4e5f60718"
WHOLE = config_record(SAID, revision=2, digest=digest(KEY, SAID), pointer="kms:r/n@g3r2-d1")
"""What a config sink without a prefix holds."""


def test_a_secret_holds_each_url_with_its_key_and_no_pointer() -> None:
    assert secret_of(config_record(SAID, revision=2, digest="d1", pointer="kms:r/n@g3r2-d1"), KEY) == {
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
    assert not [name for name in secret_of(said, KEY) if "ANTHROPIC" in name]


def test_a_config_record_holds_no_key_but_the_pointer() -> None:
    assert KEY not in json.dumps(WHOLE)
    assert WHOLE["MODEL_STUDIO_SECRET"] == "kms:r/n@g3r2-d1"
    assert not [name for name in WHOLE if name.endswith(("API_KEY", "AUTH_TOKEN"))]
    assert "MODEL_STUDIO_SECRET" not in config_record(SAID, revision=2, digest="d1", pointer="")


def test_all_but_the_keys_is_public() -> None:
    assert config_record(SAID, revision=2, digest="d1", pointer="kms:r/n@g3r2-d1").keys() <= PUBLIC_NAMES
    secret = secret_of(WHOLE, KEY)
    assert {value for name, value in secret.items() if name not in PUBLIC_NAMES} == {KEY}
    assert not PUBLIC_NAMES & {*KEY_NAMES.values(), QWEN_KEY_NAME}


def test_a_consumer_can_recompute_the_digest_from_the_delivered_record() -> None:
    held = secret_of(WHOLE, KEY)
    left_out = ("OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "MODEL_STUDIO_REVISION", "MODEL_STUDIO_DIGEST")
    said = {name: value for name, value in held.items() if name not in left_out}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hmac.new(held["OPENAI_API_KEY"].encode(), text.encode(), hashlib.sha256).hexdigest()[:16]
    assert held["MODEL_STUDIO_DIGEST"] == expected


def test_an_existing_key_has_no_id_and_a_plan_no_workspace() -> None:
    said = facts({"openai": "https://h"}, workspace_id="", region="r", domain="coding_plan", generation=1)
    assert not {"MODEL_STUDIO_WORKSPACE_ID", "MODEL_STUDIO_KEY_ID"} & set(said)
    minted = facts({"openai": "https://h"}, workspace_id="w", region="r", domain="shared", generation=1, key_id="7")
    assert minted["MODEL_STUDIO_KEY_ID"] == "7"


NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,12}_", fullmatch=True) | st.just("")
KEYS = st.from_regex(r"sk-[a-z]{1,4}\.[a-z0-9]{2,8}", fullmatch=True)
URLS = st.dictionaries(
    st.sampled_from(sorted(KEY_NAMES)), st.sampled_from(["https://a/v1", "https://ü/v1"]), min_size=1
)


@given(NAMES, KEYS, URLS, st.sampled_from(["", "7"]), st.sampled_from(["", "ws-1"]))
def test_what_is_written_is_read_back(
    prefix: str, key: str, urls: dict[str, str], key_id: str, workspace_id: str
) -> None:
    said = facts(
        urls,  # type: ignore[arg-type]  # words of the table
        workspace_id=workspace_id,
        region="r",
        domain="shared",
        generation=4,
        key_id=key_id,
    )
    record = config_record(said, revision=5, digest=digest(key, said), pointer="kms:r/n@g4r5-x")
    assert (facts_in(record), urls_in(record)) == (said, urls)
    held = record_in(canonical(secret_of(record, key, prefix=prefix)))
    assert held is not None
    assert key_in(canonical(held)) == key
    assert is_whole(held, prefix=prefix)
    assert (said_in(held, "MODEL_STUDIO_KEY_ID"), said_in(held, "MODEL_STUDIO_REVISION")) == (key_id, "5")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ("sk-ws-test.a1", "sk-ws-test.a1"),
        ("", ""),
        ('"sk-ws-test.a1"', '"sk-ws-test.a1"'),  # a JSON text is no record; a fingerprint will not know it
        ("{}", ""),
        ('{"OPENAI_API_KEY":"sk-test.a1"}', "sk-test.a1"),
        ('{"X_OPENAI_API_KEY":"sk-test.a1","X_ANTHROPIC_AUTH_TOKEN":"sk-test.a1"}', "sk-test.a1"),
        ('{"OPENAI_API_KEY":"sk-test.a1","ANTHROPIC_AUTH_TOKEN":"sk-test.a2"}', ""),
        ('{"OPENAI_API_KEY":7}', ""),
        ('{"OTHER":"sk-test.a1"}', ""),
    ],
)
def test_the_key_in_a_secret_is_the_one_that_it_holds(data: str, key: str) -> None:
    assert key_in(data) == key


@pytest.mark.parametrize("data", ["sk-ws-test.a1", "", "[]", "7", "null", "{"])
def test_other_data_is_no_record(data: str) -> None:
    assert record_in(data) is None


@pytest.mark.parametrize(
    "change",
    [
        {"OPENAI_BASE_URL": "https://elsewhere"},
        {"MODEL_STUDIO_GENERATION": "4"},
        {"OPENAI_API_KEY": "sk-ws-test.a2"},
        dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN"), "sk-ws-test.a2"),
        {"MODEL_STUDIO_DIGEST": ""},
        {"MODEL_STUDIO_KEY_ID": "7"},
    ],
    ids=str,
)
def test_a_record_of_two_makings_is_not_whole(change: dict[str, str]) -> None:
    held = secret_of(WHOLE, KEY)
    assert is_whole(held, prefix="")
    assert not is_whole(held | change, prefix="")
    assert not is_whole({n: v for n, v in held.items() if "KEY" not in n and "TOKEN" not in n}, prefix="")


def test_a_revision_is_not_part_of_the_making() -> None:
    assert is_whole(secret_of(WHOLE, KEY) | {"MODEL_STUDIO_REVISION": "99"}, prefix="")


def test_a_fingerprint_knows_the_key_in_its_series_alone_and_shows_nothing_of_it() -> None:
    found = fingerprint(KEY, SERIES)
    assert found == fingerprint(KEY, SERIES)
    others = {fingerprint("sk-ws-test.a2", SERIES), fingerprint(KEY, "0" * 16), digest(KEY, SAID)}
    assert found not in others
    assert len(found) == 32
    assert KEY not in found


def test_the_digest_changes_with_key_and_facts() -> None:
    assert digest(KEY, SAID) != digest("sk-ws-test.a2", SAID)
    assert digest(KEY, SAID) != digest(KEY, {**SAID, "MODEL_STUDIO_REGION": "x"})


def test_canonical_has_one_spelling() -> None:
    assert canonical({"b": "1", "a": "ü"}) == '{"a":"ü","b":"1"}'


def test_a_version_is_named_by_generation_revision_and_digest() -> None:
    assert version_name(7, 12, "ab12cd34ef56ab78") == "g7r12-ab12cd34"
