"""One resource whose create says that it began and then waits for leave to end."""

import pulumi


class Blocking(pulumi.CustomResource):
    """Served by the plugin in ./provider."""

    def __init__(self, name: str) -> None:
        super().__init__("blocking:index:Blocking", name, {})


Blocking("one")
