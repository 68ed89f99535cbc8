"""Every secret store, by its name."""

from collections.abc import Callable, Mapping

from provider.client.sdk import Sdk
from provider.stores.kms import KmsSecrets
from provider.stores.oos import OosSecretParameters
from provider.stores.store import SecretStore, SecretStoreName

STORES: Mapping[SecretStoreName, Callable[[Sdk], SecretStore]] = {"kms": KmsSecrets, "oos": OosSecretParameters}
