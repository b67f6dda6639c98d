"""Rules that hold for a channel and for its items alike. A rule yields what it finds."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pipeline.formats import description, plain
from pipeline.formats.feed_reading import attribute, every, name, text
from pipeline.formats.findings import Finding


def place_of(element: etree._Element, path: str) -> str:
    """How a finding calls the place."""
    return f"feed: {path}" if element.tag == "channel" else f"{name(element)}: {path}"


def long_text(element: etree._Element) -> Iterator[Finding]:
    """Descriptions of at most 4000 bytes."""
    found = text(element, "description")
    if found is not None and (size := len(found.encode())) > description.LIMIT:
        yield Finding(
            "psp-1/description",
            "error",
            place_of(element, "description"),
            f"{size} bytes; apps keep {description.LIMIT}",
            "shorten it, and put the whole into <content:encoded>",
        )


def short_texts(element: etree._Element) -> Iterator[Finding]:
    """Other values of 1 to 255 characters, without edge spaces."""
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
        yield Finding("psp-1/text", "error", place_of(element, path), what, todo)


def explicit(element: etree._Element) -> Iterator[Finding]:
    """`explicit` as Apple has had it since 2019."""
    found = text(element, "itunes:explicit")
    if found is not None and found not in {"true", "false"}:
        yield Finding(
            "apple/explicit",
            "warning",
            place_of(element, "itunes:explicit"),
            f"is {plain.fit(found, 40)!r}; what was before 2019 counts no more",
            "write true or false",
        )


def blocked(element: etree._Element) -> Iterator[Finding]:
    """What directories are asked not to list; Apple knows no other word for it than Yes."""
    found, place = text(element, "itunes:block"), place_of(element, "itunes:block")
    if found == "Yes":
        yield Finding("apple/block", "advice", place, "directories do not list it", "take it out if they should")
    elif found is not None and found.casefold() != "no":
        yield Finding(
            "apple/block", "warning", place, f"is {plain.fit(found, 40)!r}, which blocks nothing", "write Yes or No"
        )


def images(element: etree._Element) -> Iterator[Finding]:
    """Artwork that can be fetched."""
    url = attribute(element, "itunes:image", "href")
    if url is not None and not is_web(url):
        what, todo = f"{plain.fit(url, 255)!r} is no whole web address", "name a JPEG or PNG by its https:// address"
        yield Finding("apple/image", "error", place_of(element, "itunes:image"), what, todo)


def secure(element: etree._Element) -> Iterator[Finding]:
    """What is fetched, over https: a web player's own page may fetch nothing else (W3C Mixed Content)."""
    for path, attribute_ in _FETCHED.items():
        urls = [found.get(attribute_) or "" for found in every(element, path)]
        if any(is_web(url) and not url.startswith("https://") for url in urls):
            yield Finding(
                "apple/https", "warning", place_of(element, path), "is not served over https", "serve it over https"
            )


_FETCHED = {"enclosure": "url", "itunes:image": "href", "podcast:transcript": "url", "podcast:chapters": "url"}
"""Elements that name a file, and the attribute that does."""


def is_web(url: str) -> bool:
    """Whether it is an address that every app takes."""
    return url.isascii() and url.startswith(("https://", "http://")) and " " not in url
