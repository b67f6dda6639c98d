"""Look: what listeners have now, from the feed's own bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from lxml import etree

from pipeline.errors import InputError
from pipeline.formats import addresses, feed_reading, rss
from pipeline.stages.guards import Public, PublicItem


def look(document: bytes) -> Public:
    """A public feed, also one that is damaged: what cannot be read of it is nothing that could be kept."""
    try:
        items = tuple(map(_item, feed_reading.each_item(document)))
    except etree.XMLSyntaxError:
        items = tuple(_recovered(document))
    return Public(rss.built(document), hashlib.sha256(document).hexdigest(), items)


_END = b"</item>"


def _recovered(document: bytes) -> Iterator[PublicItem]:
    """The items that end: one in which a feed breaks off has but half a GUID, and would be taken for another."""
    whole = document[: document.rfind(_END) + len(_END)]
    try:
        channel = feed_reading.read(whole, where="the public feed").channel
    except InputError:
        return
    yield from map(_item, feed_reading.items(channel))


def _item(item: etree._Element) -> PublicItem:
    guid = (feed_reading.text(item, "guid") or "").strip()
    url = feed_reading.attribute(item, "enclosure", "url") or ""
    return PublicItem(guid, addresses.episode_file(url), feed_reading.name(item))
