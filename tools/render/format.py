"""What every format is: a pure function from what a stack delivered to the text of one reader's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalogue.record import KEY_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalogue.rows import Protocol
    from tools.delivered import Service

MODEL = "qwen3.6-plus"
"""The one model that the vendor's page names for Codex on the token plan (https://help.aliyun.com/zh/model-studio/codex)
and Qwen Code's for the coding plan (model-providers.md; there for Pro subscribers only)."""


class RenderError(Exception):
    """The settings cannot be written; the message says why. A value is never in it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is written down."""

    service: Service
    key: str | None = None
    """None: a reference stands in its place."""
    model: str = MODEL
    """Name of the model that a tool calls at first."""

    def url(self, protocol: Protocol) -> str:
        """Return the base URL for a protocol. Raises RenderError, with those that there are, when there is none."""
        found = self.service.urls.get(protocol)
        if found is None:
            raise RenderError(
                f"{self.service.name!r} has no {protocol} URL, which this format needs; it has: "
                f"{', '.join(self.service.urls)}. Add {protocol} to its protocols in the stack file"
            )
        return found

    def key_name(self, protocol: Protocol) -> str:
        """Return the name of the key in the record, which is its variable where the record is the environment."""
        return f"{self.service.prefix}{KEY_NAMES[protocol]}"

    def reference(self, protocol: Protocol) -> str:
        """Say where the key is, without it."""
        return f"{self.key_name(protocol)} in {self.service.pointer or 'no secret store'}"


@dataclass(frozen=True, kw_only=True)
class Format:
    """One reader's settings."""

    render: Callable[[Asked], str]
    """Raises RenderError, or Refused by a rule of the firewall."""
    goes_to: str
    """Where the reader looks for it."""
    holds_key: bool = True
    """False: the format refers to the secret store by itself, and never holds a key."""
