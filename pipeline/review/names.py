"""Which entry of chapters.yaml speaks of which section, and of which chapter."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.formats.naming import find_section
from pipeline.model import Chapter, ChapterEdit, Section
from pipeline.timecode import parse_clock


def section_of(edit: ChapterEdit, sections: Sequence[Section]) -> int | None:
    """The index of the section that an entry speaks of; None for a chapter of the editor's own, and for no one's."""
    found = find_section(edit.section, sections) if edit.section is not None else []
    return found[0].index if len(found) == 1 else None


def entry_of(chapter: Chapter, edits: Sequence[ChapterEdit], sections: Sequence[Section]) -> int | None:
    """The place in the list of the entry that speaks of a chapter."""
    for place, edit in enumerate(edits):
        own = edit.section is None and chapter.section_index is None and edit.start is not None
        if own and (edit.title, parse_clock(edit.start or "")) == (chapter.title, chapter.recorded_at):
            return place
        if edit.section is not None and section_of(edit, sections) == chapter.section_index is not None:
            return place
    return None
