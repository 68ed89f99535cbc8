"""An existing key comes from the encrypted part of the configuration, or not at all."""

import asyncio
import json
from collections.abc import Awaitable, Iterator
from typing import Any, cast

import pytest
from pulumi.runtime import config

from stacks.read import SettingsError, load, secret_value

KEY = "sk-sp-test.a1"


@pytest.fixture(autouse=True)
def _a_loop_and_no_config() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # an output starts to be worked out when it is made
    yield
    config.set_all_config({}, [])
    for task in asyncio.all_tasks(loop):  # a refusal leaves its output half worked out
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


@pytest.mark.parametrize(
    ("values", "says"), [({}, "is missing"), ({"model-studio:settings": KEY}, "must be a mapping")]
)
def test_settings_that_are_missing_or_no_mapping_are_refused(values: dict[str, str], says: str) -> None:
    config.set_all_config(values, [])
    with pytest.raises(SettingsError, match=f"model-studio:settings .*{says}") as refused:
        load()
    assert KEY not in str(refused.value)


def _service(name: str) -> dict[str, Any]:
    key = {"from_config": f"{name}Key"}
    return {"domain": "shared", "region": "cn-beijing", "key": key, "secrets": [{"kms": {"name": name}}]}


ACCOUNT = {"id": "1234567890123456", "type": "International"}
SETTINGS = json.dumps({"account": ACCOUNT, "services": {name: _service(name) for name in "ab"}})


def test_the_missing_secrets_of_all_services_are_told_at_once_before_anything_is_registered() -> None:
    config.set_all_config({"model-studio:settings": SETTINGS, "model-studio:bKey": KEY}, [])
    with pytest.raises(SettingsError) as refused:
        load()
    first, *lines = str(refused.value).splitlines()
    assert first.endswith("cannot be deployed:")
    assert [line.partition("settings.services.")[2].partition(",")[0].partition(";")[0] for line in lines] == [
        "a.key.from_config: model-studio:aKey is not set",
        "b.key.from_config: model-studio:bKey is in the file in clear",
    ]
    assert KEY not in str(refused.value)
    both = {"model-studio:settings": SETTINGS, "model-studio:aKey": KEY, "model-studio:bKey": KEY}
    config.set_all_config(both, ["model-studio:aKey", "model-studio:bKey"])
    assert [*load().services] == ["a", "b"]


def test_they_are_told_together_with_what_is_wrong_in_the_settings() -> None:
    config.set_all_config({"model-studio:settings": SETTINGS.replace('"shared"', '"shard"', 1)}, [])
    with pytest.raises(SettingsError) as refused:
        load()
    places = [line.partition("settings.")[2].partition(": ")[0] for line in str(refused.value).splitlines()[1:]]
    assert places == ["services.a.domain", "services.a.key.from_config", "services.b.key.from_config"]


def test_a_name_that_may_be_a_key_is_not_asked_for() -> None:
    config.set_all_config({"model-studio:settings": SETTINGS.replace("aKey", KEY)}, [])
    with pytest.raises(SettingsError, match="services.a.key.from_config: looks like a key") as refused:
        load()
    assert KEY not in str(refused.value)
