"""What cannot be a key is refused with what it looks like, wherever it comes from; what can be one is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.key_text import check_key_text, has_vendor_form, is_unfilled
from catalogue.rules import Refused
from provider.client.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REFUSED: Mapping[str, Sequence[str]] = {
    "quotes": (
        '"sk-test1"',
        "'sk-test1'",
        "`sk-test1`",
        '"sk-test1',
        "sk-test1'",
        "\u201csk-test1\u201d",
        "\u2018a1b2c3\u2019",
    ),
    "nobody filled in": (
        "${DASHSCOPE_API_KEY}",
        "$DASHSCOPE_API_KEY",
        '"${DASHSCOPE_API_KEY}"',
        "%DASHSCOPE_API_KEY%",
        "{{ dashscope_api_key }}",
        "${{ secrets.DASHSCOPE_API_KEY }}",
        "{API_KEY}",
        "<your-api-key>",
        "sk-<your key>",
        "$(cat key.txt)",
        'os.environ["DASHSCOPE_API_KEY"]',
        'os.getenv("DASHSCOPE_API_KEY")',
        "process.env.DASHSCOPE_API_KEY",
        "Bearer $DASHSCOPE_API_KEY",
    ),
    "placeholder": (
        "YOUR_API_KEY",
        "your-api-key",
        "your_dashscope_api_key_here",
        "sk-your-key",
        "sk-xxx",
        "sk-xxxxxxxxxxxxxxxx",
        "sk-ws-xxxxxxxx",
        "xxxxxx",
        "MY_API_KEY",
        "DASHSCOPE_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "REPLACE_ME",
        "changeme",
        "insert-key-here",
        "api_key",
        "null",
        "None",
        "EMPTY",
        "sk-",
        "sk-\u4f60\u7684\u5bc6\u94a5",
    ),
    "access key id": ("LTAI5tFake", f"LTAI5t{'Fake' * 4}00", "STS.NTFake"),
    "masked or cut short": (
        "sk-****1b01",
        "sk-ws-H.AB****cd",
        "sk-ab...1b01",
        "sk-ab\u20261b01",
        "sk-\u2022\u2022\u2022\u20221b01",
    ),
    "several keys": ("sk-a,sk-b", "sk-a;sk-b", "sk-a, sk-b", "sk-a sk-b", "sk-a\nsk-b", "sk-a|sk-b"),
    "a JSON record": (
        '{"OPENAI_API_KEY": "sk-test1"}',
        '{"OPENAI_API_KEY":"sk-test1","OPENAI_BASE_URL":"https://a.example"}',
        '["sk-test1"]',
        "{'key': 'sk-test1'}",
        '{"OPENAI_API_KEY": "sk-te',
    ),
    "Anthropic": ("sk-ant-api03-fake",),
    "OpenAI": ("sk-proj-fake", "sk-svcacct-fake"),
    "OpenRouter": ("sk-or-v1-fake",),
    "Google": ("AIzaSyFake",),
    "Groq": ("gsk_fake",),
    "GitHub": ("ghp_fake", "github_pat_fake"),
    "AWS": ("AKIAFAKE00000000",),
    "a header": (
        "Bearer sk-test1",
        "bearer sk-test1",
        "Authorization: Bearer sk-test1",
        "x-api-key: sk-test1",
        "-H 'Authorization: Bearer sk-test1'",
        "Bearer%20sk-test1",
    ),
    "sets a variable": (
        "api_key=sk-test1",
        "?api_key=sk-test1",
        "DASHSCOPE_API_KEY=sk-test1",
        "export OPENAI_API_KEY=sk-test1",
        "api_key: sk-test1",
        "$env:OPENAI_API_KEY = sk-test1",
        "key=Kz7q",
    ),
    "a URL": ("https://dashscope.aliyuncs.com/compatible-mode/v1", "op://vault/item/key"),
    "a pointer": ("kms:cn-beijing/prod/gateway@g1r1-ab12cd34",),
    "a path": ("/run/secrets/key", "~/.key", "file:key.txt"),
    "private key": ("-----BEGIN PRIVATE KEY-----",),
}
ROWS = [(kind, text) for kind, texts in REFUSED.items() for text in texts]


@pytest.mark.parametrize(("kind", "text"), ROWS, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(ROWS)])
def test_what_cannot_be_a_key_is_refused_as_what_it_looks_like(kind: str, text: str) -> None:
    for written in (text, f"  {text}\n"):
        with pytest.raises(Refused, match="\\[key-text\\]") as refused:
            check_key_text(written)
        told = str(refused.value)
        assert kind in told
        assert text not in told or text in ("key", "null", "api_key")
        assert redact(told) == told, "what masks keys must leave the message as it is"


_HALF = "0123456789abcdef"
_SIGNATURE = "fake" * 20
"""Keys of the lengths that were seen are put together here, so that nothing in this file looks like one."""
TAKEN = (
    "sk-test",
    "sk-test1",
    "sk-test.a1",
    "sk-ws-test.a1",
    "sk-sp-test.a1",
    f"sk-{_HALF}{_HALF}",
    f"sk-sp-{_HALF}{_HALF}",
    f"sk-ws-H.ABCDEF.GHIJ.{_SIGNATURE}+/==",
    f"sk-ws-H.ABCDEF.GHIJ.{_SIGNATURE}-_",
    f"sk-add{_HALF}{_HALF[:13]}",
    "Kz7qKz7q",
    "gw_4f1d2a",
    "a1b2c3d4e5f60718",
    "Kz7qKz7q==",
    "eyJfake.eyJfake.fake",
)


@pytest.mark.parametrize("key", TAKEN)
def test_what_can_be_a_key_is_taken(key: str) -> None:
    assert check_key_text(f" {key}\n") == key
    assert not is_unfilled(key)


def test_a_place_for_a_key_is_told_from_a_key_of_somebody_else() -> None:
    for kind, text in ROWS:
        assert is_unfilled(text) == (kind in ("nobody filled in", "placeholder")), text
    assert not is_unfilled("  ")


FORMS = [
    ("sk-ws-test.a1", True),
    ("sk-sp-test.a1", True),
    (f"sk-{'a1' * 16}", True),
    (f"sk-{'A1' * 8}{'a1' * 8}", False),
    ("sk-0123", False),
    ("sk-ant-fake", False),
    ("Kz7qKz7q", False),
]


@pytest.mark.parametrize(("key", "has"), FORMS)
def test_forms_that_were_seen_of_this_vendor_s(key: str, has: bool) -> None:
    assert has_vendor_form(key) is has


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        taken = check_key_text(text)
    except ValueError:
        return
    assert taken == text.strip()


HEX = st.text(alphabet="0123456789abcdef", min_size=32, max_size=32)
BASE64 = st.text(
    alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_", min_size=90, max_size=96
)


@given(HEX.map("sk-{}".format) | HEX.map("sk-sp-{}".format) | BASE64.map("sk-ws-H.ABCDEF.GHIJ.{}==".format))
def test_every_key_of_a_form_that_was_seen_is_taken(key: str) -> None:
    assert check_key_text(key) == key
    assert has_vendor_form(key)
