"""Plan: what a publication would make public, judged by the guards before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import InputError
from pipeline.formats import addresses, guids
from pipeline.formats.ledger import Ledger
from pipeline.model import PublishedFile, Show
from pipeline.stages.artwork import artwork
from pipeline.stages.cards import Card
from pipeline.stages.enter import enter
from pipeline.stages.guards import Guard, Identity, Public, guarded


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be public at `now`.

    cover: the artwork's file; art: what it is called in public.
    before, after: the ledger as it is, and once this is public.
    due: newest first. waiting: releases whose time has not come, soonest first.
    public: SHA-256 of the feed that the guards have seen where this one goes; None for none.
    """

    show: Show
    now: datetime
    cover: Path
    art: PublishedFile
    before: Ledger
    after: Ledger
    due: tuple[Card, ...]
    waiting: tuple[Card, ...]
    public: str | None


def plan(
    show: Show,
    cards: Sequence[Card],
    ledger: Ledger,
    *,
    now: datetime,
    cover: Path,
    allow: Collection[Guard] = (),
    where: str = "feed/ledger.yaml",
    follows: bool = False,
    public: Public | None = None,
) -> Plan:
    """What is due at `now` (aware), where no guard objects.

    allow: the guards that may be overridden this once (`pipeline.stages.guards`). Raises GuardError for the others,
    InputError for two episodes with one GUID, for a cover that cannot be read, and where something else would be called
    as the feed is.
    where: the ledger's file, for people. follows: whether the feed's GUID follows from that of the show's own.
    public: the feed that listeners have now.
    """
    _distinct(cards)
    feed = Identity(guids.feed_guid(show), follows, where, public)
    allowances = guarded(ledger, feed, cards, now, allow)
    due = tuple(sorted((card for card in cards if card.published <= now), key=_date, reverse=True))
    waiting = tuple(sorted((card for card in cards if card.published > now), key=_date))
    art, _ = artwork("cover", cover)
    _apart(show, art, cards)
    after = enter(ledger, show, art.name, [card.entry for card in due], now=now, allowances=allowances)
    return Plan(show, now, cover, art, ledger, after, due, waiting, public.sha256 if public else None)


def _date(card: Card) -> tuple[datetime, str]:
    """By date, and by slug where dates are the same: the feed's order never hangs on the order of folders."""
    return card.published, card.slug


def _apart(show: Show, art: PublishedFile, cards: Sequence[Card]) -> None:
    """The feed's file lies beside the artwork and the episodes' folders."""
    name = addresses.feed_name(show)
    if name in {art.name, *(card.slug for card in cards)}:
        raise InputError(
            f"{show.feed_url} is where something else of the show lies",
            where="feed/show.yaml: feed_url",
            todo="end it in another name, as in feed.xml",
        )


def _distinct(cards: Sequence[Card]) -> None:
    owners: dict[str, str] = {}
    for card in cards:
        other = owners.setdefault(card.entry.guid, card.slug)
        if other != card.slug:
            raise InputError(
                f"has the same GUID as {other}",
                where=f"episodes/{card.slug}/episode.yaml: guid",
                todo="give each episode its own, or leave the line out",
            )
