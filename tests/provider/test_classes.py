"""What programs use: names are Python's on one side and the wire's on the other, at every depth."""

from typing import Any

import pulumi

from provider.resources.api_key import ApiKey
from provider.resources.key_retirement import KeyRetirement
from provider.resources.provider import Provider
from tests.components.conftest import _own_event_loop  # noqa: F401  # pyright: ignore[reportPrivateUsage, reportUnusedImport] - a fixture
from tests.components.mocks import pulumi_test, value_of
from tests.provider.given import KEY, OWNER_ID, REGION, RETIREMENT

ENTRY = {"generation": 1, "keyId": "7", "regionId": REGION, "workspaceId": "ws-1", "supersededAt": ""}
SEEN: dict[str, dict[Any, Any]] = {}


class Engine(pulumi.runtime.Mocks):
    """Stands for engine and plugin."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        made: Any = args
        inputs: dict[Any, Any] = made.inputs
        SEEN[made.typ] = inputs
        outputs: dict[Any, dict[Any, Any]] = {
            KEY: {"generation": 2, "supersededKeys": [ENTRY]},
            RETIREMENT: {"keys": [ENTRY], "next": ""},
        }
        return f"{made.name}-id", inputs | outputs.get(made.typ, {})

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(args.token)


@pulumi_test
async def test_superseded_keys_reach_retirement_as_they_are_on_the_wire() -> None:
    pulumi.runtime.set_mocks(Engine())
    key = ApiKey(
        "k",
        {
            "region_id": REGION,
            "workspace_id": "ws-1",
            "owner_id": OWNER_ID,
            "max_age": 90,
            "trigger": "scheduled",
            "rotate": "a",
            "min_generation": 2,
        },
    )
    retirement = KeyRetirement(
        "r",
        {
            "owner_id": OWNER_ID,
            "generation": key.generation,
            "key_id": key.key_id,
            "held": {"kms:cn-beijing/key_id": "g2r1"},
            "superseded": key.superseded_keys,
            "overlap": 7,
            "soak": 2,
            "paused": False,
            "revoke_through": 1,
        },
    )
    assert await value_of(retirement.keys) == [
        {"generation": 1, "key_id": "7", "region_id": REGION, "workspace_id": "ws-1", "superseded_at": ""}
    ]
    assert SEEN[KEY].items() >= {"maxAge": 90, "trigger": "scheduled", "rotate": "a", "minGeneration": 2}.items()
    assert SEEN[RETIREMENT]["superseded"] == [ENTRY]
    assert SEEN[RETIREMENT]["held"] == {"kms:cn-beijing/key_id": "g2r1"}
    assert SEEN[RETIREMENT]["revokeThrough"] == 1


@pulumi_test
async def test_a_clock_offset_travels_as_text() -> None:
    pulumi.runtime.set_mocks(Engine())
    provider = Provider("p", {"account_id": "1", "clock_offset": 7776123.5})
    await value_of(provider.urn)
    assert SEEN["pulumi:providers:modelstudio"]["clockOffset"] == "7776123.5"
