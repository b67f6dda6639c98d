"""The command line: arguments in, exit code out.

0 done, 1 something to mend, 2 bad usage, 3 a fault of ours, 130 Ctrl-C; SIGTERM ends it as that signal does.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from datetime import UTC, datetime
from typing import NoReturn

import platformdirs
import typer

from pipeline import screen
from pipeline.commands.chapters import chapters
from pipeline.commands.cuts import cuts
from pipeline.commands.desk import review
from pipeline.commands.episodes import export, produce, respot, status
from pipeline.commands.feeds import check, gc, publish, schedule
from pipeline.commands.shows import init, new
from pipeline.errors import EscaletaError
from pipeline.store import unreached

app = typer.Typer(
    help="Post-production for podcasts from the running order: transcript, chapters, spot, master, feed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (init, new, produce, status, review, publish, check, respot, export, schedule, gc):
    app.command()(command)
app.add_typer(chapters, name="chapters")
app.add_typer(cuts, name="cuts")


_LOGS = 100
"""Logs that are kept: a clock may come upon the same fault every few minutes, for weeks."""


def _log_crash() -> str:
    """Where what went wrong can be read; or all of it, where no log can be written."""
    told = traceback.format_exc()
    try:
        folder = platformdirs.user_log_path("escaleta", ensure_exists=True)
        path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
        path.write_text(told, encoding="utf-8")
        for old in sorted(folder.glob("*.log"))[:-_LOGS]:
            old.unlink(missing_ok=True)
    except OSError as error:
        return f"no log of it can be written ({error.strerror})\n{told}"
    return f"what happened is in {path}"


_STOPS = (signal.SIGINT, signal.SIGTERM)


def _stop(number: int, _: object) -> NoReturn:
    """Ctrl-C ends the program where it stands, as a kill would: every run goes on from there, and workers die with us.

    An exception raised in the middle of a library written in C would not always get out of it in one piece. Whoever
    sends SIGTERM, as systemd does, looks for a program that died of it.
    """
    try:
        screen.stopped()
    finally:
        if number == signal.SIGTERM:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        os._exit(128 + number)


def main() -> None:
    """The one handler of everything that goes wrong."""
    screen.lenient()
    before = {number: signal.signal(number, _stop) for number in _STOPS}
    try:
        app()
    except EscaletaError as error:
        screen.failure(str(error))
        sys.exit(1)
    except Exception as error:
        if gone := unreached(error):
            screen.failure(str(gone))
            sys.exit(1)
        screen.failure(f"this is a fault of Escaleta's own; {_log_crash()}")
        sys.exit(3)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
