"""What to do about an object that exists already: the alicloud plugin says only that it does."""

from collections.abc import Mapping
from shlex import quote
from typing import TYPE_CHECKING, cast

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto.resource_pb2 import RESOURCE_MONITOR_FEATURE_ERROR_HOOKS
from pulumi.runtime.settings import get_monitor, monitor_supports_feature

from components.sinks.sink import child_name
from provider.resource import Urn

if TYPE_CHECKING:
    from collections.abc import Awaitable


def takeover_hook(
    service: str, place: str, advice: Mapping[str, str], provider: pulumi.ProviderResource | None
) -> pulumi.ResourceHookBinding | None:
    """Return an error hook that prints the advice once a create ends with the store's words for it.

    None where hooks cannot be: on an older engine, and under the SDK's own mocks.

    `advice`: by what the store says; it may hold `{name}`, the resource's name as a shell takes it, and `{under}`, the
    options of `pulumi import` for its parent and provider. A create whose answer was lost leaves an object and no state
    entry (seen with the published plugin): only a person can tell whether it is ours.
    """
    if isinstance(get_monitor(), MockMonitor) or not monitor_supports_feature(RESOURCE_MONITOR_FEATURE_ERROR_HOOKS):
        return None

    async def explain(args: pulumi.ErrorHookArgs) -> bool:
        said = [text for words, text in advice.items() if any(words in error for error in args.errors)]
        if args.failed_operation == "create" and said:
            under = f"--parent {quote(f'{service}={_parent_urn(args.urn, service)}')}"
            if provider is not None:
                under += f" --provider {quote(f'{provider.pulumi_resource_name}={await _known(provider.urn)}')}"
            pulumi.log.error(said[0].format(name=quote(args.name), under=under))
        return False  # never tried again: it would collide again

    hook = pulumi.ErrorHook(f"{child_name(service, place)}-takeover", explain)
    return pulumi.ResourceHookBinding(on_error=[hook])


def _parent_urn(urn: str, service: str) -> str:
    own = Urn.parse(urn)
    return f"{own.text.removesuffix(f'${own.type}::{own.name}')}::{service}"


async def _known(output: pulumi.Output[str]) -> str:
    """Return an output's value: a resource that is made already has its URN."""
    value = await cast("Awaitable[str | None]", output.future())
    return value or ""
