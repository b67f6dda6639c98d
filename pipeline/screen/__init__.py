"""Reports as people read them, in a terminal; progress as bars."""

from pipeline.screen.console import at_rest, bar, bars, failure, lenient, missing, out, plain, stopped, verbatim
from pipeline.screen.episodes import chapters, cuts, episode, status, statuses
from pipeline.screen.publications import findings, garbage, late, publication, tick

__all__ = [
    "at_rest",
    "bar",
    "bars",
    "chapters",
    "cuts",
    "episode",
    "failure",
    "findings",
    "garbage",
    "late",
    "lenient",
    "missing",
    "out",
    "plain",
    "publication",
    "status",
    "statuses",
    "stopped",
    "tick",
    "verbatim",
]
