"""JSON off the wire, brought into the shapes that the code expects: the only casts for it."""

from typing import Any, cast

Json = dict[str, Any]


def as_object(value: object) -> Json:
    """Return `value` if it is a JSON object, else an empty one."""
    return cast("Json", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return `value` if it is a JSON list, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def as_objects(value: object) -> list[Json]:
    """Return the JSON objects of a list."""
    return [as_object(item) for item in as_list(value) if isinstance(item, dict)]
