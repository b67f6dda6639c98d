"""From a running order and a transcript to chapters, in recording time. The editor's word wins over the aligner's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.alignment import Embedder, Phrases, place, snap
from pipeline.formats.naming import as_read, find_section, identities, listener_titles
from pipeline.model import (
    Absent,
    Chapter,
    ChapterEdit,
    ChapterRules,
    Chapters,
    Included,
    Mark,
    Outline,
    Section,
    Transcript,
)
from pipeline.timecode import parse_clock, to_clock

OPENING = {"es": "Comienzo", "en": "Opening"}
"""What talk before the first section is called."""

_OPENING_MS = 15_000


@dataclass(frozen=True, slots=True)
class _Placed:
    """A chapter on its way: what it will be; whether an editor gave its start, or made it part of the one before."""

    chapter: Chapter
    by_editor: bool = False
    merged: bool = False


def find_sections(
    outline: Outline, transcript: Transcript, *, embed: Embedder | None = None, phrases: Phrases | None = None
) -> tuple[Mark, ...]:
    """Where each section starts, in the pause before it, or that it was not talked about. Arguments as `place`."""
    sections = as_read(outline.sections)
    marks = place(sections, transcript.segments, language=transcript.language, embed=embed, phrases=phrases)
    return tuple(_snapped(mark, transcript) for mark in marks)


def _snapped(mark: Mark, transcript: Transcript) -> Mark:
    start = None if mark.start is None else snap(mark.start, transcript)
    others = (replace(place, start=snap(place.start, transcript)) for place in mark.elsewhere)
    return replace(mark, start=start, elsewhere=tuple(others))


def align(
    outline: Outline,
    transcript: Transcript,
    marks: Sequence[Mark],
    edits: Sequence[ChapterEdit],
    *,
    rules: ChapterRules,
    duration: int,
) -> Chapters:
    """Chapters of a recording of `duration` ms, strictly ascending, the first no later than the opening talk.

    Rules, in this order: the editor's entries replace, add, drop and merge; a section that starts within
    `rules.min_gap` seconds of the chapter before it is listed under that chapter, unless an editor placed it; talk of
    more than 15 s before the first section becomes a chapter of its own.
    """
    names = listener_titles(outline.sections)
    placed = {
        mark.section_index: _Placed(_from_mark(mark, mark.start, outline, names, rules))
        for mark in marks
        if mark.start is not None
    }
    own, conflicts = _correct(placed, edits, outline, names, duration)
    ordered = sorted([*placed.values(), *own], key=_order)
    conflicts += (*_shadowed(own), *_alone(ordered), *_sectionless(names, own))
    chapters = _close(_open(_fold(ordered, rules.min_gap * 1000), transcript), duration)
    settled = _dropped(edits, outline) | {index for index, name in names.items() if not name}
    absent = (
        Absent(index, mark.confidence, mark.confidence < rules.review_below and index not in settled, mark.elsewhere)
        for mark in marks
        if mark.start is None and (index := mark.section_index) not in placed
    )
    left = tuple(sorted(absent, key=lambda one: one.section_index))
    return Chapters(chapters, left, tuple(conflicts), identities(outline.sections))


def _order(placed: _Placed) -> tuple[int, int]:
    index = placed.chapter.section_index
    return placed.chapter.start, -1 if index is None else index


def _from_mark(mark: Mark, start: int, outline: Outline, names: dict[int, str], rules: ChapterRules) -> Chapter:
    section = outline.sections[mark.section_index]
    return Chapter(
        title=names[section.index],
        start=start,
        end=start,
        recorded_at=start,
        section_index=section.index,
        path=section.path,
        confidence=mark.confidence,
        why=mark.why,
        review=mark.confidence < rules.review_below,
        url=section.links[0].url if section.links else None,
        elsewhere=mark.elsewhere,
    )


# ── the editor's word ───────────────────────────────────────────────────────────────────────────────────────────────


def _correct(
    placed: dict[int, _Placed], edits: Sequence[ChapterEdit], outline: Outline, names: dict[int, str], duration: int
) -> tuple[list[_Placed], list[str]]:
    """Apply the editor's entries to `placed`; return the editor's own chapters, and what could not be followed."""
    own: list[_Placed] = []
    conflicts: list[str] = []
    for edit in edits:
        start = parse_clock(edit.start) if edit.start is not None else None
        if start is not None and start >= duration:
            conflicts.append(f"chapters.yaml puts {_called(edit)} at {to_clock(start)}, after the recording's end")
        elif edit.section is None:
            own.append(_added(edit, start or 0))
        else:
            conflicts += _correct_section(placed, edit, start, outline, names)
    return own, conflicts


def _dropped(edits: Sequence[ChapterEdit], outline: Outline) -> set[int]:
    """Sections that the editor left out."""
    names = [edit.section for edit in edits if edit.drop and edit.section]
    return {section.index for name in names for section in find_section(name, outline.sections)}


def _shadowed(own: Sequence[_Placed]) -> Iterator[str]:
    """Chapters of the editor's own that start where another one of them does: one of the two is heard of."""
    seen: dict[int, str] = {}
    for chapter in (one.chapter for one in own):
        if chapter.start in seen:
            yield f"chapters.yaml puts {chapter.title!r} at {to_clock(chapter.start)}, where {seen[chapter.start]!r} is"
        seen.setdefault(chapter.start, chapter.title)


