"""`escaleta new` and `init`: an episode, a show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline import screen, starting
from pipeline.commands.arguments import Slug, Where, workspace_at


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
    folder = starting.new(workspace_at(where), slug, outline, recording, publish_at=publish_at)
    screen.plain(f"Made {folder}. Look at episode.yaml there, then: escaleta produce {slug}")


def init(
    folder: Annotated[Path, typer.Argument(help="Where the show will live.")],
    title: Annotated[str, typer.Option(help="What the show is called.")] = "My podcast",
    language: Annotated[str, typer.Option(help="What is spoken: es, en …")] = "es",
    timezone: Annotated[str, typer.Option(help="In which publication times are written.")] = "Europe/Madrid",
) -> None:
    """Start a workspace for another show."""
    starting.init(folder.resolve(), title=title, language=language, timezone=timezone)
    screen.plain(f"Made {folder}. Write your show into feed/show.yaml and put your cover beside it.")
