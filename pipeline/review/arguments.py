"""What commands of every kind ask for: the show, and the episode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.workspace import Workspace

Where = Annotated[
    Path | None,
    typer.Option("--workspace", "-C", help="The show's folder, where it is not this one.", show_default=False),
]
Slug = Annotated[str, typer.Argument(help="The episode: the name of its folder in episodes/.")]


def workspace_at(where: Path | None) -> Workspace:
    """The workspace around `where`, or around the current folder. Raises InputError where there is none."""
    return Workspace.find((where or Path.cwd()).resolve())
