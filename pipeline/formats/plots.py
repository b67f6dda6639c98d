"""Figures as SVG: loudness over time, lengths against the plan, who spoke how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from pipeline.timecode import to_short_clock

_WIDTH = 360
_NAMES = 130
_ROW = 19
_HIGH, _LOW = -6.0, -36.0
"""LUFS at the upper and lower edge."""

_TALL = 130
_POINTS = 720

STYLE = """\
svg text { fill: currentColor; font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.muted { opacity: .65; } .grid { stroke: currentColor; opacity: .15; }
.target { stroke: #39744a; stroke-dasharray: 5 3; } .curve { stroke: #2b6f97; fill: none; stroke-width: 1.2; }
.bar { fill: #2b6f97; } .plan { fill: none; stroke: currentColor; opacity: .6; stroke-dasharray: 3 2; }
"""
"""For a page that brings no colours of its own."""


def loudness(curve: Sequence[float], target: float) -> str:
    """Short-term loudness, LUFS a second, against the `target` of the whole."""
    step = max(len(curve) // _POINTS, 1)
    # Of several seconds the loudest: what sticks out must be seen.
    points = [max(curve[n : n + step]) for n in range(0, len(curve), step)]
    across = _WIDTH / max(len(points) - 1, 1)
    line = " ".join(f"{n * across:.1f},{_height(value):.1f}" for n, value in enumerate(points))
    parts = [
        *(_level(value) for value in range(-12, -31, -6)),
        f'<line class="target" x1="0" x2="{_WIDTH}" y1="{_height(target):.1f}" y2="{_height(target):.1f}"/>',
        f'<text x="{_WIDTH}" y="{_height(target) - 3:.1f}" text-anchor="end">target {target:g} LUFS</text>',
        f'<polyline class="curve" points="{line}"/>',
        f'<text class="muted" x="0" y="{_TALL + 12}">0:00</text>',
        f'<text class="muted" x="{_WIDTH}" y="{_TALL + 12}" text-anchor="end">{_clock(len(curve) * 1000)}</text>',
    ]
    return _svg(parts, _TALL + 14, f"Loudness over time, target {target:g} LUFS")


def _level(value: float) -> str:
    y = f"{_height(value):.1f}"
    return (
        f'<line class="grid" x1="0" x2="{_WIDTH}" y1="{y}" y2="{y}"/>'
        f'<text class="muted" x="0" y="{float(y) - 2:.1f}">{value:g}</text>'
    )


def _height(value: float) -> float:
    return (_HIGH - min(max(value, _LOW), _HIGH)) / (_HIGH - _LOW) * _TALL


def lengths(sections: Sequence[tuple[str, int]], planned: int | None) -> str:
    """How long each section took, ms, in a box of its even share of the `planned` length where one was planned."""
    share = planned // len(sections) if planned and sections else 0
    return _rows(sections, share, f"{_clock(sum(ms for _, ms in sections))} in all" + _against(planned))


def _against(planned: int | None) -> str:
    return f", {_clock(planned)} planned" if planned else ""


def speakers(spoken: Iterable[tuple[str, int]]) -> str:
    """How long each person spoke, ms, most first."""
    rows = sorted(spoken, key=lambda row: -row[1])
    whole = max(sum(ms for _, ms in rows), 1)
    return _rows([(f"{name} · {ms / whole:.0%}", ms) for name, ms in rows], 0, f"{len(rows)} people")


def _rows(rows: Sequence[tuple[str, int]], share: int, told: str) -> str:
    room = _WIDTH - _NAMES - 48
    scale = room / max([ms for _, ms in rows] + [share, 1])
    parts = [part for n, (name, ms) in enumerate(rows) for part in _row(n * _ROW, name, ms, share, scale)]
    height = len(rows) * _ROW + 16
    parts.append(f'<text class="muted" x="{_NAMES}" y="{height - 3}">{escape(told)}</text>')
    return _svg(parts, height, told)


def _row(y: int, name: str, ms: int, share: int, scale: float) -> Iterator[str]:
    short = name if len(name) <= 22 else name[:21].rstrip() + "…"
    yield (
        f"<g><title>{escape(name)}: {_clock(ms)}</title>"
        f'<text x="{_NAMES - 6}" y="{y + 13}" text-anchor="end">{escape(short)}</text>'
        f'<rect class="bar" x="{_NAMES}" y="{y + 4}" width="{max(ms * scale, 0.5):.1f}" height="11" rx="2"/>'
    )
    if share:
        yield f'<rect class="plan" x="{_NAMES}" y="{y + 2.5}" width="{share * scale:.1f}" height="14" rx="2"/>'
    yield f'<text class="muted" x="{_NAMES + max(ms, share) * scale + 5:.1f}" y="{y + 13}">{_clock(ms)}</text></g>'


def _clock(ms: int) -> str:
    return to_short_clock(ms)


def _svg(parts: Iterable[str], height: float, what: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" role="img" '
        f'aria-label="{escape(what)}">{"".join(parts)}</svg>'
    )


def figures(
    curve: Sequence[float] | None,
    target: float,
    sections: Sequence[tuple[str, int]],
    planned: int | None,
    spoken: Sequence[tuple[str, int]],
) -> str:
    """All three with their captions; the first only where the loudness is known, the last where people are."""
    shown = [
        ("Loudness over time, and its target", loudness(curve, target) if curve else ""),
        (
            "Length of each section" + (", and its even share of the plan" if planned else ""),
            lengths(sections, planned),
        ),
        ("Who spoke how much", speakers(spoken) if spoken else ""),
    ]
    return "".join(f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in shown if svg)


def document(title: str, body: str) -> str:
    """A page of its own."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        "<style>:root { color-scheme: light dark; } body { font: 15px system-ui, sans-serif; max-width: 760px; "
        f"margin: 2rem auto; padding: 0 1rem; }} figure {{ margin: 0 0 2rem; }} figcaption {{ font-weight: 600; }}\n"
        f"{STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"
    )
