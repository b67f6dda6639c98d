"""What people who make an episode are told of it, as a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.model import CutMark, Master, Programme, Progress, Recording, Transcript
from pipeline.steps.job import Job, Stage
from pipeline.store import digest, write

_WORDLESS = "no words are heard in the recording: check that it is the right one, and holds what the microphones heard"

_FOREIGN = (
    "the recording sounds like `{other}` and was heard as `{written}`, which episode.yaml or show.yaml says; if that "
    "is a slip, write `language: {other}` into episode.yaml: words, captions and chapters are no good else"
)


def _report(job: Job, progress: Progress) -> tuple[object, ...]:
    """The page, and for its artefact the digest of its bytes."""
    from pipeline.stages.report import report

    folder, master = job.folder, job.store.load("master", Master)
    page = report(
        folder.slug,
        folder.title,
        outline=folder.outline,
        recording=job.store.load("recording", Recording),
        programme=job.store.load("programme", Programme),
        master=master,
        sound=folder.workspace.show.sound,
        curve=curve_of(job, master),
        published=folder.published,
        notes=(*notes_of(job), *job.without_spot, *_before(job)),
        offers=job.store.load("offers", tuple[CutMark, ...]),
        cuts=folder.cuts,
    ).encode()
    write(job.report, page)
    return (digest(page),)


def notes_of(job: Job) -> tuple[str, ...]:
    """What the recording gives reason to say: what was noticed as it was mixed and heard."""
    return (*job.store.load("notes", tuple[str, ...]), *_heard(job.store.load("transcript", Transcript)))


def _heard(transcript: Transcript) -> Iterator[str]:
    if not transcript.segments:
        yield _WORDLESS
    if other := transcript.sounds_like:
        yield _FOREIGN.format(written=transcript.language, other=other)


def curve_of(job: Job, master: Master) -> tuple[float, ...]:
    """The master's short-term loudness, LUFS a second; empty where it was not kept."""
    from pipeline.audio.kept_levels import short_term
    from pipeline.stages.master import levels_beside

    levels = levels_beside(job.master, master.sha256)
    return () if levels is None else tuple(round(float(value), 1) for value in short_term(levels.energies))


def _before(job: Job) -> tuple[str, ...]:
    return tuple(f"before it can go out: {reason}" for reason in job.folder.unready)


def _told(job: Job) -> object:
    folder = job.folder
    sound = folder.workspace.show.sound
    return folder.slug, folder.episode.title, folder.published, sound, job.without_spot, folder.unready


def _page(job: Job) -> dict[Path, str]:
    return {job.report: job.store.load("report", str)}


REPORT = Stage(
    "report",
    "Reporting",
    given={
        "the running order": lambda job: job.folder.outline,
        "cuts.yaml": lambda job: job.folder.cuts,
        "what is said of the episode": _told,
    },
    needs=("recording", "notes", "transcript", "offers", "programme", "master"),
    makes={"report": str},
    run=_report,
    files=_page,
    version=6,
)
