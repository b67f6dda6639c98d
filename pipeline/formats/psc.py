"""Podlove Simple Chapters 1.2 in a feed's items (podlove.org/simple-chapters)."""

from __future__ import annotations

from collections.abc import Iterable

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from pipeline.formats import plain
from pipeline.model import Chapter
from pipeline.timecode import parse_clock, to_clock

NAMESPACE = "http://podlove.org/simple-chapters"
PREFIX = "psc"

_LONGEST = 20


class PodloveChannel(BaseExtension):  # type: ignore[misc]  # feedgen carries no types
    """Declares the namespace."""

    def extend_ns(self) -> dict[str, str]:
        """The prefix that the feed's root declares."""
        return {PREFIX: NAMESPACE}


class PodloveItem(BaseEntryExtension):  # type: ignore[misc]
    """An item's chapters."""

    chapters: tuple[Chapter, ...] = ()

    def extend_rss(self, entry: etree._Element) -> etree._Element:
        """Adds `psc:chapters` where there are any."""
        if self.chapters:
            entry.append(element(self.chapters))
        return entry


def element(chapters: Iterable[Chapter]) -> etree._Element:
    """`psc:chapters`, times with milliseconds."""
    root = etree.Element(f"{{{NAMESPACE}}}chapters", {"version": "1.2"}, nsmap={PREFIX: NAMESPACE})
    for chapter in chapters:
        values = {
            "start": to_clock(chapter.start),
            "title": plain.title(chapter.title),
            "href": plain.url(chapter.url),
            "image": plain.url(chapter.image),
        }
        etree.SubElement(root, f"{{{NAMESPACE}}}chapter", {k: v for k, v in values.items() if v is not None})
    return root


def parse(item: etree._Element) -> tuple[tuple[int, str], ...]:
    """Start in ms and title of each chapter of an item. Raises ValueError for a start that is no Normal Play Time."""
    found = item.iterfind(f"{{{NAMESPACE}}}chapters/{{{NAMESPACE}}}chapter")
    return tuple((_start(chapter.get("start", "")), chapter.get("title", "")) for chapter in found)


def _start(clock: str) -> int:
    if len(clock) > _LONGEST:
        raise ValueError(f"{clock[:_LONGEST]}… is no time of a programme")
    return parse_clock(clock)
