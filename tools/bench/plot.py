"""Bars as SVG, written out: a plotting library would be a hundred times the size."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench.model import Phase, Program, Report

WIDTH, HEIGHT = 860, 300
"""Of one panel."""
_LEFT, _TOP, _BOTTOM = 50, 56, 34
_COLOURS = ("#9ecae1", "#4292c6", "#08519c", "#08306b")
_INK = "#222222"

Bars = list[tuple["Phase", list[float | None]]]
"""By phase, a multiple for each number of services."""


def svg(report: Report) -> str:
    """Draw CPU time as a multiple of the hand-written program's and of the floor's."""
    panels: list[tuple[str, Bars]] = [
        ("CPU time as a multiple of the hand-written program's", bars(report, "hand")),
        ("CPU time as a multiple of the floor's (as many resources that do nothing)", bars(report, "floor")),
    ]
    height = HEIGHT * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (title, groups) in enumerate(panels):
        parts += [f'<g transform="translate(0 {number * HEIGHT})">', *_panel(title, groups, report.sizes), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def bars(report: Report, to: Program) -> Bars:
    """Return the multiples of every phase that both programs have."""
    phases: list[Phase] = list(dict.fromkeys(phase for n in report.sizes for phase in report.phases(n)))
    found: Bars = [(p, [report.ratio(to, n, p, lambda cost: cost.cpu) for n in report.sizes]) for p in phases]
    return [(phase, values) for phase, values in found if any(value is not None for value in values)]


def _panel(title: str, groups: Bars, sizes: Sequence[int]) -> list[str]:
    most = max([1.0, *(value for _, values in groups for value in values if value is not None)]) * 1.1
    floor, room = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    group_width = (WIDTH - _LEFT - 10) / max(len(groups), 1)
    width = group_width * 0.8 / max(len(sizes), 1)

    def y(value: float) -> float:
        return floor - room * value / most

    parts = [_text(_LEFT, 20, title, weight="bold"), *_legend(sizes)]
    for tick in range(int(most) + 1):
        parts.append(_line(y(tick), "#dddddd"))
        parts.append(_text(_LEFT - 8, y(tick) + 4, str(tick), anchor="end"))
    for place, (phase, values) in enumerate(groups):
        start = _LEFT + place * group_width + group_width * 0.1
        parts.append(_text(start + group_width * 0.4, floor + 20, phase, anchor="middle"))
        for number, value in enumerate(values):
            if value is None:
                continue
            x = start + number * width
            fill = _COLOURS[number % len(_COLOURS)]
            shape = f'x="{x:.1f}" y="{y(value):.1f}" width="{width - 2:.1f}" height="{floor - y(value):.1f}"'
            parts.append(f'<rect {shape} fill="{fill}"/>')
            parts.append(_text(x + width / 2 - 1, y(value) - 4, f"{value:.1f}", anchor="middle", size=11))
    return [*parts, _line(y(1), _INK)]


def _line(y: float, colour: str) -> str:
    return f'<line x1="{_LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}"/>'


def _legend(sizes: Sequence[int]) -> list[str]:
    parts: list[str] = []
    for number, n in enumerate(sizes):
        x = _LEFT + number * 120
        parts.append(f'<rect x="{x}" y="30" width="12" height="12" fill="{_COLOURS[number % len(_COLOURS)]}"/>')
        parts.append(_text(x + 18, 41, f"{n} services"))
    return parts


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", size: int = 13) -> str:
    how = f'text-anchor="{anchor}" font-weight="{weight}" font-size="{size}" fill="{_INK}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {how}>{escape(text)}</text>'
