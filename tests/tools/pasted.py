"""What people paste, each with the base URL that it is, what must be said of it, and the verdict."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.tools.diagnosed import KEY, run

if TYPE_CHECKING:
    from collections.abc import Iterator

D = "https://dashscope.aliyuncs.com"
OPENAI, ANTHROPIC, NATIVE = f"{D}/compatible-mode/v1", f"{D}/apps/anthropic", f"{D}/api/v1"
INTL = "https://dashscope-intl.aliyuncs.com"
C = "https://coding-intl.dashscope.aliyuncs.com"
T = "https://token-plan.cn-beijing.maas.aliyuncs.com"
W = "https://ws-a1.cn-beijing.maas.aliyuncs.com"
TRIAL = "https://trial.eu-central-1.maas.aliyuncs.com"
WORKS, NOT = "can_work", "cannot_work"
PASTED_KEY = "sk-ws-pasted.b2"


@dataclass(frozen=True)
class Case:
    """One paste. `base` "": it is no base URL. `stdin`: read with - as the URL. `key`: another one is given."""

    text: str
    base: str
    says: tuple[str, ...]
    verdict: str = WORKS
    stdin: bool = False
    key: bool = True


CALL = "it is the URL of a call: clients append {} to the base URL themselves"
QUOTES = "it stands in quotes, which are no part of it"
LINE = "it is a line that sets a variable or a field: its value is taken"
CURL = "it is a curl command: its URL is taken"
SPACE = "it has white space inside, which no URL has"
HOLE = "its host has a placeholder that nobody filled in: put your workspace id in"
SLASH = "it ends with a slash"
LISTS = "is not a host of Model Studio; `python -m catalogue` lists all"
_CURL = f"""curl -X POST {OPENAI}/chat/completions \\
  -H "Authorization: Bearer {PASTED_KEY}" \\
  -H "Content-Type: application/json" \\
  -d '{{"model": "qwen-plus", "messages": [{{"role": "user", "content": "https://example.org"}}]}}'
