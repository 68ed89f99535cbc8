"""How a superseded key is disabled, or, where its region offers no such thing, deleted."""

from catalogue.regions import can_be_disabled
from provider.client.errors import ServiceError
from provider.resource import Call


def disabled_or_deleted(call: Call, region: str, key_id: str, generation: int) -> bool:
    """Disable a key; return False where the region does not offer that, and the key was deleted instead.

    Its time must be over and every sink must hold its successor: a deleted key cannot be taken back. So only a refusal
    of DisableApiKey itself counts, of a kind that does not pass (ASSUMPTION disable-refusal-told), and only in a region
    that is not known to disable keys. Anything else is raised, and the key stays as it is.
    """
    plane, name = call.services.control_plane, f"key {key_id} (generation {generation})"
    try:
        plane.disable_api_key(region, key_id)
    except ServiceError as error:
        if can_be_disabled(region) or error.operation != "DisableApiKey" or not error.not_offered:
            raise
        plane.delete_api_key(region, key_id)
        call.audit("delete", key_id=key_id, generation=generation, region=region)
        call.warn(
            f"{name} was deleted without a soak, since {region} does not disable keys ({error}). It cannot be taken "
            "back: a consumer that still has it must read its sink again"
        )
        return False
    call.audit("disable", key_id=key_id, generation=generation, region=region)
    return True
