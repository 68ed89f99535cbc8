"""What the command lines share that may be given a key by mistake."""

from __future__ import annotations

import argparse
from typing import NoReturn


class UsageError(Exception):
    """It was not called right, or may not do what it was called for; the message says what would be right."""


class Parser(argparse.ArgumentParser):
    """Repeats nothing of what it was given: that may be a key."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with the usage alone."""
        del message
        raise UsageError(f"the arguments are not understood; {' '.join(self.format_usage().split())}")
