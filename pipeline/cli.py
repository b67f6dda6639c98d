"""The command line: arguments in, exit code out.

0 done, 1 something to mend, 2 bad usage, 3 a fault of ours, 130 Ctrl-C.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import platformdirs
import typer

from pipeline import publishing, report, rules, runner, scheduling, screen, starting, steps
from pipeline.errors import EscaletaError
from pipeline.formats import addresses, schedules
from pipeline.formats.yaml_text import Written
from pipeline.review.arguments import Slug, Where, workspace_at
from pipeline.review.commands import chapters, review
from pipeline.review.cut_commands import cuts
from pipeline.steps import Job
from pipeline.workspace import EpisodeFolder, Workspace

app = typer.Typer(
    help="Post-production for podcasts from the running order: transcript, chapters, spot, master, feed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(review)
app.add_typer(chapters, name="chapters")
app.add_typer(cuts, name="cuts")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, for scripts.")]
MaybeSlug = Annotated[
    str | None, typer.Argument(help="The episode; all of them where none is named.", show_default=False)
]
Explain = Annotated[
    str | None,
    typer.Option(
        "--explain", help="Why a section stands where it does: its title, or `parent / title`.", show_default=False
    ),
]
Now = Annotated[
    str | None, typer.Option("--now", help="The time to act at, as in 2023-05-04T07:00+02:00.", show_default=False)
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", help="A change of something public that is meant: guid, date, removal, clock.", show_default=False
    ),
]

Kind = Literal["m4a", "opus", "mp4"]


def _now(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a time; write it as in 2023-05-04T07:00+02:00") from error
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no zone; write it as in 2023-05-04T07:00+02:00")
    return moment


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@app.command()
def produce(
    slug: MaybeSlug = None,
    every: Annotated[bool, typer.Option("--all", help="Every episode of the show.")] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="TCP://…", help="Transcribe on the Dask cluster of this scheduler.")
    ] = None,
    video: Annotated[bool, typer.Option("--video", help="Also a film of the cover, for YouTube.")] = False,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """Make an episode from recording and running order, and bring the feed up to date. Only what changed is done."""
    workspace = workspace_at(where)
    jobs = [runner.job_for(folder, scheduler) for folder in _named(workspace, slug, every=every)]
    _make(workspace, jobs, as_json, single=not every, video=video)


def _named(workspace: Workspace, slug: str | None, *, every: bool) -> list[EpisodeFolder]:
    """The one episode that is named, or all of them."""
    if (slug is None) != every:
        raise typer.BadParameter("name one episode, or --all")
    return [workspace.episode(name) for name in (workspace.slugs() if slug is None else (slug,))]


def _make(workspace: Workspace, jobs: list[Job], as_json: bool, *, single: bool, video: bool = False) -> None:
    """Run what is stale of each episode, publish, and tell."""
    with screen.bars(quiet=as_json) as watch:
        ran = [runner.run(job, watch) for job in jobs]
    outcome = publishing.publish_show(workspace, datetime.now(UTC))
    public = {entry.guid for entry in outcome.publication.ledger.entries}
    reports = [report.episode(job, feed=_feed(job, public), ran=done) for job, done in zip(jobs, ran, strict=True)]
    for job, told in zip(jobs, reports, strict=True):
        if video:
            told["files"]["video"] = str(_export(job, "mp4", ad_free=False, quiet=as_json))
    if as_json:
        _print_json(reports[0] if single else reports)
    else:
        for told in reports:
            screen.episode(told, workspace.root)
        screen.late([(one.slug, one.why) for one in outcome.late])
    if outcome.failure:
        raise outcome.failure


@app.command()
def respot(
    campaign: Annotated[str, typer.Option(help="The campaign of show.yaml whose spot is to be heard.")],
    slug: MaybeSlug = None,
    every: Annotated[bool, typer.Option("--all", help="Every episode of the show.")] = False,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """Put another spot into finished episodes: only the sound it touches is made anew, under a new address."""
    workspace = workspace_at(where)
    folders = _named(workspace, slug, every=every)
    for folder in folders:
        folder.check()
    jobs = [runner.job_for(starting.with_campaign(folder, campaign)) for folder in folders]
    _make(workspace, jobs, as_json, single=not every)


@app.command()
def export(
    slug: Slug,
    kind: Annotated[Kind, typer.Argument(help="What it becomes: mp4 is a film of the cover, with the sound.")],
    ad_free: Annotated[bool, typer.Option("--ad-free", help="Without its spots.")] = False,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """A produced episode in another container, with its chapters; for where the feed does not reach."""
    path = _export(runner.job_for(workspace_at(where).episode(slug)), kind, ad_free=ad_free, quiet=as_json)
    _print_json({"file": str(path)}) if as_json else screen.plain(str(path))


def _export(job: Job, kind: Kind, *, ad_free: bool, quiet: bool) -> Path:
    with screen.bar(f"Exporting {kind}", quiet) as progress:
        return runner.export(job, f".{kind}", ad_free=ad_free, progress=progress)


def _feed(job: Job, public: set[str]) -> str | None:
    """Where the feed lies, if it names this episode."""
    workspace = job.folder.workspace
    return _own_feed(workspace) if report.guid(job) in public else None


def _own_feed(workspace: Workspace) -> str:
    """The feed's file, or its address where it lies on another machine."""
    show = workspace.show
    return show.feed_url if show.storage else str(workspace.public / addresses.feed_name(show))


