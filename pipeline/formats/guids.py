"""What identifies shows and episodes for ever, in every feed that they are in."""

from __future__ import annotations

from uuid import UUID, uuid5

from pipeline.model import Show

_PODCASTS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


def feed_guid(show: Show) -> str:
    """The show's for ever: what show.yaml says, else version 5 of the feed's address without scheme and end slashes.

    Source: Podcasting 2.0, tag `guid`.
    """
    return show.guid or _of_address(show)


def moved(show: Show) -> bool:
    """Whether the feed had another address when it got its GUID, which it keeps."""
    return show.guid is not None and show.guid.casefold() != _of_address(show)


def _of_address(show: Show) -> str:
    return str(uuid5(_PODCASTS, show.feed_url.split("://", 1)[-1].rstrip("/")))


def item_guid(show: Show, slug: str) -> str:
    """An episode's for ever, from the show's and the name of its folder."""
    return within(feed_guid(show), slug)


def within(guid: str, name: str) -> str:
    """What belongs to something under a name, and keeps its identity as long as that does."""
    return str(uuid5(_PODCASTS, f"{guid}/{name}"))
