"""SubRip, for the apps that read nothing else. It has no escapes, and names stand among the words."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.formats.captions import Caption
from pipeline.timecode import to_clock

WIDTH = 32
"""Characters a line (Podcasting 2.0, transcripts)."""

NAMED = True
"""It has no place for who speaks: captions for it are made with names before the words."""

TYPE = "application/x-subrip"


def render(captions: Iterable[Caption]) -> str:
    """The file's text, counted from 1."""
    return "\n".join(_block(number, caption) for number, caption in enumerate(captions, 1))


def _block(number: int, caption: Caption) -> str:
    times = f"{to_clock(caption.start, decimal=',')} --> {to_clock(caption.end, decimal=',')}"
    # Players take <i> and {\an8} as orders, and `-->` would start another caption.
    lines = (line.replace("<", "‹").replace(">", "›").replace("{\\", "{ \\") for line in caption.lines)
    return "\n".join([str(number), times, *lines, ""])
