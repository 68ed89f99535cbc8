"""An error about another place in a stack file than the model that found it."""


class At(ValueError):
    """An error whose place in the file is not where the model that found it stands."""

    def __init__(self, path: tuple[str, ...], text: str) -> None:
        self.path = path
        super().__init__(text)
