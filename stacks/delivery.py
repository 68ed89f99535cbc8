"""The sink that an entry of a stack file stands for."""

from typing import TypedDict

from catalogue.access import Audience
from catalogue.stores import OnConflict, OnDelete
from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Sink as Delivering
from provider.stores.written import Format
from stacks.settings import SecretDeletion
from stacks.sinks import KmsSink, NacosSink, OosSecretSink, OosSink, SaeSink, SecretWords, Sink


class _Secret(TypedDict):
    audience: Audience
    format: Format
    encryption_key: str | None
    instance: str | None


class _Common(TypedDict):
    prefix: str
    on_conflict: OnConflict
    on_delete: OnDelete


def sink_of(given: Sink, home: str, deletion: SecretDeletion) -> Delivering:
    """Return the sink. `home`: region of the service."""
    region = given.region_in(home)
    common: _Common = {
        "prefix": given.prefix or "",
        "on_conflict": given.on_conflict,
        "on_delete": given.on_delete,
    }
    match given:
        case KmsSink():
            return KmsSecret(
                region=region,
                name=given.name,
                recovery_window_days=deletion.recovery_window_days,
                force_delete=deletion.force,
                **_secret(given),
                **common,
            )
        case OosSecretSink():
            return OosSecretParameter(region=region, name=given.name, **_secret(given), **common)
        case SaeSink():
            return SaeConfigMap(
                namespace=given.namespace, name=given.config_map, config_map_id=given.config_map_id, **common
            )
        case NacosSink():
            return NacosConfig(
                region=region,
                instance_id=given.instance_id,
                namespace=given.namespace,
                group=given.group,
                data_id=given.data_id,
                content_type=given.content_type,
                **common,
            )
        case OosSink():
            return OosParameter(region=region, name=given.name, **common)
        case _:
            raise AssertionError(f"no sink for {type(given).__name__}")  # pragma: no cover - the table test names each


def _secret(given: SecretWords) -> _Secret:
    return {
        "audience": given.audience,
        "format": given.format,
        "encryption_key": given.encryption_key,
        "instance": given.instance,
    }
