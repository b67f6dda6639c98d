"""`escaleta new` and `init`: an episode, a show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline import rules, screen, starting
from pipeline.commands.arguments import Slug, Where, workspace_at
from pipeline.formats.yaml_text import Written


def _as_in_show(option: typer.CallbackParam, text: str) -> str:
    """What an option says, if the field of show.yaml that it becomes may say so."""
    for fault in rules.broken(Written("", {option.name: text}, {}), rules.SHOW):
        raise typer.BadParameter(fault.what)
    return text


def new(
    slug: Slug,
    outline: Annotated[Path, typer.Option(help="The running order, in Markdown.")],
    recording: Annotated[
        Path, typer.Option(help="The recording (WAV, FLAC, MP3, M4A, Opus …), or a folder with a track a person.")
    ],
    publish_at: Annotated[
        str | None,
        typer.Option(help="When it goes out, as in 2023-05-04T07:00; now where it is left out.", show_default=False),
    ] = None,
    where: Where = None,
) -> None:
    """Start an episode from a running order and a recording."""
    from pipeline.tools import container

    workspace = workspace_at(where)
    if publish_at is not None:
        _check_time(publish_at, workspace.show.timezone)
    folder = starting.new(workspace, slug, outline, recording, publish_at=publish_at, refused=container.refused)
    if others := starting.left_out(recording):
        screen.plain(f"Left out what is no sound in {recording}: {', '.join(others)}")
    screen.plain(f"Made {folder}. Look at episode.yaml there, then: escaleta produce {slug}")


def _check_time(text: str, zone: str) -> None:
    """Whether episode.yaml may say so."""
    try:
        rules.publish_time(text, zone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--publish-at'") from error


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
    screen.plain(f"Made {folder.resolve()}. Write your show into feed/show.yaml and put your cover beside it.")
