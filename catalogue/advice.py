"""What is let through in preview although it may not be meant: warnings, by the same facts as the refusals."""

from collections.abc import Iterator

from catalogue import addresses
from catalogue.access import Access, Problem
from catalogue.stores import READER_CACHES


def warnings(access: Access) -> Iterator[Problem]:
    """Return what should be looked at again, each about the same parts of an access as a refusal."""
    if access.key is None:
        if access.models is None and addresses.is_open(access.allowed_ips):
            yield Problem("allowed_ips", "the list holds every address, so it restricts nothing; leave it out")
        for text in addresses.warnings(access.allowed_ips, double=access.double):
            yield Problem("allowed_ips", text)
    yield from _rotation_warnings(access)


def _rotation_warnings(access: Access) -> Iterator[Problem]:
    rotation = access.rotation
    if rotation is None or access.key is not None:
        return
    if rotation.overlap == 0:
        text = (
            "overlap 0s: a superseded key is disabled as soon as every sink holds its successor; whoever still uses it "
            "is answered 401 until it reads the record again. Write a longer overlap if that is not meant"
        )
        yield Problem("rotation", text)
    for sink in access.sinks:
        cache = READER_CACHES.get(sink.place.partition(":")[0])
        if cache is None or rotation.overlap >= cache.seconds:
            continue
        text = (
            f"overlap {span(rotation.overlap)} is shorter than the cache of those who read {sink.place}: "
            f"{cache.reader}. They go on with a disabled key, and are answered 401, until they ask again; "
            f"write overlap: {span(cache.seconds)} or more, or shorten that cache"
        )
        if rotation.soak < cache.seconds:
            text += f". With soak {span(rotation.soak)} the old key may be deleted before they have asked again"
        yield Problem("rotation", text)


def span(seconds: int) -> str:
    """Return a time as a stack file writes it."""
    for unit, letter in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit}{letter}"
    return f"{seconds}s"
