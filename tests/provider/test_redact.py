"""Nothing that is secret leaves in a text, in no spelling."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provider.client import redact as module
from provider.client.errors import ServiceError
from provider.client.redact import redact, remember, remember_record


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_known", set[str]())


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=40))
def test_a_remembered_secret_is_masked_in_every_spelling(secret: str) -> None:
    assume(secret not in "before  after")
    remember({"nested": [secret]})
    for spelling in (
        secret,
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode(),
    ):
        assert spelling not in redact(f"before {spelling} after")


@pytest.mark.parametrize(
    "text", ["sk-ws-test.a1", "st-test.a1", "LTAItest", "Signature=abc%3D", "AccessKeyId=abc", "Authorization: abc"]
)
def test_what_looks_like_a_key_is_masked_without_being_known(text: str) -> None:
    assert redact(f"got {text} here") == f"got {module.MASK} here"


def test_a_key_behind_an_underscore_is_masked() -> None:
    assert redact("name_sk-ws-test.a1") == f"name_{module.MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "no-form/of a key",
        '{"OPENAI_API_KEY":"no-form/of a key"}',
        '{"outer": {"inner": ["no-form/of a key"]}}',
        '[{"key": "no-form/of a key"}]',
        '{"MODEL_STUDIO_REGION_KEY": "no-form/of a key"}',
        '{"MY_OPENAI_BASE_URL": "https://h/v1", "x": "no-form/of a key"}',
    ],
)
def test_what_is_inside_a_record_is_masked_on_its_own(text: str) -> None:
    remember_record(text)
    for spelling in ("no-form/of a key", "no-form%2Fof%20a%20key", base64.b64encode(b"no-form/of a key").decode()):
        assert redact(f"got {spelling} here") == f"got {module.MASK} here"
    assert redact("https://h/v1") == "https://h/v1"


@pytest.mark.parametrize("text", ["", "{", "1234567", "null", "[" * 100_000, '{"a":' * 900 + "1" + "}" * 900])
def test_any_text_may_be_in_a_store(text: str) -> None:
    remember_record(text)
    assert redact("ordinary words") == "ordinary words"


def test_ordinary_words_stay() -> None:
    text = "ListWorkspaces: the workspace ws-ac3ef438bec22dc5 does not exist (404 NotFound)"
    assert redact(text) == text


def test_an_error_s_text_is_masked() -> None:
    error = ServiceError("CreateApiKey", "lost", 'cannot parse {"apiKeyValue": "sk-ws-test.a1"}')
    assert "sk-ws-test.a1" not in str(error)
