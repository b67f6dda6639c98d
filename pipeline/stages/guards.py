"""What must not change once it is public, and how a person says that it may."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from pipeline.errors import GuardError
from pipeline.formats import addresses, guids
from pipeline.formats.ledger import Allowance, Entry, Ledger
from pipeline.stages.cards import Card


class Guard(StrEnum):
    """What `--allow` takes.

    guid: the identity of the feed or of a published episode; apps take it for another, new to everybody.
    date: the publication date of a published episode; apps reorder it, some download it again.
    removal: a published episode that is no longer there; subscribers lose it.
    clock: a time earlier than what the ledger has seen.
    ledger: a public feed of which the ledger does not know; nobody can say what listeners already have.
    """

    GUID = "guid"
    DATE = "date"
    REMOVAL = "removal"
    CLOCK = "clock"
    LEDGER = "ledger"


_MINUTE = "%Y-%m-%d %H:%M %Z"

LAG = timedelta(minutes=2)
"""How far time may be behind the ledger's: servers set clocks back by seconds, and a run may have waited for another
that looked at the clock later.
"""


@dataclass(frozen=True, slots=True)
class PublicItem:
    """An item that listeners have. file: its enclosure's name in the public folder; name: what people call it."""

    guid: str
    file: str
    name: str


@dataclass(frozen=True, slots=True)
class Public:
    """What lies where a feed goes out.

    built: when, by its own word; None where it does not say. sha256: of its bytes. items: as far as they can be read.
    """

    built: datetime | None
    sha256: str
    items: tuple[PublicItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """A feed's GUID as it would go out now.

    follows: whether it follows from that of the show's own feed, so that nobody writes it.
    ledger: the ledger's file, for people.
    public: the feed that listeners have now.
    """

    guid: str
    follows: bool
    ledger: str
    public: Public | None


@dataclass(frozen=True, slots=True)
class _Objection:
    kind: Guard
    slug: str
    what: str
    todo: str


def guarded(
    ledger: Ledger, feed: Identity, cards: Sequence[Card], now: datetime, allow: Collection[Guard]
) -> tuple[Allowance, ...]:
    """What was overridden, for the record. Raises GuardError with all that was not."""
    objections = list(_objections(ledger, feed, cards, now))
    refused = [objection for objection in objections if objection.kind not in allow]
    if refused:
        raise GuardError(
            "; ".join(
                f"{objection.slug}: {objection.what}" if objection.slug else objection.what for objection in refused
            ),
            where=feed.ledger,
            todo=" · ".join(dict.fromkeys(objection.todo for objection in refused)),
        )
    return tuple(Allowance(objection.kind.value, objection.slug, now, objection.what) for objection in objections)


def up_to_date(ledger: Ledger, where: str, public: Public | None, now: datetime) -> None:
    """Raises GuardError where the ledger, whose file is called `where`, does not know of all that is public."""
    for objection in _memory(ledger, public, (), now):
        raise GuardError(
            objection.what,
            where=where,
            todo=objection.todo.replace("--allow ledger", "`escaleta publish --allow ledger`"),
        )


def _objections(ledger: Ledger, feed: Identity, cards: Sequence[Card], now: datetime) -> Iterator[_Objection]:
    yield from _memory(ledger, feed.public, cards, now)
    yield from _clock(ledger, now)
    yield from _identity(ledger, feed)
    by_slug = {card.slug: card for card in cards}
    by_guid = {card.entry.guid: card for card in cards}
    for entry in ledger.entries:
        yield from _changes(entry, by_slug, by_guid, partial(_brings_back, ledger.guid, feed))


def behind(ledger: Ledger, public: Public, now: datetime) -> bool:
    """Whether the public feed has changed since the ledger was written."""
    return public.built is not None and ledger.last_changed < public.built <= now


def _memory(ledger: Ledger, public: Public | None, cards: Sequence[Card], now: datetime) -> Iterator[_Objection]:
    """A lost ledger, or one that knows less than is public, would take back what went out without a word."""
    if public is None:
        return
    if ledger == Ledger():
        yield _Objection(Guard.LEDGER, "", "there is none, but a feed is public", _LOST)
    elif public.built and behind(ledger, public, now):
        what = f"it ends at {ledger.last_changed:{_MINUTE}}, but the public feed is of {public.built:{_MINUTE}}"
        yield _Objection(Guard.LEDGER, "", what, _BEHIND)
    elif unknown := _unknown(ledger, public, cards, now):
        names = ", ".join(f"“{item.name}”" for item in unknown)
        yield _Objection(Guard.LEDGER, "", f"it does not know of what is public: {names}", _BEHIND)


def _unknown(ledger: Ledger, public: Public, cards: Sequence[Card], now: datetime) -> list[PublicItem]:
    """Items that would be lost, and of which no other guard speaks.

    What went out late has an early date, so that a feed with it may look no newer than one without. Sound that is
    retired is that of episodes which were given up, whose feed a killed run did not come to write.
    """
    ours = (*ledger.entries, *(card.entry for card in cards if card.published <= now))
    known = {entry.guid for entry in ours}
    urls = [entry.url for entry in ours] + [retired.url for retired in ledger.retired]
    files = {addresses.episode_file(url) for url in urls}
    return [item for item in public.items if item.guid not in known and item.file not in files]


def _identity(ledger: Ledger, feed: Identity) -> Iterator[_Objection]:
    """Nobody subscribes to a feed without episodes: its address may still change as it likes."""
    if ledger.entries and ledger.guid not in (None, feed.guid):
        yield _Objection(
            Guard.GUID,
            "",
            f"the feed's own GUID was {ledger.guid} and would become {feed.guid}",
            _OWN_FEED if feed.follows else f"write `guid: {ledger.guid}` into feed/show.yaml, or --allow guid",
        )


_LOST = "restore it from version control or a backup; or --allow ledger, where nobody has subscribed to that feed"
_BEHIND = "bring ledger and episodes up to date from where that was published, as by git pull; or --allow ledger"
_OWN_FEED = "write the podcast:guid that the show's own feed had into feed/show.yaml as `guid:`, or --allow guid"
_OWN_ITEM = "write the GUID that it had in the show's own feed into its episode.yaml as `guid:`, or --allow guid"


def _brings_back(old: str | None, feed: Identity, entry: Entry) -> str:
    """What brings an episode's GUID back. old: the feed's, as far as it is known; it changed where feed_url moved."""
    changed = old is not None and old != feed.guid
    if feed.follows:
        return _OWN_FEED if changed else _OWN_ITEM
    if old and changed and guids.within(old, entry.slug) == entry.guid:
        return f"write `guid: {old}` into feed/show.yaml, or --allow guid"
    moved = "; where feed_url moved, write the podcast:guid of the feed that is public into feed/show.yaml as `guid:`"
    return f"write `guid: {entry.guid}` into its episode.yaml, or --allow guid{'' if old else moved}"


def caught_up(ledger: Ledger, now: datetime) -> datetime:
    """`now`, or what the ledger has seen where that is hardly later: nothing that just went out is taken back."""
    seen = _seen(ledger, now)
    return seen if now < seen <= now + LAG else now


def _seen(ledger: Ledger, now: datetime) -> datetime:
    return max((entry.first_published for entry in ledger.entries), default=now)


def _clock(ledger: Ledger, now: datetime) -> Iterator[_Objection]:
    seen = _seen(ledger, now)
    if now < seen:
        yield _Objection(
            Guard.CLOCK,
            "",
            # Without the hour that it is: a schedule says the same thing once, not every five minutes.
            f"an episode went out at {seen:{_MINUTE}}, which is still to come by this clock",
            "set the clock right, or give --now a later time; --allow clock takes back what went out since",
        )


def _changes(
    entry: Entry, by_slug: Mapping[str, Card], by_guid: Mapping[str, Card], brings_back: Callable[[Entry], str]
) -> Iterator[_Objection]:
    card = by_guid.get(entry.guid) or by_slug.get(entry.slug)
    if card is None:
        yield _Objection(
            Guard.REMOVAL,
            entry.slug,
            f"was published on {entry.published:%Y-%m-%d} and is not there any more",
            f"bring its folder back, or write `guid: {entry.guid}` into episode.yaml of the folder that it is in now, "
            "and run `escaleta produce` on it; or --allow removal",
        )
        return
    if card.entry.guid != entry.guid:
        yield _Objection(
            Guard.GUID,
            entry.slug,
            f"its GUID was {entry.guid} and would become {card.entry.guid}",
            brings_back(entry),
        )
    if card.published != entry.published:
        yield _Objection(
            Guard.DATE,
            entry.slug,
            f"its date was {entry.published.isoformat()} and would become {card.published.isoformat()}",
            f"write `publish_at: {entry.published.isoformat()}` into its episode.yaml, or --allow date",
        )
