"""What others ask of a feed, a rule a row: the Podcast Standards Project (PSP-1), Apple, Spotify, Podcasting 2.0, W3C.

A rule looks at the channel or at one item and yields what it finds. What needs the files themselves is in
`pipeline.stages.check`.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from uuid import UUID

from lxml import etree

from pipeline.formats import chapters_json, description, plain, psc
from pipeline.formats.feed_reading import attribute, every, items, name, text
from pipeline.formats.findings import Finding

LARGEST_FEED = 5_000_000
"""Bytes that W3C's validator takes."""

Rule = Callable[[etree._Element], Iterator[Finding]]

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_TRANSCRIPTS = {"text/plain", "text/html", "text/vtt", "application/json", "application/x-subrip", "application/srt"}
_CATEGORIES = frozenset(
    {
        "Arts",
        "Business",
        "Comedy",
        "Education",
        "Fiction",
        "Government",
        "Health & Fitness",
        "History",
        "Kids & Family",
        "Leisure",
        "Music",
        "News",
        "Religion & Spirituality",
        "Science",
        "Society & Culture",
        "Sports",
        "TV & Film",
        "Technology",
        "True Crime",
    }
)


def feed_findings(channel: etree._Element, document: bytes) -> Iterator[Finding]:
    """Everything that can be said of a feed without fetching what it names."""
    if len(document) > LARGEST_FEED:
        yield Finding(
            "w3c/size",
            "warning",
            "feed",
            f"{len(document)} bytes; validators stop at {LARGEST_FEED}",
            "let the feed be split into pages (RFC 5005)",
        )
    for rule in CHANNEL_RULES:
        yield from rule(channel)
    for item in items(channel):
        for rule in ITEM_RULES:
            yield from rule(item)


# ── the channel ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _required(channel: etree._Element) -> Iterator[Finding]:
    for path in ("title", "description", "link", "language", "itunes:category", "itunes:explicit", "itunes:image"):
        if not every(channel, path):
            yield Finding("psp-1/required", "error", f"feed: {path}", "is missing", f"add <{path}> to the channel")
    for path in ("podcast:locked", "podcast:guid", "itunes:author"):
        if not every(channel, path):
            yield Finding("psp-1/recommended", "advice", f"feed: {path}", "is missing", f"add <{path}> to the channel")


def _self_link(channel: etree._Element) -> Iterator[Finding]:
    found = [link.get("href") or "" for link in every(channel, "atom:link") if link.get("rel") == "self"]
    if not any(found):
        yield Finding(
            "psp-1/self",
            "error",
            "feed: atom:link",
            "does not say its own address",
            'add <atom:link rel="self" href="…" type="application/rss+xml"/>',
        )


def _language(channel: etree._Element) -> Iterator[Finding]:
    found = text(channel, "language")
    if found is not None and not _LANGUAGE.fullmatch(found.strip()):
        yield Finding(
            "psp-1/language",
            "error",
            "feed: language",
            f"{found!r} is no language tag",
            "write one such as es or en-GB",
        )


def _category(channel: etree._Element) -> Iterator[Finding]:
    for category in every(channel, "itunes:category"):
        if (found := category.get("text") or "") not in _CATEGORIES:
            yield Finding(
                "apple/category",
                "error",
                "feed: itunes:category",
                f"{found!r} is not one of Apple's",
                f"use one of {', '.join(sorted(_CATEGORIES))}",
            )


def _guid(channel: etree._Element) -> Iterator[Finding]:
    found = text(channel, "podcast:guid")
    try:
        if found is not None:
            UUID(found)
    except ValueError:
        yield Finding(
            "podcasting-2.0/guid", "error", "feed: podcast:guid", f"{found!r} is no UUID", "make it a version 5 UUID"
        )


def _distinct(channel: etree._Element) -> Iterator[Finding]:
    """Apps know an episode by its GUID, and Apple passes over an enclosure that it has seen."""
    for path, read in (("guid", _item_guid), ("enclosure", _enclosure_url)):
        counted = Counter(value for item in items(channel) if (value := read(item)))
        for value, times in counted.items():
            if times > 1:
                yield Finding(
                    "apple/distinct",
                    "error",
                    f"feed: {path}",
                    f"{value} stands in {times} items",
                    f"give each item its own {path}",
                )


def _item_guid(item: etree._Element) -> str | None:
    return text(item, "guid")


def _enclosure_url(item: etree._Element) -> str | None:
    return attribute(item, "enclosure", "url")


# ── channel and items alike ─────────────────────────────────────────────────────────────────────────────────────────


def _place(element: etree._Element, path: str) -> str:
    return f"feed: {path}" if element.tag == "channel" else f"{name(element)}: {path}"


def _long_text(element: etree._Element) -> Iterator[Finding]:
    found = text(element, "description")
    if found is not None and (size := len(found.encode())) > description.LIMIT:
        yield Finding(
            "psp-1/description",
            "error",
            _place(element, "description"),
            f"{size} bytes; apps keep {description.LIMIT}",
            "shorten it, and put the whole into <content:encoded>",
        )


