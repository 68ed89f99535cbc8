"""Another hand on each store, through the vendor's generated clients, and what a reader gets from it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from tests.emulator.clients import Clients, kms, mse, oos, sae
from tests.engine.world import MSE_INSTANCE, NACOS_NAMESPACE
from tests.engine.world import NAMESPACE as WORLD_NAMESPACE
from tests.provider.vendor import Console

if TYPE_CHECKING:
    from tests.emulator_process import EmulatorProcess

INSTANCE, NAMESPACE, SAE_NAMESPACE = MSE_INSTANCE, NACOS_NAMESPACE, WORLD_NAMESPACE
GROUP = "DEFAULT_GROUP"


class Hand(ABC):
    """Somebody with access to a store, who knows its objects by name."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator
        self.clients = Clients(emulator)

    @abstractmethod
    def read(self, name: str) -> str:
        """Return what a reader gets. Raises where there is nothing."""

    @abstractmethod
    def make(self, name: str, text: str) -> None:
        """Make an object."""

    @abstractmethod
    def write(self, name: str, text: str) -> None:
        """Change an object."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Delete an object beyond recovery."""

    def found(self, name: str) -> str | None:
        """Return what a reader gets, None where there is nothing."""
        try:
            return self.read(name)
        except Exception as error:
            if getattr(error, "status_code", getattr(error, "code", None)) in (404, 409, "NotFound.ConfigMap"):
                return None
            raise


class SecretHand(Hand):
    """Somebody with access to a secret store."""

    @abstractmethod
    def version(self, name: str) -> str:
        """Return the name under which what readers get was put."""

    @abstractmethod
    def versions(self, name: str) -> int:
        """Return how many versions were put, of no more than a store keeps."""

    @abstractmethod
    def tags(self, name: str) -> dict[str, str]:
        """Return the object's tags, as the store says them."""

    @abstractmethod
    def untag(self, name: str, *tags: str) -> None:
        """Take tags off."""


class Kms(SecretHand):
    """KMS secrets."""

    def read(self, name: str) -> str:
        return Console(self.emulator).secret(name)[1]

    def make(self, name: str, text: str) -> None:
        console = Console(self.emulator)
        console.create_secret(name)
        console.put_secret(name, "foreign-1", text)

    def write(self, name: str, text: str) -> None:
        Console(self.emulator).put_secret(name, "foreign", text)

    def remove(self, name: str) -> None:
        Console(self.emulator).delete_secret(name)

    def version(self, name: str) -> str:
        return Console(self.emulator).secret(name)[0]

    def versions(self, name: str) -> int:
        request = kms.ListSecretVersionIdsRequest(secret_name=name, include_deprecated="true")
        return len(self.clients.kms().list_secret_version_ids(request).body.version_ids.version_id)

    def tags(self, name: str) -> dict[str, str]:
        described = self.clients.kms().describe_secret(kms.DescribeSecretRequest(secret_name=name, fetch_tags="true"))
        return {tag.tag_key: tag.tag_value for tag in described.body.tags.tag}

    def untag(self, name: str, *tags: str) -> None:
        request = kms.UntagResourcesRequest(
            region_id="cn-beijing", resource_type="secret", resource_id=[name], tag_key=list(tags)
        )
        self.clients.kms().untag_resources(request)


class OosSecret(SecretHand):
    """OOS secret parameters."""

    def read(self, name: str) -> str:
        return str(self._get(name, with_decryption=True).value)

    def make(self, name: str, text: str) -> None:
        self.clients.oos().create_secret_parameter(oos.CreateSecretParameterRequest(name=name, value=text))

    def write(self, name: str, text: str) -> None:
        self.clients.oos().update_secret_parameter(oos.UpdateSecretParameterRequest(name=name, value=text))

    def remove(self, name: str) -> None:
        self.clients.oos().delete_secret_parameter(oos.DeleteSecretParameterRequest(name=name))

    def version(self, name: str) -> str:
        return str(self._get(name).description).partition(" ")[0]

    def versions(self, name: str) -> int:
        return int(self._get(name).parameter_version)

    def tags(self, name: str) -> dict[str, str]:
        return dict(self._get(name).tags or {})

    def untag(self, name: str, *tags: str) -> None:
        request = oos.UntagResourcesRequest(
            resource_type="secretparameter", resource_ids=[name], tag_keys=list(tags), region_id="cn-beijing"
        )
        self.clients.oos().untag_resources(request)

    def _get(self, name: str, **more: Any) -> Any:
        request = oos.GetSecretParameterRequest(name=name, **more)
        return self.clients.oos().get_secret_parameter(request).body.parameter


class Oos(Hand):
    """Plain OOS parameters."""

    def read(self, name: str) -> str:
        return str(self.clients.oos().get_parameter(oos.GetParameterRequest(name=name)).body.parameter.value)

    def make(self, name: str, text: str) -> None:
        self.clients.oos().create_parameter(oos.CreateParameterRequest(name=name, type="String", value=text))

    def write(self, name: str, text: str) -> None:
        self.clients.oos().update_parameter(oos.UpdateParameterRequest(name=name, value=text))

    def remove(self, name: str) -> None:
        self.clients.oos().delete_parameter(oos.DeleteParameterRequest(name=name))


class Sae(Hand):
    """SAE config maps; a reader gets each entry as an environment variable."""

    def number(self, name: str) -> str:
        """Return its id, as the console shows it."""
        request = sae.ListNamespacedConfigMapsRequest(namespace_id=SAE_NAMESPACE)
        listed = self.clients.sae().list_namespaced_config_maps(request).body.data.config_maps
        found = [str(item.config_map_id) for item in listed if item.name == name]
        if not found:
            raise AbsentError
        return found[0]

    def read(self, name: str) -> str:
        request = sae.DescribeConfigMapRequest(config_map_id=int(self.number(name)))
        return json.dumps(self.clients.sae().describe_config_map(request).body.data.data)

    def make(self, name: str, text: str) -> None:
        request = sae.CreateConfigMapRequest(name=name, namespace_id=SAE_NAMESPACE, data=text)
        self.clients.sae().create_config_map(request)

    def write(self, name: str, text: str) -> None:
        request = sae.UpdateConfigMapRequest(config_map_id=int(self.number(name)), data=text)
        self.clients.sae().update_config_map(request)

    def remove(self, name: str) -> None:
        self.clients.sae().delete_config_map(sae.DeleteConfigMapRequest(config_map_id=int(self.number(name))))


class Nacos(Hand):
    """Nacos configs, read as an application does: by the open API of Nacos."""

    def read(self, name: str) -> str:
        query = urlencode({"dataId": name, "group": GROUP, "tenant": NAMESPACE})
        url = f"{self.emulator.region_url('cn-beijing')}/nacos/v1/cs/configs?{query}"
        with build_opener(ProxyHandler({})).open(url, timeout=30) as answer:
            return bytes(answer.read()).decode()

    def make(self, name: str, text: str) -> None:
        self.clients.mse().create_nacos_config(mse.CreateNacosConfigRequest(**self._where(name), content=text))

    def write(self, name: str, text: str) -> None:
        self.clients.mse().update_nacos_config(mse.UpdateNacosConfigRequest(**self._where(name), content=text))

    def remove(self, name: str) -> None:
        self.clients.mse().delete_nacos_config(mse.DeleteNacosConfigRequest(**self._where(name)))

    def _where(self, name: str) -> dict[str, Any]:
        return {"instance_id": INSTANCE, "namespace_id": NAMESPACE, "data_id": name, "group": GROUP}


class AbsentError(Exception):
    """There is no such config map."""

    code = 404
