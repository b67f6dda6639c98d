"""The two streams of a terminal; progress as bars, and single lines."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.model import Progress as Tell
from pipeline.steps import Stage

out = Console(highlight=False, emoji=False)
# The terminal wraps what went wrong, so that a path or a command in it can be copied, also from a log.
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


@contextlib.contextmanager
def bars(quiet: bool) -> Iterator[Callable[[Stage], contextlib.AbstractContextManager[Tell]]]:
    """A bar a stage on the error stream, or nothing; lines without a terminal."""
    with _shown(quiet) as show:
        yield lambda stage: show(stage.doing)


@contextlib.contextmanager
def bar(doing: str, quiet: bool) -> Iterator[Tell]:
    """A bar of its own for something that is no stage."""
    with _shown(quiet) as show, show(doing) as tell:
        yield tell


@contextlib.contextmanager
def _shown(quiet: bool) -> Iterator[Callable[[str], contextlib.AbstractContextManager[Tell]]]:
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}"),
    )
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal) as progress:

        @contextlib.contextmanager
        def watch(doing: str) -> Iterator[Tell]:
            if not (quiet or err.is_terminal):
                err.print(f"{doing} …")
            task = progress.add_task(doing, total=1.0, note="")
            yield lambda fraction, note: progress.update(task, completed=fraction, note=escape(note))
            progress.update(task, completed=1.0, note="")

        yield watch


def plain(line: str) -> None:
    """A line as it is, however long, so that it can be copied."""
    out.print(line, markup=False, soft_wrap=True)


def stopped() -> None:
    """The last word after Ctrl-C; bars hide the cursor."""
    err.show_cursor()
    err.print("\nStopped. Nothing is lost: the next run goes on from here.")


def failure(text: str) -> None:
    """One clear error."""
    err.print(f"[bold red]Error:[/] {escape(text)}")
