"""A produced episode, whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from pipeline.model import Absent, Master, Outline, Programme, PublishedFile, Recording, Release, Spot, Transcript
from pipeline.report.parts import Report, chapter_of, place_of, wanted
from pipeline.steps import Job
from pipeline.timecode import from_samples


def episode(job: Job, *, feed: str | None, ran: tuple[str, ...] = ()) -> Report:
    """Everything of a produced episode; times in ms, `start_ms` in programme time, paths absolute.

    feed: the feed's file where it names this episode, None where the episode is not public yet.
    ran: the stages that had to run.
    """
    programme, master = job.store.load("programme", Programme), job.store.load("master", Master)
    release, recording = job.store.load("release", Release), job.store.load("recording", Recording)
    transcript, outline = job.store.load("transcript", Transcript), job.folder.outline
    return {
        "slug": job.folder.slug,
        "title": release.item.title,
        "language": transcript.language,
        "published": feed is not None,
        "publish_at": release.item.published.isoformat(),
        "chapters": [chapter_of(chapter) for chapter in programme.chapters.chapters],
        "absent": [_absent(outline, one) for one in programme.chapters.absent],
        **wanted(job, programme.chapters, programme.chapters.conflicts),
        "spots": [_spot(spot) for spot in programme.spots],
        "notes": list(job.store.load("notes", tuple[str, ...])),
        "loudness": asdict(master.loudness),
        "durations": _durations(outline, recording, master),
        "files": _files(job, release, feed),
        "report": str(job.report),
        "ran": list(ran),
    }


def _absent(outline: Outline, absent: Absent) -> Report:
    """A section of the running order; `trail` is its path as people know it, without the episode's own heading."""
    section = outline.sections[absent.section_index]
    return {
        **asdict(absent),
        "elsewhere": [place_of(place) for place in absent.elsewhere],
        "title": section.title,
        "path": list(section.path),
        "trail": list(outline.trail(section.index)),
    }


def _spot(spot: Spot) -> Report:
    return {
        "name": spot.name,
        "recording_ms": spot.recording_ms,
        "start_ms": spot.start,
        "end_ms": spot.end,
        "why": spot.why,
    }


def _durations(outline: Outline, recording: Recording, master: Master) -> Report:
    return {
        "planned_ms": outline.planned_ms,
        "recording_ms": recording.duration,
        "programme_ms": from_samples(master.samples),
    }


def _files(job: Job, release: Release, feed: str | None) -> dict[str, str]:
    """Where each file lies: in the public folder once it is public, else where it waits."""
    public = feed is not None and job.folder.workspace.show.storage is None
    files = {file.kind: str(_place(job, file, public=public)) for file in release.files}
    return {**files, "feed": feed} if feed else files


def guid(job: Job) -> str:
    """The identity under which the feed knows the episode."""
    return job.store.load("release", Release).item.guid


def _place(job: Job, file: PublishedFile, *, public: bool) -> Path:
    return job.folder.workspace.public / file.name if public else job.release / Path(file.name).name
