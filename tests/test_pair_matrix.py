"""The firewall and the check agree on every kind of key with every URL, whatever the order of the service's checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator_process import EmulatorProcess
from tests.pair_matrix import ORDERS, SOME_REGIONS, Matrix

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path


@pytest.fixture
def emulator(tmp_path: Path) -> Generator[EmulatorProcess]:
    process = EmulatorProcess.start(tmp_path / "emulator")
    yield process
    process.stop()


def test_the_firewall_and_the_check_agree_in_every_cell(emulator: EmulatorProcess) -> None:
    matrix = Matrix(emulator)
    found = list(matrix.cells(spend="never"))
    assert len(found) == 17 * (18 * 2 + 29)
    assert {cell.firewall for cell in found} == {"", "no-key", "billing-plan", "key-region", "key-workspace"}
    assert [cell for cell in found if not cell.agrees] == []


@pytest.mark.parametrize("order", [ORDERS[7], ORDERS[-1]], ids=" ".join)
def test_in_another_order_a_call_tells_and_without_one_nothing_wrong_is_said(
    emulator: EmulatorProcess, order: Sequence[str]
) -> None:
    matrix = Matrix(emulator, SOME_REGIONS)
    found = list(matrix.cells(order=order))
    assert len(found) > 250
    assert [cell for cell in found if not cell.agrees] == []
    free = list(matrix.cells(order=order, spend="never"))
    assert [cell for cell in free if cell.is_wrong] == []
    assert {cell.outcome for cell in free} == {"verified", "accepted", "refused"}
