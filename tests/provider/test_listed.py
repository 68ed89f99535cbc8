"""One list serves the readers of one refresh, each of them once, and not for long."""

import threading

import pytest

from provider.client.errors import ServiceError
from provider.client.listed import LASTS, Listed


class Service:
    """Counts how often it is asked, at a time that the test moves."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.asked = 0
        self.fails = False
        self.listed = Listed(lambda: self.time)

    def read(self) -> int:
        self.asked += 1
        if self.fails:
            raise ServiceError("List", "refused", "no permission")
        return self.asked

    def of(self, reader: str, what: str = "keys") -> int:
        return self.listed.of(what, reader, self.read)


def test_readers_share_a_list() -> None:
    service = Service()
    assert [service.of(reader) for reader in ("a", "b", "c")] == [1, 1, 1]


def test_who_reads_again_gets_a_new_one_and_so_do_those_after_it() -> None:
    service = Service()
    assert [service.of(reader) for reader in ("a", "b", "a", "b", "b")] == [1, 1, 2, 2, 3]


def test_different_lists_are_different() -> None:
    service = Service()
    assert [service.of("a", "keys"), service.of("a", "workspaces"), service.of("b", "workspaces")] == [1, 2, 2]


@pytest.mark.parametrize(("passed", "fresh"), [(0.0, False), (LASTS - 0.1, False), (LASTS, True), (-1.0, True)])
def test_a_list_does_not_last(passed: float, *, fresh: bool) -> None:
    """Nor does one of the future: the clock was set back."""
    service = Service()
    service.of("a")
    service.time += passed
    assert service.of("b") == (2 if fresh else 1)


def test_a_list_that_could_not_be_read_is_asked_for_again_by_the_next() -> None:
    service = Service()
    service.fails = True
    with pytest.raises(ServiceError):
        service.of("a")
    service.fails = False
    assert service.of("a") == 2
    service.time += LASTS
    service.fails = True
    with pytest.raises(ServiceError):
        service.of("b")
    service.fails = False
    assert service.of("b") == 4, "an old list is not shown instead"


def test_readers_at_a_time_wait_for_one_list_and_not_for_another() -> None:
    service = Service()
    asked, go = threading.Event(), threading.Event()

    def slow() -> int:
        asked.set()
        assert go.wait(20)
        return service.read()

    got: list[int] = []

    def read(reader: str) -> None:
        got.append(service.listed.of("keys", reader, slow))

    readers = [threading.Thread(target=read, args=(name,)) for name in "abc"]
    for reader in readers:
        reader.start()
    assert asked.wait(20)
    assert service.of("a", "workspaces") == 1
    go.set()
    for reader in readers:
        reader.join(20)
    assert (got, service.asked) == ([2, 2, 2], 2)
