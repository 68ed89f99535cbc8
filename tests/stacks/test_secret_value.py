"""A brought key comes from the encrypted part of the configuration, or not at all."""

from collections.abc import Iterator

import pulumi
import pytest
from pulumi.runtime import config

from stacks.read import SettingsError, secret_value

KEY = "sk-sp-test.a1"


@pytest.fixture(autouse=True)
def _no_config() -> Iterator[None]:
    yield
    config.set_all_config({}, [])


def test_an_encrypted_value_is_an_output() -> None:
    config.set_all_config({"model-studio:planKey": KEY}, ["model-studio:planKey"])
    value = secret_value("planKey", "services.tools.key.from_config")
    assert isinstance(value, pulumi.Output)


@pytest.mark.parametrize(("values", "says"), [({}, "is not set"), ({"model-studio:planKey": KEY}, "in clear")])
def test_a_value_that_is_missing_or_in_clear_is_refused_with_the_command(values: dict[str, str], says: str) -> None:
    config.set_all_config(values, [])
    with pytest.raises(SettingsError, match=says) as refused:
        secret_value("planKey", "services.tools.key.from_config")
    assert "model-studio:settings.services.tools.key.from_config: model-studio:planKey" in str(refused.value)
    assert "pulumi config set --secret model-studio:planKey" in str(refused.value)
    assert KEY not in str(refused.value)
