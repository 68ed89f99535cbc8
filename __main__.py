"""What `pulumi up` runs: the stack's settings in, workspaces, keys and sinks out."""

from functools import partial

import pulumi

from stacks.deploy import deploy
from stacks.read import load
from stacks.shallow import shallow

settings = load()
for name, value in shallow(partial(deploy, settings)).items():
    pulumi.export(name, value)
