"""Entries of chapters.yaml, changed as one says it: set, add, drop, merge, take markers in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.audio.edits import TALK, placed, to_recording_ms
from pipeline.errors import InputError
from pipeline.formats.markers import Marker
from pipeline.formats.naming import find_section, name_of
from pipeline.model import Chapter, ChapterEdit, EditList, Section
from pipeline.review.names import entry_of, section_of
from pipeline.timecode import from_samples, to_clock

Edits = tuple[ChapterEdit, ...]


def recorded(plan: EditList, ms: int) -> int:
    """Recording time of a moment of the programme; of one inside a spot or music, of the next talk."""
    if (here := to_recording_ms(plan, ms)) is not None:
        return here
    talk = [(at, clip) for at, clip in placed(plan) if clip.source == TALK]
    behind = [from_samples(clip.source_in) for at, clip in talk if from_samples(at) >= ms]
    return behind[0] if behind else from_samples(talk[-1][1].source_out) if talk else ms


def change(
    edits: Edits,
    name: str,
    chapters: Sequence[Chapter],
    sections: Sequence[Section],
    *,
    start: int | None = None,
    title: str | None = None,
    url: str | None = None,
    image: str | None = None,
) -> Edits:
    """The entries with what is given set for a section or chapter; `start` in ms of the recording.

    What is listed under a chapter moves along. Raises InputError for a name that means nothing, or several.
    """
    chapter, section = _meant(name, chapters, sections)
    given = {"title": title, "url": url, "image": image, "start": None if start is None else to_clock(start)}
    fields: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if chapter is not None and section is None:
        return _own(edits, chapter, sections, fields)
    moved = [sections[one.section_index] for one in chapter.includes] if chapter and start is not None else []
    edits = _section(edits, section, sections, fields) if section else edits
    for included in moved:
        edits = _section(edits, included, sections, {"start": fields["start"]})
    return edits


def add(edits: Edits, title: str, start: int, url: str | None = None, image: str | None = None) -> Edits:
    """A chapter of the editor's own at `start` ms of the recording."""
    return (*edits, ChapterEdit(None, title, to_clock(start), url, image))


def drop(edits: Edits, name: str, chapters: Sequence[Chapter], sections: Sequence[Section]) -> Edits:
    """Without that section or chapter."""
    chapter, section = _meant(name, chapters, sections)
    if section is not None:
        others = tuple(edit for edit in edits if section_of(edit, sections) != section.index)
        return (*others, ChapterEdit(name_of(section, sections), drop=True))
    return _without(edits, name, chapter, sections)


def merge(edits: Edits, name: str, chapters: Sequence[Chapter], sections: Sequence[Section]) -> Edits:
    """With that section or chapter as a part of the chapter before it; what is listed under it goes along."""
    chapter, section = _meant(name, chapters, sections)
    if chapter is None or chapter == chapters[0]:
        why = "is no chapter of its own" if chapter is None else "is the first chapter"
        raise InputError(f"{name!r} {why}", todo="name a chapter that has another before it")
    if section is not None:
        return _section(edits, section, sections, {"merge": True})
    return _without(edits, name, chapter, sections)


def _without(edits: Edits, name: str, chapter: Chapter | None, sections: Sequence[Section]) -> Edits:
    """Without a chapter of the editor's own."""
    place = entry_of(chapter, edits, sections) if chapter else None
    if place is None:
        raise InputError(f"{name!r} is the talk before the first section", todo="start a section there instead")
    return edits[:place] + edits[place + 1 :]


def take(
    edits: Edits,
    markers: Sequence[Marker],
    chapters: Sequence[Chapter],
    sections: Sequence[Section],
    plan: EditList | None,
) -> Edits:
    """The entries that make chapters stand where markers do: those of a known title move, the others are added.

    chapters: as they are; their `start` in the markers' time. plan: None for markers in the recording's time.
    """
    known = {chapter.title.casefold(): chapter for chapter in chapters}
    for marker in markers:
        chapter = known.get(marker.title.casefold())
        start = marker.start if plan is None else recorded(plan, marker.start)
        if chapter is None and not find_section(marker.title, sections):
            edits = add(edits, marker.title or "–", start, marker.url)
        elif chapter is None or chapter.start != marker.start or (marker.url and marker.url != chapter.url):
            url = marker.url if chapter is None or marker.url != chapter.url else None
            moved = None if chapter is not None and chapter.start == marker.start else start
            edits = change(edits, marker.title, chapters, sections, start=moved, url=url)
    return edits


def _meant(
    name: str, chapters: Sequence[Chapter], sections: Sequence[Section]
) -> tuple[Chapter | None, Section | None]:
    """The chapter that is called so, or that stands for the section that is."""
    titled = [chapter for chapter in chapters if chapter.title.casefold() == name.casefold()]
    if len(titled) == 1:
        index = titled[0].section_index
        return titled[0], None if index is None else sections[index]
    found = find_section(name, sections)
    if len(found) == 1:
        return next((c for c in chapters if c.section_index == found[0].index), None), found[0]
    known = [name_of(section, sections) for section in sections if section.role == "talk"]
    what = "several sections are" if found else "no section or chapter is"
    raise InputError(f"{what} called {name!r}", todo=f"take one of: {', '.join(known)}")


def _section(edits: Edits, section: Section, sections: Sequence[Section], fields: dict[str, Any]) -> Edits:
    place = next((n for n, edit in enumerate(edits) if section_of(edit, sections) == section.index), None)
    if place is None:
        return (*edits, ChapterEdit(name_of(section, sections), **fields))
    return (*edits[:place], replace(edits[place], **{"drop": False, "merge": False, **fields}), *edits[place + 1 :])


def _own(edits: Edits, chapter: Chapter, sections: Sequence[Section], fields: dict[str, Any]) -> Edits:
    place = entry_of(chapter, edits, sections)
    if place is None:
        return (*edits, replace(ChapterEdit(None, chapter.title, to_clock(chapter.recorded_at)), **fields))
    return (*edits[:place], replace(edits[place], **fields), *edits[place + 1 :])
