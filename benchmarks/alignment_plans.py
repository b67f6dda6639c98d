"""Other running orders for the same talk, and the same running order for less talk: more to train the aligner on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from alignment_cases import Case

from pipeline.model import Section

GENERIC = {
    "es": ("Contexto general", "Debate", "Introducción", "Discusión", "Más cosas", "Punto 2", "Opiniones", "Varios"),
    "en": ("General context", "Debate", "Introduction", "Discussion", "More", "Background", "Miscellaneous", "Part 2"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A heading while a plan is being changed. `known`: whether the case tells its start; `gold`: as there."""

    section: Section
    known: bool
    gold: int | None


def replanned(case: Case, others: Sequence[Case], random: Random) -> Case:
    """The same talk under another plan: lines and titles left out, headings merged, missing, foreign or out of turn."""
    entries = [_Entry(s, s.index in case.gold, case.gold.get(s.index)) for s in case.sections]
    entries = _merged(entries, random)
    entries = [_plainer(entry, entries, case.language, random) for entry in entries]
    entries = [entry for entry in entries if not (_later_leaf(entry, entries) and random.random() < 0.06)]
    for _ in range(random.choice((0, 0, 1, 2))):
        entries = _with_foreign(entries, random.choice(others), random)
    if random.random() < 0.35:
        entries = _swapped(entries, random)
    sections = tuple(replace(entry.section, index=index) for index, entry in enumerate(entries))
    gold = {index: entry.gold for index, entry in enumerate(entries) if entry.known}
    return replace(case, sections=sections, gold=gold)


def cut_short(case: Case, random: Random) -> Case:
    """Some sections broken off after a sentence or three, the talk closed up behind them."""
    starts = sorted({start for start in case.gold.values() if start is not None})
    for start, end in reversed(list(pairwise(starts[1:]))):
        inside = [segment for segment in case.segments if start - 500 <= segment.start < end - 500]
        kept = random.randint(1, 3)
        if len(inside) > kept and random.random() < 0.2:
            case = _without(case, inside[kept].start, end)
    return case


def _without(case: Case, start: int, end: int) -> Case:
    gap = end - start
    segments = [
        segment if segment.start < start else replace(segment, start=segment.start - gap, end=segment.end - gap)
        for segment in case.segments
        if segment.start < start or segment.start >= end - 500
    ]
    gold = {index: at if at is None or at <= start else at - gap for index, at in case.gold.items()}
    return replace(case, segments=tuple(segments), gold=gold)


def _children(entry: _Entry, entries: Sequence[_Entry]) -> list[_Entry]:
    below = []
    for other in entries[entries.index(entry) + 1 :]:
        if other.section.level <= entry.section.level:
            break
        below.append(other)
    return below


def _leaf(entry: _Entry, entries: Sequence[_Entry]) -> bool:
    return entry.section.role == "talk" and not _children(entry, entries)


def _later_leaf(entry: _Entry, entries: Sequence[_Entry]) -> bool:
    """Whether no heading above starts with it."""
    place = entries.index(entry)
    return _leaf(entry, entries) and place > 1 and entries[place - 1].section.level >= entry.section.level


def _merged(entries: list[_Entry], random: Random) -> list[_Entry]:
    """Some headings made one with what stands below them, whose titles become lines."""
    result = entries
    for entry in entries:
        below = _children(entry, result) if entry in result else []
        told = any(other.gold is not None for other in below)
        if told and entry.section.role == "talk" and entry.known and random.random() < 0.15:
            lines = (text for other in below for text in (other.section.title, *other.section.body))
            place = result.index(entry)
            whole = replace(entry, section=replace(entry.section, body=(*entry.section.body, *lines)))
            result = [*result[:place], whole, *result[place + 1 + len(below) :]]
    return result


def _plainer(entry: _Entry, entries: Sequence[_Entry], language: str, random: Random) -> _Entry:
    """A leaf with fewer lines, or none, or a title that says nothing."""
    section = entry.section
    if not _leaf(entry, entries):
        return entry
    if random.random() < 0.25:
        section = replace(section, body=())
    elif len(section.body) > 1 and random.random() < 0.3:
        section = replace(section, body=tuple(text for text in section.body if random.random() < 0.6))
    if section.level > 2 and section.body and random.random() < 0.3:
        section = replace(section, title=random.choice(GENERIC[language]))
    return replace(entry, section=section)


def _with_foreign(entries: list[_Entry], other: Case, random: Random) -> list[_Entry]:
    """A section of another talk put in, which nobody here talks about."""
    strange = [section for section in other.sections if section.role == "talk" and len(section.body) > 1]
    places = [place for place, entry in enumerate(entries) if place > 1 and entry.section.level == 2]
    if not strange or not places:
        return entries
    place = random.choice(places)
    return [*entries[:place], _Entry(replace(random.choice(strange), level=2), True, None), *entries[place:]]


def _swapped(entries: list[_Entry], random: Random) -> list[_Entry]:
    """Two neighbouring leaves of one level out of turn."""
    places = [
        place
        for place, (entry, after) in enumerate(pairwise(entries))
        if place > 1
        and entry.section.level == after.section.level
        and _later_leaf(entry, entries)
        and _later_leaf(after, entries)
    ]
    if not places:
        return entries
    place = random.choice(places)
    return [*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]]
