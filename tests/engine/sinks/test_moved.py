"""Another region is another place: a moved sink moves, although the alicloud provider by itself shows nothing.

A vault holds the values of the keys, so it moves in two steps; a direct move is refused with them."""

import json

import pytest

from tests.emulator.clients import Clients, oos, raised
from tests.engine.world import World
from tests.provider.vendor import Console

pytestmark = pytest.mark.engine

HERE, THERE = "cn-beijing", "ap-southeast-1"


def read(world: World, region: str) -> dict[str, dict[str, str]]:
    """Return the record of each place of a region."""
    client = Clients(world.emulator).oos(region)
    secret = client.get_secret_parameter(oos.GetSecretParameterRequest(name="moved", with_decryption=True))
    plain = client.get_parameter(oos.GetParameterRequest(name="moved"))
    texts = {
        "kms": Console(world.emulator, region).secret("moved")[1],
        "oos-secret": secret.body.parameter.value,
        "oos": plain.body.parameter.value,
    }
    return {store: json.loads(str(text)) for store, text in texts.items()}


def test_a_moved_sink_is_made_there_and_deleted_here(world: World) -> None:
    world.write("secret_deletion.force", value=True)
    here, there = ({"name": "moved", "region": region} for region in (HERE, THERE))
    for region, where, leaving in ((HERE, here, []), (THERE, there, [{"kms": here}]), (THERE, there, [])):
        world.write("services.gateway.secrets", [{"kms": where}, {"oos": where}, *leaving])
        world.write("services.gateway.config", [{"oos": where}])
        run, calls = world.counted("up")
        run.ok()
        places = {f"{store}:{region}/moved": "g1r1" for store in ("kms", "oos-secret", "oos")}
        if leaving:
            places[f"kms:{HERE}/moved"] = "g1r1"
        assert world.gateway()["delivered"] == places
        assert {record["MODEL_STUDIO_REVISION"] for record in read(world, region).values()} == {"1"}
        assert ("CreateApiKey" in calls) == (region == HERE)
        if region == HERE:
            world.write("services.gateway.secrets", [{"kms": there}, {"oos": there}])
            refused, calls = world.counted("preview")
            assert refused.code != 0
            assert f"list kms:{THERE}/moved first and kms:{HERE}/moved after it" in refused.text
            assert calls == []
    assert read(world, THERE)["oos"]["MODEL_STUDIO_SECRET"].startswith(f"kms:{THERE}/moved@g1r1-")
    client = Clients(world.emulator).oos(HERE)
    gone = [
        raised(lambda: Console(world.emulator, HERE).secret("moved")),
        raised(lambda: client.get_secret_parameter(oos.GetSecretParameterRequest(name="moved"))),
        raised(lambda: client.get_parameter(oos.GetParameterRequest(name="moved"))),
    ]
    assert [error.status_code for error in gone] == [404, 404, 404]
    assert world.stack.up().ok().changes == {}
