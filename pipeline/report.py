"""What there is to say about an episode: one object for scripts, which people's tables are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import EscaletaError
from pipeline.formats.cuts_yaml import undecided
from pipeline.formats.findings import Finding
from pipeline.model import (
    Chapter,
    Chapters,
    CutMark,
    Included,
    Master,
    Outline,
    Programme,
    PublishedFile,
    Recording,
    Release,
    Section,
    Spot,
    Transcript,
)
from pipeline.publishing import Outcome
from pipeline.runner import State, job_for, states
from pipeline.stages.collect import Garbage
from pipeline.steps import Job
from pipeline.timecode import from_samples
from pipeline.workspace import LEDGER, EpisodeFolder, Workspace

T = TypeVar("T")

Report = dict[str, Any]


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
        "chapters": [_chapter(chapter) for chapter in programme.chapters.chapters],
        "absent": [_section(outline.sections[index]) for index in programme.chapters.absent],
        "conflicts": list(programme.chapters.conflicts),
        "spots": [_spot(spot) for spot in programme.spots],
        "without_spot": _without_spot(job, programme),
        "notes": list(job.store.load("notes", tuple[str, ...])),
        "lost_speech": _lost(transcript),
        "offers": _open_offers(job),
        "loudness": asdict(master.loudness),
        "durations": _durations(outline, recording, master),
        "files": _files(job, release, feed),
        "report": str(job.report),
        "ran": list(ran),
    }


def _chapter(chapter: Chapter) -> Report:
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


def _section(section: Section) -> Report:
    return {"section_index": section.index, "title": section.title, "path": list(section.path)}


def _spot(spot: Spot) -> Report:
    return {
        "name": spot.name,
        "recording_ms": spot.recording_ms,
        "start_ms": spot.start,
        "end_ms": spot.end,
        "why": spot.why,
    }


def _without_spot(job: Job, programme: Programme) -> str | None:
    """Why nothing was put in where the running order asks for a spot."""
    section = job.cue_section
    if section is None or any(campaign.place == "cue" for campaign in job.campaigns):
        return None
    return f"the running order asks for a spot after “{section.cue}”, but no campaign runs for this episode"


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


def offers(job: Job) -> tuple[CutMark, ...]:
    """The stretches of the recording that are offered to be cut, decided or not."""
    return _made(job, "offers", tuple[CutMark, ...]) or ()


def guid(job: Job) -> str:
    """The identity under which the feed knows the episode."""
    return job.store.load("release", Release).item.guid


def _place(job: Job, file: PublishedFile, *, public: bool) -> Path:
    return job.folder.workspace.public / file.name if public else job.release / Path(file.name).name


@dataclass(frozen=True, slots=True)
class Calendar:
    """The moment at which one looks (aware), and the slugs that are public then."""

    now: datetime
    public: frozenset[str]

    def standing(self, slug: str, moment: datetime | None) -> str:
        """`public`, `draft` without a time, `waiting` for it, or `late`: it has come, and nothing went out."""
        if slug in self.public:
            return "public"
        if moment is None:
            return "draft"
        return "waiting" if moment > self.now else "late"


def calendar(workspace: Workspace, now: datetime) -> Calendar:
    """What the ledger knows as public. Raises InputError where it cannot be read."""
    return Calendar(now, frozenset(entry.slug for entry in workspace.ledger(LEDGER).entries))


def status(job: Job, calendar: Calendar) -> Report:
    """Every stage, `done`, `stale` or `waiting` for one before it, and why; when it goes out; what wants a look.

    wants: how many chapters, conflicts, stretches of lost speech and undecided offers to cut a person should look at.
    """
    found, chapters = states(job), _chapters(job)
    moment = job.folder.published
    review: dict[str, list[Any]] = {
        "review": [chapter.title for chapter in chapters if chapter.review],
        "conflicts": _conflicts(job),
        "lost_speech": _lost(_made(job, "transcript", Transcript)),
        "offers": _open_offers(job),
    }
    return {
        "slug": job.folder.slug,
        "publish_at": moment.isoformat() if moment else None,
        "standing": calendar.standing(job.folder.slug, moment),
        "stages": {state.stage: _stage(state) for state in found},
        "next": next((state.stage for state in found if state.why), None),
        "chapters": [_chapter(chapter) for chapter in chapters],
        **review,
        "wants": sum(len(kind) for kind in review.values()),
    }


def _stage(state: State) -> Report:
    word = "done" if not state.why else "waiting" if state.waits else "stale"
    return {"stale": bool(state.why), "state": word, "why": list(state.why)}


def _made(job: Job, name: str, kind: type[T]) -> T | None:
    """An artefact, where it was made already."""
    return job.store.load(name, kind) if job.store.path(name).exists() else None


def _chapters(job: Job) -> tuple[Chapter, ...]:
    """In programme time where the programme has them all; in the recording's while it is still to be made of them."""
    found, programme = _made(job, "chapters", Chapters), _made(job, "programme", Programme)
    placed = [(one.title, one.recorded_at) for one in found.chapters] if found else []
    heard = programme.chapters.chapters if programme else ()
    if found and placed != [(one.title, one.recorded_at) for one in heard]:
        return found.chapters
    return heard


def _conflicts(job: Job) -> list[str]:
    programme, chapters = _made(job, "programme", Programme), _made(job, "chapters", Chapters)
    told = (*(chapters.conflicts if chapters else ()), *(programme.chapters.conflicts if programme else ()))
    return list(dict.fromkeys(told))


def _lost(transcript: Transcript | None) -> list[Report]:
    return [{"start_ms": span.start, "end_ms": span.end} for span in (transcript.lost if transcript else ())]


def _open_offers(job: Job) -> list[Report]:
    """The stretches that are offered to be cut and that nobody decided, in recording time."""
    marks = undecided(offers(job), job.folder.cuts)
    return [{"start_ms": mark.start, "end_ms": mark.end, "why": mark.why} for mark in marks]


def status_or_error(folder: EpisodeFolder, calendar: Calendar) -> Report:
    """`status`, or what keeps the episode from being read."""
    try:
        return status(job_for(folder), calendar)
    except EscaletaError as error:
        return {"slug": folder.slug, "error": str(error)}


def publication(outcome: Outcome) -> Report:
    """What a publication did, and what it waits for."""
    publication, free = outcome.publication, outcome.ad_free
    return {
        "public": len(publication.feed.items),
        "new": list(publication.new),
        "written": list(publication.written),
        "waiting": [{"slug": r.slug, "publish_at": r.item.published.isoformat()} for r in publication.waiting],
        "late": [asdict(one) for one in outcome.late],
        "untold": list(outcome.untold),
        "notes": [*publication.notes, *(free.notes if free else ())],
        "ad_free": {"public": len(free.feed.items), "written": list(free.written)} if free else None,
    }


def garbage(found: Sequence[Garbage]) -> list[Report]:
    """What nothing names any more: `due` is whether it may go."""
    return [{"name": one.name, "bytes": one.length, "since": one.since.isoformat(), "due": one.due} for one in found]


def findings(found: Sequence[Finding]) -> list[Report]:
    """What a check found."""
    return [asdict(one) for one in found]
