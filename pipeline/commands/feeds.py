"""`escaleta publish`, `gc`, `schedule` and `check`: what is public, and what becomes so when."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline import checking, publishing, report, scheduling, screen
from pipeline.commands.arguments import AsJson, Now, Where, moment, print_json, workspace_at
from pipeline.formats import schedules
from pipeline.stages.guards import Guard

Allow = Annotated[
    list[Guard] | None,
    typer.Option("--allow", help="A change of something public that is meant.", show_default=False),
]


def publish(now: Now = None, allow: Allow = None, as_json: AsJson = False, where: Where = None) -> None:
    """Bring feed/public up to date: what is due goes out, nothing else changes. Safe to run as often as one likes."""
    workspace = workspace_at(where)
    outcome = publishing.publish_show(workspace, moment(now), allow or ())
    told = report.publication(outcome)
    print_json(told) if as_json else screen.publication(told)
    if outcome.failure:
        raise outcome.failure
    if outcome.late:
        raise typer.Exit(1)


def gc(
    remove: Annotated[bool, typer.Option("--remove", help="Remove what may go.")] = False,
    now: Now = None,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """What no feed names any more, old sound and removed episodes: list it, and remove it after its time of grace."""
    found = report.garbage(publishing.sweep(workspace_at(where), moment(now), remove=remove))
    print_json(found) if as_json else screen.garbage(found, removed=remove)


def schedule(
    systemd: Annotated[bool, typer.Option("--systemd", help="Print a service and a timer instead.")] = False,
    cron: Annotated[bool, typer.Option("--cron", help="Print a line for crontab instead.")] = False,
    github: Annotated[bool, typer.Option("--github", help="Print a workflow for GitHub instead.")] = False,
    where: Where = None,
) -> None:
    """Publish what is due when it is due, until stopped; or print what lets another clock do it."""
    if systemd + cron + github > 1:
        raise typer.BadParameter("take one of --systemd, --cron and --github at a time")
    workspace, program = workspace_at(where), Path(sys.argv[0]).resolve()
    if systemd:
        for name, text in schedules.systemd(program, workspace.root).items():
            screen.verbatim(f"# ~/.config/systemd/user/{name}\n{text}\n")
    elif cron:
        screen.verbatim(schedules.cron(program, workspace.root))
    elif github:
        screen.verbatim(schedules.github())
    else:
        scheduling.keep(workspace.root, scheduling.Clock(), screen.tick)


def check(
    feed: Annotated[
        str | None,
        typer.Argument(help="A feed's address or file; the show's own where none is named.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    where: Where = None,
) -> None:
    """Check what was published, on the bytes that were written. Exit code 1 where something is wrong."""
    found = report.findings(checking.check_feed(feed or publishing.own_feed(workspace_at(where))))
    print_json(found) if as_json else screen.findings(found)
    if any(one["severity"] == "error" for one in found):
        raise typer.Exit(1)
