"""The podcast namespace of Podcasting 2.0 (podcastindex.org/namespace/1.0) as a feedgen extension."""

from __future__ import annotations

from dataclasses import asdict

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from pipeline.formats import chapters_json, guids, plain
from pipeline.formats.taxonomy import group_of
from pipeline.model import Item, Person, Show

NAMESPACE = "https://podcastindex.org/namespace/1.0"
PREFIX = "podcast"


class PodcastingChannel(BaseExtension):  # type: ignore[misc]  # feedgen carries no types
    """The show's elements."""

    show: Show

    def extend_ns(self) -> dict[str, str]:
        """The prefix that the feed's root declares."""
        return {PREFIX: NAMESPACE}

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Adds to the channel."""
        channel, show = rss[0], self.show
        _add(channel, "guid", guids.feed_guid(show))
        _add(channel, "locked", "yes", owner=show.owner.email)
        if not show.listed:
            _add(channel, "block", "yes")
        _add(channel, "medium", "podcast")
        if show.license:
            _add(channel, "license", plain.title(show.license))
        for link in show.funding:
            _add(channel, "funding", plain.fit(plain.line(link.text), 128), url=plain.url(link.url))
        if show.update_frequency:
            _add(channel, "updateFrequency", plain.title(show.update_frequency))
        for txt in show.txt:
            purpose = plain.fit(plain.line(txt.purpose), 128) if txt.purpose else None
            _add(channel, "txt", plain.fit(plain.line(txt.text), 4000), purpose=purpose)
        _add_people(channel, show.people)
        return rss


class PodcastingItem(BaseEntryExtension):  # type: ignore[misc]
    """An episode's elements. Its people replace the show's, as the namespace has it."""

    item: Item

    def extend_rss(self, entry: etree._Element) -> etree._Element:
        """Adds to the item."""
        item = self.item
        for transcript in item.transcripts:
            _add(entry, "transcript", **asdict(transcript))
        if item.chapters_url:
            _add(entry, "chapters", url=item.chapters_url, type=chapters_json.TYPE)
        if item.season is not None:
            _add(entry, "season", str(item.season))
        if item.number is not None:
            _add(entry, "episode", str(item.number))
        _add_people(entry, item.people)
        return entry


def _add_people(parent: etree._Element, people: tuple[Person, ...]) -> None:
    for person in people:
        links = {"href": plain.url(person.href), "img": plain.url(person.img)}
        part = {"role": person.role, "group": person.group or group_of(person.role)}
        _add(parent, "person", plain.fit(plain.line(person.name), 128), **part, **links)


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str | None) -> None:
    present = {name: value for name, value in attributes.items() if value is not None}
    etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", present).text = text
