"""Where the line that asks for the sponsor's spot is said.

The running order says "Este programa es posible gracias a Veridas"; people say it in the middle of a longer sentence,
in other words, and the recogniser writes "béridas". So: letters that sound alike are folded, the line is looked for
inside every sentence, and the names in the line (what the sponsor is called) count by themselves. The section that
holds the line says where it is expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipeline.folding import unaccented
from pipeline.model import Chapter, Cue, Section, Segment, Span

_SOUNDS = (
    *(("ch", "x"), ("qu", "k"), ("ll", "y"), ("h", ""), ("v", "b"), ("w", "b"), ("z", "s")),
    *(("ce", "se"), ("ci", "si"), ("c", "k"), ("ge", "je"), ("gi", "ji")),
)
_NAMES_WEIGHT = 0.5
_NAMELESS = 0.75
_NAMED = 75.0
_ENOUGH = 62.0
_ELSEWHERE = 0.8
_NEAR_MS = 60_000


@dataclass(frozen=True, slots=True)
class _Found:
    score: float
    segment: Segment


def _fold(text: str) -> str:
    """Small letters without accents, letters that sound alike made one, words apart by one space."""
    bare = unaccented(text.casefold())
    for written, sound in _SOUNDS:
        bare = bare.replace(written, sound)
    return " ".join(re.findall(r"\w+", bare))


def _names(line: str) -> list[str]:
    """What the line calls by name: capitalised words, the first one of the line left out, runs of them together."""
    rest = line.strip()[1:]
    return [_fold(name) for name in re.findall(r"\b[A-ZÁÉÍÓÚÑÜ][\w&.-]*(?:\s+[A-ZÁÉÍÓÚÑÜ][\w&.-]*)*", rest)]


def _within(part: str, whole: str) -> float:
    """How nearly `part` stands in `whole`, 0 to 100. A whole shorter than its part can hold no more than its share."""
    return fuzz.partial_ratio(part, whole) * min(1.0, len(whole) / max(1, len(part)))


def _says(line: str, names: Sequence[str], said: str) -> float:
    """How surely `said` speaks the line, 0 to 100."""
    closeness = 0.4 * fuzz.token_set_ratio(line, said) + 0.6 * _within(line, said)
    if not names:
        return closeness
    # Half of the names, or more: of a list of guests one is named in many a sentence.
    named = sorted((_within(name, said) for name in names), reverse=True)[(len(names) - 1) // 2]
    mixed = (1 - _NAMES_WEIGHT) * closeness + _NAMES_WEIGHT * (named if named >= _NAMED else 0.0)
    return max(mixed, _NAMELESS * closeness)


def _expected(section: Section, chapters: Sequence[Chapter]) -> Span | None:
    """From when to when the section is talked about, a minute either side; None where nobody knows."""
    own = next(
        (c for c in chapters if section.index in (c.section_index, *(i.section_index for i in c.includes))), None
    )
    return Span(own.start - _NEAR_MS, own.end + _NEAR_MS) if own else None


def find_cue(section: Section, segments: Sequence[Segment], chapters: Sequence[Chapter]) -> Cue | None:
    """The end of the sentence that says `section.cue`, in ms of recording time; None where none says it clearly.

    chapters: where the sections are, in recording time, as far as that is known.
    """
    line, names = _fold(section.cue or ""), _names(section.cue or "")
    expected = _expected(section, chapters)
    found = [
        _Found(_says(line, names, _fold(segment.text)) * _weight(segment.start, expected), segment)
        for segment in segments
    ]
    best = max(found, key=lambda one: one.score, default=None)
    if best is None or best.score < _ENOUGH:
        return None
    return Cue(best.segment.end, f"after “{best.segment.text.strip()}”, which says the cue line “{section.cue}”")


def _weight(start: int, expected: Span | None) -> float:
    return 1.0 if expected is None or expected.start <= start < expected.end else _ELSEWHERE
