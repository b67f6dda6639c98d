"""What must not change once it is public, and how a person says that it may."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import GuardError
from pipeline.formats.ledger import Allowance, Entry, Ledger
from pipeline.model import Release

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
    ledger: Ledger, releases: Sequence[Release], now: datetime, allow: Collection[str], where: str
) -> tuple[Allowance, ...]:
    """What was overridden, for the record. Raises GuardError, at the ledger's file `where`, with all that was not."""
    unknown = sorted(set(allow) - set(KINDS))
    if unknown:
        raise GuardError(f"no guard is called {', '.join(unknown)}", todo=f"there are {', '.join(KINDS)}")
    objections = list(_objections(ledger, releases, now))
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


def _objections(ledger: Ledger, releases: Sequence[Release], now: datetime) -> Iterator[_Objection]:
    yield from _clock(ledger, now)
    by_slug = {release.slug: release for release in releases}
    by_guid = {release.item.guid: release for release in releases}
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


def _changes(entry: Entry, by_slug: Mapping[str, Release], by_guid: Mapping[str, Release]) -> Iterator[_Objection]:
    release = by_guid.get(entry.guid) or by_slug.get(entry.slug)
    if release is None:
        yield _Objection(
            "removal",
            entry.slug,
            f"was published on {entry.published:%Y-%m-%d} and is not there any more",
            "bring its folder back and run `escaleta produce` on it, or --allow removal",
        )
        return
    if release.item.guid != entry.guid:
        yield _Objection(
            "guid",
            entry.slug,
            f"its GUID was {entry.guid} and would become {release.item.guid}",
            f"write `guid: {entry.guid}` into its episode.yaml, or --allow guid",
        )
    if release.item.published != entry.published:
        yield _Objection(
            "date",
            entry.slug,
            f"its date was {entry.published.isoformat()} and would become {release.item.published.isoformat()}",
            f"write `publish_at: {entry.published.isoformat()}` into its episode.yaml, or --allow date",
        )
