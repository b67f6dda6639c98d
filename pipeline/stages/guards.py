"""What must not change once it is public, and how a person says that it may."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import GuardError
from pipeline.formats.ledger import Allowance, Entry, Ledger
from pipeline.stages.cards import Card

KINDS = {
    "guid": "the identity of a published episode; apps show it as new to everybody",
    "date": "the publication date of a published episode; apps reorder it, some download it again",
    "removal": "a published episode that is no longer there; subscribers lose it",
    "clock": "a time earlier than what the ledger has seen",
}
"""What `--allow` takes, and what each means."""


@dataclass(frozen=True, slots=True)
class _Objection:
    kind: str
    slug: str
    what: str
    todo: str


def guarded(
    ledger: Ledger, cards: Sequence[Card], now: datetime, allow: Collection[str], where: str
) -> tuple[Allowance, ...]:
    """What was overridden, for the record. Raises GuardError, at the ledger's file `where`, with all that was not."""
    unknown = sorted(set(allow) - set(KINDS))
    if unknown:
        raise GuardError(f"no guard is called {', '.join(unknown)}", todo=f"there are {', '.join(KINDS)}")
    objections = list(_objections(ledger, cards, now))
    refused = [objection for objection in objections if objection.kind not in allow]
    if refused:
        raise GuardError(
            "; ".join(
                f"{objection.slug}: {objection.what}" if objection.slug else objection.what for objection in refused
            ),
            where=where,
            todo=" · ".join(dict.fromkeys(objection.todo for objection in refused)),
        )
    return tuple(Allowance(objection.kind, objection.slug, now, objection.what) for objection in objections)


def _objections(ledger: Ledger, cards: Sequence[Card], now: datetime) -> Iterator[_Objection]:
    yield from _clock(ledger, now)
    by_slug = {card.slug: card for card in cards}
    by_guid = {card.entry.guid: card for card in cards}
    for entry in ledger.entries:
        yield from _changes(entry, by_slug, by_guid)


def _clock(ledger: Ledger, now: datetime) -> Iterator[_Objection]:
    seen = max((entry.first_published for entry in ledger.entries), default=now)
    if now < seen:
        yield _Objection(
            "clock",
            "",
            f"it is {now:%Y-%m-%d %H:%M %Z}, but an episode went out at {seen:%Y-%m-%d %H:%M %Z}",
            "set the clock right, or give --now a later time; --allow clock takes back what went out since",
        )


def _changes(entry: Entry, by_slug: Mapping[str, Card], by_guid: Mapping[str, Card]) -> Iterator[_Objection]:
    card = by_guid.get(entry.guid) or by_slug.get(entry.slug)
    if card is None:
        yield _Objection(
            "removal",
            entry.slug,
            f"was published on {entry.published:%Y-%m-%d} and is not there any more",
            "bring its folder back and run `escaleta produce` on it, or --allow removal",
        )
        return
    if card.entry.guid != entry.guid:
        yield _Objection(
            "guid",
            entry.slug,
            f"its GUID was {entry.guid} and would become {card.entry.guid}",
            f"write `guid: {entry.guid}` into its episode.yaml, or --allow guid; where feed_url moved, write the"
            " podcast:guid of the feed that is public into show.yaml as `guid:`",
        )
    if card.published != entry.published:
        yield _Objection(
            "date",
            entry.slug,
            f"its date was {entry.published.isoformat()} and would become {card.published.isoformat()}",
            f"write `publish_at: {entry.published.isoformat()}` into its episode.yaml, or --allow date",
        )
