"""What reports of a produced episode and of one in the making have in common. Times are in ms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pipeline.formats.cuts_yaml import undecided
from pipeline.model import Chapter, CutMark, Included, Span, Transcript
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


def offers(job: Job) -> tuple[CutMark, ...]:
    """The stretches of the recording that are offered to be cut, decided or not."""
    return made(job, "offers", tuple[CutMark, ...]) or ()


def wanted(job: Job, chapters: Sequence[Chapter], conflicts: Iterable[str]) -> dict[str, list[Any]]:
    """What a person should look at, by kind: doubtful chapters by title, and stretches in recording time.

    lost_speech: where somebody spoke and nobody understood it. offers: to be cut, which nobody decided.
    """
    transcript = made(job, "transcript", Transcript)
    marks = undecided(offers(job), job.folder.cuts)
    return {
        "review": [chapter.title for chapter in chapters if chapter.review],
        "conflicts": list(conflicts),
        "lost_speech": [_stretch(span) for span in (transcript.lost if transcript else ())],
        "offers": [_stretch(mark) | {"why": mark.why} for mark in marks],
    }


def _stretch(one: Span | CutMark) -> Report:
    return {"start_ms": one.start, "end_ms": one.end}
