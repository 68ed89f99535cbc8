"""The program of every stack, with little time for each of its operations and calls."""

import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # the project is not installed: its folder is not here

from stacks.deploy import deploy
from stacks.read import load

SECONDS = 6


def hurry(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Bound the operations of this project's plugin, and the calls of the alicloud plugin, which knows no other."""
    bound = f"{SECONDS}s"
    if args.type_ == "pulumi:providers:alicloud":
        return pulumi.ResourceTransformResult(props={**args.props, "clientReadTimeout": SECONDS * 1000}, opts=args.opts)
    if not args.type_.startswith("modelstudio:index:"):
        return None
    bounds = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create=bound, update=bound, delete=bound))
    return pulumi.ResourceTransformResult(props=args.props, opts=pulumi.ResourceOptions.merge(args.opts, bounds))


pulumi.runtime.register_resource_transform(hurry)
for name, value in deploy(load()).items():
    pulumi.export(name, value)
