"""Collect: what nothing names any more is listed, and removed when its time of grace has passed.

That is sound that another took the place of, and all that an episode leaves behind that the feed no longer has.
"""

from __future__ import annotations

import re
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

    def digest(self, name: str) -> str | None:
        """SHA-256 of what is there now, read back; None where nothing is."""

    def delete(self, name: str) -> None:
        """Removes a file, if it is there."""


_TEXTS = {"chapters.json", "description.txt", "index.html", "transcript.json", "transcript.srt", "transcript.vtt"}
"""What a release calls its files that are not named after their bytes."""

_HASHED = re.compile(r".+-([0-9a-f]{8})\.\w+")


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file that nothing names: its name and bytes at the target, since when, and whether it may go now."""

    name: str
    length: int
    since: datetime
    due: bool


def garbage(ledger: Ledger, storage: Storage, *, now: datetime) -> list[Garbage]:
    """What the ledger knows to be retired and the target still holds, and what lies beside it where the feed has no
    such episode any more. Files of others are never among it.

    A feed whose address moved has the same files, so they are known by their names.
    """
    sizes = dict(storage.sizes())
    named = {episode_file(entry.url) for entry in ledger.entries}
    sound = {name: retired.since for retired in ledger.retired if (name := episode_file(retired.url)) not in named}
    unnamed = sound | _left_behind(ledger, storage, sizes)
    return [Garbage(name, sizes[name], at, now - at >= GRACE) for name, at in unnamed.items() if name in sizes]


def _left_behind(ledger: Ledger, storage: Storage, names: Iterable[str]) -> dict[str, datetime]:
    """Texts, pages and pictures of episodes that the feed no longer has, and since when it has not."""
    sound, since = {episode_file(retired.url) for retired in ledger.retired}, _withdrawn(ledger)
    beside = ((name, since.get(name.rpartition("/")[0])) for name in names if name not in sound)
    return {name: at for name, at in beside if at and _released(name, storage)}


def _withdrawn(ledger: Ledger) -> dict[str, datetime]:
    """Folders whose episodes the feed no longer has, and since when it has not."""
    since: dict[str, datetime] = {}
    for retired in sorted(ledger.retired, key=lambda retired: retired.since):
        since[_folder(retired.url)] = retired.since
    alive = {_folder(entry.url) for entry in ledger.entries}
    return {folder: at for folder, at in since.items() if folder not in alive}


def _folder(url: str) -> str:
    return episode_file(url).partition("/")[0]


def _released(name: str, storage: Storage) -> bool:
    """Whether a release's file is called so, and has the bytes that its name was made of where it was."""
    file = name.rpartition("/")[2]
    hashed = _HASHED.fullmatch(file)
    return file in _TEXTS or (hashed is not None and (storage.digest(name) or "").startswith(hashed[1]))


def collect(
    ledger: Ledger, storage: Storage, *, now: datetime, record: Callable[[Ledger], None]
) -> tuple[Garbage, ...]:
    """Removes what is due, then records that it is gone: a run that is killed in between only looks again."""
    due = tuple(file for file in garbage(ledger, storage, now=now) if file.due)
    for file in due:
        storage.delete(file.name)
    there = dict(storage.sizes())
    beside = {name.rpartition("/")[0] for name in _left_behind(ledger, storage, there)}
    kept = tuple(
        retired for retired in ledger.retired if episode_file(retired.url) in there or _folder(retired.url) in beside
    )
    if kept != ledger.retired:
        record(replace(ledger, retired=kept))
    return due
