"""Rules that hold for a channel and for its items alike. A rule yields what it finds."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pipeline.formats import description, plain
from pipeline.formats.feed_reading import attribute, name, text
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
            f"{found!r} is of before 2019",
            "write true or false",
        )


def images(element: etree._Element) -> Iterator[Finding]:
    """Artwork that can be fetched."""
    url = attribute(element, "itunes:image", "href")
    if url is not None and not is_web(url):
        yield Finding(
            "apple/image", "error", place_of(element, "itunes:image"), f"{url!r} is no address", "name a JPEG or PNG"
        )


def is_web(url: str) -> bool:
    """Whether it is an address that every app takes."""
    return url.isascii() and url.startswith(("https://", "http://")) and " " not in url
