"""Every sink there is."""

from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.stored import StoredSink

SINKS: tuple[type[StoredSink], ...] = (KmsSecret, OosSecretParameter, SaeConfigMap, NacosConfig, OosParameter)
"""Secret sinks first."""
