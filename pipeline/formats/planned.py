"""How long each section was planned to be: what the running order says of it, and a share of the whole for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.formats.outline_facts import bare_length, read_length
from pipeline.model import Section

_BEHIND_A_TITLE = re.compile(r"[(\[–—-]\s*([^()\[\]–—-]+?)\s*[)\]]?\s*$")
_BEFORE_A_TITLE = re.compile(r"^[(\[]\s*([^()\[\]]+?)\s*[)\]]")
_CLOCK = re.compile(r"^[(\[]?\d{1,2}:\d\d(?::\d\d)?(?:\s*[–—-]\s*\d{1,2}:\d\d(?::\d\d)?)?[)\]]?(?=\s)")
_COUNTED = re.compile(r"(\d{1,2})[.)]\s+(?=\S)")
_LOOSE = " \t:·,–—-"


@dataclass(frozen=True, slots=True)
class Planned:
    """A section's planned length in ms, without the sections below it. said: the running order gives it, or its like
    for a section around it; else it is a share by the number of points.
    """

    section_index: int
    ms: int
    said: bool


def planned_lengths(sections: Sequence[Section], whole: int | None) -> tuple[Planned, ...]:
    """The plan of the sections that are talked about, in order; `whole` is the planned length of the episode in ms.

    A section whose title or a line says so (`Preguntas (10 min)`, `Duración: 10 min`) has that with all below it. What
    is left of the whole is shared out: one part a heading and one a point. Without a whole only the former are planned.
    """
    talk = [section for section in sections if section.role == "talk"]
    return tuple(sorted(_Tree(tuple(talk)).spread(None, whole, False), key=lambda one: one.section_index))


def said_length(section: Section) -> int | None:
    """The length in ms that a section's title or one of its lines says, of the section with all below it."""
    around = (form.search(section.title) for form in (_BEHIND_A_TITLE, _BEFORE_A_TITLE))
    lines = [*(match[1] for match in around if match), *(_bare(line) for line in section.body)]
    return next((ms for line in lines if (ms := bare_length(line))), None)


def unplanned(title: str) -> str:
    """A title as listeners read it: without the length or the time that it is planned for, unless it is nothing else.

    `Preguntas (10 min)`, `Debate – 20 minutos`, `[10'] Debate`, `00:15 Debate`.
    """
    rest = _CLOCK.sub("", title)
    for form in (_BEHIND_A_TITLE, _BEFORE_A_TITLE):
        match = form.search(rest)
        if match and bare_length(match[1]):
            rest = rest[: match.start()] + rest[match.end() :]
    return rest.strip(_LOOSE) if rest.strip(_LOOSE) and rest != title else title


def uncounted(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Sections without the numbers of the running order: `1. Intro`, `2) Debate`.

    Listeners would miss those that were not talked about. Only where headings beside each other are counted from 1 on:
    another number may be meant.
    """
    beside: dict[tuple[int | None, int], list[tuple[Section, re.Match[str]]]] = {}
    for section in sections:
        if match := _COUNTED.match(section.title):
            beside.setdefault((section.parent, section.level), []).append((section, match))
    bare = {
        section.index: section.title[match.end() :]
        for row in beside.values()
        if len(row) > 1 and [int(match[1]) for _, match in row] == list(range(1, len(row) + 1))
        for section, match in row
    }
    return tuple(replace(section, title=bare.get(section.index, section.title)) for section in sections)


def _bare(line: str) -> str:
    """A line, or what stands behind the colon of one that tells a length."""
    _, colon, tail = line.rpartition(":")
    return tail if colon and read_length(line) else line


@dataclass(frozen=True, slots=True)
class _Tree:
    sections: tuple[Section, ...]

    def below(self, index: int | None) -> list[Section]:
        known = {section.index for section in self.sections}
        return [s for s in self.sections if (s.parent if s.parent in known else None) == index]

    def parts(self, section: Section) -> int:
        """How much of a shared whole a section takes, with all below it."""
        return self.own(section) + sum(self.parts(one) for one in self.below(section.index))

    def own(self, section: Section) -> int:
        """How much it takes for itself: nothing where it only holds others."""
        return 1 + len(section.body) if section.body or not self.below(section.index) else 0

    def spread(self, parent: Section | None, whole: int | None, said: bool) -> Iterator[Planned]:
        """The plan of a section and those below it, which are to last `whole` together."""
        below = self.below(parent.index if parent else None)
        fixed = {one.index: length for one in below if (length := said_length(one))}
        own = [(parent, self.own(parent))] if parent else []
        free = [*own, *((one, self.parts(one)) for one in below if one.index not in fixed)]
        left = None if whole is None else max(whole - sum(fixed.values()), 0)
        shares = dict(zip((one.index for one, _ in free), _shared(left, [weight for _, weight in free]), strict=True))
        if parent and (mine := shares[parent.index]):
            yield Planned(parent.index, mine, said)
        for one in below:
            yield from self.spread(one, fixed.get(one.index, shares.get(one.index)), said or one.index in fixed)


def _shared(whole: int | None, weights: Sequence[int]) -> Iterator[int | None]:
    """`whole` in parts that are as the weights and add up to it exactly."""
    given = weight = 0
    for one in weights:
        weight += one
        share = None if whole is None else whole * weight // max(sum(weights), 1) - given
        given += share or 0
        yield share
