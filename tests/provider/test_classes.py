"""What programs use: names are Python's on one side and the wire's on the other, at every depth."""

from typing import Any

import pulumi
import pytest

from catalogue.rotation import RotationPolicy
from provider.handlers import handlers
from provider.resource import Handler
from provider.resources.api_key import ApiKey, ApiKeyArgs
from provider.resources.base import ModelStudioResource, snake
from provider.resources.key_retirement import KeyRetirement, KeyRetirementArgs
from provider.resources.owner import Owner, OwnerArgs
from provider.resources.provider import Provider
from provider.resources.secret_place import SecretPlace, SecretPlaceArgs
from provider.resources.secret_version import SecretVersion, SecretVersionArgs
from provider.resources.workspace import Workspace, WorkspaceArgs
from tests.components.conftest import _own_event_loop  # noqa: F401  # pyright: ignore[reportPrivateUsage, reportUnusedImport] - a fixture
from tests.components.mocks import pulumi_test, value_of
from tests.provider.given import KEY, OWNER_ID, REGION, RETIREMENT, VERSION

PAIRS: tuple[tuple[type[ModelStudioResource], Any], ...] = (
    (ApiKey, ApiKeyArgs),
    (KeyRetirement, KeyRetirementArgs),
    (Owner, OwnerArgs),
    (SecretPlace, SecretPlaceArgs),
    (SecretVersion, SecretVersionArgs),
    (Workspace, WorkspaceArgs),
)
CLASSES = [class_ for class_, _ in PAIRS]
ARGUMENTS: dict[Any, Any] = {class_.handler: arguments for class_, arguments in PAIRS}

ENTRY = {
    "generation": 1,
    "keyId": "7",
    "regionId": REGION,
    "workspaceId": "ws-1",
    "nonce": "0a1b2c3d",
    "createdAt": "2026-11-01T00:00:00Z",
    "fingerprint": "ab",
    "copies": [{"place": "kms:cn-beijing/key_id", "version": "g1r1-ab12cd34", "name": "g1r1-ab12cd34"}],
    "supersededAt": "2026-11-02T00:00:00Z",
}
RECORD = {"MODEL_STUDIO_GENERATION": "2", "OPENAI_BASE_URL": "https://h/v1"}
VAULT = {"store": "kms", "regionId": REGION, "name": "region_id", "claim": "c", "found": "absent"}
SEEN: dict[str, dict[Any, Any]] = {}


class Engine(pulumi.runtime.Mocks):
    """Stands for engine and plugin."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        made: Any = args
        inputs: dict[Any, Any] = made.inputs
        SEEN[made.typ] = inputs
        outputs: dict[Any, dict[Any, Any]] = {
            KEY: {"generation": 2, "superseded": [ENTRY], "record": RECORD, "stored": "v", "fingerprint": "f"},
            RETIREMENT: {"keys": [ENTRY | {"phase": "overlap", "since": "", "until": ""}], "next": ""},
        }
        return f"{made.name}-id", inputs | outputs.get(made.typ, {})

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(args.token)


@pulumi_test
async def test_what_a_key_tells_reaches_retirement_and_versions_as_it_is_on_the_wire() -> None:
    pulumi.runtime.set_mocks(Engine())
    policy = RotationPolicy(max_age=90, trigger="scheduled", rotate="a", min_generation=2, revoke_through=1).wire()
    key = ApiKey(
        "k",
        {
            "region_id": REGION,
            "workspace_id": "ws-1",
            "owner_id": OWNER_ID,
            "rotation": policy,
            "urls": {"openai": "https://h/v1"},
            "domain": "dedicated",
            "vault": VAULT,
            "existing_at": {"store": "oos", "regionId": REGION, "name": "key_id", "field": "region_id"},
        },
    )
    retirement = KeyRetirement(
        "r",
        {
            "owner_id": OWNER_ID,
            "generation": key.generation,
            "key_id": key.key_id,
            "held": {"kms:cn-beijing/key_id": "g2r1"},
            "superseded": key.superseded,
            "rotation": policy,
        },
    )
    version = SecretVersion(
        "v",
        {
            "place": VAULT,
            "vault": "kms:cn-beijing/gw",
            "vault_version": key.stored,
            "fingerprint": key.fingerprint,
            "series": "s",
            "owner_id": OWNER_ID,
            "record": key.record,
        },
    )
    told: Any = await value_of(retirement.keys)
    await value_of(version.urn)
    assert told[0].items() >= {"generation": 1, "key_id": "7", "region_id": REGION, "workspace_id": "ws-1"}.items()
    assert SEEN[KEY]["rotation"] == SEEN[RETIREMENT]["rotation"] == policy
    assert policy.items() >= {"maxAge": 90, "minGeneration": 2, "revokeThrough": 1}.items()
    assert (SEEN[KEY]["vault"], SEEN[VERSION]["place"]) == (VAULT, VAULT)
    assert SEEN[KEY]["existingAt"] == {"store": "oos", "regionId": REGION, "name": "key_id", "field": "region_id"}
    assert SEEN[RETIREMENT]["superseded"] == [ENTRY]
    assert SEEN[RETIREMENT]["held"] == {"kms:cn-beijing/key_id": "g2r1"}
    assert SEEN[VERSION].items() >= {"record": RECORD, "vaultVersion": "v", "fingerprint": "f"}.items()


@pulumi_test
async def test_a_clock_offset_travels_as_text() -> None:
    pulumi.runtime.set_mocks(Engine())
    provider = Provider("p", {"account_id": "1", "clock_offset": 7776123.5})
    await value_of(provider.urn)
    assert SEEN["pulumi:providers:modelstudio"]["clockOffset"] == "7776123.5"


@pytest.mark.parametrize("handler", handlers(), ids=lambda handler: handler.type_name)
def test_every_argument_of_a_class_is_an_input_and_every_input_can_be_given(handler: Handler) -> None:
    """`autoNamed` is the plugin's own."""
    given = {snake(name) for name in handler.inputs} - {"auto_named"}
    assert set(ARGUMENTS[type(handler)].__annotations__) == given


@pytest.mark.parametrize("class_", CLASSES, ids=lambda class_: class_.__name__)
def test_every_output_that_a_class_names_is_a_property(class_: type[ModelStudioResource]) -> None:
    names = {snake(name) for name in (*class_.handler.inputs, *class_.handler.outputs)}
    assert set(class_.__annotations__) - {"handler"} <= names