def _alone(ordered: Sequence[_Placed]) -> Iterator[str]:
    """A chapter that an editor made part of the one before it, where none is."""
    if ordered and ordered[0].merged:
        yield f"chapters.yaml merges {ordered[0].chapter.title!r} with the chapter before it, but it is the first"


def _sectionless(names: Mapping[int, str], own: Sequence[_Placed]) -> Iterator[str]:
    """A running order whose sections are no headings for Markdown: points of a list, or bold lines."""
    if not names and not own:
        yield (
            "the running order has no section below its title, so the whole talk is one chapter; "
            "give each section a heading of its own, as in `## Section`"
        )


def _called(edit: ChapterEdit) -> str:
    return repr(edit.section or edit.title)


def _added(edit: ChapterEdit, start: int) -> _Placed:
    title = edit.title or ""
    chapter = Chapter(title, start, start, start, path=(title,), why="set by hand", url=edit.url, image=edit.image)
    return _Placed(chapter, by_editor=True)


def _correct_section(
    placed: dict[int, _Placed], edit: ChapterEdit, start: int | None, outline: Outline, names: dict[int, str]
) -> list[str]:
    found = find_section(edit.section or "", outline.sections)
    if len(found) != 1:
        many = "several sections" if found else "no section"
        return [f"chapters.yaml speaks of {_called(edit)}, but {many} of the running order can be meant"]
    section = found[0]
    if edit.drop:
        placed.pop(section.index, None)
        return []
    before = placed.get(section.index)
    if before is None and start is None:
        return [f"chapters.yaml changes {_called(edit)}, which was not found in the talk; give it a `start`"]
    placed[section.index] = _edited(before, edit, start, section, names)
    return []


def _edited(
    before: _Placed | None, edit: ChapterEdit, start: int | None, section: Section, names: dict[int, str]
) -> _Placed:
    base = before.chapter if before else Chapter(names[section.index], 0, 0, 0, section.index, section.path)
    chapter = replace(
        base, title=edit.title or base.title, url=edit.url or base.url, image=edit.image or base.image, review=False
    )
    if start is not None:
        chapter = replace(chapter, start=start, end=start, recorded_at=start)
        chapter = replace(chapter, confidence=1.0, why="set by hand", elsewhere=())
    by_editor = start is not None or (before is not None and before.by_editor)
    return _Placed(chapter, by_editor, merged=edit.merge)


# ── one list ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fold(ordered: Sequence[_Placed], min_gap: int) -> list[Chapter]:
    """One chapter for what starts together, and none for a section that nobody can call by a name.

    An editor's mark is folded only into one at the same millisecond, unless the editor merged it; what starts together
    with a merged one is merged with it.
    """
    kept: list[Chapter] = []
    begun = 0
    for placed in ordered:
        chapter = placed.chapter
        gap = chapter.start - begun if kept else None
        apart = gap is None or gap >= min_gap or (placed.by_editor and gap > 0)
        if chapter.title and apart and not (placed.merged and kept):
            kept.append(chapter)
            begun = chapter.start
        elif kept and chapter.section_index is not None:
            inside = Included(chapter.section_index, chapter.path[-1], chapter.path, chapter.confidence)
            kept[-1] = replace(kept[-1], includes=(*kept[-1].includes, inside))
            begun = chapter.start if placed.merged else begun
    return kept


def _open(chapters: list[Chapter], transcript: Transcript) -> list[Chapter]:
    """Give long talk before the first section a chapter, so that nobody's first words lie under a later title."""
    spoken_at = transcript.segments[0].start if transcript.segments else 0
    if chapters and chapters[0].start - spoken_at <= _OPENING_MS:
        return chapters
    title = OPENING.get(transcript.language.partition("-")[0], OPENING["en"])
    return [
        Chapter(title, spoken_at, spoken_at, spoken_at, path=(title,), why="talk before the first section"),
        *chapters,
    ]


def _close(chapters: list[Chapter], duration: int) -> tuple[Chapter, ...]:
    ends = [*(later.start for _, later in pairwise(chapters)), duration]
    return tuple(replace(chapter, end=end) for chapter, end in zip(chapters, ends, strict=True))
