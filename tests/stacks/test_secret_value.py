"""A brought key comes from the encrypted part of the configuration, or not at all."""

import asyncio
from collections.abc import Awaitable, Iterator
from typing import cast

import pytest
from pulumi.runtime import config

from stacks.read import SettingsError, secret_value

KEY = "sk-sp-test.a1"


@pytest.fixture(autouse=True)
def _a_loop_and_no_config() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # an output starts to be worked out when it is made
    yield
    config.set_all_config({}, [])
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    asyncio.set_event_loop(None)
    loop.close()


def test_an_encrypted_value_is_a_secret_output() -> None:
    config.set_all_config({"model-studio:planKey": KEY}, ["model-studio:planKey"])
    value = secret_value("planKey", "services.tools.key.from_config")

    async def both() -> tuple[str | None, bool]:
        return await cast("Awaitable[str | None]", value.future()), await value.is_secret()

    assert asyncio.get_event_loop().run_until_complete(both()) == (KEY, True)


@pytest.mark.parametrize(("values", "says"), [({}, "is not set"), ({"model-studio:planKey": KEY}, "in clear")])
def test_a_value_that_is_missing_or_in_clear_is_refused_with_the_command(values: dict[str, str], says: str) -> None:
    config.set_all_config(values, [])
    with pytest.raises(SettingsError, match=says) as refused:
        secret_value("planKey", "services.tools.key.from_config")
    assert "model-studio:settings.services.tools.key.from_config: model-studio:planKey" in str(refused.value)
    assert "pulumi config set --secret model-studio:planKey" in str(refused.value)
    assert KEY not in str(refused.value)
