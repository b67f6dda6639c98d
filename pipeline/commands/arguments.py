"""What commands of every kind ask for, and how they answer scripts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline import screen
from pipeline.errors import InputError
from pipeline.workspace import Workspace

Where = Annotated[
    Path | None,
    typer.Option("--workspace", "-C", help="The show's folder, where it is not this one.", show_default=False),
]
Slug = Annotated[str, typer.Argument(help="The episode: the name of its folder in episodes/.")]
MaybeSlug = Annotated[
    str | None, typer.Argument(help="The episode; all of them where none is named.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output, for scripts.")]
Now = Annotated[
    str | None, typer.Option("--now", help="The time to act at, as in 2023-05-04T07:00+02:00.", show_default=False)
]


def workspace_at(where: Path | None) -> Workspace:
    """The workspace around `where`, or around the current folder. Raises InputError where there is none."""
    try:
        start = (where or Path.cwd()).resolve()
    except FileNotFoundError as error:
        raise InputError("the current folder is gone", todo="go to a show's folder, or name it with -C") from error
    return Workspace.find(start)


def moment(text: str | None) -> datetime:
    """The time that `--now` names, aware; this moment without it."""
    if text is None:
        return datetime.now(UTC)
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a time; write it as in 2023-05-04T07:00+02:00") from error
    if given.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no zone; write it as in 2023-05-04T07:00+02:00")
    return given


def print_json(value: Any) -> None:
    """A report for scripts, in ASCII: nothing in it acts on a terminal, or is lost in a stream of another encoding."""
    screen.verbatim(json.dumps(value, indent=2) + "\n")
