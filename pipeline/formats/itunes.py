"""Apple's namespace as a feedgen extension.

feedgen brings one of its own, which knows only the `explicit` values of before 2019 and takes no image but `.jpg` and
`.png` in lower case, silently.
"""

from __future__ import annotations

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from pipeline.formats import guids, plain
from pipeline.model import Item, Show
from pipeline.timecode import to_whole_seconds

NAMESPACE = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PREFIX = "itunes"


class AppleChannel(BaseExtension):  # type: ignore[misc]  # feedgen carries no types
    """The show's elements. `image` is the cover's address."""

    show: Show
    image: str

    def extend_ns(self) -> dict[str, str]:
        """The prefix that the feed's root declares."""
        return {PREFIX: NAMESPACE}

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Adds to the channel."""
        channel, show = rss[0], self.show
        _add(channel, "author", plain.title(show.author))
        _add(channel, "image", href=self.image)
        category = _add(channel, "category", text=plain.line(show.category))
        if show.subcategory:
            _add(category, "category", text=plain.line(show.subcategory))
        _add(channel, "explicit", _truth(show.explicit))
        _add(channel, "type", "episodic")
        if not show.listed:
            _add(channel, "block", "Yes")
        elif guids.moved(show):
            # "If you change the URL of your podcast feed, you should use this tag in your new feed": Apple's guide to
            # RSS, of `itunes:new-feed-url`. Whatever still serves the old address by a copy then says the new one.
            _add(channel, "new-feed-url", show.feed_url)
        owner = _add(channel, "owner")
        _add(owner, "name", plain.title(show.owner.name))
        _add(owner, "email", plain.line(show.owner.email))
        return rss


class AppleItem(BaseEntryExtension):  # type: ignore[misc]
    """An episode's elements; the duration in whole seconds (PSP-1)."""

    item: Item

    def extend_rss(self, entry: etree._Element) -> etree._Element:
        """Adds to the item."""
        item = self.item
        _add(entry, "title", plain.title(item.title))
        _add(entry, "duration", str(max(1, to_whole_seconds(item.duration))))
        _add(entry, "explicit", _truth(item.explicit))
        _add(entry, "episodeType", item.kind)
        if item.image:
            _add(entry, "image", href=item.image)
        if item.season is not None:
            _add(entry, "season", str(item.season))
        if item.number is not None:
            _add(entry, "episode", str(item.number))
        return entry


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _add(parent: etree._Element, tag: str, value: str | None = None, /, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    element.text = value
    return element
