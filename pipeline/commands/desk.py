"""`escaleta review`: the desk in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline import screen
from pipeline.commands.arguments import Slug, Where, workspace_at


def review(
    slug: Slug,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 0,
    where: Where = None,
) -> None:
    """See an episode and correct it by hand: boundaries, titles, words, the spot. Ends with Ctrl-C."""
    from pipeline.review.serving import serve

    serve(workspace_at(where), slug, port=port, browser=browser, say=_say)


def _say(address: str) -> None:
    screen.plain(f"The desk is open at {address}  (Ctrl-C closes it)")
