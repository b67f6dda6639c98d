"""How an episode stands: what is done, what is stale and why, when it goes out, what wants a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.editions import LEDGER
from pipeline.errors import EscaletaError
from pipeline.formats.naming import followed
from pipeline.model import Chapters, Programme
from pipeline.report.parts import Report, chapter_of, made, wanted
from pipeline.runner import State, job_for, states
from pipeline.shelf import at_rest
from pipeline.steps import Job
from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Calendar:
    """The moment at which one looks (aware), and the slugs that are public then.

    at_rest: those of them of which nothing is left here but what went out (`pipeline.shelf.at_rest`).
    """

    now: datetime
    public: frozenset[str]
    at_rest: frozenset[str] = frozenset()

    def standing(self, slug: str, moment: datetime | None, *, ready: bool = True) -> str:
        """`public`, `draft` without a time, `waiting` for it, or `late`: it has come, and nothing went out.

        `unready` is what has a time, and will be late unless somebody writes what it lacks.
        """
        if slug in self.public:
            return "public"
        if moment is None:
            return "draft"
        if moment <= self.now:
            return "late"
        return "waiting" if ready else "unready"


def calendar(workspace: Workspace, now: datetime) -> Calendar:
    """What the ledger knows as public. Raises InputError where it cannot be read."""
    public = frozenset(entry.slug for entry in workspace.ledger(LEDGER).entries)
    return Calendar(now, public, at_rest(workspace, public))


def status(job: Job, calendar: Calendar) -> Report:
    """Every stage, `done`, `stale` or `waiting` for one before it, and why; when it goes out; what wants a look.

    Of an episode at rest, stages are that, `rests`, and nothing is missing for them.
    unready: why it cannot go out as it is. lacks: why there is no recording to begin with, None where there is one.
    missing: what is named for it, cover, spots, music or pictures, and is not there.
    wants: how many of what a person should look at (`wanted`).
    """
    found, placed = states(job), _chapters(job)
    moment, unready = job.folder.published, job.folder.unready
    rests = job.folder.slug in calendar.at_rest
    look = wanted(job, placed, _conflicts(job))
    return {
        "slug": job.folder.slug,
        "publish_at": moment.isoformat() if moment else None,
        "standing": calendar.standing(job.folder.slug, moment, ready=not unready),
        "unready": list(unready),
        "stages": {state.stage: _stage(state, rests=rests) for state in found},
        "lacks": None if rests else _lacks(job),
        "missing": [] if rests else [str(error) for error in job.missing],
        "next": None if rests else next((state.stage for state in found if state.why), None),
        "chapters": [chapter_of(chapter) for chapter in placed.chapters],
        **look,
        "wants": sum(len(kind) for kind in look.values()),
    }


def status_or_error(workspace: Workspace, name: str, calendar: Calendar) -> Report:
    """`status` of the folder of that name, or what keeps the episode from being read."""
    try:
        return status(job_for(workspace.episode(name)), calendar)
    except EscaletaError as error:
        return {"slug": name, "error": str(error)}


def _lacks(job: Job) -> str | None:
    try:
        _ = job.folder.recorded.files
    except EscaletaError as error:
        return str(error)
    return None


def _stage(state: State, *, rests: bool) -> Report:
    if rests:
        return {"stale": False, "state": "rests", "why": []}
    word = "done" if not state.why else "waiting" if state.waits else "stale"
    return {"stale": bool(state.why), "state": word, "why": list(state.why)}


def _chapters(job: Job) -> Chapters:
    """In programme time where the programme has them all; in the recording's while it is still to be made of them.

    They speak of the running order's sections as it is now, whichever they were made of.
    """
    found, programme = made(job, "chapters", Chapters), made(job, "programme", Programme)
    placed = [(one.title, one.recorded_at) for one in found.chapters] if found else []
    heard = programme.chapters if programme else Chapters(())
    if found and placed != [(one.title, one.recorded_at) for one in heard.chapters]:
        heard = found
    return followed(heard, job.folder.outline.sections)


def _conflicts(job: Job) -> list[str]:
    programme, chapters = made(job, "programme", Programme), made(job, "chapters", Chapters)
    told = (*(chapters.conflicts if chapters else ()), *(programme.chapters.conflicts if programme else ()))
    return list(dict.fromkeys(told))
