"""The feed: RSS 2.0 through feedgen, one extension a namespace."""

from __future__ import annotations

from feedgen.feed import FeedGenerator

from pipeline.formats import description, itunes, plain, podcasting20, psc
from pipeline.model import Feed, Item

TYPE = "application/rss+xml; charset=utf-8"
GENERATOR = "Escaleta"

_EXTENSIONS = (
    ("apple", itunes.AppleChannel, itunes.AppleItem),
    ("podcasting", podcasting20.PodcastingChannel, podcasting20.PodcastingItem),
    ("podlove", psc.PodloveChannel, psc.PodloveItem),
)


def render(feed: Feed, *, cover_url: str) -> bytes:
    """The document in UTF-8. The same feed gives the same bytes: nothing here knows the time of day."""
    show = feed.show
    generator = FeedGenerator()
    for name, in_channel, in_item in _EXTENSIONS:
        generator.register_extension(name, in_channel, in_item, atom=False)
    generator.title(plain.title(show.title))
    generator.description(plain.fit_bytes(plain.text(show.description), description.LIMIT))
    generator.language(show.language)
    generator.link(href=show.feed_url, rel="self", type="application/rss+xml")
    # feedgen takes the link that was added last for the channel's own.
    generator.link(href=plain.url(show.link), rel="alternate")
    generator.image(url=cover_url)
    generator.generator(GENERATOR)
    generator.docs("https://www.rssboard.org/rss-specification")
    generator.lastBuildDate(feed.changed)
    if show.copyright:
        generator.copyright(plain.title(show.copyright))
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
