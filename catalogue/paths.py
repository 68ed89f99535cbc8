"""Which base URL of a host a path belongs to: that of a call, an old one, another API, a base for other clients."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from urllib.parse import unquote

from catalogue.rows import Row

_OPENAI = "openai"
_ANTHROPIC = "anthropic"
_NATIVE = "dashscope"

_CALLS: tuple[tuple[str, str], ...] = (
    (_OPENAI, "chat"),
    (_OPENAI, "completions"),
    (_OPENAI, "embeddings"),
    (_OPENAI, "responses"),
    (_OPENAI, "conversations"),
    (_OPENAI, "models"),
    (_OPENAI, "files"),
    (_OPENAI, "batches"),
    (_OPENAI, "images"),
    (_OPENAI, "audio"),
    (_OPENAI, "moderations"),
    (_OPENAI, "fine_tuning"),
    (_OPENAI, "rerank"),
    (_OPENAI, "reranks"),
    (_ANTHROPIC, "messages"),
    (_ANTHROPIC, "complete"),
    (_NATIVE, "services"),
    (_NATIVE, "tasks"),
)
"""First words of what clients of each protocol append."""
_CERTAIN = frozenset({"chat", "embeddings", "responses", "messages", "services"})
"""Those that no other protocol has."""

# The endpoints that the vendor replaced: Claude Code page (help.aliyun.com/zh/model-studio/claude-code) and the page on
# the Responses API, stored copies seen 2026-11-25.
_OLD: tuple[tuple[str, str], ...] = (
    ("/api/v2/apps/claude-code-proxy", _ANTHROPIC),
    ("/api/v2/apps/protocols/compatible-mode/v1", _OPENAI),
)
_OTHERS: tuple[tuple[str, str], ...] = (
    ("/compatible-api", "the API for reranking"),
    ("/api-ws/v1/realtime", "the WebSocket API for realtime models"),
    ("/api-ws", "the WebSocket API for speech and other streams"),
    ("/api/v1/mcps", "the API of MCP servers"),
    ("/api/v2", "the API of applications"),
    ("/mcp", "the API of MCP servers"),
)
"""What else a host serves, with the same keys (vendor pages, stored copies seen 2026-11-25)."""

_HEADS = frozenset(
    {"compatible-mode", "compatible_mode", "compatiblemode", "compatible-model", "compatible", "compat-mode"}
)
_TELLABLE = re.compile(r"(?:/(?:v1|(?!s[kt]-)[a-z][a-z_-]{0,31})){1,5}")
"""What is repeated of a path: words, nothing that may be a key or an id."""
_SPELLED = ("compatible-mode", "anthropic", "claude-code-proxy")
_ALIKE = 0.87
_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d*)?", re.IGNORECASE)

# Spring AI 1.x: completions path /v1/chat/completions (spring-ai issues 2251, 2415; 2.0 takes a base with /v1).
_APPEND_V1 = "Spring AI 1.x, and others with a completions path of /v1/chat/completions"
# new-api: relay/channel/ali/adaptor.go; Higress: ai-proxy, qwenDomain; Spring AI Alibaba: spring.ai.dashscope.base-url.
_APPEND_ALL = "new-api's and one-api's channel for Alibaba, Higress (qwenDomain) and Spring AI Alibaba"


def row_of_path(path: str, rows: Sequence[Row], said: list[str]) -> Row | None:
    """Return which row of a host a path belongs to, and add what is different about it; None: to none of them."""
    words = _words(path, said)
    plain = "".join(f"/{word}" for word in words)
    by_path = {row.path: row for row in rows}
    if plain in by_path:
        return by_path[plain]
    by_protocol = {str(row.protocol): row for row in rows}
    for old, protocol in _OLD:
        if plain == old or plain.startswith(f"{old}/"):
            row = by_protocol.get(protocol)
            if row is not None:
                said.append(f"{old} is an old path, replaced by {row.path}")
                _say_appended(plain.removeprefix(old), said)
            return row
    for other, what in _OTHERS:
        if plain == other or plain.startswith(f"{other}/"):
            row = by_protocol.get(_NATIVE) or by_protocol.get(_OPENAI)
            if row is not None:
                said.append(
                    f"{other} is {what}, another API of the same host with the same keys; the host is looked at by its "
                    f"{row.protocol} URL"
                )
            return row
    return _row_of_words(words, by_protocol, said)


def _row_of_words(words: list[str], by_protocol: dict[str, Row], said: list[str]) -> Row | None:
    """Return the row whose path is meant by a path that is written in another way."""
    protocol = _protocol_of(words)
    row = by_protocol.get(protocol)
    if row is None:
        return None
    known = row.path.strip("/").split("/")
    end = 0
    while end < len(words) and _is_base(words, end):
        end += 1
    written, appended = words[:end], words[end:]
    if protocol == _ANTHROPIC:
        while written and _VERSION.fullmatch(written[-1]) and not (appended and _VERSION.fullmatch(appended[0])):
            appended.insert(0, written.pop())
    _say_base(written, known, protocol, row, said, is_call=bool(appended))
    if protocol == _ANTHROPIC and appended == ["v1"]:
        said.append(
            "it ends with /v1: clients of the Anthropic protocol append /v1/messages themselves; right for those alone "
            "that append /messages, as the Vercel AI SDK"
        )
    else:
        _say_appended("".join(f"/{word}" for word in appended), said)
    return row


def _protocol_of(words: list[str]) -> str:
    """Return the protocol that a path is about; "" where it does not tell. The host alone is taken for OpenAI's."""
    if not words:
        return _OPENAI
    called = next((word for n, word in enumerate(words) if not _is_base(words, n)), "")
    calls = {word: protocol for protocol, word in _CALLS}
    if called in _CERTAIN:  # what a client appends tells which client it is, whatever it was given as the base
        return calls[called]
    if "anthropic" in words or "claude-code-proxy" in words or words == ["apps"]:
        return _ANTHROPIC
    if _HEADS & set(words):
        return _OPENAI
    if words[0] == "api":
        return _NATIVE
    return calls.get(called, "" if called else _OPENAI)


