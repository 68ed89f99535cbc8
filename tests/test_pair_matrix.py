"""The firewall and the service agree on every kind of key with every URL."""

from pathlib import Path

from tests.emulator_process import EmulatorProcess
from tests.pair_matrix import cells


def test_the_firewall_and_the_service_agree_in_every_cell(tmp_path: Path) -> None:
    emulator = EmulatorProcess.start(tmp_path / "emulator")
    try:
        found = list(cells(emulator))
    finally:
        emulator.stop()
    assert len(found) == 16 * (18 * 2 + 29)
    assert {cell.firewall for cell in found} == {"", "billing-plan", "key-region", "key-workspace"}
    assert [cell for cell in found if not cell.agrees] == []
    assert {cell.status for cell in found if not cell.firewall} == {200, 400}
