"""Rules for the channel of a feed. A rule yields what it finds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from lxml import etree

from pipeline.formats import plain
from pipeline.formats.element_rules import blocked, explicit, images, long_text, secure, short_texts
from pipeline.formats.feed_reading import attribute, every, items, misnamed, text
from pipeline.formats.findings import Finding

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
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


def _namespaces(channel: etree._Element) -> Iterator[Finding]:
    """Names of namespaces are compared letter by letter (Namespaces in XML 1.0, section 2.3)."""
    for written, meant in misnamed(channel).items():
        yield Finding("rss/namespace", "warning", "feed", f"{written} is not what apps look for", f"write {meant}")


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
            f"{plain.fit(found, 40)!r} is no language tag",
            "write one such as es or en-GB",
        )


def _category(channel: etree._Element) -> Iterator[Finding]:
    for category in every(channel, "itunes:category"):
        if (found := (category.get("text") or "").strip()) not in _CATEGORIES:
            yield Finding(
                "apple/category",
                "error",
                "feed: itunes:category",
                f"{plain.fit(found, 40)!r} is not one of Apple's",
                f"use one of {', '.join(sorted(_CATEGORIES))}",
            )


def _guid(channel: etree._Element) -> Iterator[Finding]:
    found = text(channel, "podcast:guid") or ""
    try:
        UUID(found)
    except ValueError:
        if every(channel, "podcast:guid"):
            what = f"{plain.fit(found, 40)!r} is no UUID"
            yield Finding("podcasting-2.0/guid", "error", "feed: podcast:guid", what, "make it a version 5 UUID")


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
                    f"{plain.fit(plain.line(value), 255)} stands in {times} items",
                    f"give each item its own {path}",
                )


def _item_guid(item: etree._Element) -> str | None:
    return text(item, "guid")


def _enclosure_url(item: etree._Element) -> str | None:
    return attribute(item, "enclosure", "url")


RULES = (
    _namespaces,
    _required,
    _self_link,
    _language,
    _category,
    _guid,
    _distinct,
    long_text,
    short_texts,
    explicit,
    blocked,
    images,
    secure,
)
