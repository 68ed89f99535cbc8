"""The Pulumi engine: found, installed or built, and said where it is."""

from .ensure import ensure
from .model import Engine, EngineUnavailableError

__all__ = ["Engine", "EngineUnavailableError", "ensure"]
