"""The two streams of a terminal; progress as bars, and single lines."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import Console, ConsoleDimensions
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from pipeline.errors import WorkspaceError
from pipeline.folding import unaccented
from pipeline.formats import plain as clean
from pipeline.model import Progress as Tell
from pipeline.steps import Stage

_HIDDEN = "\ufffd"
"""Stands for a character that a terminal would act upon instead of showing it."""


_NAMED = 5
"""Episodes that are told of by name where a show may have hundreds."""

_ENDLESS = 10_000
"""Columns of what is no terminal."""


class _Stream(Console):
    """Shows what others wrote without letting it act on the terminal. Raises WorkspaceError where it cannot write."""

    @property  # type: ignore[misc]  # nobody sets it
    def size(self) -> ConsoleDimensions:
        """A terminal's; the lines of a log or a pipe stay whole, to be searched and copied from."""
        size = super().size
        return size if self.is_terminal else size._replace(width=_ENDLESS)

    def render_str(self, text: str, **options: Any) -> Text:
        """Every text comes by here, those in the cells of tables among them."""
        return super().render_str(clean.harmless(text, _HIDDEN), **options)

    def print(self, *objects: Any, **options: Any) -> None:
        with self._writing():
            super().print(*objects, **options)

    def verbatim(self, text: str) -> None:
        """A text for another program, as it is."""
        with self._writing():
            self.file.write(text)
            self.file.flush()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self.on_broken_pipe()
        except OSError as error:
            # What is left in the stream would be tried once more, and fail once more, when the program ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())
            where = "standard error" if self.stderr else "standard output"
            todo = "let it lead to where there is room"
            raise WorkspaceError(f"cannot be written: {error.strerror}", where=where, todo=todo) from error


out = _Stream(highlight=False, emoji=False)
# The terminal wraps what went wrong, so that a path or a command in it can be copied, also from a log.
err = _Stream(stderr=True, highlight=False, soft_wrap=True, emoji=False)


_SPELLED = str.maketrans("✓●·…→›×−–—“”’", '+*..>>x---""\'')
"""Signs of ours, of one column each, for a terminal that knows ASCII alone."""


def lenient() -> None:
    """What the encoding of a stream cannot say is said without its accent, or is a question mark."""
    codecs.register_error("spelled", _spelled)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="spelled")


def _spelled(fault: UnicodeError) -> tuple[str, int]:
    """An error handler for `codecs.register_error`."""
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    lost = fault.object[fault.start : fault.end]
    kept = (unaccented(letter.translate(_SPELLED)) for letter in lost)
    return "".join(letter if letter.isascii() and len(letter) == 1 else "?" for letter in kept), fault.end


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
            yield lambda fraction, note: progress.update(
                task, completed=fraction, note=escape(clean.harmless(note, _HIDDEN))
            )
            progress.update(task, completed=1.0, note="")

        yield watch


def plain(line: str) -> None:
    """A line as it is, however long, so that it can be copied."""
    out.print(line, markup=False, soft_wrap=True)


def verbatim(text: str) -> None:
    """A text for another program on standard output, as it is."""
    out.verbatim(text)


def stopped() -> None:
    """The last word after Ctrl-C; bars hide the cursor."""
    err.show_cursor()
    err.print("\nStopped. Nothing is lost: the next run goes on from here.")


def failure(text: str) -> None:
    """One clear error."""
    err.print(f"[bold red]Error:[/] {escape(text)}")


def at_rest(slugs: Sequence[str]) -> None:
    """Public episodes of which nothing is left here but what went out, and which `--all` passes over."""
    more = f" and {len(slugs) - _NAMED} more" if len(slugs) > _NAMED else ""
    told = f"{', '.join(slugs[:_NAMED])}{more}"
    err.print(f"[dim]Left as they went out: {escape(told)}; to make one anew: escaleta produce SLUG[/]")


def missing(text: str) -> None:
    """What a run will miss: told before it, since it may be long until it does."""
    err.print(f"[yellow]Missing:[/] {escape(text)}")
