"""What one assumption is."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """Something that is taken to be true of the live service and that no document at hand says."""

    id: str
    """What code and documents call it: `ASSUMPTION <id>`."""
    statement: str
    depends: tuple[str, ...]
    """Files that rely on it; each names it."""
    safe: str
    """The reading that does no harm where the assumption is wrong, which is the one that the code takes."""
    measured: str = ""
    """How `tools.live` measures it; "" when it does not."""
    unmeasured: str = ""
    """Why `tools.live` does not measure it; "" when it does."""
    source: str
    """What it is inferred from; `d031` and the like are lines of `tests/data/observed/answers.json`."""
    day: date
    """When that was published, seen or read."""

    def __post_init__(self) -> None:
        """Refuse an entry that says neither how it is measured nor why not."""
        if bool(self.measured) == bool(self.unmeasured):
            raise ValueError(f"{self.id}: say how it is measured, or why it is not")

    @property
    def is_measured(self) -> bool:
        """Whether `tools.live` measures it."""
        return bool(self.measured)
