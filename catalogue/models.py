"""Models that a check may call, cheapest first: small, general, and of a known kind.

A model that is not here is never called unless a stack file names it (`verify_model`).

Whether a model still exists in a region is not a question for this table: the service is asked, and a model that it
does not know is skipped. `ended` only puts those last that are known to fail.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from math import inf
from typing import Literal

from catalogue.rules import Refused

Kind = Literal["chat", "embedding"]

PRICE_CEILING = 10.0
"""CNY per million tokens, input or output, whichever costs more: nothing dearer is called."""
CALL_TOKENS = 12
"""About as many tokens as one call takes: a prompt of one character with its template, and one token of answer.

ASSUMPTION one-token.
"""
MAX_CANDIDATES = 3
"""Models that are tried per URL."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model that may be called, and how."""

    name: str
    kind: Kind = "chat"
    thinking: bool = False
    """Whether it can think, which must be switched off: thinking costs more than `max_tokens` allows for."""
    native: bool = True
    """Whether the native protocol has it at the path for text; models that also see are at another one."""
    stream_only: bool = False
    """Whether it answers streams alone."""
    price: float = inf
    """CNY per million tokens, input or output, whichever costs more; thinking off, shortest prompts. Infinite where it
    was not read: such a model is named in free calls alone."""
    regions: Collection[str] = ()
    """Where it is offered; () for every region."""
    ended: Mapping[str, date] = field(default_factory=dict[str, date])
    """By region, the day on which it ended."""
    source: str = ""
    checked: date = date.min
    """When the source was read."""

    @property
    def is_cheap(self) -> bool:
        """Whether it may be called."""
        return self.price <= PRICE_CEILING

    def is_in(self, region: str) -> bool:
        """Whether it is, or was, offered in `region`."""
        return not self.regions or region in self.regions


_PRICES = "https://help.aliyun.com/en/document_detail/3023262.html"
_EMBEDDINGS = "https://help.aliyun.com/en/model-studio/embedding-interfaces-compatible-with-openai"
_LIST_OF_VIRGINIA = "GET /models of dashscope-us.aliyuncs.com, recorded 2026-08-17: https://github.com/maruel/genai"
_MODELS = "https://www.alibabacloud.com/help/en/model-studio/models"
_LISTS = f"{_MODELS}, and lists in public clients, 2026-09"
_LISTED = (
    "qwen3.5-flash",
    "qwen3.5-plus",
    "qwen3.6-plus",
    "qwen3.7-flash",
    "qwen3.7-plus",
    "qwen3.7-max",
    "qwen3.8-flash",
    "qwen3.8-max",
)
"""Chat models whose price was not read: they only bear out what a free call found."""
_READ = date(2026, 11, 25)
_JULY = {"cn-beijing": date(2026, 7, 13), "ap-southeast-1": date(2026, 7, 13)}
ENDED: Mapping[str, Mapping[str, date]] = dict.fromkeys(
    ("qwen-max", "qwen-turbo", "qwen-vl-max", "qwen-vl-plus", "qwq-plus", "qvq-max"), _JULY
)
"""By model and region, the day on which it ended, as far as notices name regions.

https://www.alibabacloud.com/zh/notice/model_studionotice_on_the_decommissioning_of_certain_historical_mainline_models_731
"""

MODELS: tuple[Model, ...] = (
    Model(name="qwen-flash", thinking=True, price=1.5, source=_PRICES, checked=_READ),
    Model(
        name="qwen-plus-us",
        thinking=True,
        price=PRICE_CEILING,  # ASSUMPTION price-of-qwen-plus-us
        regions=("us-east-1",),
        source=_LIST_OF_VIRGINIA,
        checked=_READ,
    ),
    Model(name="qwen-plus", thinking=True, price=2.0, source=_PRICES, checked=_READ),
    Model(name="qwen-turbo", thinking=True, price=0.6, ended=_JULY, source=_PRICES, checked=_READ),
    Model(name="qwen3-30b-a3b-instruct-2507", price=3.0, source=_PRICES, checked=_READ),
    Model(name="qwen3-32b", thinking=True, price=8.0, source=_PRICES, checked=_READ),
    Model(name="qwen3-max", source=_MODELS, checked=_READ),
    Model(name="qwen-max", ended=_JULY, source=_MODELS, checked=_READ),
    Model(name="qwen3-coder-plus", source=_MODELS, checked=_READ),
    *(Model(name=name, thinking=True, native=False, source=_LISTS, checked=_READ) for name in _LISTED),
    Model(name="text-embedding-v4", kind="embedding", price=0.5, source=_EMBEDDINGS, checked=_READ),
    Model(name="text-embedding-v3", kind="embedding", price=0.5, source=_EMBEDDINGS, checked=_READ),
)
"""Cheapest first among the current ones. Embedding models come last: only two of the three protocols have them."""

_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "openai": ("chat", "embedding"),
    "anthropic": ("chat",),
    "dashscope": ("chat", "embedding"),
}


def candidates(protocol: str, region: str, *, among: Collection[str] | None = None) -> tuple[Model, ...]:
    """Return the models that a check of `protocol` in `region` may name, in the order in which to try them.

    Those that are known to have ended there come last: whether they are still listed is asked before they are named.

    `among`: the models that the key may call; None for every one.
    """
    kinds = _KINDS.get(protocol, ())
    known = [
        model
        for model in MODELS
        if model.kind in kinds
        and model.is_in(region)
        and (among is None or model.name in among)
        and (model.native or protocol != "dashscope")
    ]
    return tuple(sorted(known, key=lambda model: region in model.ended))


def named(name: str) -> Model:
    """Return the model that a stack file names for its checks: from the table, else a chat model that may think."""
    known = next((model for model in MODELS if model.name == name), None)
    return known or Model(name=name, kind="embedding" if "embedding" in name else "chat", thinking=True)


def check_offered(region: str, missing: Sequence[str], existing: Collection[str]) -> None:
    """Refuse models that `region` does not have, each with the day on which it ended or the nearest names there are."""
    if not missing:
        return
    told = ", ".join(f"{model}{_instead(model, region, existing)}" for model in missing)
    raise Refused("model-offered", f"models: {region} does not offer {told}", "take them out, or name others")


def _instead(model: str, region: str, existing: Collection[str]) -> str:
    day = ENDED.get(model, {}).get(region)
    near = get_close_matches(model, sorted(existing), n=3)
    words = [f"ended there on {day.isoformat()}"] if day else []
    words += [f"nearest: {', '.join(near)}"] if near else []
    return f" ({'; '.join(words)})" if words else ""
