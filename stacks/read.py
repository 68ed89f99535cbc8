"""Reads the settings of the current stack, and says what is wrong with them in words for the person who wrote them."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pulumi
from pulumi.runtime.config import is_config_secret
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provider.client.shapes import as_list, as_object
from stacks.place import At
from stacks.settings import Settings

KEY = "model-studio:settings"
_KEY_SHAPED = re.compile(r"(?<![A-Za-z0-9])(?:sk|st)-[\w.%+/=-]*|\bLTAI\w*")
_A_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9._-]{6,}|\bLTAI[A-Za-z0-9]{6,}")
"""Narrower than what is not printed: nothing else that a stack file may hold reads like this."""
_LONGEST = 80


class SettingsError(pulumi.RunError):
    """The stack file cannot be used; the text lists every reason. Printed without a traceback."""


def load(config: pulumi.Config | None = None) -> Settings:
    """Read and check `model-studio:settings` of the current stack. Raises SettingsError."""
    config = config or pulumi.Config("model-studio")
    file = f"stacks/Pulumi.{pulumi.get_stack()}.yaml"
    text = config.get("settings")
    if text is None:
        raise SettingsError(f"{KEY} is missing in {file}; see README.md for an example")
    try:
        raw: object = json.loads(text)
    except ValueError:  # its text would repeat what stands there
        raise SettingsError(f"{KEY} in {file} must be a mapping; see README.md for an example") from None
    return parse(raw, file)


def secret_value(name: str, where: str) -> pulumi.Output[str]:
    """Return a secret of the stack's configuration, never in clear. Raises SettingsError with `where` it is named.

    One that is set without --secret stands in the stack file in clear, and is refused.
    """
    file, key = f"stacks/Pulumi.{pulumi.get_stack()}.yaml", f"model-studio:{name}"
    value = pulumi.Config("model-studio").get_secret(name)
    wrong = (
        "is not set" if value is None else "" if is_config_secret(key) else "stands there in clear, treat it as leaked"
    )
    if value is None or wrong:
        how = f"run `pulumi config set --secret {key}` and type the key when asked"
        raise SettingsError(f"{file} cannot be deployed:\n  {KEY}.{where}: {key} {wrong}; {how}")
    return value


def rotate_word() -> str | None:
    """Return the configuration value `model-studio:rotate`: each new value rotates scheduled keys once."""
    return pulumi.Config("model-studio").get("rotate")


def parse(raw: object, file: str) -> Settings:
    """Check settings that were read from `file`. Raises SettingsError."""
    lines = [_line(path, "looks like a key, which must never stand in a stack file") for path in _keys(raw, ())]
    try:
        if not lines:
            return Settings.model_validate(raw)
    except ValidationError as error:
        lines = [_line(_place(e), _text(e, _place(e))) for e in _telling(error.errors(include_url=False))]
    raise SettingsError("\n  ".join([f"{file} cannot be deployed:", *dict.fromkeys(lines)]))


def _keys(raw: object, path: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    """Return every place of something that looks like a key, a name or a value."""
    if isinstance(raw, dict):
        for name, value in as_object(raw).items():
            yield from _keys(name, (*path, name))
            yield from _keys(value, (*path, name))
    elif isinstance(raw, list):
        for n, value in enumerate(as_list(raw)):
            yield from _keys(value, (*path, n))
    elif isinstance(raw, str) and _A_KEY.search(raw):
        yield path


def _telling(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out, of a value that may be one thing or another, that it is not the other."""

    def is_plain(error: ErrorDetails) -> bool:
        return error["type"].endswith("_type") or error["type"] in ("literal_error", "too_short")

    kept: list[ErrorDetails] = []
    for error in errors:
        here = _place(error)
        others = [e for e in errors if e is not error and _place(e)[: len(here)] == here]
        better = any(not is_plain(e) or len(_place(e)) > len(here) for e in others)
        repeated = any(_place(e) == here and is_plain(e) for e in kept)
        if not is_plain(error) or not (better or repeated):
            kept.append(error)
    return kept


def _place(error: ErrorDetails) -> tuple[int | str, ...]:
    cause = error.get("ctx", {}).get("error")
    return (*_path(error["loc"]), *(cause.path if isinstance(cause, At) else ()))


def _line(path: tuple[int | str, ...], text: str) -> str:
    return _KEY_SHAPED.sub("(something like a key)", f"{'.'.join([KEY, *map(str, path)])}: {text}")


def _path(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the place in the file: pydantic puts the branch of a union and `[key]` into it too."""
    return tuple(p for p in loc if isinstance(p, int) or re.fullmatch(r"[\w-]+", p)) if loc else loc


def _text(error: ErrorDetails, path: tuple[int | str, ...]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"unknown; allowed here: {', '.join(_fields(path[:-1]))}"
    if kind == "missing":
        return f"missing; {_described(path)}"
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        value = "" if isinstance(cause, At) or isinstance(error["input"], dict) else f"{_shown(error['input'])} "
        return f"{value}{cause}"
    said = f"{_shown(error['input'])}: {_SHAPES.get(kind) or error['msg'][0].lower() + error['msg'][1:]}"
    return f"{said} ({_described(path)})" if kind.endswith("_type") else said


_SHAPES = {"model_type": "must be a mapping", "dict_type": "must be a mapping", "tuple_type": "must be a list"}
"""What the checker of types says in words of its own."""


def _shown(value: Any) -> str:
    """Quote a value, unless it may be a key that somebody put in the wrong place."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if _KEY_SHAPED.search(text):
        return "(not shown: it looks like a key)"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _fields(path: tuple[int | str, ...]) -> list[str]:
    model = _model_at(path)
    return list(model.model_fields) if model else []


def _described(path: tuple[int | str, ...]) -> str:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model and path else None
    return (field.description if field and field.description else "it is required").rstrip(".")


def _model_at(path: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Return the model that stands at a place in the file."""
    model: type[BaseModel] = Settings
    parts = iter(path)
    for part in parts:
        field = model.model_fields.get(str(part))
        inner = _inner(field.annotation) if field else None
        if field is None or inner is None:
            return None
        if get_origin(field.annotation) in (dict, tuple):
            next(parts, None)  # the name of the entry or its number, not a field
        model = inner
    return model


def _inner(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside a mapping, list or optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for a in get_args(annotation) if (model := _inner(a)) is not None), None)
