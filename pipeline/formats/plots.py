"""Figures as SVG: loudness over time, lengths against the plan, who spoke how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from pipeline.timecode import to_short_clock

_ROW = 19
_HIGH, _LOW = -6.0, -36.0
"""LUFS at the upper and lower edge."""

_TALL = 130


@dataclass(frozen=True, slots=True)
class Length:
    """A section's real length and its planned one, ms; 0 for none."""

    title: str
    ms: int
    planned: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is drawn of an episode; times in ms of the programme.

    curve: short-term loudness, LUFS a second; empty where nobody measured it. starts: where chapters begin.
    plan: what the planned lengths are, in words. spoken: how long each person spoke.
    """

    curve: tuple[float, ...]
    target: float
    starts: tuple[int, ...]
    sections: tuple[Length, ...]
    plan: str
    spoken: tuple[tuple[str, int], ...]


def draw(figures: Figures, width: int = 360) -> str:
    """All that is known, each with its caption; `width` in pixels of a line of text 11 high."""
    planned = any(one.planned for one in figures.sections)
    shown = [
        ("Loudness over time, and its target", loudness(figures, width) if figures.curve else ""),
        ("Length of each section" + (", in a box of its plan" if planned else ""), lengths(figures, width)),
        ("Who spoke how much", speakers(figures.spoken, width) if figures.spoken else ""),
    ]
    return "".join(f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in shown if svg)


def loudness(figures: Figures, width: int) -> str:
    """Short-term loudness against the target of the whole, with a line at each chapter's start."""
    curve, target, duration = figures.curve, figures.target, max(len(figures.curve), 1) * 1000
    step = max(len(curve) // (2 * width), 1)
    # Of several seconds the loudest: what sticks out must be seen.
    points = [max(curve[n : n + step]) for n in range(0, len(curve), step)]
    across = width / max(len(points) - 1, 1)
    line = " ".join(f"{n * across:.1f},{_height(value):.1f}" for n, value in enumerate(points))
    chapters = (ms / duration * width for ms in figures.starts if 0 < ms < duration)
    parts = [
        *(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_TALL}"/>' for x in chapters),
        *(_level(value, width) for value in range(-12, -31, -6)),
        f'<line class="target" x1="0" x2="{width}" y1="{_height(target):.1f}" y2="{_height(target):.1f}"/>',
        f'<polyline class="curve" points="{line}"/>',
        *(_label(value) for value in range(-12, -31, -6)),
        f'<text class="halo" x="{width}" y="{_height(target) - 3:.1f}" text-anchor="end">target {target:g} LUFS</text>',
        f'<text class="muted" x="0" y="{_TALL + 12}">0:00</text>',
        f'<text class="muted" x="{width}" y="{_TALL + 12}" text-anchor="end">{to_short_clock(duration)}</text>',
    ]
    return _svg(parts, width, _TALL + 14, f"Loudness over time, target {target:g} LUFS")


def _level(value: float, width: int) -> str:
    return f'<line class="grid" x1="0" x2="{width}" y1="{_height(value):.1f}" y2="{_height(value):.1f}"/>'


def _label(value: float) -> str:
    return f'<text class="muted halo" x="0" y="{_height(value) - 2:.1f}">{value:g}</text>'


def _height(value: float) -> float:
    return (_HIGH - min(max(value, _LOW), _HIGH)) / (_HIGH - _LOW) * _TALL


def lengths(figures: Figures, width: int) -> str:
    """How long each section took, in a box of its plan."""
    told = f"{to_short_clock(sum(one.ms for one in figures.sections))} in all"
    return _rows(figures.sections, f"{told}; {figures.plan}" if figures.plan else told, width)


def speakers(spoken: Iterable[tuple[str, int]], width: int) -> str:
    """How long each person spoke, most first."""
    rows = sorted(spoken, key=lambda row: -row[1])
    whole = max(sum(ms for _, ms in rows), 1)
    people = "1 person" if len(rows) == 1 else f"{len(rows)} people"
    return _rows([Length(f"{name} · {ms / whole:.0%}", ms) for name, ms in rows], people, width)


def _rows(rows: Sequence[Length], told: str, width: int) -> str:
    names = width * 9 // 25
    scale = (width - names - 48) / max([1, *(max(row.ms, row.planned) for row in rows)])
    parts = [part for n, row in enumerate(rows) for part in _row(n * _ROW, row, names, scale)]
    height = len(rows) * _ROW + 16
    parts.append(f'<text class="muted" x="{width}" y="{height - 3}" text-anchor="end">{escape(told)}</text>')
    return _svg(parts, width, height, told)


def _row(y: int, row: Length, names: int, scale: float) -> Iterator[str]:
    letters = names // 6
    short = row.title if len(row.title) <= letters else row.title[: letters - 1].rstrip() + "…"
    real, planned = to_short_clock(row.ms), f", planned {to_short_clock(row.planned)}" if row.planned else ""
    yield (
        f"<g><title>{escape(row.title)}: {real}{planned}</title>"
        f'<text x="{names - 6}" y="{y + 13}" text-anchor="end">{escape(short)}</text>'
        f'<rect class="bar" x="{names}" y="{y + 4}" width="{max(row.ms * scale, 0.5):.1f}" height="11" rx="2"/>'
    )
    if row.planned:
        yield f'<rect class="plan" x="{names}" y="{y + 2.5}" width="{row.planned * scale:.1f}" height="14" rx="2"/>'
    end = names + max(row.ms, row.planned) * scale + 5
    yield f'<text class="muted" x="{end:.1f}" y="{y + 13}">{real}</text></g>'


def _svg(parts: Iterable[str], width: int, height: float, what: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" role="img" '
        f'aria-label="{escape(what)}">{"".join(parts)}</svg>'
    )
