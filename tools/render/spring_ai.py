"""Spring AI: lines of `application.properties`, in two forms, since the meaning of the base URL changed with 2.0.

1.x (`spring-ai`): its own client appends `/v1/chat/completions`, so the base URL is without `/v1`
(https://docs.spring.io/spring-ai/reference/api/chat/openai-chat.html; spring-ai issue 2415, 2025-03-09).
2.x (`spring-ai-2`): the official openai-java client appends `/chat/completions` alone, so the base URL has its `/v1`;
`completions-path` is gone (spring-ai pull request 6093, 2026-05-21, and issue 2251, comment of 2026-05-24). The name of
the model's property was seen as `chat.model` and as `chat.options.model`; unknown properties are ignored, so both are
written.

`${NAME}` is a placeholder of Spring, replaced by the environment variable: so no value may hold `${`.
An application is a backend: a plan's key is refused.
"""

from functools import partial

from catalogue.formats import properties
from catalogue.pairs import check_plan_sinks
from tools.render.format import Asked, Format, RenderError

_VERSION = "/v1"


def render(asked: Asked, *, appends_version: bool) -> str:
    """Return the lines. `appends_version`: whether the client puts `/v1` before each path itself."""
    check_plan_sinks(asked.service.domain, "a Spring application", "backends")
    url = asked.url("openai")
    if appends_version:
        if not url.endswith(_VERSION):
            raise RenderError(f"the base URL does not end in {_VERSION}, which Spring AI 1.x appends itself")
        url = url.removesuffix(_VERSION)
    values = {"base-url": url, "api-key": asked.key or "", "chat.options.model": asked.model}
    if not appends_version:
        values["chat.model"] = asked.model
    if any("${" in value for value in values.values()):
        raise RenderError("a value holds ${, which Spring reads as the name of a variable")
    if asked.key is None:
        values["api-key"] = f"${{{asked.key_name('openai')}}}"
    version = "1.x, whose client appends /v1 itself" if appends_version else "2.0 or newer, whose client appends no /v1"
    where = "" if asked.key is not None else f"# {asked.reference('openai')}\n"
    return f"# Spring AI {version}\n{where}" + properties({f"spring.ai.openai.{n}": v for n, v in values.items()})


FORMAT = Format(
    render=partial(render, appends_version=True), goes_to="application.properties (Spring AI 1.x; for 2.x: spring-ai-2)"
)
FORMAT_2 = Format(render=partial(render, appends_version=False), goes_to="application.properties (Spring AI 2.x)")
