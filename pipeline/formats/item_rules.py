"""Rules for an item of a feed. A rule yields what it finds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Literal

from lxml import etree

from pipeline.formats import chapters_json, plain, psc
from pipeline.formats.element_rules import blocked, explicit, images, is_web, long_text, place_of, secure, short_texts
from pipeline.formats.feed_reading import duration, every, number, text
from pipeline.formats.findings import Finding

_TRANSCRIPTS = {"text/plain", "text/html", "text/vtt", "application/json", "application/x-subrip", "application/srt"}


def _required(item: etree._Element) -> Iterator[Finding]:
    for path in ("title", "enclosure", "guid"):
        if not every(item, path):
            yield Finding("psp-1/required", "error", place_of(item, path), "is missing", f"add <{path}> to the item")
    for path in ("link", "pubDate", "description", "itunes:duration", "itunes:explicit", "podcast:transcript"):
        if not every(item, path):
            yield Finding(
                "psp-1/recommended", "advice", place_of(item, path), "is missing", f"add <{path}> to the item"
            )


def _enclosure(item: etree._Element) -> Iterator[Finding]:
    place = place_of(item, "enclosure")
    found = every(item, "enclosure")
    if len(found) > 1:
        yield Finding("psp-1/enclosure", "error", place, "there is more than one", "leave one; apps take any")
    for enclosure in found:
        url, length = enclosure.get("url") or "", enclosure.get("length") or ""
        if not is_web(url):
            yield Finding("apple/enclosure", "error", place, f"{_short(url)!r} is no ASCII web address", "encode it")
        if not number(length):
            yield Finding("psp-1/enclosure", "error", place, f"length is {_short(length)!r}", "give the file's bytes")
        if "/" not in (enclosure.get("type") or ""):
            yield Finding("psp-1/enclosure", "error", place, "has no type", "give one such as audio/mpeg")


def _short(value: str) -> str:
    return plain.fit(value, 255)


def _permalink(item: etree._Element) -> Iterator[Finding]:
    """RSS 2.0: a GUID is an address unless it says that it is none."""
    for guid in every(item, "guid"):
        if (guid.get("isPermaLink") or "true").lower() != "false" and not is_web((guid.text or "").strip()):
            what, todo = "is no address, and does not say so", 'add isPermaLink="false"; leave the GUID itself as it is'
            yield Finding("rss/guid", "advice", place_of(item, "guid"), what, todo)


def _date(item: etree._Element) -> Iterator[Finding]:
    found = text(item, "pubDate")
    if found is None:
        return
    try:
        aware = parsedate_to_datetime(found.strip()[:99]).tzinfo is not None
    except (ValueError, TypeError, IndexError, OverflowError):
        aware = False
    if not aware:
        yield Finding(
            "apple/date",
            "error",
            place_of(item, "pubDate"),
            f"{_short(found)!r} is no RFC 2822 date",
            "write one such as Sat, 01 Apr 2023 19:00:00 GMT",
        )


def _duration(item: etree._Element) -> Iterator[Finding]:
    found = text(item, "itunes:duration")
    if found is not None and number(found) is None:
        # Apple takes HH:MM:SS, too; what is neither is shown nowhere.
        severity: Literal["warning", "advice"] = "warning" if duration(item) is None else "advice"
        place, what = place_of(item, "itunes:duration"), f"is {_short(found)!r}"
        yield Finding("psp-1/duration", severity, place, what, "give whole seconds alone")


def _transcripts(item: etree._Element) -> Iterator[Finding]:
    for transcript in every(item, "podcast:transcript"):
        kind, url = (transcript.get("type") or "").split(";")[0], transcript.get("url") or ""
        if kind not in _TRANSCRIPTS or not is_web(url):
            yield Finding(
                "podcasting-2.0/transcript",
                "error",
                place_of(item, "podcast:transcript"),
                f"type {_short(kind)!r}, url {_short(url)!r}",
                "give a web address and text/vtt, application/x-subrip, application/json or text/html",
            )


def _chapters_link(item: etree._Element) -> Iterator[Finding]:
    for chapters in every(item, "podcast:chapters"):
        kind, url = chapters.get("type") or "", chapters.get("url") or ""
        if kind != chapters_json.TYPE or not is_web(url):
            yield Finding(
                "podcasting-2.0/chapters",
                "warning" if kind == "application/json" and is_web(url) else "error",
                place_of(item, "podcast:chapters"),
                f"type {_short(kind)!r}, url {_short(url)!r}",
                f"give a web address and {chapters_json.TYPE}",
            )


def _spotify_chapters(item: etree._Element) -> Iterator[Finding]:
    try:
        found = psc.parse(item)
    except ValueError as error:
        yield Finding("podlove/start", "error", place_of(item, "psc:chapters"), str(error), "write HH:MM:SS.mmm")
        return
    if found:
        yield from _list_rules(found, place_of(item, "psc:chapters"))


def _list_rules(found: tuple[tuple[int, str], ...], place: str) -> Iterator[Finding]:
    starts = [start for start, _ in found]
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    if starts[0] != 0:
        yield Finding("spotify/first", "warning", place, "the first chapter is not at 0", "start one at 0")
    if len(found) < 3:
        yield Finding("spotify/three", "warning", place, f"{len(found)} chapters", "Spotify shows three or more")
    if any(gap <= 0 for gap in gaps):
        yield Finding("podlove/order", "error", place, "the starts do not ascend", "order the chapters")
    if any(gap < 30_000 for gap in gaps):
        yield Finding("spotify/apart", "advice", place, "some are less than 30 s apart", "merge the short ones")
    if long := [title for _, title in found if len(title) >= 40]:
        yield Finding(
            "spotify/title", "advice", place, f"40 characters or more: {_short('; '.join(long))}", "shorten the titles"
        )


RULES = (
    _required,
    _enclosure,
    secure,
    _permalink,
    _date,
    _duration,
    long_text,
    short_texts,
    explicit,
    blocked,
    images,
    _transcripts,
    _chapters_link,
    _spotify_chapters,
)