"""

AS_THEY_ARE = tuple(
    Case(url, url, ())
    for url in (OPENAI, ANTHROPIC, NATIVE, f"{W}/compatible-mode/v1", f"{W}/apps/anthropic", f"{INTL}/api/v1")
)
CALLS = (
    Case(f"{OPENAI}/chat/completions", OPENAI, (CALL.format("/chat/completions"),)),
    Case(f"{OPENAI}/completions", OPENAI, (CALL.format("/completions"),)),
    Case(f"{OPENAI}/embeddings", OPENAI, (CALL.format("/embeddings"),)),
    Case(f"{OPENAI}/responses", OPENAI, (CALL.format("/responses"),)),
    Case(f"{OPENAI}/models", OPENAI, (CALL.format("/models"),)),
    Case(f"{W}/compatible-mode/v1/files/", f"{W}/compatible-mode/v1", (CALL.format("/files"), SLASH)),
    Case(f"{ANTHROPIC}/v1/messages", ANTHROPIC, (CALL.format("/v1/messages"),)),
    Case(f"{ANTHROPIC}/v1/messages/count_tokens", ANTHROPIC, (CALL.format("/v1/messages/count_tokens"),)),
    Case(f"{NATIVE}/services/aigc/text-generation/generation", NATIVE, ("clients append /services/aigc/text-gen",)),
    Case(f"{NATIVE}/apps/0123abcd/completion", NATIVE, (CALL.format("the path of a call"),)),
    Case(f"{NATIVE}/tasks/0123abcd", NATIVE, (CALL.format("the path of a call"),)),
    Case(f"{C}/v1/chat/completions", f"{C}/v1", (CALL.format("/chat/completions"),), "cannot_be_told"),
    Case(f"{D}/v1/chat/completions", OPENAI, ("on this host is /compatible-mode/v1, not /v1", "/chat/completions")),
    Case(f"{D}/v1/messages", ANTHROPIC, ("the path of the anthropic protocol on this host is /apps/anthropic",)),
    Case(f"{D}/compatible-mode/chat/completions", OPENAI, ("/v1 is missing; it is /compatible-mode/v1",)),
    Case(f"{D}/chat/completions", OPENAI, ("on this host is /compatible-mode/v1", "/chat/completions")),
)
BASES = (
    Case(D, OPENAI, ("it is the host alone", "append /compatible-mode/v1 themselves", "Higress", "Spring AI Alibaba")),
    Case(f"{D}/", OPENAI, ("it is the host alone",)),
    Case("dashscope-intl.aliyuncs.com", f"{INTL}/compatible-mode/v1", ("the host alone", "it has no scheme")),
    Case(f"{D}/compatible-mode", OPENAI, ("/v1 is missing, which is right for clients that", "Spring AI 1.x")),
    Case(f"{W}/compatible-mode/", f"{W}/compatible-mode/v1", ("Spring AI 1.x", SLASH)),
    Case(C, f"{C}/v1", ("it is the host alone", "append /v1 themselves: Spring AI 1.x"), "cannot_be_told"),
    Case(f"{D}/api", NATIVE, ("/v1 is missing; it is /api/v1",)),
    Case(f"{ANTHROPIC}/v1", ANTHROPIC, ("clients of the Anthropic protocol append /v1/messages", "Vercel AI SDK")),
    Case(f"{D}/apps", ANTHROPIC, ("on this host is /apps/anthropic, not /apps",)),
    Case(f"{D}/v1", OPENAI, ("on this host is /compatible-mode/v1, not /v1",)),
    Case(f"{T}/v1", f"{T}/compatible-mode/v1", ("is /compatible-mode/v1, not /v1",), "cannot_be_told"),
    Case(f"{C}/compatible-mode/v1", f"{C}/v1", ("is /v1, not /compatible-mode/v1",), "cannot_be_told"),
    Case(f"{OPENAI}/v1", OPENAI, ("a part of its path is doubled; it is /compatible-mode/v1",)),
    Case(f"{OPENAI}/compatible-mode/v1", OPENAI, ("a part of its path is doubled",)),
    Case(f"{C}/v1/v1", f"{C}/v1", ("a part of its path is doubled; it is /v1",), "cannot_be_told"),
    Case(f"{D}/compatible-mode/v2", OPENAI, ("there is no v2 of this API",)),
    Case(f"{D}/compatible_mode/v1", OPENAI, ("is /compatible-mode/v1, not /compatible_mode/v1",)),
)
MIXED = (
    Case(f"{ANTHROPIC}/v1/v1/messages", ANTHROPIC, ("a part of its path is doubled", CALL.format("/v1/messages"))),
    Case(f"{ANTHROPIC}/apps/anthropic", ANTHROPIC, ("a part of its path is doubled; it is /apps/anthropic",)),
    Case(f"{NATIVE}/api/v1", NATIVE, ("a part of its path is doubled; it is /api/v1",)),
    Case(f"{NATIVE}/chat/completions", OPENAI, ("is /compatible-mode/v1, not /api/v1", "/chat/completions")),
    Case(f"{NATIVE}/compatible-mode/v1", OPENAI, ("is /compatible-mode/v1, not /api/v1/compatible-mode/v1",)),
    Case(f"{OPENAI}/apps/anthropic", ANTHROPIC, ("is /apps/anthropic, not /compatible-mode/v1/apps/anthropic",)),
    Case(f"{OPENAI}/messages", ANTHROPIC, ("the path of the anthropic protocol on this host is /apps/anthropic",)),
    Case(f"{OPENAI}/services/aigc/text-generation/generation", NATIVE, ("is /api/v1, not /compatible-mode/v1",)),
    Case(f"{D}/anthropic", ANTHROPIC, ("is /apps/anthropic, not /anthropic",)),
    Case(f"{D}/compatable-mode/v1", OPENAI, ("a word of its path is mistyped",)),
    Case(f"{D}/apps/antropic", ANTHROPIC, ("a word of its path is mistyped",)),
)
OTHERS = (
    Case(f"{D}/api/v2/apps/claude-code-proxy", ANTHROPIC, ("is an old path, replaced by /apps/anthropic",)),
    Case(f"{D}/api/v2/apps/claude-code-proxy/v1/messages", ANTHROPIC, ("an old path", "/v1/messages")),
    Case(f"{D}/api/v2/apps/protocols/compatible-mode/v1", OPENAI, ("is an old path, replaced by /compatible-mode/v1",)),
    Case(f"{D}/compatible-api/v1/reranks", NATIVE, ("the API for reranking, another API of the same host",)),
    Case("wss://dashscope.aliyuncs.com/api-ws/v1/realtime", NATIVE, ("the WebSocket API for realtime models",)),
    Case("wss://dashscope-intl.aliyuncs.com/api-ws/v1/inference/", f"{INTL}/api/v1", ("the WebSocket API for speech",)),
    Case("wss://dashscope.aliyuncs.com/compatible-mode/v1", OPENAI, ("its scheme is that of the WebSocket API",)),
    Case(f"{D}/foo/bar", "", ("not a base URL of the shared domain in cn-beijing; it has " + OPENAI,), NOT),
    Case(f"{C}/api/v1", "", ("not a base URL of the coding_plan domain",), NOT),
)
SPELLED = (
    Case("https://https://dashscope.aliyuncs.com/api/v1", NATIVE, ("its scheme is doubled",)),
    Case("ftp://dashscope.aliyuncs.com/api/v1", NATIVE, ("its scheme is mistyped or another one",)),
    Case(r"https:\\dashscope.aliyuncs.com\api\v1", NATIVE, ("it has backslashes, where slashes are right",)),
    Case(r"https:\/\/dashscope.aliyuncs.com\/api\/v1", NATIVE, ("its slashes are escaped, as in JSON",)),
    Case(f"{OPENAI}\\", OPENAI, ("the punctuation after it is no part of it",)),
    Case(f"{OPENAI}/", OPENAI, (SLASH,)),
    Case(f"{OPENAI}///", OPENAI, (SLASH, "two slashes in a row")),
    Case(f"{D}//compatible-mode//v1", OPENAI, ("two slashes in a row",)),
    Case("http://dashscope.aliyuncs.com/compatible-mode/v1", OPENAI, ("its scheme is http", "called by https")),
    Case("dashscope.aliyuncs.com/compatible-mode/v1", OPENAI, ("it has no scheme; https:// comes first",)),
    Case("//dashscope.aliyuncs.com/api/v1", NATIVE, ("it has no scheme",)),
    Case("https:/dashscope.aliyuncs.com/api/v1", NATIVE, ("what follows the scheme is mistyped",)),
    Case("https//dashscope.aliyuncs.com/api/v1", NATIVE, ("what follows the scheme is mistyped",)),
    Case("htps://dashscope.aliyuncs.com/api/v1", NATIVE, ("its scheme is mistyped",)),
    Case("HTTPS://DashScope.aliyuncs.com/Compatible-Mode/V1", OPENAI, ("its host has capital", "its path has capital")),
    Case("https://WS-A1.cn-beijing.maas.aliyuncs.com/api/v1", f"{W}/api/v1", ("its host has capital letters",)),
    Case(f" {OPENAI}\n", OPENAI, ()),
    Case("https://dashscope.aliyuncs.com /compatible-mode/v1", OPENAI, (SPACE,)),
    Case("https:// dashscope.aliyuncs.com/compatible-mode/v1", OPENAI, (SPACE,)),
    Case("https://dashscope.aliyuncs.com/compatible-mode/ v1", OPENAI, (SPACE,)),
    Case("https://dashscope.aliyuncs.com/compatible-mode/v1%20", OPENAI, ("escaped characters",)),
    Case("https://dashscope\u200b.aliyuncs.com/api/v1", NATIVE, ("it holds invisible characters",)),
    Case("https\uff1a//dashscope.aliyuncs.com/api/v1", NATIVE, ("it has full-width characters",)),
    Case(f'"{OPENAI}"', OPENAI, (QUOTES,)),
    Case(f"'{OPENAI}'", OPENAI, (QUOTES,)),
    Case(f"\u201c{OPENAI}\u201d", OPENAI, (QUOTES, "typographic")),
    Case(f"`{OPENAI}`", OPENAI, (QUOTES,)),
    Case(f"<{OPENAI}>", OPENAI, ("it stands in brackets",)),
    Case(f"[base URL]({OPENAI})", OPENAI, ("it stands in brackets",)),
    Case(f"{OPENAI}.", OPENAI, ("the punctuation after it is no part of it",)),
    Case(f"{OPENAI},", OPENAI, ("the punctuation after it is no part of it",)),
    Case(f"use {OPENAI} for Beijing", OPENAI, ("there are other words around it",)),
    Case(f"{OPENAI}#top", OPENAI, ("it has a fragment",)),
    Case(f"{OPENAI}?x=1", OPENAI, ("it has a query string",)),
    Case("https://dashscope.aliyuncs.com:443/api/v1", NATIVE, ("it names port 443, which https has anyway",)),
    Case("https://dashscope.aliyuncs.com:8443/api/v1", NATIVE, ("it names port 8443; the service answers at 443",)),
    Case("https://dashscope.aliyuncs.com./api/v1", NATIVE, ("its host ends with a dot",)),
)
LINES = (
    Case(f"OPENAI_BASE_URL=\u201c{OPENAI}\u201d", OPENAI, (LINE, "typographic")),
    Case("OPENAI_API_BASE=dashscope.aliyuncs.com/compatible-mode/v1", OPENAI, (LINE, "it has no scheme")),
    Case(f"spring.ai.openai.base-url={D}/compatible-mode", OPENAI, (LINE, "Spring AI 1.x")),
    Case(f'export OPENAI_BASE_URL="{OPENAI}"', OPENAI, (LINE,)),
    Case(f"OPENAI_BASE_URL={OPENAI}/", OPENAI, (LINE, SLASH)),
    Case(f"ANTHROPIC_BASE_URL='{ANTHROPIC}' # Qwen", ANTHROPIC, (LINE,)),
    Case(f"$env:OPENAI_BASE_URL = '{OPENAI}'", OPENAI, (LINE,)),
    Case(f"set OPENAI_BASE_URL={OPENAI}", OPENAI, (LINE,)),
    Case(f'"base_url": "{OPENAI}",', OPENAI, (LINE,)),
    Case(f"base-url: {D}/compatible-mode", OPENAI, (LINE, "Spring AI 1.x")),
    Case(f"OPENAI_API_KEY={PASTED_KEY}\nOPENAI_BASE_URL={OPENAI}\n", OPENAI, (LINE, "a line that sets it"), key=False),
    Case(
        f'OpenAI(api_key="{PASTED_KEY}", base_url="{OPENAI}")', OPENAI, ("a line that sets it",), stdin=True, key=False
    ),
    Case(f"OPENAI_API_KEY=$DASHSCOPE_API_KEY\nOPENAI_BASE_URL={OPENAI}", OPENAI, ("a variable or a placeholder",)),
)
CURLS = (
    Case(f"qwen --api-key=Kz7qPasted --base-url={OPENAI}", OPENAI, ("a line that sets it",), stdin=True, key=False),
    Case(
        _CURL, OPENAI, (CURL, "it holds a key in its header", CALL.format("/chat/completions")), stdin=True, key=False
    ),
    Case(_CURL, OPENAI, (CURL, "out of use"), key=False),
    Case(_CURL, OPENAI, (CURL,), stdin=True),
    Case(
        f"curl {OPENAI}/models -H 'Authorization: Bearer $DASHSCOPE_API_KEY'",
        OPENAI,
        ("so it is not used",),
        stdin=True,
    ),
    Case(
        f"$ curl '{ANTHROPIC}/v1/messages' -H 'x-api-key: {PASTED_KEY}'",
        ANTHROPIC,
        ("its header",),
        stdin=True,
        key=False,
    ),
    Case(
        f"curl -sS {D}:443/api/v1/services/x -H 'Authorization: {PASTED_KEY}'",
        NATIVE,
        ("port 443",),
        stdin=True,
        key=False,
    ),
    Case(f"{OPENAI}?api_key={PASTED_KEY}", OPENAI, ("a key in its query string", "out of use"), key=False),
    Case(
        f"{OPENAI}/chat/completions?api-key={PASTED_KEY}&x=1",
        OPENAI,
        ("a key in its query string",),
        stdin=True,
        key=False,
    ),
    Case(f"{OPENAI}?Authorization=Bearer%20{PASTED_KEY}", OPENAI, ("a key in its query string",), key=False),
    Case(f"{OPENAI}?token={PASTED_KEY}", OPENAI, ("a key in its query string",)),
    Case(
        f"curl {OPENAI}/models -H 'Authorization: Bearer sk-ant-fake'",
        OPENAI,
        ("a key of Anthropic",),
        NOT,
        stdin=True,
        key=False,
    ),
)
HOLES = tuple(
    Case(f"https://{hole}.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "", (HOLE,), NOT)
    for hole in (
        *("{WorkspaceId}", "{workspace_id}", "<your-workspace-id>", "<your workspace id>", "[workspace-id]"),
        *("${WORKSPACE_ID}", "$WORKSPACE_ID", "%7BWorkspaceId%7D", "YOUR_WORKSPACE_ID", "your-workspace-id", "ws-xxxx"),
    )
)
HOSTS = (
    Case(
        "https://{WorkspaceId}.{RegionId}.maas.aliyuncs.com/api/v1",
        "",
        (f"{HOLE.removesuffix(' in')} and its region",),
        NOT,
    ),
    Case("https://cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "", ("the first part is missing",), NOT),
    Case(
        "https://ws-1.cn-shanghai.maas.aliyuncs.com/api/v1",
        "",
        ("no dedicated domain is published in cn-shanghai",),
        NOT,
    ),
    Case("https://dashscope-finance.aliyuncs.com/compatible-mode/v1", "", ("the finance cloud, another site",), NOT),
    Case("https://dashscope-eu.aliyuncs.com/compatible-mode/v1", "", (LISTS,), NOT),
    Case("https://dashscope-hk.aliyuncs.com/compatible-mode/v1", "", (LISTS,), NOT),
    Case("https://dashscop.aliyuncs.com/compatible-mode/v1", "", (f"did you mean {OPENAI}?",), NOT),
    Case(f"{TRIAL}/compatible-mode/v1", f"{TRIAL}/compatible-mode/v1", ("trial domain in eu-central-1", "seen live")),
    Case(
        "https://trial.us-east-1.maas.aliyuncs.com/api/v1", "", ("the trial domain is not published in us-east-1",), NOT
    ),
    Case("https://token-plan.eu-central-1.maas.aliyuncs.com/api/v1", "", ("token-plan is no workspace",), NOT),
    Case("https://dashscope.eu-central-1.maas.aliyuncs.com/api/v1", "", ("dashscope is a fixed name",), NOT),
    Case("https://trail.cn-beijing.maas.aliyuncs.com/api/v1", "", ("mean https://trial.cn-beijing.maas",), NOT),
    Case("https://bailian.console.aliyun.com/?tab=model", "", ("a page of the console",), NOT),
    Case("https://vpc-cn-beijing.dashscope.aliyuncs.com/api/v1", "", ("a PrivateLink host",), NOT),
    Case("https://user:pass@dashscope.aliyuncs.com/api/v1", "", ("holds no user and no password",), NOT),
    Case("https://[::1]/compatible-mode/v1", "", ("is not a host of Model Studio",), NOT),
    Case("https://203.0.113.7/v1", "", ("is not a host of Model Studio",), NOT),
    Case("https://api.openai.com/v1", "", (LISTS,), NOT),
    Case("https://dashscope.aliyuncs.com:99999/api/v1", "", ("is not a host and port",), NOT),
    Case("qwen-plus", "", (LISTS,), NOT),
)
CASES = (*AS_THEY_ARE, *CALLS, *BASES, *MIXED, *OTHERS, *SPELLED, *LINES, *CURLS, *HOLES, *HOSTS)


def wrong(case: Case) -> Iterator[str]:
    """Yield what is not as the table says; nothing where all of it is."""
    stdin = io.StringIO(case.text) if case.stdin else None
    key = KEY if case.key else ""
    argument = "-" if case.stdin else case.text
    plain, told = run(argument, key=key, stdin=stdin), run("--json", argument, key=key, stdin=_again(stdin))
    if plain.err or told.err:
        yield plain.err + told.err
        return
    found = json.loads(told.out)
    base = found["url"]["base_url"] if found["url"] else ""
    if (base, found["verdict"]) != (case.base, case.verdict):
        yield f"{base} {found['verdict']}"
    yield from (f"not said: {words}" for words in case.says if words not in plain.out)
    if not case.says and found["pasted"]:
        yield f"said: {found['pasted']}"
    for secret in (KEY, PASTED_KEY, "sk-ant", "Kz7q"):
        if secret in plain.out + told.out:
            yield "the key is printed"


def _again(stdin: io.StringIO | None) -> io.StringIO | None:
    return io.StringIO(stdin.getvalue()) if stdin is not None else None


def counts() -> tuple[int, int]:
    """Return how many pastes there are, and how many are told right."""
    return len(CASES), sum(not list(wrong(case)) for case in CASES)
