"""Kubernetes: the ExternalSecret of ack-secret-manager, which copies the record into a Secret of the cluster.

The fields are those of its API `alibabacloud.com/v1alpha1` (https://github.com/AliyunContainerService/ack-secret-manager,
docs/crd_resources_guide.md and docs/advanced_usage.md): `dataProcess[].extract` makes one key of the Secret of each
field of the JSON object, so that `envFrom` works. `versionStage: ACSCurrent` follows a rotation, `versionId` would pin
one version. No key stands in it, and no store is named: the component then uses its own role.

A plan's key is refused: what reads a cluster's Secrets is a backend.
"""

import yaml

from catalogue.pairs import check_plan_sinks
from tools.render.format import Asked, Format

_NEEDS = """\
# Needs ack-secret-manager in the cluster (Marketplace of the ACK console), and for the role that it uses, or that of
# a SecretStore named here as secretStoreRef, the right kms:GetSecretValue (with a key of your own: kms:Decrypt) on
# acs:kms:{region}:<account id>:secret/{name}.
# In a cluster of another region also kmsEndpoint: kms.{region}.aliyuncs.com beside key.
# Pods take it with envFrom: [ {{ secretRef: {{ name: {service} }} }} ] and see a new key after a restart.
"""


def render(asked: Asked) -> str:
    """Return the manifest."""
    service = asked.service
    check_plan_sinks(service.domain, "a Secret of a cluster", "backends")
    secret = service.secret
    manifest = {
        "apiVersion": "alibabacloud.com/v1alpha1",
        "kind": "ExternalSecret",
        "metadata": {"name": service.name},
        "spec": {
            "provider": "kms",
            "dataProcess": [{"extract": {"key": secret.name, "versionStage": "ACSCurrent"}}],
        },
    }
    needs = _NEEDS.format(region=secret.region, name=secret.name, service=service.name)
    return needs + yaml.safe_dump(manifest, sort_keys=False)


FORMAT = Format(render=render, goes_to="kubectl apply -f -", holds_key=False)
