"""What reports of a produced episode and of one in the making have in common. Times are in ms."""

from __future__ import annotations

from typing import Any, TypeVar

from pipeline.formats.cuts_yaml import undecided
from pipeline.model import Chapter, CutMark, Included, Transcript
from pipeline.steps import Job

T = TypeVar("T")

Report = dict[str, Any]


def made(job: Job, name: str, kind: type[T]) -> T | None:
    """An artefact, where it was made already."""
    return job.store.load(name, kind) if job.store.path(name).exists() else None


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
    }


def _included(section: Included, chapter: Chapter) -> Report:
    return {
        "section_index": section.section_index,
        "title": section.title,
        "path": list(section.path),
        "recording_start_ms": chapter.recorded_at,
        "start_ms": chapter.start,
        "confidence": round(section.confidence, 3),
    }


def lost_speech(transcript: Transcript | None) -> list[Report]:
    """Where somebody spoke and nobody understood it, in recording time."""
    return [{"start_ms": span.start, "end_ms": span.end} for span in (transcript.lost if transcript else ())]


def offers(job: Job) -> tuple[CutMark, ...]:
    """The stretches of the recording that are offered to be cut, decided or not."""
    return made(job, "offers", tuple[CutMark, ...]) or ()


def open_offers(job: Job) -> list[Report]:
    """The stretches that are offered to be cut and that nobody decided, in recording time."""
    marks = undecided(offers(job), job.folder.cuts)
    return [{"start_ms": mark.start, "end_ms": mark.end, "why": mark.why} for mark in marks]
