"""What another team's program is told of a service, and what it is told when that is not there."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.references import ServiceReference
from provider.resources.base import ArgumentError
from tests.components.mocks import COMPUTED, Recorder, pulumi_test, value_of

PLATFORM = "acme/model-studio/prod"
GATEWAY = {"openai_base_url": "https://a/v1", "secret": "kms:cn-beijing/a@g1r1-ab12cd34", "dashscope_base_url": ""}
Ask = Callable[[ServiceReference], pulumi.Output[str]]


def platform(monkeypatch: pytest.MonkeyPatch, services: Any) -> pulumi.StackReference:
    there: dict[str, Any] = {"outputs": {} if services is None else {"services": services}, "secretOutputNames": []}
    monkeypatch.setitem(COMPUTED, "pulumi:pulumi:StackReference", there)
    return pulumi.StackReference(PLATFORM)


def openai(service: ServiceReference) -> pulumi.Output[str]:
    return service.base_url("openai")


def anthropic(service: ServiceReference) -> pulumi.Output[str]:
    return service.base_url("anthropic")


def dashscope(service: ServiceReference) -> pulumi.Output[str]:
    return service.base_url("dashscope")


def secret(service: ServiceReference) -> pulumi.Output[str]:
    return service.secret_ref


@pytest.mark.parametrize(("ask", "told"), [(openai, "https://a/v1"), (secret, "kms:cn-beijing/a@g1r1-ab12cd34")])
def test_what_is_there_is_told(recorder: Recorder, monkeypatch: pytest.MonkeyPatch, ask: Ask, told: str) -> None:
    @pulumi_test
    async def asked() -> None:
        output = ask(ServiceReference(platform(monkeypatch, {"gateway": GATEWAY}), "gateway"))
        assert await value_of(output) == told
        assert not await output.is_secret()

    asked()
    assert recorder.seen


MISSING: list[tuple[Any, str, Ask, str]] = [
    (
        {"gateway": GATEWAY, "batch": {}},
        "search",
        secret,
        f"stack {PLATFORM} has no service 'search'; it has batch, gateway",
    ),
    ({}, "gateway", secret, "has no service 'gateway'; it has none; has it been deployed"),
    (
        None,
        "gateway",
        secret,
        "has no service 'gateway'; it has none; has it been deployed",
    ),
    (
        {"gateway": GATEWAY},
        "gateway",
        anthropic,
        f"service 'gateway' of stack {PLATFORM} has no anthropic_base_url; it has openai_base_url, secret",
    ),
    (
        {"gateway": GATEWAY},
        "gateway",
        dashscope,
        "has no dashscope_base_url; it has openai_base_url, secret",
    ),
    ({"gateway": {}}, "gateway", secret, "has no secret; it has nothing"),
]


@pytest.mark.parametrize(("services", "name", "ask", "says"), MISSING, ids=[says[-40:] for *_, says in MISSING])
def test_what_is_not_there_is_an_error_that_says_what_is(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, services: Any, name: str, ask: Ask, says: str
) -> None:
    @pulumi_test
    async def asked() -> None:
        await value_of(ask(ServiceReference(platform(monkeypatch, services), name)))

    with pytest.raises(ArgumentError, match=says):
        asked()
    assert recorder.seen
