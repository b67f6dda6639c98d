"""Publish: what was planned becomes public, in an order in which no feed ever names what is not there."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from pipeline.errors import FeedOvertakenError, InputError, WorkspaceError
from pipeline.formats import addresses, page, rss
from pipeline.formats.ledger import Ledger
from pipeline.model import Feed, PublishedFile
from pipeline.stages.cards import Card, Items, Shelf
from pipeline.stages.plan import Plan

_CHUNK = 1 << 20


class Storage(Protocol):
    """Where the public folder lies; `pipeline.tools.storage.LocalFolder` is one. Names have forward slashes."""

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every file's name and length in bytes, from where they lie."""

    def digest(self, name: str) -> str | None:
        """SHA-256 of what is there now, read back; None where nothing is."""

    def put(self, name: str, chunks: Iterable[bytes], *, type: str, lasting: bool) -> None:
        """Writes a file, whole or not at all. `lasting`: the bytes under this name never change."""

    def put_file(self, name: str, source: Path, *, type: str, lasting: bool) -> None:
        """As `put`, from a file that nobody writes into; where its bytes are `lasting` they may be shared with it."""

    def replace(self, name: str, chunks: Iterable[bytes], *, type: str, seen: str | None) -> tuple[str, ...]:
        """As `put`, where what lies there still has the SHA-256 `seen`, None for nothing; else FeedOvertakenError.

        Returns what stood in the way of being sure of that, a sentence each.
        """

    def settle(self, now: datetime) -> tuple[str, ...]:
        """What is to be done when all is there; what stood in the way, a sentence each."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What a run did.

    new: slugs that went out now. waiting: releases whose time has not come, soonest first. notes: what the place of the
    public folder could not do, a sentence each; nothing that was to be published is missing for it.
    """

    ledger: Ledger
    new: tuple[str, ...]
    waiting: tuple[Card, ...]
    written: tuple[str, ...]
    notes: tuple[str, ...] = ()


def publish(
    plan: Plan, shelf: Shelf, *, storage: Storage, record: Callable[[Ledger], None], templates: Path | None = None
) -> Publication:
    """Makes public what was planned: media, then texts and pages, then the ledger, and the feed last.

    Feed and page are drafted before anything is written: what keeps one of them from being made leaves all as it was.
    Each file is compared with what was released once it is there; the ledger is recorded through `record` only then,
    and the feed is written only when it differs. So a run killed anywhere is completed by the next, which gets the same
    bytes, and no feed ever names a file that is not there; what the ledger says has gone out is what was read for the
    feed, even if a release is made anew meanwhile. The caller holds a lock around ledger and storage; it does not reach
    other machines, so the feed takes the place of the one that the guards have seen, or of none: FeedOvertakenError.

    Of the releases no more than one part of the feed is in memory at a time, however long the show.
    """
    site = _Site(storage)
    index = page.show(page.ShowPage(_feed(plan, shelf), addresses.in_address(plan.art.name)), templates)
    documents = _documents(plan, shelf)
    with ExitStack() as drafts:
        *texts, own = [
            site.draft("index.html", (piece.encode() for piece in index), page.TYPE, drafts),
            *(site.draft(document.name, document.pieces, rss.TYPE, drafts) for document in documents),
        ]
        site.bring(plan.art, plan.cover, ours=False)
        _bring_releases(site, plan, shelf)
        # Hours of uploading lie behind: another's feed is noticed before ledger, page and archives are touched.
        if own and storage.digest(own.name) != plan.public:
            raise FeedOvertakenError(own.name)
        if plan.after != plan.before:
            record(plan.after)
        for text in filter(None, texts):
            site.write(text)
        unsure = site.replace(own, plan.public) if own else ()
    shelf.drop_others({entry.slug for entry in plan.after.entries})
    known = {entry.guid for entry in plan.before.entries}
    return Publication(
        ledger=plan.after,
        new=tuple(card.slug for card in plan.due if card.entry.guid not in known),
        waiting=plan.waiting,
        written=tuple(site.written),
        notes=unsure + _settled(storage, plan.now) if site.written else (),
    )


