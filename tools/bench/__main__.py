"""`make bench`: measure what a stack costs, against a hand-written program and against a floor, and print the ratios.

Ours is this project with a stack file of N services, each with one KMS secret and one SAE config map, a workspace for
every five. The hand-written program (tools/bench/hand) makes the same objects with pulumi.dynamic and pulumi_alicloud.
The floor (tools/bench/floor) is a Python program that registers as many custom resources as ours has state entries, of
a native plugin that does nothing. All run in turns on one double; only their ratios say anything.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench import document, table
from tools.bench.model import PHASES, Report
from tools.bench.programs import BenchError
from tools.bench.run import Bench, Plan
from tools.engine import EngineUnavailableError, ensure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from tools.bench.model import Phase

SIZES = (10, 50, 200)
OUT = Path("evidence") / "bench.json"


def main(arguments: Sequence[str]) -> int:
    """Measure, or with --write make the documents. 0 if it could be done, 1 if not."""
    options = _parser().parse_args(arguments)
    if options.write:
        document.write(Report.model_validate_json(options.out.read_text()))
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    plan = Plan(options.n, options.phases, options.repeat, options.latency_ms / 1000)
    try:
        report = Bench(ensure(), plan, _say).run()
    except (BenchError, EngineUnavailableError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(report.model_dump_json(indent=1) + "\n")
    print(table.text(report))
    print(f"\nfigures: {options.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=_sizes, default=SIZES, help="numbers of services (default: 10,50,200)")
    further = PHASES[1:]
    parser.add_argument(
        "--phases",
        type=_phases,
        default=further,
        help=f"which to measure after the first up (default: {','.join(further)})",
    )
    parser.add_argument("--repeat", type=int, default=1, metavar="ROUNDS", help="rounds; medians are reported (1)")
    parser.add_argument(
        "--latency-ms", type=float, default=0, metavar="MS", help="also a first up with every answer late"
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE", help=f"where the figures go ({OUT})")
    parser.add_argument("--write", action="store_true", help="measure nothing: write docs/cost.md from the file --out")
    return parser


def _sizes(text: str) -> list[int]:
    sizes = [int(part) for part in text.split(",")]
    if min(sizes) < 1:
        raise ValueError(text)
    return sizes


def _phases(text: str) -> list[Phase]:
    wanted = [part for part in text.split(",") if part]
    unknown = sorted({*wanted} - {*PHASES})
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: the phases are {', '.join(PHASES)}")
    return [phase for phase in PHASES[1:] if phase in wanted]


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


def _end(number: int, frame: FrameType | None) -> None:
    """End in good order: the blocks at work stop what they started."""
    del frame
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
