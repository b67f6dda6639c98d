"""The running order as the aligner sees it: a chain of units to be placed one after another.

A heading with nothing under it but further headings has no talk of its own: it starts where the first of them does, so
it is no link of the chain, and what its title says is evidence for its first child.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pipeline.alignment.language import Kind, Language
from pipeline.model import Section

_ENDING = re.compile(r"\.\w{2,5}$")
_BETWEEN_WORDS = re.compile(r"[-_+.~ ]+")
_WORD = re.compile(r"[^\W\d_]?[^\W\d_A-Z]{2,}|[A-Z]{2,}")
"""Nothing that letters and digits were drawn for, as in `dQw4w9WgXcQ`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A section that has its own place in the talk.

    section: its position among the sections given.
    headings: titles that may announce it, its own last, the ones it opens for before.
    references: what the addresses of its links say of what they lead to.
    kind: what sort of section it is, None for one of its own.
    """

    section: int
    headings: tuple[str, ...]
    body: tuple[str, ...]
    references: tuple[str, ...]
    kind: Kind | None

    @property
    def title(self) -> str:
        """All that may announce it, in one."""
        return ". ".join(self.headings)

    @property
    def texts(self) -> tuple[str, ...]:
        """All that the running order says of it."""
        return (*self.headings, *self.body, *self.references)


@dataclass(frozen=True, slots=True)
class Plan:
    """Units in the outline's order; `inherits` maps a parent's position to those of the headings below it."""

    sections: tuple[Section, ...]
    units: tuple[Unit, ...]
    inherits: dict[int, tuple[int, ...]]


def reference(url: str) -> str:
    """The words of an address that is made of them, with its site's name, as people say both: “un artículo de Spotify
    sobre Kubeflow”; "" for one that only machines read."""
    parts = urlsplit(url)
    words = [word for segment in parts.path.split("/") for word in _slug(unquote(segment))]
    site = [name for name in (parts.hostname or "").split(".")[:-1] if name != "www"]
    return " ".join([*site, *words]) if words else ""


def _slug(segment: str) -> list[str]:
    """The words of a part of a path that is a title; none where it is anything else."""
    pieces = _BETWEEN_WORDS.split(_ENDING.sub("", segment))
    words = [piece for piece in pieces if _WORD.fullmatch(piece)]
    return words if len(words) > 1 and 2 * len(words) >= len(pieces) else []


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
        references = tuple(text for link in section.links if (text := reference(link.url)))
        units.append(Unit(position, (*waiting, section.title), section.body, references, kind))
        waiting.clear()
    return Plan(spoken, tuple(units), inherits)
