"""`escaleta produce`, `respot`, `export` and `status`: episodes made, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline import publishing, report, runner, screen, starting, steps
from pipeline.commands.arguments import AsJson, MaybeSlug, Slug, Where, print_json, workspace_at
from pipeline.errors import EscaletaError
from pipeline.publishing import Outcome
from pipeline.report import Report
from pipeline.steps import Job
from pipeline.workspace import Workspace

Every = Annotated[bool, typer.Option("--all", help="Every episode of the show.")]
Explain = Annotated[
    str | None,
    typer.Option(
        "--explain", help="Why a section stands where it does: its title, or `parent / title`.", show_default=False
    ),
]
Kind = Literal["m4a", "opus", "mp4"]

Find = Callable[[], Job]
"""Reads what people wrote of one episode. Raises EscaletaError where that cannot be followed."""


def produce(
    slug: MaybeSlug = None,
    every: Every = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="TCP://…", help="Transcribe on the Dask cluster of this scheduler.")
    ] = None,
    video: Annotated[bool, typer.Option("--video", help="Also a film of the cover, for YouTube.")] = False,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """Make an episode from recording and running order, and bring the feed up to date. Only what changed is done.

    Of all, those that are public and were made elsewhere, or whose build folder was removed, stay as they went out.
    """
    workspace = workspace_at(where)

    def find(name: str) -> Job:
        return runner.job_for(workspace.episode(name), scheduler)

    found = {name: partial(find, name) for name in _named(workspace, slug, every=every)}
    _make(workspace, found, as_json, single=not every, video=video)


def _named(workspace: Workspace, slug: str | None, *, every: bool) -> Sequence[str]:
    """The one episode that is named, or all of which more is left than what went out."""
    if (slug is None) != every:
        raise typer.BadParameter("name one episode, or --all")
    if slug is not None:
        return (slug,)
    left = report.calendar(workspace, datetime.now(UTC)).at_rest
    if left:
        screen.at_rest(sorted(left))
    return tuple(one for one in workspace.slugs() if one not in left)


def _make(workspace: Workspace, found: Mapping[str, Find], as_json: bool, *, single: bool, video: bool = False) -> None:
    """Run what is stale of each episode, publish, and tell; of many, one that cannot be made keeps no other waiting."""
    with screen.bars(quiet=as_json) as watch:
        tried = {slug: _run(find, watch) for slug, find in found.items()}
    failed = {slug: error for slug, error in tried.items() if isinstance(error, EscaletaError)}
    if single and failed:
        raise failed.popitem()[1]
    lost = [f"{slug} was not made: {error}" for slug, error in failed.items()]
    try:
        outcome = publishing.publish_show(workspace, datetime.now(UTC))
    except EscaletaError:
        # What keeps the feed from being written may be the want of them: it says to make what cannot be made.
        _say(lost)
        raise
    done = [made for made in tried.values() if isinstance(made, _Made)]
    reports = [_told(made, outcome, video, as_json) for made in done]
    if as_json:
        errors = [{"slug": slug, "error": str(error)} for slug, error in failed.items()]
        print_json(reports[0] if single else [*reports, *errors])
    else:
        for told in reports:
            screen.episode(told, workspace.root)
        screen.late([(one.slug, one.why) for one in outcome.late])
    _fail(lost, done, outcome)


@dataclass(frozen=True, slots=True)
class _Made:
    """An episode, and the stages that had to run for it."""

    job: Job
    ran: tuple[str, ...]


def _fail(lost: Sequence[str], done: Sequence[_Made], outcome: Outcome) -> None:
    """The end of a run that did not do all it was to do, once what it did was told; nothing where it did."""
    objections = [error for made in done if (error := outcome.objection(made.job.folder))]
    _say([*lost, *map(str, objections)])
    if outcome.failure:
        raise outcome.failure
    if lost or objections:
        raise typer.Exit(1)


def _say(failures: Sequence[str]) -> None:
    for text in failures:
        screen.failure(text)


def _run(find: Find, watch: runner.Watch) -> _Made | EscaletaError:
    try:
        job = find()
        for error in job.missing:
            screen.missing(str(error))
        return _Made(job, runner.run(job, watch))
    except EscaletaError as error:
        return error


def _told(made: _Made, outcome: Outcome, video: bool, as_json: bool) -> Report:
    folder = made.job.folder
    feed = publishing.own_feed(folder.workspace) if outcome.shows(folder) else None
    told = report.episode(made.job, feed=feed, ran=made.ran)
    if video:
        told["files"]["video"] = str(_export(made.job, "mp4", ad_free=False, quiet=as_json))
    return told


def respot(
    campaign: Annotated[str, typer.Option(help="The campaign of show.yaml whose spot is to be heard.")],
    slug: MaybeSlug = None,
    every: Every = False,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """Put another spot into finished episodes: only the sound it touches is made anew, under a new address.

    Of all, those stay as they went out that `produce --all` leaves so.
    """
    workspace = workspace_at(where)
    folders = [workspace.episode(name) for name in _named(workspace, slug, every=every)]
    for folder in folders:
        folder.check()
    changed = [starting.with_campaign(folder, campaign) for folder in folders]
    _make(workspace, {one.slug: partial(runner.job_for, one) for one in changed}, as_json, single=not every)


def export(
    slug: Slug,
    kind: Annotated[Kind, typer.Argument(help="What it becomes: mp4 is a film of the cover, with the sound.")],
    ad_free: Annotated[bool, typer.Option("--ad-free", help="Without its spots.")] = False,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """A produced episode in another container, with its chapters; for where the feed does not reach."""
    path = _export(runner.job_for(workspace_at(where).episode(slug)), kind, ad_free=ad_free, quiet=as_json)
    print_json({"file": str(path)}) if as_json else screen.plain(str(path))


def _export(job: Job, kind: Kind, *, ad_free: bool, quiet: bool) -> Path:
    with screen.bar(f"Exporting {kind}", quiet) as progress:
        return runner.export(job, f".{kind}", ad_free=ad_free, progress=progress)


def status(slug: MaybeSlug = None, explain: Explain = None, as_json: AsJson = False, where: Where = None) -> None:
    """What is done, what is stale and why, what goes out when."""
    workspace = workspace_at(where)
    if explain is not None:
        if slug is None or as_json:
            raise typer.BadParameter("--explain needs an episode, and is for people to read")
        for line in steps.explain(runner.job_for(workspace.episode(slug)), explain):
            screen.plain(line)
        return
    calendar = report.calendar(workspace, datetime.now(UTC))
    if slug is not None:
        told = report.status(runner.job_for(workspace.episode(slug)), calendar)
        print_json(told) if as_json else screen.status(told)
        return
    reports = [report.status_or_error(workspace, name, calendar) for name in workspace.names()]
    print_json(reports) if as_json else screen.statuses(reports)
