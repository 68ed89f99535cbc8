"""What a run may cost at most, before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalogue.models import candidates

if TYPE_CHECKING:
    from catalogue.models import Model

CAP = 1.0
"""CNY."""
MOST_CALLS = 60
"""Calls of inference hosts."""
BILLED_CALLS = 3
"""Those that a model is to answer: one in each protocol. The others are to be refused, or hold no content."""
TOKENS_AT_WORST = 1000
"""Of one call, where `max_tokens` is not honoured."""


def callable_models(region: str) -> list[Model]:
    """Return the models that a run may call, in the order in which to try them: cheap, and with a switch to measure."""
    return [m for m in candidates("anthropic", region) if m.is_cheap and m.thinking and not m.stream_only]


def at_most(region: str) -> float:
    """Return CNY: as if each call were answered, refused ones too, at worst and by the dearest model."""
    price = max((model.price for model in callable_models(region)), default=0.0)
    return MOST_CALLS * TOKENS_AT_WORST * price / 1_000_000
