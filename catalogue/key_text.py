"""What cannot be a key: one rule for stack files, KMS secrets and the tools. No text of a key is ever repeated.

The vendor promises no form, so nothing is refused for lacking one; what is refused here certainly is something else.
Forms seen (2026-11): `sk-` and 32 hex digits, `sk-ws-...`, `sk-sp-...`. Messages avoid writing these beginnings: what
masks keys in texts would take them for one.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from catalogue.rules import Refused

TEMPORARY_KEY_SIGN = "st-"
"""How temporary keys begin (Generate a temporary API key)."""

_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\uff02\uff07"
_VENDOR = re.compile(r"sk-(?:(?:ws|sp)-\S+|[0-9a-f]{32})")
_ALONE = "give the key alone"
_VALUE = "give its value"
_OWN = "use a key made in Model Studio"


@dataclass(frozen=True)
class _Form:
    """A form that is not a key's."""

    looks_like: str
    right: str
    fits: Callable[[str], bool]
    unfilled: bool = False
    """Whether somebody was to put a key in its place."""


def _reads(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.search(text) is not None


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[", '"{')):
        return False
    try:
        return isinstance(json.loads(text), (dict, list)) or text.startswith('"{')
    except (ValueError, RecursionError):
        return re.match(r"\{\s*[\"']|\[\s*[\"'{]", text) is not None


_PROVIDERS: tuple[tuple[str, str], ...] = (
    ("Anthropic", r"sk-ant-"),
    ("OpenAI", r"sk-(?:proj|svcacct|admin|None)-"),
    ("OpenRouter", r"sk-or-v\d"),
    ("Langfuse", r"(?:sk|pk)-lf-"),
    ("Google", r"AIza[0-9A-Za-z_-]"),
    ("Groq", r"gsk_"),
    ("xAI", r"xai-"),
    ("Hugging Face", r"hf_[A-Za-z0-9]"),
    ("GitHub", r"gh[pousr]_|github_pat_"),
    ("GitLab", r"glpat-"),
    ("AWS", r"(?:AKIA|ASIA)[0-9A-Z]{4}"),
    ("NVIDIA", r"nvapi-"),
    ("Perplexity", r"pplx-"),
    ("Cerebras", r"csk-"),
    ("Replicate", r"r8_"),
    ("Slack", r"xox[abeprs]-"),
    ("Baidu", r"bce-v3/"),
)
"""How keys of others begin, as they publish it; only what nobody else uses."""

_FORMS: tuple[_Form, ...] = (
    _Form("a JSON record", "give the text of its key field alone (from_kms has `field` for that)", _is_json),
    _Form(
        "a template or a variable that nobody filled in",
        _VALUE,
        _reads(
            r"^[\"']?(?:\$(?!env:)[({A-Za-z_]|\$$|%\w+%$|!\w+!$|<[^<>]*>|\{\{|\{[\w .-]*\}|\[[\w .-]*\]|\(\(|__\w+__$"
            r"|process\.env\b|os\.(?:environ|getenv)\b|import\.meta\.env|env\.|ENV\[|getenv\(|secrets\.|env\(|@@?\w+@?$)"
            r"|\$\{|\$\(|\{\{|^(?:Bearer\s+)?\$\w+$|^[\w.-]*<[^<>]*>"
        ),
        unfilled=True,
    ),
    _Form(
        "a header with a key in it",
        _ALONE,
        _reads(
            r"^(?:-H\s|--header\s|(?:proxy-)?authorization\s*[:=]|x-[\w-]+\s*:|api-key\s*:|(?:bearer|basic)(?:[\s:=]|%20|$))",
            re.IGNORECASE,
        ),
    ),
    _Form("a key in quotes", "leave the quotes out", lambda text: text[0] in _QUOTES or text[-1] in _QUOTES),
    _Form("a pointer to a secret, not the secret itself", "read the secret and give its key", _reads(r"^(?:kms|oos):")),
    _Form("a URL or a reference to a place", "give the key that lies there", _reads(r"^[A-Za-z][\w+.-]*://")),
    _Form(
        "a path of a file",
        "give what the file holds",
        _reads(r"^(?:file:|~/|\.{1,2}/|[A-Za-z]:[\\/]|/(?:run|etc|var|home|tmp|mnt|root|opt|usr|secrets?)/)"),
    ),
    _Form(
        "a line that sets a variable or a field",
        "give what comes after the sign",
        _reads(
            r"^(?:(?:export|set|setx|env|ENV|declare|let|const|var)\s+)?\$?(?:env:)?"
            r"(?!s[kt]-)[?&]?[A-Za-z_][\w.-]*[\"']?\s*(?:(?::=|=>|=)\s*[^=\s]|:\s+\S|(?<=key):|(?<=token):|(?<=secret):)",
            re.IGNORECASE,
        ),
    ),
    _Form(
        "several keys joined",
        "give one; white space, commas or semicolons stand in no key",
        lambda text: re.search(r"[,;|]", text) is not None or len(re.findall(r"(?:^|\s)sk-", text)) > 1,
    ),
    _Form(
        "a key that is masked or cut short, as a console shows it",
        "copy the whole key, or make a new one where it is shown only once",
        _reads(r"\*|\.\.\.|\u2026|\u2022|\u25cf|\u25cb|\u00d7{2}|\[redacted\]|#{3}|\u00b7{2}", re.IGNORECASE),
    ),
    _Form(
        "a placeholder",
        "put a real key there",
        _reads(
            r"^(?:sk-)?(?:ws-|sp-)?(?:x{3,}|y{3,}|\?+$|_{2,}$|-+$)|x{6,}$"
            r"|^(?:sk-)?(?:ws-|sp-)?(?:your|my|the|insert|replace|enter|paste|put|fill|add|change|example|demo|dummy)"
            r"[-_ ]?(?:[a-z]+[-_ ])*(?:api[-_ ]?)?(?:keys?|tokens?|secret|me|this|value|here|in)$"
            r"|(?:^|[-_ ])(?:api[-_ ]?key|auth[-_ ]?token|access[-_ ]?token|secret[-_ ]?key)(?:[-_ ]?here)?$"
            r"|(?:key|token)[-_ ]?here$|(?-i:^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET|PASSWORD)$)"
            r"|^(?:none|null|nil|undefined|empty|false|true|no[-_]?key|not[-_]?(?:needed|set|used|required)|n/a|tbd|todo"
            r"|fixme|placeholder|example|dummy|secret|password|key|token|apikey|sk-|sk|your[-_ ].*)$"
            r"|\u4f60\u7684|\u60a8\u7684|\u66ff\u6362",
            re.IGNORECASE,
        ),
        unfilled=True,
    ),
    _Form(
        "an access key id of an Alibaba Cloud account, which signs calls of OpenAPI",
        _OWN,
        _reads(r"^(?:LTAI[0-9A-Za-z]|STS\.)"),
    ),
    *(_Form(f"a key of {name}", _OWN, _reads(rf"^(?:{pattern})")) for name, pattern in _PROVIDERS),
    _Form("a private key or certificate", _OWN, _reads(r"^-----BEGIN\b")),
)


def check_key_text(value: str) -> str:
    """Return a key made elsewhere as it is delivered, without the white space around it.

    Raises Refused or ValueError for what cannot be a key; the text says what it looks like and never repeats it.
    """
    key = value.strip()
    if not key:
        raise ValueError("the key is empty")
    form = _form_of(key)
    if form is not None:
        raise Refused("key-text", f"this looks like {form.looks_like}", form.right)
    if any(char.isspace() or not char.isprintable() for char in key) or not key.isascii():
        raise ValueError("the key holds white space or characters that cannot stand in a header: was it cut or joined?")
    if key.startswith(TEMPORARY_KEY_SIGN):
        raise Refused("temporary-key", "a temporary key", "use one that lasts")
    return key


def is_unfilled(value: str) -> bool:
    """Whether a text marks the place where somebody was to put a key: a variable, a placeholder."""
    form = _form_of(value.strip()) if value.strip() else None
    return form is not None and form.unfilled


def has_vendor_form(value: str) -> bool:
    """Whether a key has one of the forms that were seen of this vendor's. A hint: others use the second one too."""
    return _VENDOR.fullmatch(value) is not None


def _form_of(key: str) -> _Form | None:
    return next((form for form in _FORMS if form.fits(key)), None)
