"""What a stack delivered: its services, from the stack's outputs, and each one's record, from the secret store."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalogue.record import DIGEST_NAME, KEY_NAMES, URL_NAMES, config_record, digest, facts, record_in, secret_of
from provider.client.errors import ServiceError
from provider.client.kms import Kms
from provider.client.retry import RetryPolicy
from provider.client.sdk import Endpoints, Sdk
from provider.client.shapes import Json, as_object, as_objects
from tools.engine import ensure
from tools.local.place import ROOT
from tools.local.stack import NAME as LOCAL
from tools.local.stack import as_local, environment, was_made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from catalogue.rows import Protocol
    from tools.local.place import Place

_POINTER = re.compile(r"kms:(?P<region>[^/]+)/(?P<name>.+)@(?P<version>[^@]+)")
_PATIENCE = RetryPolicy(bound=10.0)
"""A person waits."""


class DeliveredError(Exception):
    """It cannot be had; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """Where a service's record is: a KMS secret."""

    region: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service, as the stack's outputs tell it. No secret is in them."""

    name: str
    urls: Mapping[Protocol, str]
    domain: str
    region: str
    workspace_id: str
    generation: int
    key_id: str
    """"" for a key that was made elsewhere."""
    revision: int
    digest: str
    pointer: str
    """Place and version of the record, as `kms:<region>/<name>@g1r1-ab12cd34`; "" when no secret sink holds it."""
    prefix: str = ""
    """What that sink puts before every name."""

    @property
    def said(self) -> dict[str, str]:
        """What its record says without keys, pointer, revision and digest."""
        return facts(
            self.urls,
            workspace_id=self.workspace_id,
            region=self.region,
            domain=self.domain,
            generation=self.generation,
            key_id=self.key_id,
        )

    @property
    def secret(self) -> Secret:
        """The KMS secret that holds the record. Raises DeliveredError when there is none."""
        found = _POINTER.fullmatch(self.pointer)
        if found is None:
            where = f"in {self.pointer}" if self.pointer else "in no secret store"
            raise DeliveredError(f"the record of {self.name!r} is not in KMS but {where}")
        return Secret(region=found["region"], name=found["name"])


def outputs_of(stack: str, place: Place) -> Json:
    """Return a stack's outputs: of the stack `local` as `make up` kept them, of any other as the engine has them."""
    return (
        _kept(place.outputs)
        if stack == LOCAL
        else _asked(stack, "the outputs", ["pulumi", "stack", "output", "--json"], os.environ)
    )


def resources_of(stack: str, place: Place) -> list[Json]:
    """Return the resources in a stack's state, what is secret in them encrypted. Raises DeliveredError."""
    pulumi, env = "pulumi", dict(os.environ)
    if stack == LOCAL:
        if not was_made(place):
            raise _not_up()
        engine = ensure()
        pulumi, env = str(engine.pulumi), environment(place, engine, os.environ)
    export = _asked(stack, "the resources", [pulumi, "stack", "export"], env)
    return as_objects(as_object(export.get("deployment")).get("resources"))


def service_of(outputs: Json, name: str) -> Service:
    """Return one service of a stack. Raises DeliveredError, with those that there are, for an unknown one."""
    services = as_object(outputs.get("services"))
    if name not in services:
        there = f"there are: {', '.join(services)}" if services else "the stack has none; is it up?"
        raise DeliveredError(f"no service {name!r}; {there}")
    given = as_object(services[name])
    return Service(
        name=name,
        urls={p: str(given[f"{p}_base_url"]) for p in URL_NAMES if given.get(f"{p}_base_url")},
        domain=str(given.get("domain", "")),
        region=str(given.get("region", "")),
        workspace_id=str(given.get("workspace_id", "")),
        generation=int(given.get("generation", 0)),
        key_id=str(given.get("api_key_id") or ""),
        revision=int(given.get("revision", 0)),
        digest=str(given.get("digest", "")),
        pointer=str(given.get("secret", "")),
        prefix=str(given.get("prefix") or ""),
    )


