"""The emulator without a process: for the many small calls at its inference hosts."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import httpx

from emulator.app import Emulator
from emulator.state import ApiKey, Auth, PlanKey, Store, Workspace, new_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

ASK = [{"role": "user", "content": "hello there"}]
CHAT = "/compatible-mode/v1/chat/completions"
MODELS = "/compatible-mode/v1/models"
MESSAGES = "/apps/anthropic/v1/messages"
GENERATION = "/api/v1/services/aigc/text-generation/generation"
SHARED = "dashscope.aliyuncs.com"
TOKEN_CN = "token-plan.cn-beijing.maas.aliyuncs.com"
TOKEN_INTL = "token-plan.ap-southeast-1.maas.aliyuncs.com"
CODING = "coding.dashscope.aliyuncs.com"
JUNK = "sk-ws-test.a1"
PATHS = {"openai": CHAT, "anthropic": MESSAGES, "native": GENERATION}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a refusal, wherever its shape has it; in Anthropic's, which has none, the type and message."""
        body = self.json
        error = body.get("error", body)
        return str(error.get("code") or f"{error['type']}: {error['message']}")


class World:
    """One emulator. `with` it."""

    def __init__(self, directory: Path) -> None:
        self.store = Store(directory, "1234567890123456")
        app: Any = Emulator(self.store, lambda: None).app()
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://emulator")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def workspace(self, region: str = "cn-beijing", name: str = "test", *, models: bool = True) -> Workspace:
        made = new_workspace(region, name, self.store.now())
        made.all_models = models
        self.store.state.workspaces.append(made)
        return made

    def key(self, workspace: Workspace, **auth: Any) -> ApiKey:
        state = self.store.state
        made = ApiKey(
            key_id=state.next_key_id,
            value=f"sk-ws-test.k{state.next_key_id}",
            workspace_id=workspace.workspace_id,
            description="",
            auth=Auth(**auth),
            created=self.store.now(),
            created_by=state.account_id,
            visibility=self.store.new_visibility(),
        )
        state.next_key_id += 1
        state.keys.append(made)
        return made

    def plan_key(self, plan: Literal["token_plan", "coding_plan"], region: str = "cn-beijing") -> str:
        made = PlanKey(value=f"sk-sp-test.{len(self.store.state.plan_keys)}", plan=plan, region=region)
        self.store.state.plan_keys.append(made)
        return made.value

    def settings(self, **settings: Any) -> None:
        answer = self.send("POST", "/_admin/settings", settings)
        assert answer.status == 200, answer.text

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"user-agent": "curl/8.9"} | {name.lower(): value for name, value in (headers or {}).items()}
        answer = self._runner.run(self._client.request(method, path, content=content, headers=sent))
        return Answer(answer.status_code, answer.headers, answer.text)

    def ask(
        self,
        method: str,
        host: str,
        path: str,
        key: str = "",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call an inference host, with the key as a bearer token if there is one."""
        bearer = {"authorization": f"Bearer {key}"} if key else {}
        return self.send(method, f"/_host/{host}{path}", body, {**bearer, **(headers or {})})

    def call_model(
        self, host: str, key: str, protocol: str = "openai", model: str = "qwen-plus", **more: Any
    ) -> Answer:
        """Call a model with a whole body."""
        path = PATHS[protocol] if host != CODING or protocol != "openai" else "/v1/chat/completions"
        headers = more.pop("headers", None)
        return self.ask("POST", host, path, key, whole_body(protocol, model) | more, headers)

    def calls(self) -> list[dict[str, Any]]:
        """Return the record of calls."""
        return cast("list[dict[str, Any]]", self.send("GET", "/_admin/calls").json["calls"])


def whole_body(protocol: str, model: str = "qwen-plus") -> dict[str, Any]:
    """Return a body with nothing wrong in it."""
    if protocol == "native":
        return {"model": model, "input": {"messages": ASK}}
    return {"model": model, "messages": ASK} | ({"max_tokens": 9} if protocol == "anthropic" else {})
