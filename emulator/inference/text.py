"""What the emulated models say, and what it costs in tokens: one for each word."""

from dataclasses import dataclass
from typing import Any, cast

from emulator.inference.protocol import Call
from emulator.inference.refusals import bad_parameter

_NO_TEXT = ("role", "type")


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer of a model."""

    pieces: list[str]
    prompt: int
    """Tokens of the question."""
    cut: bool
    """It ended at the limit of the call."""

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)

    def logged(self, call: Call, *, stream: bool) -> dict[str, str]:
        """Return what the record of calls shows."""
        return {"model": call.model, "stream": str(stream).lower()} | spent(self.prompt + len(self.pieces))


def spent(tokens: int) -> dict[str, str]:
    """Return what the record of calls shows of an answer that cost so much."""
    return {"tokens": str(tokens)}


def say(call: Call, question: Any, most: int | None) -> Said:
    """Return what the model answers. It says whose key was used, as far as `most` tokens go."""
    workspace = call.holder.workspace
    whose = f"workspace {workspace.workspace_id}" if workspace else "a subscription plan"
    words = f"{call.model} answers the key of {whose}.".split(" ")
    if "max_tokens_ignored" in call.settings.deviations:
        most = None
    pieces = [word if n == 0 else f" {word}" for n, word in enumerate(words)]
    return Said(pieces=pieces[:most], prompt=tokens_of(question), cut=most is not None and most < len(pieces))


def tokens_of(value: Any) -> int:
    """Count the tokens of a question; it has at least one."""
    return max(1, _words(value))


def limit(call: Call, value: Any, name: str) -> int | None:
    """Read a limit of tokens. Raises Denied (400)."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise bad_parameter(call, f"Range of {name} should be [1, 65536]")
    return value


def _words(value: object) -> int:
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, list):
        return sum(map(_words, cast("list[object]", value)))
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return sum(_words(item) for name, item in named.items() if name not in _NO_TEXT)
    return 0