def foreseen(plan: Plan, shelf: Shelf) -> str:
    """SHA-256 of the feed that this plan would make public."""
    *_, own = _documents(plan, shelf)
    digest = hashlib.sha256()
    for piece in own.pieces:
        digest.update(piece)
    return digest.hexdigest()


def _feed(plan: Plan, shelf: Shelf) -> Feed:
    return Feed(plan.show, Items(shelf, plan.due), plan.after.last_changed)


def _documents(plan: Plan, shelf: Shelf) -> Iterator[rss.Document]:
    return rss.documents(_feed(plan, shelf), cover_url=addresses.base(plan.show) + addresses.in_address(plan.art.name))


def _settled(storage: Storage, now: datetime) -> tuple[str, ...]:
    """All is public by now: nothing that goes wrong here may say that it is not."""
    try:
        return storage.settle(now)
    except WorkspaceError as error:
        return (str(error),)


def _bring_releases(site: _Site, plan: Plan, shelf: Shelf) -> None:
    """Every release's files, media first. Those of one that was complete at the target need only be there.

    Once they are, its release is put by: the ledger never knows of one that cannot be had any more.
    """
    # A name and a length take twenty times the bytes of their hash, and there are seven files an episode.
    there = {hash(name_and_length) for name_and_length in site.storage.sizes()}
    complete = {(entry.guid, entry.content) for entry in plan.before.entries}
    for card in plan.due:
        held = there if (card.entry.guid, card.entry.content) in complete else ()
        release = shelf.release(card.slug)
        for file in release.files:
            if hash((file.name, file.length)) not in held:
                site.bring(file, shelf.folder(card.slug) / file.name.rpartition("/")[2])
        shelf.keep(release)


# ── the site ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that differs from what is public under its name."""

    name: str
    type: str
    file: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, from the beginning."""
        self.file.seek(0)
        return iter(partial(self.file.read, _CHUNK), b"")


@dataclass(slots=True)
class _Site:
    """The public folder during one run, and what was written there."""

    storage: Storage
    written: list[str] = field(default_factory=list)

    def bring(self, file: PublishedFile, source: Path, *, ours: bool = True) -> None:
        """Has these very bytes at the target: written if they are not, then read back and compared.

        ours: whether `source` is a release's, which is only ever replaced, and not a file that people edit.
        """
        if self.storage.digest(file.name) == file.sha256:
            return
        if not source.is_file():
            slug = file.name.partition("/")[0]
            raise InputError(
                "is missing or another where the feed is public, and is not here either",
                where=f"{source} → {file.name}",
                todo=f"run `escaleta produce {slug}`; or bring it there from where it was public",
            )
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

    def draft(self, name: str, pieces: Iterable[bytes], type: str, drafts: ExitStack) -> _Text | None:
        """A text as it will be written, on disk where it is long; None where it is there already.

        So ETag and Last-Modified of what did not change hold. Raises WorkspaceError where there is no room for it.
        """
        digest = hashlib.sha256()
        try:
            file = tempfile.SpooledTemporaryFile(max_size=_CHUNK)  # noqa: SIM115 — `drafts` closes it
            drafts.push(file)
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        except OSError as error:
            where = "the folder for temporary files"
            raise WorkspaceError(
                f"{name} cannot be drafted: {error.strerror or error}", where=where, todo="make room there"
            ) from error
        if self.storage.digest(name) != digest.hexdigest():
            return _Text(name, type, file)
        file.close()
        return None

    def write(self, text: _Text) -> None:
        """Puts a draft in its place."""
        self.storage.put(text.name, text.chunks(), type=text.type, lasting=False)
        self.written.append(text.name)

    def replace(self, text: _Text, seen: str | None) -> tuple[str, ...]:
        """Puts a draft in the place of what was seen there, and of nothing else."""
        notes = self.storage.replace(text.name, text.chunks(), type=text.type, seen=seen)
        self.written.append(text.name)
        return notes
