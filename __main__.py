"""The program of every stack: settings in, outputs out."""

import pulumi

from stacks.deploy import deploy
from stacks.read import load

for name, value in deploy(load()).items():
    pulumi.export(name, value)
