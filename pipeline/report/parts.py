"""What reports of a produced episode and of one in the making have in common. Times are in ms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pipeline.errors import WorkspaceError
from pipeline.formats.cuts_yaml import undecided
from pipeline.model import Chapter, Chapters, CutMark, Included, Place, Span, Transcript
from pipeline.steps import Job

T = TypeVar("T")

Report = dict[str, Any]


def made(job: Job, name: str, kind: type[T]) -> T | None:
    """An artefact, where it was made already, and as it is made now."""
    try:
        return job.store.load(name, kind)
    except WorkspaceError:
        return None


def chapter_of(chapter: Chapter) -> Report:
    """A chapter, in the time of the list that it is from; `recording_start_ms` in recording time, always."""
    return {
        "section_index": chapter.section_index,
        "title": chapter.title,
        "path": list(chapter.path),
        "recording_start_ms": chapter.recorded_at,
        "start_ms": chapter.start,
        "end_ms": chapter.end,
        "confidence": round(chapter.confidence, 3),
        "review": chapter.review,
        "why": chapter.why,
        "url": chapter.url,
        "includes": [_included(section, chapter) for section in chapter.includes],
        "elsewhere": [place_of(place) for place in chapter.elsewhere],
    }


def place_of(place: Place) -> Report:
    """Where else a section may start, in recording time."""
    return {"recording_start_ms": place.start, "probability": place.probability, "text": place.text}


def _included(section: Included, chapter: Chapter) -> Report:
    return {
        "section_index": section.section_index,
        "title": section.title,
        "path": list(section.path),
        "recording_start_ms": chapter.recorded_at,
        "start_ms": chapter.start,
        "confidence": round(section.confidence, 3),
    }


def offers(job: Job) -> tuple[CutMark, ...]:
    """The stretches of the recording that are offered to be cut, decided or not."""
    return made(job, "offers", tuple[CutMark, ...]) or ()


def wanted(job: Job, found: Chapters, conflicts: Iterable[str]) -> dict[str, list[Any]]:
    """What a person should look at, by kind: doubtful chapters by title, and stretches in recording time.

    missed: sections, by title, that may have been talked about after all. without_spot: why there is none where one is
    asked for. lost_speech: where somebody spoke and nobody understood it. offers: to be cut, which nobody decided.
    """
    outline = job.folder.outline
    transcript = made(job, "transcript", Transcript)
    marks = undecided(offers(job), job.folder.cuts)
    return {
        "review": [chapter.title for chapter in found.chapters if chapter.review],
        "missed": [outline.called(absent.section_index) for absent in found.absent if absent.review],
        "without_spot": list(job.without_spot),
        "conflicts": list(conflicts),
        "lost_speech": [_stretch(span) for span in (transcript.lost if transcript else ())],
        "offers": [_stretch(mark) | {"why": mark.why} for mark in marks],
    }


def _stretch(one: Span | CutMark) -> Report:
    return {"start_ms": one.start, "end_ms": one.end}
