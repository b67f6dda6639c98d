"""Collect: old sound that nothing names any more is listed, and removed when its time of grace has passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.formats.addresses import episode_file
from pipeline.formats.ledger import Ledger

GRACE = timedelta(days=30)
"""How long apps that have not looked at the feed since may still fetch what it named."""


class Storage(Protocol):
    """Where the public folder lies."""

    def sizes(self) -> Iterable[tuple[str, int]]:
        """Every file's name and length in bytes."""

    def delete(self, name: str) -> None:
        """Removes a file, if it is there."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file that nothing names: its name and bytes at the target, since when, and whether it may go now."""

    name: str
    length: int
    since: datetime
    due: bool


def garbage(ledger: Ledger, storage: Storage, *, now: datetime) -> list[Garbage]:
    """What the ledger knows to be retired and the target still holds. Files of others are never among it.

    A feed whose address moved has the same files, so they are known by their names.
    """
    sizes = dict(storage.sizes())
    named = {episode_file(entry.url) for entry in ledger.entries}
    return [
        Garbage(name, sizes[name], retired.since, now - retired.since >= GRACE)
        for retired in ledger.retired
        if (name := episode_file(retired.url)) in sizes and name not in named
    ]


def collect(
    ledger: Ledger, storage: Storage, *, now: datetime, record: Callable[[Ledger], None]
) -> tuple[Garbage, ...]:
    """Removes what is due, then records that it is gone: a run that is killed in between only looks again."""
    due = tuple(file for file in garbage(ledger, storage, now=now) if file.due)
    for file in due:
        storage.delete(file.name)
    there = dict(storage.sizes())
    kept = tuple(retired for retired in ledger.retired if episode_file(retired.url) in there)
    if kept != ledger.retired:
        record(replace(ledger, retired=kept))
    return due
