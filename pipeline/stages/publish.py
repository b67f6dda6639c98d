"""Publish: the feed as a function of releases, ledger and time, and the order in which all becomes public."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.errors import InputError, WorkspaceError
from pipeline.formats import addresses, page, rss
from pipeline.formats.ledger import Ledger
from pipeline.model import Feed, PublishedFile, Release, Show
from pipeline.stages.enter import enter, last_changed
from pipeline.stages.guards import guarded


class Storage(Protocol):
    """Where the public folder lies; `pipeline.tools.storage.LocalFolder` is one. Names have forward slashes."""

    def sizes(self) -> Mapping[str, int]:
        """Every file's length in bytes."""

    def digest(self, name: str) -> str | None:
        """SHA-256 of what is there now, read back; None where nothing is."""

    def get(self, name: str) -> bytes | None:
        """A small file's bytes; None where there is none."""

    def put(self, name: str, chunks: Iterable[bytes], *, type: str, lasting: bool) -> None:
        """Writes a file, whole or not at all. `lasting`: the bytes under this name never change."""

    def put_file(self, name: str, source: Path, *, type: str, lasting: bool) -> None:
        """As `put`, from a file that nobody writes into; where its bytes are `lasting` they may be shared with it."""

    def settle(self, now: datetime) -> tuple[str, ...]:
        """What is to be done when all is there; what stood in the way, a sentence each."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A release, and the folder where its files lie under the last part of their names."""

    release: Release
    folder: Path


@dataclass(frozen=True, slots=True)
class Publication:
    """What a run did.

    new: slugs that went out now. waiting: releases whose time has not come, soonest first. notes: what the place of the
    public folder could not do, a sentence each; nothing that was to be published is missing for it.
    """

    feed: Feed
    ledger: Ledger
    new: tuple[str, ...]
    waiting: tuple[Release, ...]
    written: tuple[str, ...]
    notes: tuple[str, ...] = ()


def publish(
    show: Show,
    ready: Sequence[Ready],
    ledger: Ledger,
    *,
    now: datetime,
    cover: Path,
    storage: Storage,
    record: Callable[[Ledger], None],
    allow: Collection[str] = (),
    templates: Path | None = None,
    where: str = "feed/ledger.yaml",
) -> Publication:
    """Makes public what is due at `now` (aware): media, then texts and pages, then the ledger, and the feed last.

    Each file is compared with what was released once it is there; the ledger is recorded through `record` only then,
    and the feed is written only when it differs. So a run killed anywhere is completed by the next, which gets the same
    bytes, and no feed ever names a file that is not there. The caller holds a lock around ledger and storage.

    allow: the guards that may be overridden this once (`pipeline.stages.guards`). Raises GuardError for the others.
    where: the ledger's file, for people.
    """
    _distinct(ready)
    allowances = guarded(ledger, [r.release for r in ready], now, allow, where)
    due = sorted((r for r in ready if r.release.item.published <= now), key=_date, reverse=True)
    waiting = sorted((r for r in ready if r.release.item.published > now), key=_date)
    art = _cover(cover)
    updated = enter(ledger, show, art.name, [r.release for r in due], now=now, allowances=allowances)
    feed = Feed(show, tuple(r.release.item for r in due), last_changed(updated))
    site = _Site(storage, dict(storage.sizes()))
    site.bring(art, cover, ours=False)
    _bring_releases(site, due, ledger, updated)
    site.write("index.html", page.show(page.ShowPage(feed, art.name), templates).encode(), type=page.TYPE)
    if updated != ledger:
        record(updated)
    for document in rss.documents(feed, cover_url=addresses.base(show) + art.name):
        site.write(document.name, document.data, type=rss.TYPE)
    known = {entry.guid for entry in ledger.entries}
    return Publication(
        feed=feed,
        ledger=updated,
        new=tuple(r.release.slug for r in due if r.release.item.guid not in known),
        waiting=tuple(r.release for r in waiting),
        written=tuple(site.written),
        notes=_settled(storage, now) if site.written else (),
    )


def _settled(storage: Storage, now: datetime) -> tuple[str, ...]:
    """All is public by now: nothing that goes wrong here may say that it is not."""
    try:
        return storage.settle(now)
    except WorkspaceError as error:
        return (str(error),)


def _date(ready: Ready) -> tuple[datetime, str]:
    """By date, and by slug where dates are the same: the feed's order never hangs on the order of folders."""
    return ready.release.item.published, ready.release.slug


def _distinct(ready: Sequence[Ready]) -> None:
    owners: dict[str, str] = {}
    for release in (r.release for r in ready):
        other = owners.setdefault(release.item.guid, release.slug)
        if other != release.slug:
            raise InputError(
                f"has the same GUID as {other}",
                where=f"episodes/{release.slug}/episode.yaml: guid",
                todo="give each episode its own, or leave the line out",
            )


def _cover(path: Path) -> PublishedFile:
    """The artwork under a name of its own: apps look for new artwork only at a new address."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=str(path), todo="put the show's cover there"
        ) from None
    digest = hashlib.sha256(data).hexdigest()
    return PublishedFile(
        "cover", addresses.hashed(path.name, digest), addresses.media_type(path.name), len(data), digest
    )


# ── the site ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Site:
    """The public folder during one run: what is there, and what was written."""

    storage: Storage
    sizes: dict[str, int]
    written: list[str] = field(default_factory=list)

    def holds(self, file: PublishedFile) -> bool:
        """Whether a file of that name and length is there."""
        return self.sizes.get(file.name) == file.length

    def bring(self, file: PublishedFile, source: Path, *, ours: bool = True) -> None:
        """Has these very bytes at the target: written if they are not, then read back and compared.

        ours: whether `source` is a release's, which is only ever replaced, and not a file that people edit.
        """
        if self.holds(file) and self.storage.digest(file.name) == file.sha256:
            return
        if not source.is_file():
            todo = "run `escaleta produce` on the episode again"
            raise InputError("is missing", where=str(source), todo=todo)
        lasting = file.sha256[:8] in file.name
        if ours:
            self.storage.put_file(file.name, source, type=file.type, lasting=lasting)
        else:
            self.storage.put(file.name, [source.read_bytes()], type=file.type, lasting=lasting)
        self.written.append(file.name)
        if self.storage.digest(file.name) != file.sha256:
            raise WorkspaceError(
                "is not what was released, after copying; the feed was left as it is",
                where=f"{source} → {file.name}",
                todo="run `escaleta produce` on the episode again; if it comes back, look at the disk and the network",
            )

    def write(self, name: str, data: bytes, *, type: str) -> None:
        """Has these bytes under a name; unchanged bytes are left alone, so that ETag and Last-Modified hold."""
        if self.storage.get(name) != data:
            self.storage.put(name, [data], type=type, lasting=False)
            self.written.append(name)


def _bring_releases(site: _Site, due: Sequence[Ready], before: Ledger, after: Ledger) -> None:
    """Every release's files, media first. Those of one that was complete at the target need only be there."""
    seen = {(entry.guid, entry.content) for entry in before.entries}
    complete = {entry.guid for entry in after.entries if (entry.guid, entry.content) in seen}
    for ready in due:
        for file in ready.release.files:
            if not (ready.release.item.guid in complete and site.holds(file)):
                site.bring(file, ready.folder / file.name.rpartition("/")[2])
