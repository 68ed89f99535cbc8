"""The floor: `count` custom resources without inputs, parents or dependencies."""

import pulumi


class Nothing(pulumi.CustomResource):
    """A resource that is only a name."""

    def __init__(self, name: str) -> None:
        super().__init__("floor:index:Nothing", name, {})


for n in range(pulumi.Config().require_int("count")):
    Nothing(f"n{n}")
