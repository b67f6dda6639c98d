"""The running order: Markdown as people write it before a talk, to an `Outline`.

The file's headings are its sections, known by position and path, never by title. What stands under them is evidence
for the aligner; links go to the show notes; a mark such as `(meter cuña publicitaria)` asks for the sponsor's spot.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from pipeline.errors import InputError
from pipeline.formats.outline_facts import read_date, read_length
from pipeline.formats.outline_tokens import Piece, Reference, read
from pipeline.formats.outline_words import (
    cue_keys,
    is_cue,
    is_label,
    is_placeholder,
    is_summary,
    without_mark,
)
from pipeline.model import Link, Outline, Section

_QUOTED = re.compile(r"""["“”„«»'‘]([^"“”„«»]+)["“”»«'’]""")
_PARTS = re.compile(r"\s[·|•]\s")


def parse(text: str, *, cue_phrases: Sequence[str] = (), file: str = "outline.md") -> Outline:
    """The running order in `text`.

    cue_phrases: what marks the place of the spot, in brackets, after a dash or alone; without any, the Spanish and
        English defaults. The cue of a section is the line that bears the mark, without it. Where the mark stands alone
        (a bullet, a heading, a block such as `!!! info "Cuña publicitaria"`), it is the last text of that block, else
        the last text before it: what is said just before the spot.
    file: what to call the text in errors.

    Raises InputError if no heading stands in it.
    """
    pieces, references = read(text, file)
    drafts, preamble = _drafts(pieces)
    if not drafts:
        raise _no_heading(file)
    facts = _Facts()
    drafts[0].pieces = [*facts.taken_from(preamble), *drafts[0].pieces]
    title = _title_of(drafts, facts)
    _Reading(cue_keys(cue_phrases), title).fill(drafts)
    drafts = _somebodys(drafts)
    if not drafts:
        raise _no_heading(file)
    _place(references, drafts)
    return Outline(
        title=title.title if title else "",
        sections=tuple(_sections(drafts)),
        recorded_on=facts.recorded_on,
        planned_ms=facts.planned_ms,
        summary="\n\n".join(text for draft in drafts if draft.is_description for text in draft.body) or None,
    )


def _no_heading(file: str) -> InputError:
    return InputError(
        "the running order has no heading, so there are no sections to find in the talk",
        where=file,
        todo="begin it with `# Title` and give each section a heading of its own, `## Section`",
    )


@dataclass(slots=True)
class _Draft:
    """A section while it is being read."""

    heading: Piece
    index: int
    parent: _Draft | None
    pieces: list[Piece] = field(default_factory=list)
    title: str = ""
    body: list[str] = field(default_factory=list)
    links: dict[str, Link] = field(default_factory=dict)
    cue: str | None = None
    role: Literal["title", "summary", "talk"] = "talk"
    is_description: bool = False

    def add_links(self, links: Sequence[Link]) -> None:
        """Adds those that lead where no other of this section does."""
        for link in links:
            self.links.setdefault(link.url, link)


def _drafts(pieces: Sequence[Piece]) -> tuple[list[_Draft], list[Piece]]:
    """A draft a heading, with the pieces under it; and the pieces before the first heading."""
    drafts: list[_Draft] = []
    preamble: list[Piece] = []
    enclosing: list[_Draft] = []
    for piece in pieces:
        if piece.kind != "heading":
            (drafts[-1].pieces if drafts else preamble).append(piece)
            continue
        while enclosing and enclosing[-1].heading.level >= piece.level:
            enclosing.pop()
        drafts.append(_Draft(piece, len(drafts), enclosing[-1] if enclosing else None))
        enclosing.append(drafts[-1])
    return drafts, preamble


