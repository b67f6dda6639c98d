"""The feed: RSS 2.0 through feedgen, one extension a namespace."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from feedgen.feed import FeedGenerator

from pipeline.formats import addresses, atom, description, itunes, plain, podcasting20, psc
from pipeline.model import Feed, Item

TYPE = "application/rss+xml; charset=utf-8"
GENERATOR = "Escaleta"

LIMIT = 4_500_000
"""Bytes of a feed, well under the 5,000,000 that W3C's validator takes."""

ARCHIVED = 250
"""Episodes in an archive."""

_BUILT = re.compile(rb"<lastBuildDate>([^<]+)</lastBuildDate>")
_END = b"  </channel>"

_EXTENSIONS = (
    ("atom", atom.AtomChannel, atom.AtomItem),
    ("apple", itunes.AppleChannel, itunes.AppleItem),
    ("podcasting", podcasting20.PodcastingChannel, podcasting20.PodcastingItem),
    ("podlove", psc.PodloveChannel, psc.PodloveItem),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A feed, or a part of one: its name in the public folder, and its bytes in UTF-8, in pieces."""

    name: str
    pieces: tuple[bytes, ...]


def documents(feed: Feed, *, cover_url: str, limit: int = LIMIT) -> Iterator[Document]:
    """The feed's documents, in the order in which they must become public: the feed itself last.

    One, as long as it has at most `limit` bytes. Of a longer feed the oldest episodes go to archives of `ARCHIVED`
    each, counted from the oldest, so that a full archive never changes; each document leads to the next older one
    (RFC 5005, sections 3 and 4: `next` for readers of paged feeds, `prev-archive` for those of archived ones).

    Items are asked for a part at a time, and no document is held but the feed itself.
    """
    recent = _recent(feed, cover_url, limit)
    archived = _parts(feed) - len(recent)
    for number in range(archived):
        lines = _lines(feed, number, cover_url)
        yield _document(feed, [lines], cover_url, older=_archive(feed, number), name=_archive(feed, number + 1))
    yield _document(feed, recent, cover_url, older=_archive(feed, archived))


def _recent(feed: Feed, cover_url: str, limit: int) -> list[bytes]:
    """The lines of the newest parts, newest first: as many as leave a feed of at most `limit` bytes, but always one."""
    recent: list[bytes] = []
    for number in reversed(range(_parts(feed))):
        lines = _lines(feed, number, cover_url)
        whole = _document(feed, [*recent, lines], cover_url, older=_archive(feed, number))
        if recent and sum(map(len, whole.pieces)) > limit:
            break
        recent.append(lines)
    return recent


def _parts(feed: Feed) -> int:
    return math.ceil(len(feed.items) / ARCHIVED)


def _document(
    feed: Feed, lines: Iterable[bytes], cover_url: str, *, older: str | None, name: str | None = None
) -> Document:
    """A document of the feed with the lines of some items. What it says of the show may change, their order never."""
    frame = render(replace(feed, items=()), cover_url=cover_url, older=older, name=name)
    before, end, after = frame.rpartition(_END)
    return Document(name or addresses.feed_name(feed.show), (before, *lines, end + after))


def _lines(feed: Feed, part: int, cover_url: str) -> bytes:
    """The items of a part, counted from the oldest, as they stand in any document: what one has more with them.

    A part at a time, since a tree takes many times the bytes of its text.
    """
    end = len(feed.items) - part * ARCHIVED
    items = tuple(feed.items[max(0, end - ARCHIVED) : end])
    without, within = (render(replace(feed, items=some), cover_url=cover_url) for some in ((), items))
    head, foot, after = without.rpartition(_END)
    return within[len(head) : -len(foot + after)]


def _archive(feed: Feed, number: int) -> str | None:
    """An archive's name, counted from 1; before the first there is none."""
    stem, dot, suffix = addresses.feed_name(feed.show).rpartition(".")
    return (f"{stem}-{number}.{suffix}" if dot else f"{suffix}-{number}") if number else None


def built(document: bytes) -> datetime | None:
    """When a feed was last built, by its own word, also in one that is damaged; None where it has none."""
    said = _BUILT.search(document)
    with contextlib.suppress(ValueError):
        moment = parsedate_to_datetime(said[1].decode("ascii", "replace")) if said else None
        return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def render(feed: Feed, *, cover_url: str, older: str | None = None, name: str | None = None) -> bytes:
    """One document. The same feed gives the same bytes: nothing here knows the time of day.

    older: the name of the document that goes on with older episodes; name: this one's, where it is not the feed itself.
    """
    show = feed.show
    generator = FeedGenerator()
    for namespace, in_channel, in_item in _EXTENSIONS:
        generator.register_extension(namespace, in_channel, in_item, atom=False)
    generator.title(plain.title(show.title))
    generator.description(plain.fit_bytes(plain.text(show.description), description.LIMIT))
    generator.language(show.language)
    base = addresses.base(show)
    own = base + addresses.in_address(name) if name else show.feed_url
    generator.link(href=own, rel="self", type="application/rss+xml")
    # feedgen takes the link that was added last for the channel's own.
    generator.link(href=plain.url(show.link), rel="alternate")
    generator.image(url=cover_url)
    generator.generator(GENERATOR)
    generator.docs("https://www.rssboard.org/rss-specification")
    generator.lastBuildDate(feed.changed)
    if show.copyright:
        generator.copyright(plain.title(show.copyright))
    current = (("current", show.feed_url),) if name else ()
    further = tuple((rel, base + addresses.in_address(older)) for rel in ("next", "prev-archive")) if older else ()
    hub = (("hub", show.hub),) if show.hub else ()
    generator.atom.links = hub + current + further
    generator.apple.show, generator.apple.image = show, cover_url
    generator.podcasting.show = show
    for item in feed.items:
        _add(generator, item)
    document: bytes = generator.rss_str(pretty=True)
    return document


def _add(generator: FeedGenerator, item: Item) -> None:
    entry = generator.add_entry(order="append")
    entry.guid(item.guid, permalink=False)
    entry.title(plain.title(item.title))
    entry.link(href=item.link)
    words = plain.text(item.description)
    short, whole = description.shortened(words), description.to_html(words)
    entry.description(short)
    if short != whole:
        entry.content(whole)
    entry.enclosure(item.enclosure.url, str(item.enclosure.length), item.enclosure.type)
    entry.pubDate(item.published)
    entry.apple.item = item
    entry.podcasting.item = item
    entry.podlove.chapters = item.chapters
