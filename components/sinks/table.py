"""Every sink there is."""

from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Sink

SINKS: tuple[type[Sink], ...] = (KmsSecret, OosSecretParameter, SaeConfigMap, NacosConfig, OosParameter)
"""Secret sinks first."""
