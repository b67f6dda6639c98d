"""Chapters as JSON (Podcasting 2.0, chapters/jsonChapters.md, version 1.2.0)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pipeline.formats import plain
from pipeline.model import Chapter
from pipeline.timecode import from_seconds, to_seconds

TYPE = "application/json+chapters"

_WEEK = 7 * 24 * 3600


def render(chapters: Iterable[Chapter], *, episode: str, show: str, author: str) -> str:
    """The file's text, times in seconds with milliseconds. What is said of the episode may be "", and is left out."""
    told = {"title": plain.title(episode), "podcastName": plain.title(show), "author": plain.title(author)}
    document = {
        "version": "1.2.0",
        **{name: text for name, text in told.items() if text},
        "chapters": [_chapter(chapter) for chapter in chapters],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _chapter(chapter: Chapter) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "startTime": to_seconds(chapter.start),
        "title": plain.title(chapter.title),
        "img": plain.url(chapter.image),
        "url": plain.url(chapter.url),
        "endTime": to_seconds(chapter.end),
    }
    return {key: value for key, value in entry.items() if value is not None}


def parse(text: str) -> tuple[tuple[int, str], ...]:
    """Start in ms and title of each chapter in the table of contents. Raises ValueError where it is no such file."""
    return tuple((start, title) for start, title, _ in entries(text))


def entries(text: str) -> tuple[tuple[int, str, str | None], ...]:
    """What `parse` gives, and the web address of each chapter that has one. Raises ValueError as it does."""
    try:
        return tuple(_entry(entry) for entry in json.loads(text)["chapters"] if entry.get("toc", True))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a chapters file: {type(error).__name__} {plain.fit(str(error), 99)}") from None


def _entry(entry: dict[str, Any]) -> tuple[int, str, str | None]:
    title, url = (str(entry.get(name) or "") for name in ("title", "url"))
    return moment(entry["startTime"]), title, plain.url(url)


def moment(seconds: object) -> int:
    """A time of somebody's JSON, in ms. Raises ValueError for what is no number of seconds within a week."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= _WEEK:
        raise ValueError(f"{plain.fit(repr(seconds)[:99], 40)} is no time in seconds")
    return from_seconds(seconds)
