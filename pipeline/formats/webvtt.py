"""WebVTT, the captions that browsers and podcast apps read (W3C WebVTT, sections 4 and 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape, unescape

from pipeline.formats.captions import Caption
from pipeline.timecode import parse_clock, to_clock

WIDTH = 65
"""Characters a line, as podcast apps show it (Podcasting 2.0, transcripts)."""

NAMED = False
"""A voice tag says who speaks."""

TYPE = "text/vtt"

_TIMING = re.compile(r"(\S+)[ \t]+-->[ \t]+(\S+)(?:[ \t].*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
_TAG = re.compile(r"<[^<>]*>")


def render(captions: Iterable[Caption]) -> str:
    """The file's text, speakers as voice tags."""
    return "\n".join(["WEBVTT\n", *(_cue(caption) for caption in captions)])


def _cue(caption: Caption) -> str:
    body = "\n".join(escape(line, quote=False) for line in caption.lines)
    if caption.speaker:
        body = f"<v {escape(caption.speaker, quote=False)}>{body}</v>"
    return f"{to_clock(caption.start)} --> {to_clock(caption.end)}\n{body}\n"


def parse(text: str) -> tuple[Caption, ...]:
    """The cues of a file, tags taken off. Raises ValueError, with the line, for what the standard does not allow."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not re.match(r"WEBVTT(?:[ \t\n]|$)", text):
        raise ValueError("line 1: does not begin with WEBVTT")
    return tuple(_cues(text.split("\n")))


def _cues(lines: list[str]) -> Iterator[Caption]:
    number = 0
    while number < len(lines):
        if "-->" not in lines[number]:
            number += 1
            continue
        start, end = _times(lines[number], number + 1)
        body: list[str] = []
        number += 1
        while number < len(lines) and lines[number].strip() and "-->" not in lines[number]:
            body.append(lines[number])
            number += 1
        yield _caption(start, end, body)


def _times(line: str, number: int) -> tuple[int, int]:
    match = _TIMING.fullmatch(line.strip())
    if not match:
        raise ValueError(f"line {number}: {line.strip()!r} is not a timing")
    try:
        return parse_clock(match[1]), parse_clock(match[2])
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from None


def _caption(start: int, end: int, body: list[str]) -> Caption:
    voice = _VOICE.search("\n".join(body))
    lines = tuple(unescape(_TAG.sub("", line)) for line in body)
    return Caption(start, end, lines, unescape(voice[1]).strip() if voice else None)
