"""What is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.model.configured import Person, Show
from pipeline.model.placed import Chapter


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An audio file as a feed names it: bytes and media type."""

    url: str
    length: int
    type: str


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """One `podcast:transcript`."""

    url: str
    type: str
    language: str | None = None
    rel: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a release. `name` is relative to the feed's public folder, `kind` is what scripts call it."""

    kind: str
    name: str
    type: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Item:
    """An episode as the feed tells it. `published` is aware; `duration` in ms; `summary` is plain text.

    description: plain text with the chapter list, people, links and sponsor, as at a host that takes no feed.
    """

    guid: str
    title: str
    link: str
    summary: str
    description: str
    published: datetime
    enclosure: Enclosure
    duration: int
    chapters: tuple[Chapter, ...] = ()
    chapters_url: str | None = None
    transcripts: tuple[TranscriptLink, ...] = ()
    people: tuple[Person, ...] = ()
    image: str | None = None
    explicit: bool = False
    season: int | None = None
    number: int | None = None
    kind: Literal["full", "trailer", "bonus"] = "full"


@dataclass(frozen=True, slots=True)
class Release:
    """An episode ready to go out: its item, and the files under `feed/public` that the item names, media first.

    One that went out is kept for years in `feed/released` and read by versions to come: what is added here, or to what
    it holds, has a default.
    """

    slug: str
    item: Item
    files: tuple[PublishedFile, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A show's feed at one moment: items newest first. `changed` is the newest content change, never the clock.

    items: read one by one from where they lie, when there may be thousands.
    """

    show: Show
    items: Sequence[Item]
    changed: datetime
