"""The show's public folder, from all its episodes: what is due goes out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from pipeline.errors import EscaletaError, InputError, WorkspaceError
from pipeline.formats import addresses
from pipeline.formats import ledger as ledgers
from pipeline.formats.feed_reading import LARGEST, attribute, channel
from pipeline.formats.findings import Finding
from pipeline.formats.ledger import Ledger
from pipeline.model import Release, Show
from pipeline.runner import lock
from pipeline.stages.announce import Teller, announce
from pipeline.stages.check import check
from pipeline.stages.collect import Garbage, collect, garbage
from pipeline.stages.publish import Publication, Ready, publish
from pipeline.store import Store, clean_leftovers, whole_file, write
from pipeline.tools.hubs import podping, websub
from pipeline.tools.reach import LocalSite
from pipeline.tools.storage import LocalFolder
from pipeline.tools.storage_remote import RemoteFolder, remote
from pipeline.tools.web import WebSite, fetch, is_address
from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Late:
    """An episode that should be out and cannot: why."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, what should be out and is not, and what hubs could not be told; they are told next time."""

    publication: Publication
    late: tuple[Late, ...]
    untold: tuple[str, ...]


def publish_show(workspace: Workspace, now: datetime, allow: Collection[str] = ()) -> Outcome:
    """Publish every released episode that is due at `now` (aware), then tell the show's hubs.

    One run at a time holds `feed/.lock`, which guards ledger and public folder. Raises GuardError where something
    public would change, InputError where show.yaml names a file that is not there.
    """
    ready, late = _ready(workspace, now)
    storage = _storage(workspace)
    with _ledger(workspace) as (ledger, record):
        publication = publish(
            workspace.show,
            ready,
            ledger,
            now=now,
            cover=workspace.existing(workspace.feed / workspace.show.cover, "feed/show.yaml: cover"),
            storage=storage,
            record=record,
            allow=allow,
            templates=workspace.feed / "templates",
        )
        told = announce(
            workspace.show.feed_url,
            storage.get(addresses.feed_name(workspace.show)) or b"",
            publication.ledger,
            read_back=lambda url: fetch(url, LARGEST),
            tellers=_tellers(workspace.show),
            record=record,
        )
    return Outcome(publication, late, told.troubles)


def sweep(workspace: Workspace, now: datetime, *, remove: bool) -> tuple[Garbage, ...]:
    """Sound that nothing names any more; with `remove`, what of it went away since its time of grace has passed."""
    with _ledger(workspace) as (ledger, record):
        if remove:
            return collect(workspace.show, ledger, _storage(workspace), now=now, record=record)
        return tuple(garbage(workspace.show, ledger, _storage(workspace), now=now))


@contextlib.contextmanager
def _ledger(workspace: Workspace) -> Iterator[tuple[Ledger, Callable[[Ledger], None]]]:
    """The ledger, and how to write it down, while nobody else works on the feed."""
    path = workspace.feed / "ledger.yaml"
    with lock(workspace.feed / ".lock", "the feed"):
        clean_leftovers(workspace.public)
        text = path.read_text("utf-8") if path.exists() else ""
        yield ledgers.parse(text, where="feed/ledger.yaml"), lambda ledger: _record(path, ledger)


def _tellers(show: Show) -> list[Teller]:
    hub = [partial(websub, show.hub)] if show.hub else []
    return [*hub, podping] if show.podping else [*hub]


def _storage(workspace: Workspace) -> LocalFolder | RemoteFolder:
    """Where listeners fetch from: the show's storage, else the workspace's public folder."""
    if workspace.show.storage:
        return remote(workspace.show.storage)
    return LocalFolder(workspace.public, whole_file)


def _record(path: Path, ledger: Ledger) -> None:
    write(path, ledgers.render(ledger).encode())


def _ready(workspace: Workspace, now: datetime) -> tuple[list[Ready], tuple[Late, ...]]:
    """What was released, and what is due without."""
    ready: list[Ready] = []
    late: list[Late] = []
    for slug in workspace.slugs():
        folder = workspace.episode(slug)
        store = Store(folder.build)
        if store.path("release").exists():
            try:
                ready.append(Ready(store.load("release", Release), folder.build / "release"))
            except WorkspaceError as error:
                late.append(Late(slug, str(error)))
            continue
        try:
            due = folder.published is not None and folder.published <= now
        except EscaletaError as error:
            late.append(Late(slug, error.what))
        else:
            late += [Late(slug, f"it was due at {folder.published}, and was never produced")] if due else []
    return ready, tuple(late)


def check_feed(target: str) -> tuple[Finding, ...]:
    """What is wrong with a feed, by its address or its file, and the files that it names.

    Raises InputError where there is no feed.
    """
    if is_address(target):
        return check(fetch(target, LARGEST), WebSite(), where=target)
    path = Path(target)
    try:
        document = path.read_bytes()
    except OSError as error:
        todo = "give a feed's file; `escaleta publish` makes the show's own"
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), todo=todo) from error
    address = attribute(channel(document, where=str(path)), "atom:link[@rel='self']", "href") or ""
    return check(document, LocalSite(path.parent, address.rpartition("/")[0] + "/"), where=str(path))
