"""`escaleta review` and `escaleta chapters`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline import screen
from pipeline.workspace import Workspace

Where = Annotated[
    Path | None,
    typer.Option("--workspace", "-C", help="The show's folder, where it is not this one.", show_default=False),
]
Slug = Annotated[str, typer.Argument(help="The episode: the name of its folder in episodes/.")]


def review(
    slug: Slug,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 0,
    where: Where = None,
) -> None:
    """See an episode and correct it by hand: boundaries, titles, words, the spot. Ends with Ctrl-C."""
    from pipeline.review.serving import serve

    workspace = Workspace.find((where or Path.cwd()).resolve())
    serve(workspace, slug, port=port, browser=browser, say=_say)


def _say(address: str) -> None:
    screen.out.print(f"The desk is open at {address}  (Ctrl-C closes it)", soft_wrap=True)
