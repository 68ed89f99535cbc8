"""The program of every stack, by somebody who does not let a further secret change."""

import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # the project is not installed: its folder is not here

from stacks.deploy import deploy
from stacks.read import load


def keep_what_is_there(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Ignore changes of what is in a further secret."""
    if args.type_ != "modelstudio:index:SecretVersion":
        return None
    kept = pulumi.ResourceOptions(ignore_changes=["vaultVersion", "fingerprint", "record"])
    return pulumi.ResourceTransformResult(props=args.props, opts=pulumi.ResourceOptions.merge(args.opts, kept))


pulumi.runtime.register_resource_transform(keep_what_is_there)
for name, value in deploy(load()).items():
    pulumi.export(name, value)
