"""Rules for the chapters of an episode: every carrier there, all of them telling the same."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

from pipeline.formats import plain
from pipeline.formats.findings import Finding
from pipeline.timecode import to_clock

Chapters = tuple[tuple[int, str], ...]
"""Start in ms and title of each, as a carrier has them."""

_SECOND = 1000


def agree(carriers: dict[str, Chapters], *, place: str) -> Iterator[Finding]:
    """Whether all carriers tell the same chapters.

    ID3, JSON and Podlove count milliseconds and should be equal; a description counts whole seconds, cut, not rounded.
    Titles must be equal everywhere.
    """
    reference, *others = carriers.items()
    for other in others:
        coarse = any(carrier[0] == "description" for carrier in (reference, other))
        a, b = (_comparable(chapters, coarse) for _, chapters in (reference, other))
        if a != b:
            yield Finding(
                "escaleta/chapters-agree",
                "warning" if _nearly(a, b) else "error",
                place,
                f"{reference[0]} and {other[0]} differ: {_difference(a, b)}",
                "write all of them from one list",
            )


def everywhere(carriers: dict[str, Chapters], wanted: Collection[str], *, place: str) -> Iterator[Finding]:
    """Whether chapters that one carrier has are in all those that are `wanted`."""
    if carriers and (missing := [carrier for carrier in wanted if carrier not in carriers]):
        what = f"not in {', '.join(missing)}; each app reads another carrier"
        yield Finding("escaleta/chapters-everywhere", "warning", place, what, "write them into all of these")


def _comparable(chapters: Chapters, coarse: bool) -> Chapters:
    unit = _SECOND if coarse else 1
    return tuple((start // unit * unit, plain.line(title)) for start, title in chapters)


def _nearly(a: Chapters, b: Chapters) -> bool:
    """The same chapters to a second, which is how others round."""
    return len(a) == len(b) and all(x[1] == y[1] and abs(x[0] - y[0]) <= _SECOND for x, y in zip(a, b, strict=True))


def _difference(a: Chapters, b: Chapters) -> str:
    number, pair = next((n, pair) for n, pair in enumerate(itertools.zip_longest(a, b), 1) if pair[0] != pair[1])
    told = [f"{to_clock(one[0])} {plain.fit(one[1], 80)!r}" if one else "nothing" for one in pair]
    return f"chapter {number} is {told[0]} and {told[1]}"
