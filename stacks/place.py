"""Errors about another place in a stack file than the model that found them."""


class At(ValueError):
    """An error whose place in the file is not where the model that found it is."""

    def __init__(self, path: tuple[str, ...], text: str) -> None:
        self.path = path
        super().__init__(text)


class Several(ValueError):
    """All that one model found."""

    def __init__(self, found: list[At]) -> None:
        self.found = found
        super().__init__("; ".join(map(str, found)))
