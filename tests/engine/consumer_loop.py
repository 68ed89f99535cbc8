"""The meter: applications that call a model without a pause, with whatever their sink holds, through a rotation.

Nothing is scaled: consumers, plugin and services live by the machine's own clock, and a TTL and an overlap of seconds
stand for those of days. What matters is which of the two is longer, and that the requests are many to a TTL.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from catalogue.record import DIGEST_NAME, KEY_NAMES, POINTER_NAME, REVISION_NAME, digest, version_name
from tests.engine.sinks.hands import Nacos, Oos, OosSecret, Sae
from tests.engine.sinks.readers import PARSE, json_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.engine.world import World

PAUSE = 0.05
"""Seconds between two requests of one consumer."""


def _kms(world: World, place: str) -> Mapping[str, str]:
    """Read a KMS secret of Beijing as its readers do: the current version, or the one that a pointer names."""
    name, _, version = place.partition("/")[2].partition("@")
    return json_object(world.console.secret(name, version)[1])


def _oos_secret(world: World, place: str) -> Mapping[str, str]:
    """Read an OOS secret parameter of Beijing; none of its older versions has a name that a pointer could say."""
    return json_object(OosSecret(world.emulator).read(place.partition("/")[2].partition("@")[0]))


def _sae(world: World, place: str) -> Mapping[str, str]:
    """Read a config map, as JSON: an environment that is made for every reading would hold up the requests."""
    return _with_key(world, json_object(Sae(world.emulator).read(place.rpartition("/")[2])))


def _nacos(world: World, place: str) -> Mapping[str, str]:
    """Read a Nacos config in the format that its data id ends with."""
    data_id = place.rpartition("/")[2]
    return _with_key(world, PARSE[data_id.rpartition(".")[2]](Nacos(world.emulator).read(data_id)))


def _oos(world: World, place: str) -> Mapping[str, str]:
    """Read a plain OOS parameter of Beijing."""
    return _with_key(world, json_object(Oos(world.emulator).read(place.partition("/")[2])))


def _with_key(world: World, config: Mapping[str, str]) -> Mapping[str, str]:
    """Return a config sink's record with the key from where its pointer leads."""
    return {**config, "OPENAI_API_KEY": read(world, config[POINTER_NAME])["OPENAI_API_KEY"]}


READERS: Mapping[str, Callable[[World, str], Mapping[str, str]]] = {
    "kms": _kms,
    "oos-secret": _oos_secret,
    "sae": _sae,
    "nacos": _nacos,
    "oos": _oos,
}
"""How a consumer reads a place, by the word that a place begins with."""


def read(world: World, place: str) -> Mapping[str, str]:
    """Return what a consumer of a place, or of a pointer, calls with."""
    return READERS[place.partition(":")[0]](world, place)


def is_of_one_making(record: Mapping[str, str]) -> bool:
    """Whether the record that a consumer calls with is the one that its digest, and its pointer, were made of."""
    said = record[DIGEST_NAME]
    version = version_name(int(record["MODEL_STUDIO_GENERATION"]), int(record[REVISION_NAME]), said)
    pointed = record.get(POINTER_NAME, "").partition("@")[2]
    apart = {*KEY_NAMES.values(), REVISION_NAME, DIGEST_NAME, POINTER_NAME}
    facts = {name: value for name, value in record.items() if name not in apart}
    return (not pointed or pointed.startswith(version)) and said == digest(record["OPENAI_API_KEY"], facts)


@dataclass
class Consumer:
    """One application. It reads its sink every `ttl` seconds, and calls with what it read last."""

    world: World
    place: str
    """As in the output `delivered`."""
    ttl: float
    requests: int = 0
    failures: list[str] = field(default_factory=list[str])
    generations: list[str] = field(default_factory=list[str])
    """Those that it called with, in order."""

    def run(self, stop: threading.Event) -> None:
        """Call until `stop`. A failed read is a failed request, too."""
        record: Mapping[str, str] = {}
        read_again = 0.0
        while not stop.wait(PAUSE):
            self.requests += 1
            try:
                if time.monotonic() >= read_again:
                    # The old record is in use until the new one is there, so its time runs from the asking.
                    read_again = time.monotonic() + self.ttl
                    record = read(self.world, self.place)
                    if self.generations[-1:] != [record["MODEL_STUDIO_GENERATION"]]:
                        self.generations.append(record["MODEL_STUDIO_GENERATION"])
                status = ask(record)
            except Exception as error:  # noqa: BLE001 - whatever an application would see is a failure
                self.failures.append(type(error).__name__)
                continue
            if status != 200:
                self.failures.append(str(status))


class Loop:
    """Consumers of every sink of the service, running as long as the `with` does."""

    def __init__(self, world: World, ttls: Mapping[str, float]) -> None:
        """Start none yet. `ttls`: seconds by what each kind of consumer is called."""
        places = world.gateway()["delivered"]
        self.consumers = {name: [Consumer(world, place, ttl) for place in places] for name, ttl in ttls.items()}
        self._stop = threading.Event()
        everybody = [c for some in self.consumers.values() for c in some]
        self._threads = [threading.Thread(target=c.run, args=(self._stop,)) for c in everybody]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def rotate(world: World, generation: int) -> None:
    """Take the service through one whole rotation by nothing but `up`: delivered, old key disabled, then deleted."""
    world.write("services.gateway.rotation.min_generation", generation)
    world.stack.up().ok()
    for phase in ("overlap", "soak"):
        ((_, shown),) = [(i, s) for i, s in world.gateway()["superseded"].items() if phase in s]
        until = shown.partition(" until ")[2]
        end = time.monotonic() + 120
        while time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) < until:
            assert time.monotonic() < end, f"{shown} is no matter of seconds"
            time.sleep(0.05)
        world.stack.up().ok()


def ask(record: Mapping[str, str]) -> int:
    """Send one chat completion and return the status."""
    url = urlsplit(record["OPENAI_BASE_URL"])
    connection = HTTPConnection(url.netloc, timeout=30)
    try:
        body = json.dumps({"model": "qwen-plus", "messages": [{"role": "user", "content": "hello"}]})
        headers = {"Authorization": f"Bearer {record['OPENAI_API_KEY']}", "Content-Type": "application/json"}
        connection.request("POST", f"{url.path}/chat/completions", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
