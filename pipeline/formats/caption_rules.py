"""Rules for a transcript's file, by its media type. All raise ValueError where it cannot be read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

from pipeline.formats import chapters_json, webvtt
from pipeline.formats.findings import Finding

Times = list[tuple[int, int]]


def caption_findings(content: str, kind: str, duration: int | None, place: str) -> Iterator[Finding]:
    """What is wrong with a transcript of media type `kind` to a sound of `duration` ms."""
    if not content.strip():
        yield Finding("podcasting-2.0/transcript", "error", place, "is empty", "write it again")
    elif kind == "text/vtt":
        yield from _vtt(content, duration, place)
    elif kind == "application/json":
        yield from _in_order(_segments(content), duration, place)


def _vtt(content: str, duration: int | None, place: str) -> Iterator[Finding]:
    cues = webvtt.parse(content)
    wide = max((len(line) for cue in cues for line in cue.lines), default=0)
    if wide > webvtt.WIDTH:
        todo = f"keep to {webvtt.WIDTH}"
        yield Finding("podcasting-2.0/captions", "advice", place, f"a line of {wide} characters", todo)
    yield from _in_order([(cue.start, cue.end) for cue in cues], duration, place)


def _segments(content: str) -> Times:
    try:
        segments = json.loads(content)["segments"]
        return [(chapters_json.moment(one["startTime"]), chapters_json.moment(one["endTime"])) for one in segments]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no segments with startTime and endTime ({type(error).__name__})") from None


def _in_order(times: Times, duration: int | None, place: str) -> Iterator[Finding]:
    if any(end <= start for start, end in times):
        yield Finding("escaleta/captions", "error", place, "one ends before it starts", "write it again")
    if any(later[0] < earlier[0] for earlier, later in itertools.pairwise(times)):
        yield Finding("escaleta/captions", "error", place, "the starts do not ascend", "order them")
    if times and duration is not None and max(end for _, end in times) > duration + 1000:
        todo = "make them from the same programme"
        yield Finding("escaleta/captions", "error", place, "they go on after the sound ends", todo)