@app.command()
def status(slug: MaybeSlug = None, explain: Explain = None, as_json: AsJson = False, where: Where = None) -> None:
    """What is done, what is stale and why, what goes out when."""
    workspace = workspace_at(where)
    if explain is not None:
        if slug is None:
            raise typer.BadParameter("--explain needs an episode")
        for line in steps.explain(runner.job_for(workspace.episode(slug)), explain):
            screen.plain(line)
        return
    calendar = report.calendar(workspace, datetime.now(UTC))
    if slug is not None:
        told = report.status(runner.job_for(workspace.episode(slug)), calendar)
        _print_json(told) if as_json else screen.status(told)
        return
    reports = [report.status_or_error(workspace, name, calendar) for name in workspace.names()]
    _print_json(reports) if as_json else screen.statuses(reports)


@app.command()
def publish(now: Now = None, allow: Allow = None, as_json: AsJson = False, where: Where = None) -> None:
    """Bring feed/public up to date: what is due goes out, nothing else changes. Safe to run as often as one likes."""
    workspace = workspace_at(where)
    outcome = publishing.publish_show(workspace, _now(now), allow or ())
    told = report.publication(outcome)
    _print_json(told) if as_json else screen.publication(told)
    if outcome.failure:
        raise outcome.failure
    if outcome.late:
        raise typer.Exit(1)


@app.command()
def gc(
    remove: Annotated[bool, typer.Option("--remove", help="Remove what may go.")] = False,
    now: Now = None,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """Old sound that no feed names any more: list it, and remove it once its time of grace has passed."""
    found = report.garbage(publishing.sweep(workspace_at(where), _now(now), remove=remove))
    _print_json(found) if as_json else screen.garbage(found, removed=remove)


@app.command()
def schedule(
    systemd: Annotated[bool, typer.Option("--systemd", help="Print a service and a timer instead.")] = False,
    cron: Annotated[bool, typer.Option("--cron", help="Print a line for crontab instead.")] = False,
    github: Annotated[bool, typer.Option("--github", help="Print a workflow for GitHub instead.")] = False,
    where: Where = None,
) -> None:
    """Publish what is due when it is due, until stopped; or print what lets another clock do it."""
    workspace, program = workspace_at(where), Path(sys.argv[0]).resolve()
    if systemd:
        for name, text in schedules.systemd(program, workspace.root).items():
            typer.echo(f"# ~/.config/systemd/user/{name}\n{text}")
    elif cron:
        typer.echo(schedules.cron(program, workspace.root), nl=False)
    elif github:
        typer.echo(schedules.github(), nl=False)
    else:
        scheduling.keep(workspace.root, scheduling.Clock(), screen.tick)


@app.command()
def check(
    feed: Annotated[
        str | None,
        typer.Argument(help="A feed's address or file; the show's own where none is named.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """Check what was published, on the bytes that were written. Exit code 1 where something is wrong."""
    found = report.findings(publishing.check_feed(feed or _own_feed(workspace_at(where))))
    _print_json(found) if as_json else screen.findings(found)
    if any(one["severity"] == "error" for one in found):
        raise typer.Exit(1)


def _as_in_show(option: typer.CallbackParam, text: str) -> str:
    """What an option says, if the field of show.yaml that it becomes may say so."""
    for fault in rules.broken(Written("", {option.name: text}, {}), rules.SHOW):
        raise typer.BadParameter(fault.what)
    return text


@app.command()
def new(
    slug: Slug,
    outline: Annotated[Path, typer.Option(help="The running order, in Markdown.")],
    recording: Annotated[Path, typer.Option(help="The recording: WAV, FLAC, MP3, M4A, Opus …")],
    publish_at: Annotated[
        str | None,
        typer.Option(help="When it goes out, as in 2023-05-04T07:00; now where it is left out.", show_default=False),
    ] = None,
    where: Where = None,
) -> None:
    """Start an episode from a running order and a recording."""
    workspace = workspace_at(where)
    if publish_at is not None:
        _check_time(publish_at, workspace.show.timezone)
    folder = starting.new(workspace, slug, outline, recording, publish_at=publish_at)
    screen.plain(f"Made {folder}. Look at episode.yaml there, then: escaleta produce {slug}")


def _check_time(text: str, zone: str) -> None:
    """Whether episode.yaml may say so."""
    try:
        rules.publish_time(text, zone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--publish-at'") from error


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where the show will live.")],
    title: Annotated[str, typer.Option(help="What the show is called.", callback=_as_in_show)] = "My podcast",
    language: Annotated[str, typer.Option(help="What is spoken: es, en …", callback=_as_in_show)] = "es",
    timezone: Annotated[
        str, typer.Option(help="In which publication times are written.", callback=_as_in_show)
    ] = "Europe/Madrid",
) -> None:
    """Start a workspace for another show."""
    starting.init(folder.resolve(), title=title, language=language, timezone=timezone)
    screen.plain(f"Made {folder}. Write your show into feed/show.yaml and put your cover beside it.")


def _log_crash() -> Path:
    """The path of a log of what went wrong."""
    folder = platformdirs.user_log_path("escaleta", ensure_exists=True)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
    path.write_text(traceback.format_exc(), encoding="utf-8")
    return path


def _stop(*_: object) -> NoReturn:
    """Ctrl-C ends the program where it stands, as a kill would: every run goes on from there, and workers die with us.

    An exception raised in the middle of a library written in C would not always get out of it in one piece.
    """
    screen.stopped()
    os._exit(130)


def main() -> None:
    """The one handler of everything that goes wrong."""
    before = signal.signal(signal.SIGINT, _stop)
    try:
        app()
    except EscaletaError as error:
        screen.failure(str(error))
        sys.exit(1)
    except Exception:
        screen.failure(f"this is a fault of Escaleta's own; what happened is in {_log_crash()}")
        sys.exit(3)
    finally:
        signal.signal(signal.SIGINT, before)