@dataclass(slots=True)
class _Facts:
    """What the lines around the title tell of the episode."""

    recorded_on: date | None = None
    planned_ms: int | None = None

    def taken_from(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces without the lines that tell a fact."""
        left = (replace(piece, lines=tuple(self._rest(piece.lines))) for piece in pieces)
        return [piece for piece in left if piece.kind != "text" or piece.lines or piece.links]

    def _rest(self, lines: Sequence[str]) -> Iterator[str]:
        for line in lines:
            rest = [part for part in _PARTS.split(line) if not self._take(part)]
            if rest:
                yield " · ".join(rest)

    def _take(self, line: str) -> bool:
        recorded_on = None if self.recorded_on else read_date(line)
        planned_ms = None if self.planned_ms else read_length(line)
        self.recorded_on = self.recorded_on or recorded_on
        self.planned_ms = self.planned_ms or planned_ms
        return bool(recorded_on or planned_ms) or is_placeholder(line)


def _title_of(drafts: Sequence[_Draft], facts: _Facts) -> _Draft | None:
    """The episode's own heading: the first h1, unless it is one of several and has bullets of its own."""
    tops = [draft for draft in drafts if draft.heading.level == 1]
    if not tops:
        return None
    first = tops[0]
    first.pieces = facts.taken_from(first.pieces)
    is_section = len(tops) > 1 and any(piece.listed for piece in first.pieces)
    return None if is_section else first


class _Reading:
    """Fills drafts from their pieces, in the file's order."""

    def __init__(self, cues: Sequence[str], title: _Draft | None) -> None:
        self._cues = cues
        self._title = title
        self._said = ""

    def fill(self, drafts: Sequence[_Draft]) -> None:
        for draft in drafts:
            self._head(draft)
            self._fill(draft)

    def _head(self, draft: _Draft) -> None:
        """Title, role, and the cue that a heading itself may be."""
        written = draft.heading.text
        unmarked = without_mark(written, self._cues)
        if unmarked is not None:
            draft.cue = unmarked or self._said or None
        draft.title = unmarked or written
        draft.title = "" if is_placeholder(draft.title) else draft.title
        draft.add_links(draft.heading.links)
        draft.is_description = self._describes(draft)
        if draft is self._title:
            draft.role = "title"
        elif draft.is_description or unmarked == "" or (draft.parent and draft.parent.role == "summary"):
            draft.role = "summary"

    def _describes(self, draft: _Draft) -> bool:
        """Whether a section is the episode's description, or part of it. A `Resumen` inside a topic is talk."""
        if draft.parent in (None, self._title):
            return draft is not self._title and is_summary(draft.title)
        return draft.parent is not None and draft.parent.is_description

    def _fill(self, draft: _Draft) -> None:
        blocks: list[tuple[bool, int]] = []
        for piece in draft.pieces:
            if piece.kind == "open":
                blocks.append((is_cue(piece.text, self._cues), len(draft.body)))
            if piece.kind == "close":
                self._end_of_block(draft, *blocks.pop())
            elif not (piece.kind == "open" and blocks[-1][0]):
                self._add(draft, piece)

    def _end_of_block(self, draft: _Draft, is_mark: bool, before: int) -> None:
        if is_mark:
            self._set_cue(draft, draft.body[-1] if len(draft.body) > before else self._said)

    def _add(self, draft: _Draft, piece: Piece) -> None:
        draft.add_links(piece.links)
        unmarked = without_mark(piece.text, self._cues)
        text = piece.text if unmarked is None else unmarked
        if unmarked is not None:
            self._set_cue(draft, unmarked or self._said)
        if not (is_placeholder(text) or is_label(text)):
            draft.body.append(text)
            self._said = text

    def _set_cue(self, draft: _Draft, said: str) -> None:
        """The first cue of a section counts; with nothing said before it, its title stands for what is said.

        Quotation marks around all of it say that it is to be read out, and are not read out.
        """
        quoted = _QUOTED.fullmatch(said)
        draft.cue = draft.cue or (quoted[1] if quoted else said) or draft.title or None


def _somebodys(drafts: Sequence[_Draft]) -> list[_Draft]:
    """The drafts, numbered anew, without those of headings that say nothing and have nothing under them."""
    kept: list[_Draft] = []
    above: set[int] = set()
    for draft in reversed(drafts):
        if draft.title or draft.body or draft.links or draft.cue or draft.index in above:
            kept.append(draft)
            above |= {draft.parent.index} if draft.parent else set()
    kept.reverse()
    for index, draft in enumerate(kept):
        draft.index = index
    return kept


def _place(references: Sequence[Reference], drafts: Sequence[_Draft]) -> None:
    """Adds the definitions that no link names to the sections where they stand."""
    named = {url for draft in drafts for url in draft.links}
    headings = [draft.heading.line for draft in drafts]
    for reference in references:
        if reference.link.url not in named:
            at = bisect_right(headings, reference.line) - 1
            drafts[max(at, 0)].add_links([reference.link])


def _sections(drafts: Sequence[_Draft]) -> Iterator[Section]:
    paths: list[tuple[str, ...]] = []
    for draft in drafts:
        parent = draft.parent
        paths.append((*(paths[parent.index] if parent else ()), draft.title))
        yield Section(
            index=draft.index,
            level=draft.heading.level,
            title=draft.title,
            path=paths[-1],
            parent=parent.index if parent else None,
            body=tuple(draft.body),
            links=tuple(draft.links.values()),
            cue=draft.cue,
            role=draft.role,
        )
