"""LangChain: a Python snippet with the model of the package `langchain-openai`.

`ChatOpenAI(model, base_url, api_key)`: aliases of `openai_api_base` and `openai_api_key`; `base_url` with its `/v1`,
since it is handed to the `openai` client (langchain-openai 1.7.4, chat_models/base.py, read on 2026-11-25). From the
environment it would read OPENAI_API_BASE before OPENAI_BASE_URL, so the URL is given, not left to that.
A program is a backend: a plan's key is refused.
"""

from catalogue.pairs import check_plan_sinks
from tools.render.format import Asked, Format

_SNIPPET = """\
# pip install langchain-openai{where}
{imports}from langchain_openai import ChatOpenAI

model = ChatOpenAI(
    model={model},
    base_url={url},
    api_key={key},
)
"""


def render(asked: Asked) -> str:
    """Return the snippet."""
    check_plan_sinks(asked.service.domain, "a LangChain program", "backends")
    by_name = asked.key is None
    return _SNIPPET.format(
        where=f"; {asked.reference('openai')}" if by_name else "",
        imports="import os\n\n" if by_name else "",
        model=ascii(asked.model),
        url=ascii(asked.url("openai")),
        key=f"os.environ[{asked.key_name('openai')!r}]" if by_name else ascii(asked.key),
    )


FORMAT = Format(render=render, goes_to="a Python program that uses LangChain")
