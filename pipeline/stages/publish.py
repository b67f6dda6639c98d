"""Publish: the feed as a function of releases, ledger and time, and the order in which all becomes public."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pipeline.errors import InputError, WorkspaceError
from pipeline.formats import addresses, page, rss
from pipeline.formats.ledger import Entry, Ledger, Retired
from pipeline.model import Feed, PublishedFile, Release, Show
from pipeline.stages.guards import guarded

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


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
) -> Publication:
    """Makes public what is due at `now` (aware): media, then texts and pages, then the ledger, and the feed last.

    Each file is compared with what was released once it is there; the ledger is recorded through `record` only then,
    and the feed is written only when it differs. So a run killed anywhere is completed by the next, which gets the same
    bytes, and no feed ever names a file that is not there. The caller holds a lock around ledger and storage.

    allow: the guards that may be overridden this once (`pipeline.stages.guards`). Raises GuardError for the others.
    """
    _distinct(ready)
    allowances = guarded(ledger, [r.release for r in ready], now, allow)
    due = sorted((r for r in ready if r.release.item.published <= now), key=_date, reverse=True)
    waiting = sorted((r for r in ready if r.release.item.published > now), key=_date)
    art = _cover(cover)
    entries = _entries(due, ledger, now)
    channel, changed = _channel(show, art, entries, ledger, now)
    updated = replace(
        ledger,
        entries=entries,
        allowances=ledger.allowances + allowances,
        channel=channel,
        changed=changed,
        retired=_retired(ledger, entries, now),
    )
    feed = Feed(show, tuple(r.release.item for r in due), _changed(updated))
    site = _Site(storage, dict(storage.sizes()))
    site.bring(art, cover, ours=False)
    seen = {(entry.guid, entry.content) for entry in ledger.entries}
    complete = {entry.guid for entry in entries if (entry.guid, entry.content) in seen}
    for r in due:
        _bring_release(site, r, complete=r.release.item.guid in complete)
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


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _entries(due: Sequence[Ready], ledger: Ledger, now: datetime) -> tuple[Entry, ...]:
    before = {entry.guid: entry for entry in ledger.entries}
    return tuple(_entry(r.release, before.get(r.release.item.guid), now) for r in reversed(due))


def _channel(
    show: Show, art: PublishedFile, entries: Sequence[Entry], before: Ledger, now: datetime
) -> tuple[str, datetime | None]:
    """A digest of what the feed says of the show, and when that, or the loss of an episode, last changed the feed."""
    said = rss.render(Feed(show, (), _NEVER), cover_url=art.name)
    digest = hashlib.sha256(said).hexdigest()
    lost = {entry.guid for entry in before.entries} - {entry.guid for entry in entries}
    nothing_yet = not entries and before.changed is None
    return digest, now if lost or nothing_yet or before.channel not in (None, digest) else before.changed


def _entry(release: Release, before: Entry | None, now: datetime) -> Entry:
    """What the ledger says of an episode: new content counts from now, a first publication from its own date."""
    item = release.item
    sound = next(file for file in release.files if file.kind == "audio")
    content = _content(release)
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
    )


def _content(release: Release) -> str:
    """A digest of all that listeners get: not how sure a chapter is, nor the zone in which a date is written."""
    item = replace(release.item, published=release.item.published.astimezone(UTC), chapters=())
    chapters = [(c.start, c.end, c.title, c.url, c.image) for c in release.item.chapters]
    return hashlib.sha256(repr((item, chapters, release.files)).encode()).hexdigest()


def _retired(before: Ledger, entries: Sequence[Entry], now: datetime) -> tuple[Retired, ...]:
    """Sound that the feed names no more; what it names again is retired no longer."""
    named = {entry.url for entry in entries}
    known = {retired.url for retired in before.retired} | named
    fresh = dict.fromkeys(entry.url for entry in before.entries if entry.url not in known)
    return (*(r for r in before.retired if r.url not in named), *(Retired(url, now) for url in fresh))


def _changed(ledger: Ledger) -> datetime:
    return max([entry.changed for entry in ledger.entries] + ([ledger.changed] if ledger.changed else []))


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


def _bring_release(site: _Site, ready: Ready, *, complete: bool) -> None:
    """The release's files, media first. Those of an episode that was `complete` at the target need only be there."""
    for file in ready.release.files:
        if not (complete and site.holds(file)):
            site.bring(file, ready.folder / file.name.rpartition("/")[2])
