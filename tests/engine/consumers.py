"""Applications: the unmodified `openai`, `anthropic` and `dashscope` clients with nothing but a delivered record."""

from collections.abc import Callable, Mapping
from typing import Any

import anthropic
import openai


def openai_says(record: Mapping[str, str], *, key: str = "", stream: bool = False) -> str:
    """Ask through the openai client."""
    client = openai.OpenAI(base_url=record["OPENAI_BASE_URL"], api_key=key or record["OPENAI_API_KEY"], max_retries=0)
    with client:
        if stream:
            chunks = client.chat.completions.create(
                model="qwen-plus", messages=[{"role": "user", "content": "hello"}], stream=True
            )
            return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        answer = client.chat.completions.create(model="qwen-plus", messages=[{"role": "user", "content": "hello"}])
        return answer.choices[0].message.content or ""


def anthropic_says(record: Mapping[str, str], *, key: str = "", stream: bool = False) -> str:
    """Ask through the anthropic client."""
    client = anthropic.Anthropic(
        base_url=record["ANTHROPIC_BASE_URL"], auth_token=key or record["ANTHROPIC_AUTH_TOKEN"], max_retries=0
    )
    with client:
        if stream:
            with client.messages.stream(
                model="qwen-plus", max_tokens=16, messages=[{"role": "user", "content": "hello"}]
            ) as events:
                return "".join(events.text_stream)
        answer = client.messages.create(
            model="qwen-plus", max_tokens=16, messages=[{"role": "user", "content": "hello"}]
        )
        return "".join(block.text for block in answer.content if block.type == "text")


def dashscope_says(record: Mapping[str, str], *, key: str = "") -> str:
    """Ask through the dashscope client."""
    from dashscope import Generation  # noqa: PLC0415 - 0.9 s

    generation: Any = Generation
    answer = generation.call(
        model="qwen-plus",
        messages=[{"role": "user", "content": "hello"}],
        api_key=key or record["DASHSCOPE_API_KEY"],
        base_address=record["DASHSCOPE_HTTP_BASE_URL"],
    )
    if answer.status_code != 200:
        raise DashScopeError(answer.status_code, answer.code)
    return str(answer.output.text)


class DashScopeError(Exception):
    """What the dashscope client reports instead of raising it."""

    def __init__(self, status: int, code: str) -> None:
        self.status = status
        super().__init__(f"{status} {code}")


SAYS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "openai": openai_says,
    "anthropic": anthropic_says,
    "dashscope": dashscope_says,
}
"""The client of each protocol."""


def websocket_opens(record: Mapping[str, str], *, key: str = "") -> str:
    """Open a websocket through the client that the dashscope SDK uses."""
    import websocket  # noqa: PLC0415 - for one protocol alone

    bearer = f"Authorization: Bearer {key or record['DASHSCOPE_API_KEY']}"
    opened: Any = websocket.create_connection(record["DASHSCOPE_WEBSOCKET_BASE_URL"], header=[bearer], timeout=30)
    opened.close()
    return "opened"


CALLS: Mapping[str, Callable[[Mapping[str, str]], str]] = {**SAYS, "realtime": websocket_opens}
"""What is done with every kind of URL."""


def is_refused(record: Mapping[str, str], key: str) -> bool:
    """Whether both clients are denied with `key`: 401, or 403 where the key is one of a sibling workspace."""
    try:
        openai_says(record, key=key)
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        pass
    else:
        return False
    try:
        anthropic_says(record, key=key)
    except (anthropic.AuthenticationError, anthropic.PermissionDeniedError):
        return True
    return False
