"""What was planned: the running order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Link:
    """A link or reference of the running order. `text` may be empty."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the running order with what stands under it.

    index: the heading's position in the file, from 0.
    path: titles from the root to this one, this one last.
    parent: index of the enclosing heading.
    body: evidence for the aligner, one text a bullet, paragraph, quotation or table row; placeholders left out.
    cue: the line after which the sponsor's spot goes, without the mark itself.
    role: `title` for the episode's own heading, `summary` for what is not spoken, `talk` for the rest.
    """

    index: int
    level: int
    title: str
    path: tuple[str, ...]
    parent: int | None = None
    body: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    cue: str | None = None
    role: Literal["title", "summary", "talk"] = "talk"


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole running order. `summary` is the episode's description, None where only a placeholder stands."""

    title: str
    sections: tuple[Section, ...]
    recorded_on: date | None = None
    planned_ms: int | None = None
    summary: str | None = None

    def trail(self, index: int) -> tuple[str, ...]:
        """The titles from the root to a section, this one last, without the episode's own heading.

        The first point stands for a title that is still to be written.
        """
        section = self.sections[index]
        title = section.title or next(iter(section.body), "–")
        if section.parent is None or self.sections[section.parent].role == "title":
            return (title,)
        return (*self.trail(section.parent), title)

    def called(self, index: int) -> str:
        """A section's trail as people read it."""
        return " › ".join(self.trail(index))
