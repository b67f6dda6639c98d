"""What is stale and why; run it; write it down. The table of stages is in `pipeline.steps`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline import steps
from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Progress
from pipeline.steps import Job, Stage, stages_for
from pipeline.store import Receipt, Store, clean_leftovers, digest_value, workspace_error
from pipeline.workspace import EpisodeFolder

_NEVER = "never ran"

Watch = Callable[[Stage], contextlib.AbstractContextManager[Progress]]
"""Shows that a stage runs, and how far it is."""


@dataclass(frozen=True, slots=True)
class State:
    """Whether a stage has to run, and why: nothing in `why` means that it is as it should be.

    waits: it has no reason of its own but that it never ran, and a stage that it needs has to run before.
    """

    stage: str
    why: tuple[str, ...]
    waits: bool = False


@contextlib.contextmanager
def lock(path: Path, what: str, patience: float = 0) -> Iterator[None]:
    """Hold `path` for one run. Raises WorkspaceError where another run holds it for more than `patience` s."""
    held = FileLock(path, timeout=patience)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout as error:
        todo = "wait for the other run to end; if none runs, its machine may still hold the folder"
        raise WorkspaceError(f"another run is at work on {what}", where=str(path), todo=todo) from error
    except OSError as error:
        raise workspace_error(error, path) from error
    try:
        yield
    finally:
        held.release()


def _inputs(job: Job, stage: Stage) -> dict[str, str]:
    """Digests of all that a stage depends on; "" for what is not there yet."""
    given = {name: digest_value(value(job)) for name, value in stage.given.items()}
    made = {name: job.store.file_digest(job.store.path(name)) or "" for name in stage.needs}
    return {**given, **made}


def _outputs(job: Job, stage: Stage) -> dict[str, str]:
    return {name: job.store.file_digest(job.store.path(name)) or "" for name in stage.makes}


def _why(job: Job, stage: Stage) -> tuple[str, ...]:
    """Every reason to run the stage, in words; none where its receipt says that nothing changed."""
    receipt = job.store.receipt(stage.name)
    if receipt is None:
        return (_NEVER,)
    if receipt.version != stage.version:
        return ("Escaleta itself changed",)
    inputs = _inputs(job, stage)
    changed = [f"{name} changed" for name, digest in inputs.items() if receipt.inputs.get(name) != digest]
    dropped = [f"{name} is no longer used" for name in receipt.inputs if name not in inputs]
    lost = [
        f"{name} was changed or lost"
        for name, digest in _outputs(job, stage).items()
        if receipt.outputs.get(name) != digest
    ]
    if not lost:
        lost = _lost_files(job, stage)
    return (*changed, *dropped, *lost)


def _lost_files(job: Job, stage: Stage) -> list[str]:
    try:
        files = stage.files(job).items()
    except WorkspaceError as error:
        return [error.what]
    return [f"{path.name} was changed or lost" for path, digest in files if job.store.file_digest(path) != digest]


def states(job: Job, stages: Sequence[Stage] | None = None) -> tuple[State, ...]:
    """Every stage of an episode, its own where none are named: a stage behind a stale one waits for it."""
    stages = stages_for(job) if stages is None else stages
    found: list[State] = []
    stale: set[str] = set()
    for stage in stages:
        waits = [
            f"after {before.name}" for before in stages if before.name in stale and set(before.makes) & set(stage.needs)
        ]
        own = _why(job, stage)
        stale |= {stage.name} if own or waits else set()
        found.append(State(stage.name, own or tuple(waits), bool(waits) and own in ((), (_NEVER,))))
    return tuple(found)


def run(job: Job, watch: Watch, stages: Sequence[Stage] | None = None) -> tuple[str, ...]:
    """Run what is stale of an episode's stages, in order, and return the names of those that ran.

    A success is written down by a receipt, after its results: killed anywhere, the next run goes on from there.
    """
    ran: list[str] = []
    with lock(job.folder.build / "lock", f"episode {job.folder.slug}"):
        clean_leftovers(job.folder.build)
        done: list[Stage] = []
        for stage in stages_for(job) if stages is None else stages:
            if _why(job, stage):
                with watch(stage) as progress:
                    _run(job, stage, done, progress)
                ran.append(stage.name)
            done.append(stage)
    return tuple(ran)


def export(job: Job, suffix: str, *, ad_free: bool, progress: Progress) -> Path:
    """A produced episode in another container: see `pipeline.steps.export`. Raises WorkspaceError where it is stale."""
    with lock(job.folder.build / "lock", f"episode {job.folder.slug}"):
        clean_leftovers(job.folder.build)
        if any(state.why for state in states(job)):
            raise WorkspaceError(
                "the episode is not as it would be made now",
                where=f"episodes/{job.folder.slug}",
                todo=f"run `escaleta produce {job.folder.slug}` first",
            )
        return steps.export(job, suffix, ad_free=ad_free, progress=progress)


def _run(job: Job, stage: Stage, done: Sequence[Stage], progress: Progress) -> None:
    inputs = _inputs(job, stage)
    try:
        with _placed(job.folder.slug):
            values = stage.run(job, progress)
    finally:
        # What a changed file made fail is no fault of its own.
        _check_unchanged(job, stage, inputs, done)
    for (name, kind), value in zip(stage.makes.items(), values, strict=True):
        job.store.save(name, kind, value)
    job.store.sign(Receipt(stage.name, stage.version, inputs, _outputs(job, stage)))


def _check_unchanged(job: Job, stage: Stage, inputs: Mapping[str, str], done: Sequence[Stage]) -> None:
    """Raises WorkspaceError where what the stage was given, or a stage before it was given and made, is not as it was.

    Who puts another recording there while one is heard, and the first one back, would else get words of both as fresh.
    """
    changed = [f"{name} changed" for name, value in stage.given.items() if inputs[name] != digest_value(value(job))]
    for why in (_why(job, one) for one in done):
        changed += ["what was made of the episode was removed"] if why == (_NEVER,) else why
    if changed:
        raise WorkspaceError(
            f"{', '.join(dict.fromkeys(changed))}, while it was being worked on",
            where=f"episodes/{job.folder.slug}",
            todo=f"run `escaleta produce {job.folder.slug}` again when all is in its place",
        )


@contextlib.contextmanager
def _placed(slug: str) -> Iterator[None]:
    """Stages call the episode's own files by their names alone: which episode's is said here."""
    try:
        yield
    except InputError as error:
        if "/" not in error.where:
            error.where = f"episodes/{slug}/{error.where}".rstrip("/")
        raise


def job_for(folder: EpisodeFolder, scheduler: str | None = None) -> Job:
    """An episode with its build folder, once all that people wrote about it was read."""
    folder.check()
    return Job(folder, Store(folder.build), scheduler)