def _short_texts(element: etree._Element) -> Iterator[Finding]:
    for path in ("title", "link", "itunes:author", "itunes:title", "guid"):
        found = text(element, path)
        if found is None:
            continue
        if len(found) > plain.TITLE_LIMIT:
            what, todo = f"{len(found)} characters", f"keep it within {plain.TITLE_LIMIT}"
        elif not found.strip():
            what, todo = "is empty", "write it"
        elif found != found.strip():
            what, todo = "has spaces at an edge", "take them away"
        else:
            continue
        yield Finding("psp-1/text", "error", _place(element, path), what, todo)


def _explicit(element: etree._Element) -> Iterator[Finding]:
    found = text(element, "itunes:explicit")
    if found is not None and found not in {"true", "false"}:
        yield Finding(
            "apple/explicit",
            "warning",
            _place(element, "itunes:explicit"),
            f"{found!r} is of before 2019",
            "write true or false",
        )


def _images(element: etree._Element) -> Iterator[Finding]:
    url = attribute(element, "itunes:image", "href")
    if url is not None and not _is_web(url):
        yield Finding(
            "apple/image", "error", _place(element, "itunes:image"), f"{url!r} is no address", "name a JPEG or PNG"
        )


def _is_web(url: str) -> bool:
    return url.isascii() and url.startswith(("https://", "http://")) and " " not in url


# ── items ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _item_required(item: etree._Element) -> Iterator[Finding]:
    for path in ("title", "enclosure", "guid"):
        if not every(item, path):
            yield Finding("psp-1/required", "error", _place(item, path), "is missing", f"add <{path}> to the item")
    for path in ("link", "pubDate", "description", "itunes:duration", "itunes:explicit", "podcast:transcript"):
        if not every(item, path):
            yield Finding("psp-1/recommended", "advice", _place(item, path), "is missing", f"add <{path}> to the item")


def _enclosure(item: etree._Element) -> Iterator[Finding]:
    place = _place(item, "enclosure")
    found = every(item, "enclosure")
    if len(found) > 1:
        yield Finding("psp-1/enclosure", "error", place, "there is more than one", "leave one; apps take any")
    for enclosure in found:
        url, length = enclosure.get("url") or "", enclosure.get("length") or ""
        if not _is_web(url):
            yield Finding("apple/enclosure", "error", place, f"{url!r} is no ASCII web address", "encode it")
        elif not url.startswith("https://"):
            yield Finding("apple/https", "warning", place, "is not served over https", "serve it over https")
        if not length.isdecimal() or int(length) == 0:
            yield Finding("psp-1/enclosure", "error", place, f"length is {length!r}", "give the file's bytes")
        if "/" not in (enclosure.get("type") or ""):
            yield Finding("psp-1/enclosure", "error", place, "has no type", "give one such as audio/mpeg")


def _date(item: etree._Element) -> Iterator[Finding]:
    found = text(item, "pubDate")
    if found is None:
        return
    try:
        aware = parsedate_to_datetime(found.strip()).tzinfo is not None
    except (ValueError, TypeError):
        aware = False
    if not aware:
        yield Finding(
            "apple/date",
            "error",
            _place(item, "pubDate"),
            f"{found!r} is no RFC 2822 date",
            "write one such as Sat, 01 Apr 2023 19:00:00 GMT",
        )


def _duration(item: etree._Element) -> Iterator[Finding]:
    found = text(item, "itunes:duration")
    if found is not None and not found.strip().isdecimal():
        yield Finding(
            "psp-1/duration", "warning", _place(item, "itunes:duration"), f"{found!r}", "give whole seconds alone"
        )


def _transcripts(item: etree._Element) -> Iterator[Finding]:
    for transcript in every(item, "podcast:transcript"):
        kind, url = (transcript.get("type") or "").split(";")[0], transcript.get("url") or ""
        if kind not in _TRANSCRIPTS or not _is_web(url):
            yield Finding(
                "podcasting-2.0/transcript",
                "error",
                _place(item, "podcast:transcript"),
                f"type {kind!r}, url {url!r}",
                "give a web address and text/vtt, application/x-subrip, application/json or text/html",
            )


def _chapters_link(item: etree._Element) -> Iterator[Finding]:
    for chapters in every(item, "podcast:chapters"):
        kind, url = chapters.get("type") or "", chapters.get("url") or ""
        if kind != chapters_json.TYPE or not _is_web(url):
            yield Finding(
                "podcasting-2.0/chapters",
                "error",
                _place(item, "podcast:chapters"),
                f"type {kind!r}, url {url!r}",
                f"give a web address and {chapters_json.TYPE}",
            )


def _spotify_chapters(item: etree._Element) -> Iterator[Finding]:
    try:
        found = psc.parse(item)
    except ValueError as error:
        yield Finding("podlove/start", "error", _place(item, "psc:chapters"), str(error), "write HH:MM:SS.mmm")
        return
    if found:
        yield from _list_rules(found, _place(item, "psc:chapters"))


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
    if long := [title for _, title in found if len(title) > 40]:
        yield Finding("spotify/title", "advice", place, f"over 40 characters: {'; '.join(long)}", "shorten the titles")


CHANNEL_RULES: tuple[Rule, ...] = (
    _required,
    _self_link,
    _language,
    _category,
    _guid,
    _distinct,
    _long_text,
    _short_texts,
    _explicit,
    _images,
)
ITEM_RULES: tuple[Rule, ...] = (
    _item_required,
    _enclosure,
    _date,
    _duration,
    _long_text,
    _short_texts,
    _explicit,
    _images,
    _transcripts,
    _chapters_link,
    _spotify_chapters,
)
