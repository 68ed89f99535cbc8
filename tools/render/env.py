r"""`.env`: the record as lines of `NAME=value` that every reader takes the same.

Readers differ in what they undo: `docker run --env-file` undoes no quotes at all; `sh` and the dotenv libraries undo
single ones, but python-dotenv and dotenv-expand replace `${NAME}` even there, and python-dotenv undoes `\\` in them
(https://docs.docker.com/reference/cli/docker/container/run/#env, https://github.com/theskumar/python-dotenv,
https://github.com/motdotla/dotenv; for `sh`: POSIX 2.2, Quoting). So a value that can stand bare does, as nearly all
that is delivered can; one that needs quotes gets single ones; one that two readers would take differently is refused.

The names are those of the record, with the sink's prefix. Without one, `QWEN_API_KEY` is added for the clients of Qwen
Cloud; a prefix says that its owner chooses the names.

Without the key it is what a config sink holds: MODEL_STUDIO_SECRET says where the key is.
"""

import re

from catalogue.record import QWEN_KEY_NAME, config_record, secret_of
from tools.render.format import Asked, Format, RenderError

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_READ_DIFFERENTLY = re.compile(r"['\\$\x00-\x1f\x7f]")


def render(asked: Asked) -> str:
    """Return the lines."""
    service = asked.service
    pointer = service.pointer or "none"
    record = config_record(service.said, revision=service.revision, digest=service.digest, pointer=pointer)
    if asked.key is not None:
        record = secret_of(record, asked.key)
    record = {service.prefix + name: value for name, value in record.items()}
    if asked.key is not None and not service.prefix:
        record[QWEN_KEY_NAME] = asked.key
    return "".join(f"{name}={_value(name, value)}\n" for name, value in record.items())


def _value(name: str, value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    if _READ_DIFFERENTLY.search(value):
        raise RenderError(
            rf"the value of {name} holds ', $, \ or a control character, which readers of .env files take differently"
        )
    return f"'{value}'"


FORMAT = Format(render=render, goes_to=".env")
