"""JSON off the wire, brought into the shapes that the code expects."""

from typing import Any, TypeGuard

Json = dict[str, Any]


def _is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def as_object(value: Any) -> Json:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if _is_object(value) else {}


def as_list(value: Any) -> list[Any]:
    """Return `value` if it is a JSON list, else an empty one."""
    return value if _is_list(value) else []


def as_objects(value: Any) -> list[Json]:
    """Return the JSON objects of a list."""
    return [item for item in as_list(value) if _is_object(item)]
