"""What is wrong with settings, all of it at once, in words for the person who wrote them. No engine is needed."""

import copy
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provider.client.shapes import as_list, as_object
from stacks.place import At, Several
from stacks.settings import Settings
from stacks.source import Number, Path, Secure

KEY = "model-studio:settings"
NIL = "<nil>"
"""What the engine makes of a name that is null."""
_KEY_SHAPED = re.compile(r"(?<![A-Za-z0-9])(?:sk|st)-[\w.%+/=-]*|\bLTAI\w*")
_A_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9._-]{6,}|\bLTAI[A-Za-z0-9]{6,}")
"""Narrower than what is not printed: nothing else that a stack file may hold reads like this."""
_LONGEST = 80
_CONFIG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_A_NAME = re.compile(r"[a-z][a-z0-9-]{0,20}")
_ANYWHERE = {"region": "cn-beijing"}
_ANYONE = {"id": "1" * 16, "type": "International"}
"""A workspace and an account, to look at the rest where those of the file are wrong."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or that should be looked at again."""

    path: Path
    text: str
    is_warning: bool = False

    @property
    def line(self) -> str:
        """Place and text; nothing in it looks like a key."""
        return masked(f"{'.'.join([KEY, *map(str, self.path)])}: {'warning: ' if self.is_warning else ''}{self.text}")


def masked(text: str) -> str:
    """Return a text without what looks like a key."""
    return _KEY_SHAPED.sub("(something like a key)", text)


def findings(raw: object) -> tuple[Settings | None, list[Finding]]:
    """Return the settings, None when something is wrong with them, and all that is to be said of them."""
    lost = list(_names_lost(raw, ()))
    raw = _with_names(raw)
    keys = [Finding(path, "looks like a key, which must never stand in a stack file") for path in keys_in(raw, ())]
    settings, wrong = _checked(_without(raw, [f.path for f in keys]) if keys else raw)
    found = [*lost, *keys, *(f for f in wrong if not any(f.path[: len(key.path)] == key.path for key in keys))]
    if found or settings is None:
        return None, _once(found)
    return settings, [Finding(w.path, str(w), is_warning=True) for w in settings.warnings()]


def keys_in(raw: object, path: Path) -> Iterator[Path]:
    """Return every place of something that looks like a key, a name or a value."""
    if isinstance(raw, dict):
        for name, value in as_object(raw).items():
            yield from keys_in(name, (*path, name))
            yield from keys_in(value, (*path, name))
    elif isinstance(raw, list):
        for n, value in enumerate(as_list(raw)):
            yield from keys_in(value, (*path, n))
    elif isinstance(raw, str) and _A_KEY.search(raw):
        yield path


def config_names(raw: object) -> Iterator[tuple[Path, str]]:
    """Return the places where services name a secret of the configuration, whatever else is wrong there."""
    for name, service in as_object(as_object(raw).get("services")).items():
        given = as_object(as_object(service).get("key")).get("from_config")
        if isinstance(given, str) and _CONFIG_NAME.fullmatch(given) and not _KEY_SHAPED.search(given):
            yield ("services", name, "key", "from_config"), given


def _names_lost(raw: object, path: Path) -> Iterator[Finding]:
    """Return the places of names that were null in the file."""
    for name, value in as_object(raw).items():
        if name == NIL:
            yield Finding((*path, "null"), 'without quotes YAML reads nothing there; write "null" in quotes')
        yield from _names_lost(value, (*path, name))


def _with_names(raw: object) -> object:
    """Return settings with the names that were null in the file as text."""
    if isinstance(raw, dict):
        return {"null" if n == NIL else n: _with_names(value) for n, value in as_object(raw).items()}
    return [_with_names(value) for value in as_list(raw)] if isinstance(raw, list) else raw


def _checked(raw: object) -> tuple[Settings | None, list[Finding]]:
    """Check settings; where parts of them are wrong, the others are checked with each other all the same."""
    try:
        return Settings.model_validate(raw), []
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    found = [f for e in _telling(wrong) for f in _of(e)]
    rest = _without(raw, [_place(e) for e in wrong])
    whole = any(isinstance(e.get("ctx", {}).get("error"), Several) and not e["loc"] for e in wrong)
    if rest is not None and not whole:
        try:
            Settings.model_validate(rest)
        except ValidationError as error:
            found += [f for e in _telling(error.errors(include_url=False)) for f in _of(e)]
    return None, _once(found)