def endpoints_of(stack: str, place: Place) -> Endpoints:
    """Return where the services of a stack are: those of the stack `local` on this machine, all others in public."""
    if stack != LOCAL:
        return Endpoints()
    ports = _kept(place.ports)
    return Endpoints(addresses={"kms": {region: f"http://127.0.0.1:{port}" for region, port in ports.items()}})


def record_of(service: Service, endpoints: Endpoints) -> dict[str, str]:
    """Read a service's record from KMS; of one that holds the key alone, put it together. Raises DeliveredError.

    Credentials come from the vendor's default chain.
    """
    secret = service.secret
    where = f"KMS secret {secret.name} in {secret.region}"
    try:
        held = Kms(Sdk(endpoints=endpoints, retry=_PATIENCE)).value(secret.region, secret.name)
    except ServiceError as error:
        right = "; it takes the right kms:GetSecretValue on that secret" if error.status == 403 else ""
        raise DeliveredError(f"{where} cannot be read: {error}{right}") from None
    if held is None:
        raise DeliveredError(f"there is no {where}; run `pulumi refresh`, then `pulumi up`")
    record = record_in(held.data)
    if record is not None:
        return record
    if digest(held.data, service.said) != service.digest:
        return {}
    said = config_record(service.said, revision=service.revision, digest=service.digest, pointer="")
    return secret_of(said, held.data)


def prefix_of(record: Mapping[str, str]) -> str:
    """Return what a sink put before every name of a record."""
    found = next((name for name in record if name.endswith(DIGEST_NAME)), DIGEST_NAME)
    return found.removesuffix(DIGEST_NAME)


def plain(record: Mapping[str, str]) -> dict[str, str]:
    """Return a record under the names that clients read, whatever the sink put before them."""
    prefix = prefix_of(record)
    return {name.removeprefix(prefix): value for name, value in record.items()}


def key_of(service: Service, record: Mapping[str, str]) -> str:
    """Return the key in a record. Raises DeliveredError unless it belongs to the service's URLs."""
    given = plain(record)
    key = next((given[name] for name in (KEY_NAMES[p] for p in service.urls) if name in given), "")
    if not key or digest(key, service.said) != service.digest:
        raise DeliveredError(
            f"what {service.pointer.rpartition('@')[0]} holds now is not what the stack's outputs name: it is of "
            "another revision, or someone else changed it; run `pulumi refresh`, then `pulumi up`, and try again"
        )
    return key


def use_credentials_of(stack: str) -> None:
    """Turn this process's environment into that of the stack `local`, whose emulator knows only its own access key."""
    if stack == LOCAL:
        env = as_local(os.environ)
        os.environ.clear()
        os.environ.update(env)


def _kept(file: Path) -> Json:
    try:
        return as_object(json.loads(file.read_text()))
    except (OSError, ValueError):
        raise _not_up() from None


def _not_up() -> DeliveredError:
    return DeliveredError(f"the stack `{LOCAL}` is not up: run `make up` first")


def _asked(stack: str, what: str, command: Sequence[str], env: Mapping[str, str]) -> Json:
    """Return what the engine answers about a stack. Raises DeliveredError."""
    line = [*command, "--non-interactive", "--stack", stack]
    try:
        done = subprocess.run(
            line, cwd=ROOT, env={**env, "PULUMI_SKIP_UPDATE_CHECK": "true"}, capture_output=True, text=True, check=False
        )
    except OSError:
        raise DeliveredError(f"{what} of the stack {stack!r} are read with `pulumi`, which is not on PATH") from None
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        why = next((line for line in said if line.startswith("error:")), (said or ["no reason given"])[-1])
        raise DeliveredError(f"{what} of the stack {stack!r} cannot be read: {why.removeprefix('error:').strip()}")
    try:
        answer: Any = json.loads(done.stdout)
    except ValueError:
        answer = {}
    return as_object(answer)
