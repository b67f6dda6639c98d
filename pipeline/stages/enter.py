"""Enter: what the ledger says of what is public, from what it said before, the episodes that are due and the time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.formats import guids, rss
from pipeline.formats.addresses import episode_file
from pipeline.formats.ledger import Allowance, Entry, Ledger, Retired
from pipeline.model import Feed, Show

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def enter(
    before: Ledger, show: Show, art: str, due: Sequence[Entry], *, now: datetime, allowances: tuple[Allowance, ...]
) -> Ledger:
    """The ledger once `due` is public: the episodes whose time has come, newest first.

    art: the name of the show's artwork. allowances: the guards that were overridden this time.

    What a clock that ran ahead has written counts from `now`: else the guards would object until that time has come.
    """
    entries = tuple(_by(now, entry) for entry in reversed(due))
    channel, changed = _channel(show, art, entries, before, now)
    return replace(
        before,
        entries=entries,
        allowances=before.allowances + allowances,
        channel=channel,
        changed=changed and min(changed, now),
        retired=_retired(before, entries, now),
        guid=guids.feed_guid(show),
    )


def _by(now: datetime, entry: Entry) -> Entry:
    if max(entry.first_published, entry.changed) <= now:
        return entry
    return replace(entry, first_published=min(entry.first_published, now), changed=min(entry.changed, now))


def _channel(
    show: Show, art: str, entries: Sequence[Entry], before: Ledger, now: datetime
) -> tuple[str, datetime | None]:
    """A digest of what the feed says of the show, and when that, or the loss of an episode, last changed the feed."""
    said = rss.render(Feed(show, (), _NEVER), cover_url=art)
    digest = hashlib.sha256(said).hexdigest()
    lost = {entry.guid for entry in before.entries} - {entry.guid for entry in entries}
    nothing_yet = not entries and before.changed is None
    return digest, now if lost or nothing_yet or before.channel not in (None, digest) else before.changed


def _retired(before: Ledger, entries: Sequence[Entry], now: datetime) -> tuple[Retired, ...]:
    """Sound that the feed names no more, wherever it is served; what it names again is retired no longer."""
    named = {episode_file(entry.url) for entry in entries}
    kept = tuple(
        replace(retired, since=min(retired.since, now))
        for retired in before.retired
        if episode_file(retired.url) not in named
    )
    known = named | {episode_file(retired.url) for retired in kept}
    fresh = dict.fromkeys(entry.url for entry in before.entries if episode_file(entry.url) not in known)
    return (*kept, *(Retired(url, now) for url in fresh))
