"""The table of sinks: what the suite must know of each to take it through every case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from tests.engine.sinks import hands, readers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.sinks.sink import Sink


@dataclass(frozen=True, kw_only=True)
class Row:
    """One sink."""

    name: str
    sink: type[Sink]
    kind: Literal["secrets", "config"]
    store: str
    """As the stack file names it."""
    place: str
    """How the place is called; {} stands for the object's name."""
    object_name: str
    """Name of the object; {} stands for what the case gives it."""
    fields: Mapping[str, Any]
    """Entry of the stack file; {} in a text stands for the object's name."""
    hand: type[hands.Hand]
    parse: Callable[[str], dict[str, str]]
    """The rules of its reader."""
    foreign: str
    """What another hand puts there."""
    bad_name: tuple[str, str]
    """A field and a value that the store refuses."""
    service: str = "gateway"
    """The service that it belongs to."""
    vault: bool = False
    """Whether it is the secret that its service names first, where the values of its keys lie."""
    untagged: str = ""
    """Why the object has no tags, "" where it has."""

    def called(self, what: str) -> str:
        """Return the name of an object."""
        return self.object_name.format(what)

    def place_of(self, what: str) -> str:
        """Return the place of an object."""
        return self.place.format(self.called(what))

    def entry(self, what: str, **more: Any) -> dict[str, Any]:
        """Return the entry of the stack file."""
        name = self.called(what)
        said = {key: value.format(name) if isinstance(value, str) else value for key, value in self.fields.items()}
        return {self.store: said | more}


def _nacos(kind: str) -> Row:
    return Row(
        name=f"nacos-{kind}",
        sink=NacosConfig,
        kind="config",
        store="nacos",
        place=f"nacos:cn-beijing/{hands.INSTANCE}/{hands.NAMESPACE}/{hands.GROUP}/{{}}",
        object_name=f"{{}}.{kind}",
        fields={"instance_id": hands.INSTANCE, "namespace": hands.NAMESPACE, "data_id": "{}"},
        hand=hands.Nacos,
        parse=readers.PARSE[kind],
        foreign="FOREIGN=1" if kind == "properties" else '{"FOREIGN": "1"}',
        bad_name=("data_id", "a b.json"),
        untagged="the alicloud provider's `tags` of a Nacos config are labels for searching",
    )


def _kms(name: str, *, service: str = "gateway", vault: bool = False) -> Row:
    return Row(
        name=name,
        sink=KmsSecret,
        kind="secrets",
        store="kms",
        place="kms:cn-beijing/{}",
        object_name="test/{}" if vault else "further/{}",
        fields={"name": "{}"},
        hand=hands.Kms,
        parse=readers.json_object,
        foreign='{"FOREIGN": "1"}',
        bad_name=("name", "acs/app"),
        service=service,
        vault=vault,
    )


def _oos_secret(name: str, *, service: str = "gateway", vault: bool = False) -> Row:
    return Row(
        name=name,
        sink=OosSecretParameter,
        kind="secrets",
        store="oos",
        place="oos-secret:cn-beijing/{}",
        object_name="vault-{}" if vault else "conf-{}",
        fields={"name": "{}"},
        hand=hands.OosSecret,
        parse=readers.json_object,
        foreign='{"FOREIGN": "1"}',
        bad_name=("name", "oos-app"),
        service=service,
        vault=vault,
    )


ROWS: tuple[Row, ...] = (
    _kms("kms", vault=True),
    _oos_secret("oos-secret"),
    _oos_secret("oos-secret, vault", service="mirror", vault=True),
    _kms("kms, further", service="mirror"),
    Row(
        name="sae",
        sink=SaeConfigMap,
        kind="config",
        store="sae",
        place=f"sae:{hands.SAE_NAMESPACE}/{{}}",
        object_name="{}_model_studio",
        fields={"namespace": hands.SAE_NAMESPACE, "config_map": "{}"},
        hand=hands.Sae,
        parse=readers.injected,
        foreign='{"FOREIGN": "1"}',
        bad_name=("config_map", "a-b"),
        untagged="a SAE config map takes none",
    ),
    *(_nacos(kind) for kind in readers.PARSE),
    Row(
        name="oos",
        sink=OosParameter,
        kind="config",
        store="oos",
        place="oos:cn-beijing/{}",
        object_name="conf-{}",
        fields={"name": "{}"},
        hand=hands.Oos,
        parse=readers.json_object,
        foreign='{"FOREIGN": "1"}',
        bad_name=("name", "a"),
    ),
)
"""Each secret store once as the vault of a service, once as a further secret of another; a vault is first."""
SERVICES: tuple[str, ...] = tuple(dict.fromkeys(row.service for row in ROWS))


def rows_of(service: str, kind: str) -> list[Row]:
    """Return the sinks of a service under `secrets` or `config`, a vault first."""
    return sorted((r for r in ROWS if (r.service, r.kind) == (service, kind)), key=lambda row: not row.vault)
