"""A produced episode, whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from pipeline.formats import plain
from pipeline.formats.naming import followed
from pipeline.model import Absent, Master, Outline, Programme, PublishedFile, Recording, Release, Spot, Transcript
from pipeline.report.parts import Report, chapter_of, place_of, wanted
from pipeline.steps import Job, notes_of
from pipeline.timecode import from_samples


def episode(job: Job, *, feed: str | None, ran: tuple[str, ...] = ()) -> Report:
    """Everything of a produced episode; times in ms, `start_ms` in programme time, paths absolute.

    feed: the feed's file where it names this episode, None where the episode is not public yet.
    ran: the stages that had to run. unready: why it cannot go out as it is; what was released of it before is not told.
    """
    folder = job.folder
    programme, master = job.store.load("programme", Programme), job.store.load("master", Master)
    recording, transcript = job.store.load("recording", Recording), job.store.load("transcript", Transcript)
    outline = folder.outline
    found = followed(programme.chapters, outline.sections)
    return {
        "slug": folder.slug,
        "title": plain.title(folder.title),
        "language": transcript.language,
        "published": feed is not None,
        "publish_at": folder.published.isoformat() if folder.published else None,
        "unready": list(folder.unready),
        "chapters": [chapter_of(chapter) for chapter in found.chapters],
        "absent": [_absent(outline, one) for one in found.absent],
        **wanted(job, found, found.conflicts),
        "spots": [_spot(spot) for spot in programme.spots],
        "notes": list(notes_of(job)),
        "loudness": asdict(master.loudness),
        "durations": _durations(outline, recording, master),
        "files": {"master": str(job.master)} if folder.unready else _files(job, feed),
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


def _files(job: Job, feed: str | None) -> dict[str, str]:
    """Where each file lies: in the public folder once it is public, else where it waits."""
    public = feed is not None and job.folder.workspace.show.storage is None
    release = job.store.load("release", Release)
    files = {file.kind: str(_place(job, file, public=public)) for file in release.files}
    return {**files, "feed": feed} if feed else files


def _place(job: Job, file: PublishedFile, *, public: bool) -> Path:
    return job.folder.workspace.public / file.name if public else job.release / Path(file.name).name