def _without(raw: object, places: Sequence[Path]) -> object:
    """Return settings without the services and sections in which something is wrong; None: nothing left.

    Workspaces keep their names, since services name them; those of a wrong one are left out too.
    """
    if not isinstance(raw, dict) or () in places:
        return None
    rest = copy.deepcopy(as_object(raw))
    wrong: set[object] = set()
    for place in places:
        top, name = str(place[0]), str(place[1]) if len(place) > 1 else ""
        entries = rest.get(top)
        if top not in ("workspaces", "services") or not name or not isinstance(entries, dict):
            rest.pop(top, None)
            continue
        if as_object(entries).pop(name, None) is not None and top == "workspaces":
            wrong.add(name)
            if _A_NAME.fullmatch(name):
                entries[name] = dict(_ANYWHERE)
    wrong |= set(as_object(as_object(raw).get("workspaces"))) - set(as_object(rest.get("workspaces")))
    for name, service in list(as_object(rest.get("services")).items()):
        if as_object(service).get("workspace") in wrong:
            as_object(rest["services"]).pop(name)
    return rest | {"account": rest.get("account", _ANYONE)}


def _once(found: Sequence[Finding]) -> list[Finding]:
    return list(dict.fromkeys(found))


def _of(error: ErrorDetails) -> list[Finding]:
    """Return what one error of the model says; nothing of a value that is encrypted."""
    if isinstance(error["input"], Secure):
        return []
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Several):
        return [Finding((*_path(error["loc"]), *each.path), str(each)) for each in cause.found]
    path = _place(error)
    return [Finding(path, _text(error, path))]


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


def _place(error: ErrorDetails) -> Path:
    cause = error.get("ctx", {}).get("error")
    return (*_path(error["loc"]), *(cause.path if isinstance(cause, At) else ()))


def _path(loc: tuple[int | str, ...]) -> Path:
    """Return the place in the file: pydantic puts the branch of a union and `[key]` into it too."""
    return tuple(p for p in loc if isinstance(p, int) or re.fullmatch(r"[\w-]+", p)) if loc else loc


def _text(error: ErrorDetails, path: Path) -> str:
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        return f"unknown; allowed here: {', '.join(_fields(path[:-1]))}"
    if kind == "missing":
        return f"missing; {_described(path)}"
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        shown = "" if isinstance(cause, At) or isinstance(value, dict) else f"{_shown(value)} "
        return f"{shown}{cause}"
    said = f"{_shown(value)}: {_shape(kind, value) or error['msg'][0].lower() + error['msg'][1:]}"
    if kind == "literal_error":
        said += _meant(value, str(error.get("ctx", {}).get("expected", "")))
    told = _described(path, "") if kind.endswith("_type") else ""
    return f"{said} ({told})" if told else said


def _shape(kind: str, value: object) -> str:
    """Return what the checker of types says in words of its own; "" where it is plain enough."""
    if isinstance(value, Number) and kind != "string_type" and value.value != "a date":
        return f"YAML reads {value.value} there; write it as a plain decimal number, {value.value}"
    if kind == "string_type" and isinstance(value, Number | int | float):
        return f'without quotes YAML reads {_kind(value)} there; put it in quotes: "{_shown(value)}"'
    if kind == "tuple_type":
        one = isinstance(value, str) and not _KEY_SHAPED.search(value) and len(value) <= _LONGEST
        return f"must be a list, such as [{value}]" if one else "must be a list"
    return "must be a mapping" if kind in ("model_type", "dict_type") else ""


def _kind(value: Number | float) -> str:
    if isinstance(value, bool):
        return "true or false"
    return value.kind if isinstance(value, Number) else "a number"


def _meant(value: object, expected: str) -> str:
    """Return a hint where only the spelling differs."""
    words = re.findall(r"'([^']+)'", expected)
    plain = {re.sub(r"[\s_-]", "", word).lower(): word for word in words}
    word = plain.get(re.sub(r"[\s_-]", "", value).lower()) if isinstance(value, str) else None
    return f"; write {word}" if word else ""


def _shown(value: Any) -> str:
    """Quote a value, unless it may be a key that somebody put in the wrong place; a number as it is written."""
    text = value.text if isinstance(value, Number) else json.dumps(value, ensure_ascii=False, default=_as_written)
    if _KEY_SHAPED.search(text):
        return "(not shown: it looks like a key)"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _as_written(value: object) -> str:
    return value.text if isinstance(value, Number) else "(encrypted)" if isinstance(value, Secure) else str(value)


def _fields(path: Path) -> list[str]:
    model = _model_at(path)
    return list(model.model_fields) if model else []


def _described(path: Path, otherwise: str = "it is required") -> str:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model and path else None
    return (field.description if field and field.description else otherwise).rstrip(".")


def _model_at(path: Path) -> type[BaseModel] | None:
    """Return the model that belongs to a place in the file."""
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
