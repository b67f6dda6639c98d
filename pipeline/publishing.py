"""The show's public folder, from all its episodes: what is due goes out."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import EscaletaError, InputError, WorkspaceError
from pipeline.formats import addresses
from pipeline.formats import ledger as ledgers
from pipeline.formats.findings import Finding
from pipeline.formats.ledger import Ledger
from pipeline.model import Release, Show
from pipeline.runner import lock
from pipeline.stages.announce import Teller, announce
from pipeline.stages.collect import Garbage, collect, garbage
from pipeline.steps import called
from pipeline.store import Store, clean_leftovers, whole_file, write
from pipeline.tools.storage import LocalFolder
from pipeline.workspace import Edition, Workspace

if TYPE_CHECKING:
    from pipeline.stages.publish import Publication, Ready
    from pipeline.tools.storage_remote import RemoteFolder


@dataclass(frozen=True, slots=True)
class Late:
    """An episode that should be out and cannot: why."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, what should be out and is not, and what hubs could not be told; they are told next time.

    ad_free: what it did to the feed without spots, None where the show has none.
    """

    publication: Publication
    late: tuple[Late, ...]
    untold: tuple[str, ...]
    ad_free: Publication | None = None


def publish_show(workspace: Workspace, now: datetime, allow: Collection[str] = ()) -> Outcome:
    """Publish every released episode that is due at `now` (aware) in the show's feeds, then tell the show's hubs.

    One run at a time holds `feed/.lock`, which guards ledgers and public folders. Raises GuardError where something
    public would change, InputError where show.yaml names a file that is not there.
    """
    with _alone(workspace):
        own, *free = [_publish(workspace, edition, now, allow) for edition in workspace.editions]
    return replace(
        own,
        late=own.late + tuple(late for one in free for late in one.late),
        untold=own.untold + tuple(hub for one in free for hub in one.untold),
        ad_free=free[0].publication if free else None,
    )


def _publish(workspace: Workspace, edition: Edition, now: datetime, allow: Collection[str]) -> Outcome:
    from pipeline.formats.feed_reading import LARGEST
    from pipeline.stages.publish import publish
    from pipeline.tools.web import fetch

    ready, late = _ready(workspace, edition, now)
    storage, record = _storage(edition), partial(_record, workspace, edition)
    publication = publish(
        edition.show,
        ready,
        workspace.ledger(edition.ledger),
        now=now,
        cover=workspace.existing(workspace.feed / workspace.show.cover, "feed/show.yaml: cover"),
        storage=storage,
        record=record,
        allow=allow,
        templates=workspace.feed / "templates",
        where=f"feed/{edition.ledger}",
    )
    told = announce(
        edition.show.feed_url,
        storage.get(addresses.feed_name(edition.show)) or b"",
        publication.ledger,
        read_back=lambda url: fetch(url, LARGEST),
        tellers=_tellers(edition.show),
        record=record,
    )
    return Outcome(publication, late, told.troubles)


def sweep(workspace: Workspace, now: datetime, *, remove: bool) -> tuple[Garbage, ...]:
    """Sound that nothing names any more; with `remove`, what of it went away since its time of grace has passed."""
    with _alone(workspace):
        return tuple(one for edition in workspace.editions for one in _sweep(workspace, edition, now, remove=remove))


def _sweep(workspace: Workspace, edition: Edition, now: datetime, *, remove: bool) -> Iterable[Garbage]:
    ledger, storage = workspace.ledger(edition.ledger), _storage(edition)
    if remove:
        return collect(edition.show, ledger, storage, now=now, record=partial(_record, workspace, edition))
    return garbage(edition.show, ledger, storage, now=now)


@contextlib.contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """While nobody else works on the feeds; what a killed run left half-written is gone."""
    with lock(workspace.feed / ".lock", "the feed"):
        for edition in workspace.editions:
            clean_leftovers(edition.public)
        yield


def _record(workspace: Workspace, edition: Edition, ledger: Ledger) -> None:
    write(workspace.feed / edition.ledger, ledgers.render(ledger).encode())


def _tellers(show: Show) -> list[Teller]:
    from pipeline.tools.hubs import podping, websub

    hub = [partial(websub, show.hub)] if show.hub else []
    return [*hub, podping] if show.podping else [*hub]


def _storage(edition: Edition) -> LocalFolder | RemoteFolder:
    """Where listeners fetch from: the feed's storage, else its public folder in the workspace."""
    if edition.show.storage:
        from pipeline.tools.storage_remote import remote

        return remote(edition.show.storage)
    return LocalFolder(edition.public, whole_file)


def _ready(workspace: Workspace, edition: Edition, now: datetime) -> tuple[list[Ready], tuple[Late, ...]]:
    """What was released, and what is due without."""
    from pipeline.stages.publish import Ready

    ready: list[Ready] = []
    late: list[Late] = []
    for slug in workspace.slugs():
        folder = workspace.episode(slug)
        store, name = Store(folder.build), called("release", edition.name)
        if store.path(name).exists():
            try:
                ready.append(Ready(store.load(name, Release), folder.build / edition.name / "release"))
            except WorkspaceError as error:
                late.append(Late(slug, str(error)))
            continue
        try:
            due = folder.published is not None and folder.published <= now
        except EscaletaError as error:
            late.append(Late(slug, error.what))
        else:
            late += [Late(slug, _never_produced(slug, edition, folder.published))] if due else []
    return ready, tuple(late)


def _never_produced(slug: str, edition: Edition, due: datetime | None) -> str:
    aside = f" in the {edition.name} feed" if edition.name else ""
    return f"it was due at {due}{aside}, and was never produced; run `escaleta produce {slug}`"


def check_feed(target: str) -> tuple[Finding, ...]:
    """What is wrong with a feed, by its address or its file, and the files that it names.

    Raises InputError where there is no feed.
    """
    from pipeline.formats.feed_reading import LARGEST, attribute, read
    from pipeline.stages.check import check
    from pipeline.tools.reach import LocalSite
    from pipeline.tools.web import WebSite, fetch, is_address

    if is_address(target):
        return check(fetch(target, LARGEST), WebSite(), where=target)
    path = Path(target)
    try:
        document = path.read_bytes()
    except OSError as error:
        todo = "give a feed's file; `escaleta publish` makes the show's own"
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), todo=todo) from error
    address = attribute(read(document, where=str(path)).channel, "atom:link[@rel='self']", "href") or ""
    return check(document, LocalSite(path.parent, address.rpartition("/")[0] + "/"), where=str(path))