def _is_base(words: list[str], at: int) -> bool:
    """Whether a word of a path belongs to a base URL, of any protocol."""
    word = words[at]
    if word == "apps":  # of the native protocol, /api/v1/apps/ID/completion is a call
        return at == len(words) - 1 or words[at + 1] in ("anthropic", "claude-code-proxy")
    return word in _HEADS or word in ("anthropic", "claude-code-proxy", "api") or _VERSION.fullmatch(word) is not None


def _say_base(written: list[str], known: list[str], protocol: str, row: Row, said: list[str], *, is_call: bool) -> None:
    if written == known:
        return
    heads = [word for word in written if not _VERSION.fullmatch(word)]
    versions = [word for word in written if _VERSION.fullmatch(word)]
    right = [word for word in known if not _VERSION.fullmatch(word)]
    most = 0 if protocol == _ANTHROPIC else 1  # clients of the Anthropic protocol append the version themselves
    if set(heads) <= set(right) and (len(versions) > most or (right and len(heads) > len(right))):
        said.append(f"a part of its path is doubled; it is {row.path}")
    elif heads == right and versions and versions[0] != "v1" and protocol != _ANTHROPIC:
        said.append(f"there is no {versions[0]} of this API; its path is {row.path}")
    elif protocol == _OPENAI and not is_call and not written:
        said.append(
            f"it is the host alone, which is right for clients that append {row.path} themselves"
            + (f": {_APPEND_ALL}" if right else f": {_APPEND_V1}")
            + f"; all others need {row.path}"
        )
    elif heads == right and not versions and "v1" in known:
        fits = protocol == _OPENAI and not is_call
        clients = f", which is right for clients that append /v1 themselves: {_APPEND_V1}" if fits else ""
        said.append(f"/v1 is missing{clients}; {'all others need' if fits else 'it is'} {row.path}")
    else:
        typed = "".join(f"/{word}" for word in written)
        said.append(
            f"the path of the {protocol} protocol on this host is {row.path}" + (f", not {typed}" if typed else "")
        )


def _say_appended(appended: str, said: list[str]) -> None:
    if appended:
        told = appended if _TELLABLE.fullmatch(appended) else "the path of a call"
        said.append(f"it is the URL of a call: clients append {told} to the base URL themselves")


def _meant(word: str) -> str:
    """Return the word of a base URL that a mistyped one is meant for; any other as it is."""
    if word in _HEADS or len(word) > 24:
        return word
    near = (w for w in _SPELLED if SequenceMatcher(None, word, w, autojunk=False).ratio() >= _ALIKE)
    return next(near, word)


def _words(path: str, said: list[str]) -> list[str]:
    """Return the parts of a path, as they are meant."""
    plain = re.sub(r"\s", "", unquote(path))
    if plain != path:
        said.append("its path has escaped characters or white space, which are left out")
    if plain.endswith("/"):
        said.append("it ends with a slash, which is left out: clients put their own path after it")
    if "//" in plain:
        said.append("its path has two slashes in a row, where one is right")
    words = [word for word in plain.split("/") if word]
    lower = [word.lower() for word in words]
    meant = [_meant(word) for word in lower]
    if meant != lower:
        said.append("a word of its path is mistyped")
        words = lower = meant
    known = _HEADS | {"apps", "anthropic", "api", "v1", *(word for _, word in _CALLS)}
    if any(word != low and low in known for word, low in zip(words, lower, strict=True)):
        said.append("its path has capital letters; paths are told apart by them, and this one is in lower case")
    return [low if low in known else word for word, low in zip(words, lower, strict=True)]
