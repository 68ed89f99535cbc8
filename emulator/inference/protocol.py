"""What all inference calls share: a call, what it asks for, its answer, its refusal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from emulator.hosts import Host
from emulator.inference.keys import Holder
from emulator.openapi import Json
from emulator.settings import Settings, Step
from emulator.state import Store

Protocol = Literal["openai", "anthropic", "native"]
Kind = Literal["chat", "embedding", "other"]
"""What a model does; `other` is everything that is called through tasks: images, videos, speech, batches."""

_OTHER = ("image", "video", "wan2", "wanx", "tts", "asr", "-async-")


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call at an inference host."""

    method: str
    host_name: str
    path: str
    """With the leading slash, without the query."""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str]
    """By lower-case name."""
    peer: str
    """Address that it comes from."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: JSON, or a stream of server-sent events."""

    body: Json = field(default_factory=dict[str, Any])
    events: Sequence[str] = ()
    logged: dict[str, str] = field(default_factory=dict[str, str])
    """What the record of calls shows of the request."""


@dataclass(frozen=True, kw_only=True)
class Raw:
    """An answer of which every byte is given."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    logged: dict[str, str] = field(default_factory=dict[str, str])


class Denied(Exception):
    """A call that is turned down; `code` is the vendor's word in the shape at hand."""

    def __init__(self, status: int, code: str, message: str, *, whole: Json | None = None, empty: bool = False) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.whole = whole
        """The whole body, where it has none of the shapes."""
        self.empty = empty
        """There is no body."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call at a known host, with all that is needed to check and answer it."""

    store: Store
    request: Request
    host: Host
    route: "Route"
    holder: Holder
    json: Json | None
    """The body, None if it is no JSON object."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.store.settings

    @property
    def body(self) -> Json:
        """The body, an empty one for what is no JSON object: the step `body` refuses that."""
        return self.json or {}

    @property
    def model(self) -> str:
        """The model that is asked for, or ""."""
        model = self.body.get("model")
        return model if isinstance(model, str) else ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """What one method and path at a host is."""

    operation: str
    """Its name in faults and in the record of calls."""
    protocol: Protocol
    run: Callable[[Call], "Reply | Raw"]
    steps: tuple[Step, ...] = ("key",)
    """What is looked at before it runs; the settings say in which order."""
    kind: Kind = "chat"
    """Kind of the models that it calls."""
    check: Callable[[Call], None] = lambda call: None  # noqa: ARG005 - most calls without a model have no fields
    """Looks at the fields of the body. Raises Denied."""


def kind_of(model: str) -> Kind:
    """Say what a model does, by its name."""
    if any(word in model for word in _OTHER):
        return "other"
    return "embedding" if "embedding" in model else "chat"
