"""Cards: what is kept in mind of every release while all are looked at. The rest is read when its turn comes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, overload

from pipeline.formats.ledger import Entry
from pipeline.model import Item, Release


@dataclass(frozen=True, slots=True)
class Card:
    """A release as guards, ledger and order need it.

    entry: what the ledger says of it, or will when it goes out; the ledger's very own where nothing changed.
    published: its date, in the zone in which people wrote it.
    """

    entry: Entry
    published: datetime

    @property
    def slug(self) -> str:
        """The episode's folder."""
        return self.entry.slug


class Shelf(Protocol):
    """Where finished releases lie, by the slugs of their episodes."""

    def release(self, slug: str) -> Release:
        """The release, the same every time. Raises WorkspaceError where it cannot be read, or became another."""

    def folder(self, slug: str) -> Path:
        """Where its files lie, under the last part of their names."""

    def keep(self, release: Release) -> None:
        """Puts by what is public of an episode: the same release later, though its files may be gone by then."""

    def drop_others(self, slugs: Set[str]) -> None:
        """Puts nothing by any more of any episode but these."""


def card(release: Release, before: Entry | None, now: datetime) -> Card:
    """The card of a release. before: what the ledger says of it."""
    return Card(_entry(release, before, now), release.item.published)


@dataclass(frozen=True, slots=True)
class Items(Sequence[Item]):
    """The items of cards, each read from the shelf whenever it is asked for."""

    shelf: Shelf
    cards: Sequence[Card]

    def __len__(self) -> int:
        return len(self.cards)

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Items: ...

    def __getitem__(self, index: int | slice) -> Item | Items:
        if isinstance(index, slice):
            return Items(self.shelf, self.cards[index])
        return self.shelf.release(self.cards[index].slug).item


def _entry(release: Release, before: Entry | None, now: datetime) -> Entry:
    """What the ledger says of an episode: new content counts from now, a first publication from its own date."""
    item = release.item
    sound = next(file for file in release.files if file.kind == "audio")
    content = content_of(release)
    if before and before.content == content:
        return before if before.slug == release.slug else replace(before, slug=release.slug)
    return Entry(
        slug=release.slug,
        guid=item.guid,
        url=item.enclosure.url,
        length=item.enclosure.length,
        sha256=sound.sha256,
        published=item.published.astimezone(UTC),
        first_published=before.first_published if before else now,
        content=content,
        changed=now if before else item.published.astimezone(UTC),
        superseded=_superseded(before, content) if before else (),
    )


def _superseded(before: Entry, content: str) -> tuple[str, ...]:
    return tuple(one for one in (*before.superseded, before.content) if one != content)


def content_of(release: Release) -> str:
    """A digest of all that listeners get: not how sure a chapter is, nor the zone in which a date is written."""
    item = replace(release.item, published=release.item.published.astimezone(UTC), chapters=())
    chapters = [(c.start, c.end, c.title, c.url, c.image) for c in release.item.chapters]
    return hashlib.sha256(repr((item, chapters, release.files)).encode()).hexdigest()
