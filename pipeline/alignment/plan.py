"""The running order as the aligner sees it: a chain of units to be placed one after another.

A heading with nothing under it but further headings has no talk of its own: it starts where the first of them does, so
it is no link of the chain, and what its title says is evidence for its first child.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.alignment.language import Kind, Language
from pipeline.model import Section


@dataclass(frozen=True, slots=True)
class Unit:
    """A section that has its own place in the talk.

    section: its position among the sections given.
    headings: titles that may announce it, its own last, the ones it opens for before.
    kind: what sort of section it is, None for one of its own.
    """

    section: int
    headings: tuple[str, ...]
    body: tuple[str, ...]
    kind: Kind | None

    @property
    def title(self) -> str:
        return ". ".join(self.headings)

    @property
    def texts(self) -> tuple[str, ...]:
        return (*self.headings, *self.body)


@dataclass(frozen=True, slots=True)
class Plan:
    """Units in the outline's order; `inherits` maps a parent's position to those of the headings below it."""

    sections: tuple[Section, ...]
    units: tuple[Unit, ...]
    inherits: dict[int, tuple[int, ...]]


def _below(sections: Sequence[Section], position: int) -> tuple[int, ...]:
    """Positions of every heading under this one."""
    end = position + 1
    while end < len(sections) and sections[end].level > sections[position].level:
        end += 1
    return tuple(range(position + 1, end))


def make(sections: Sequence[Section], language: Language) -> Plan:
    """The chain for the sections that can be talked about."""
    spoken = tuple(section for section in sections if section.role == "talk")
    inherits = {
        position: below
        for position, section in enumerate(spoken)
        if not section.body and (below := _below(spoken, position))
    }
    units: list[Unit] = []
    waiting: list[str] = []
    for position, section in enumerate(spoken):
        if position in inherits:
            waiting.append(section.title)
            continue
        kind = language.kind(section.title)
        units.append(Unit(position, (*waiting, section.title), section.body, kind))
        waiting.clear()
    return Plan(spoken, tuple(units), inherits)
