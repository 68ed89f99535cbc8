"""Times as the state keeps them: ISO 8601, UTC, whole seconds."""

from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """Return seconds since the epoch as text, such as 2026-11-23T10:00:00Z."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """Return text made by `iso` as seconds since the epoch; 0 for none."""
    return datetime.fromisoformat(text).timestamp() if text else 0.0
