"""Where the key comes from, and where it may go.

Never ask for it as an argument: everybody on the machine can read those in the list of processes. One that stands in a
pasted command is used and told to be taken out of use.
"""

from __future__ import annotations

import getpass
import sys
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalogue.key_text import has_vendor_form
from catalogue.record import KEY_NAMES
from catalogue.rows import looks_like_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from catalogue.pasted import Pasted

OWN = "MODEL_STUDIO_KEY"
_VENDOR = KEY_NAMES["dashscope"]
OF_PROTOCOL: Mapping[str, tuple[str, ...]] = {
    # Qwen Cloud's clients read QWEN_API_KEY; the vendor's own examples read DASHSCOPE_API_KEY with every client.
    "openai": (KEY_NAMES["openai"], "QWEN_API_KEY", _VENDOR),
    "anthropic": (KEY_NAMES["anthropic"], "ANTHROPIC_API_KEY", _VENDOR),
    "dashscope": (_VENDOR, "QWEN_API_KEY"),
}
"""Variables that may hold a key for a URL of the protocol, the first one first."""
_GENERIC = (KEY_NAMES["openai"], KEY_NAMES["anthropic"], "ANTHROPIC_API_KEY")
"""Variables that the clients of other providers read, too."""
NAMES = tuple(dict.fromkeys((OWN, *(name for names in OF_PROTOCOL.values() for name in names))))
"""Variables that may hold a key."""

_SHORTEST = 6
"""A shorter value is no key; looking for it in arguments would find ordinary words."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A key, and where it came from; both "" when there is none."""

    value: str = field(default="", repr=False)
    source: str = ""

    @property
    def may_be_foreign(self) -> bool:
        """Whether it may be another provider's: of a variable that they share, and of no form seen of this vendor's."""
        return self.source in _GENERIC and not has_vendor_form(self.value)


def take(env: Mapping[str, str], protocol: str, pasted: Pasted | None, prompt: Callable[[], str] | None) -> Held:
    """Return the key: MODEL_STUDIO_KEY, else what is typed, else a pasted one, else that of the URL's protocol.

    `protocol` "": none is known. The variables of a protocol may be meant for something else, so a person at a terminal
    is asked before they are used. `prompt`: None when nobody can be asked.
    """
    own = env.get(OWN, "").strip()
    if own:
        return Held(value=own, source=OWN)
    typed = prompt().strip() if prompt else ""
    return Held(value=typed, source="the prompt") if typed else _without_asking(env, protocol, pasted)


def _without_asking(env: Mapping[str, str], protocol: str, pasted: Pasted | None) -> Held:
    if pasted is not None and pasted.key:
        return Held(value=pasted.key, source=f"the paste, {pasted.key_place}")
    name = next((name for name in OF_PROTOCOL.get(protocol, ()) if env.get(name, "").strip()), "")
    return Held(value=env[name].strip(), source=name) if name else Held()


def unused(env: Mapping[str, str], protocol: str) -> list[str]:
    """Return the variables that hold a key, but for URLs of another protocol."""
    own = (OWN, *OF_PROTOCOL.get(protocol, ()))
    return [name for name in NAMES if name not in own and env.get(name, "").strip()]


def terminal_prompt(env: Mapping[str, str], protocol: str, pasted: Pasted | None) -> Callable[[], str] | None:
    """Return how to ask the person at the terminal; None when there is none."""
    if not sys.stdin.isatty():
        return None
    fallback = _without_asking(env, protocol, pasted).source or "none"

    def ask() -> str:
        with warnings.catch_warnings():
            # A terminal that would show what is typed is not used.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(f"Key (not shown; empty: {fallback}): ")
            except (EOFError, getpass.GetPassWarning):
                return ""

    return ask


def is_among(texts: Sequence[str], *keys: str) -> bool:
    """Whether a text holds one of the keys, or anything that looks like one."""
    known = [key for key in keys if len(key) >= _SHORTEST]
    return any(looks_like_key(text) or any(key in text for key in known) for text in texts)
