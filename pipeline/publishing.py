"""The show's public folder, from all its episodes: what is due goes out."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import EscaletaError, GuardError, InputError, WorkspaceError
from pipeline.formats import addresses
from pipeline.formats import ledger as ledgers
from pipeline.formats.findings import Finding
from pipeline.formats.ledger import Ledger
from pipeline.model import Release, Show
from pipeline.runner import lock
from pipeline.stages.announce import Teller, announce
from pipeline.stages.collect import Garbage, collect, garbage
from pipeline.steps import called
from pipeline.store import Store, clean_leftovers, whole_file
from pipeline.tools.storage import LocalFolder
from pipeline.workspace import Edition, EpisodeFolder, Workspace

if TYPE_CHECKING:
    from pipeline.stages.plan import Plan
    from pipeline.stages.publish import Publication
    from pipeline.tools.storage_remote import RemoteFolder


@dataclass(frozen=True, slots=True)
class Late:
    """An episode that should be out and cannot, or a whole feed by its edition's name: why."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, what should be out and is not, and what hubs could not be told; they are told next time.

    ad_free: what it did to the feed without spots, None where the show has none or it could not be written.
    """

    publication: Publication
    late: tuple[Late, ...]
    untold: tuple[str, ...]
    ad_free: Publication | None = None


def publish_show(workspace: Workspace, now: datetime, allow: Collection[str] = ()) -> Outcome:
    """Publish every released episode that is due at `now` (aware) in the show's feeds, then tell the show's hubs.

    One run at a time holds `feed/.lock`, which guards ledgers and public folders. Raises GuardError where something
    public would change in any of the feeds, before one of them is touched; InputError where show.yaml names a file that
    is not there. An ad-free feed that cannot be written does not keep the show's own from going out.
    """
    with _alone(workspace):
        own, *free = _planned(workspace, now, allow)
        outcome = _published(workspace, own)
        for run in free:
            try:
                other = _published(workspace, run)
            except EscaletaError as error:
                return replace(outcome, late=(*outcome.late, *run.late, Late(run.edition.name, str(error))))
            outcome = replace(
                outcome,
                late=outcome.late + other.late,
                untold=outcome.untold + other.untold,
                ad_free=other.publication,
            )
    return outcome


@dataclass(frozen=True, slots=True)
class _Run:
    """One feed's publication that no guard objects to, and what should be in it and cannot."""

    edition: Edition
    shelf: Shelf
    plan: Plan
    late: tuple[Late, ...]


def _planned(workspace: Workspace, now: datetime, allow: Collection[str]) -> list[_Run]:
    """Every feed's run. Raises GuardError with the objections of all of them."""
    runs: list[_Run] = []
    refusals: list[GuardError] = []
    for edition in workspace.editions:
        try:
            runs.append(_plan(workspace, edition, now, allow))
        except GuardError as refusal:
            refusals.append(refusal)
    if refusals:
        raise GuardError(
            "; ".join(dict.fromkeys(refusal.what for refusal in refusals)),
            where=", ".join(refusal.where for refusal in refusals if refusal.where),
            todo=" · ".join(dict.fromkeys(refusal.todo for refusal in refusals)),
        )
    return runs


def _plan(workspace: Workspace, edition: Edition, now: datetime, allow: Collection[str]) -> _Run:
    from pipeline.stages.cards import Card, card
    from pipeline.stages.plan import plan

    ledger = workspace.ledger(edition.ledger)
    known = {entry.guid: entry for entry in ledger.entries}
    cards: list[Card] = []
    late: list[Late] = []
    shelf = Shelf(workspace, edition)
    for found in _found(workspace, shelf, known, now):
        if isinstance(found, Late):
            late.append(found)
        else:
            cards.append(card(found, known.get(found.item.guid), now))
    planned = plan(
        edition.show,
        cards,
        ledger,
        now=now,
        cover=workspace.existing(workspace.feed / workspace.show.cover, "feed/show.yaml: cover"),
        allow=allow,
        where=f"feed/{edition.ledger}",
    )
    return _Run(edition, shelf, planned, tuple(late))


def _found(workspace: Workspace, shelf: Shelf, known: Collection[str], now: datetime) -> Iterator[Release | Late]:
    """What was released, one by one, and what is due without. known: the GUIDs of what has gone out."""
    for slug in workspace.slugs():
        try:
            if shelf.holds(slug):
                release = shelf.release(slug)
                yield release if release.item.guid in known else _as_promised(workspace.episode(slug), release)
            elif (due := workspace.episode(slug).published) and due <= now:
                yield Late(slug, _never_produced(slug, shelf.edition, due))
        except WorkspaceError as error:
            yield Late(slug, str(error))
        except EscaletaError as error:
            yield Late(slug, error.what)


def _as_promised(folder: EpisodeFolder, release: Release) -> Release | Late:
    """A release that has not gone out yet, unless people have written another time for it since."""
    made, said = release.item.published, folder.published
    if made == said:
        return release
    why = f"episode.yaml says {said}" if said else "it is a draft again: episode.yaml has no publish_at"
    return Late(folder.slug, f"{why}, and what was produced says {made}; run `escaleta produce {folder.slug}`")


def _never_produced(slug: str, edition: Edition, due: datetime) -> str:
    aside = f" in the {edition.name} feed" if edition.name else ""
    return f"it was due at {due}{aside}, and was never produced; run `escaleta produce {slug}`"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The releases of one edition, where the episodes' stages left them. `seen`: what each was when it was read."""

    workspace: Workspace
    edition: Edition
    seen: dict[str, int] = field(default_factory=dict)

    def holds(self, slug: str) -> bool:
        """Whether the episode was released."""
        return self._store(slug).path(called("release", self.edition.name)).exists()

    def release(self, slug: str) -> Release:
        """The episode's release. Raises WorkspaceError where it cannot be read, or has been made anew meanwhile."""
        release = self._store(slug).load(called("release", self.edition.name), Release)
        if self.seen.setdefault(slug, hash(release)) != hash(release):
            todo = "run `escaleta publish` again"
            raise WorkspaceError("was made anew while it was being published", where=f"episodes/{slug}", todo=todo)
        return release

    def folder(self, slug: str) -> Path:
        """Where its files lie."""
        return EpisodeFolder(self.workspace, slug).build / self.edition.name / "release"

    def _store(self, slug: str) -> Store:
        return Store(EpisodeFolder(self.workspace, slug).build)


def _published(workspace: Workspace, run: _Run) -> Outcome:
    from pipeline.formats.feed_reading import LARGEST
    from pipeline.stages.publish import publish
    from pipeline.tools.web import fetch

    edition, show = run.edition, run.edition.show
    storage, record = _storage(edition), partial(_record, workspace, edition)
    publication = publish(
        run.plan,
        run.shelf,
        storage=storage,
        record=record,
        templates=workspace.feed / "templates",
    )
    tellers = _tellers(show)
    told = announce(
        show.feed_url,
        (storage.digest(addresses.feed_name(show)) or "") if tellers else "",
        publication.ledger,
        read_back=lambda url: fetch(url, LARGEST),
        tellers=tellers,
        record=record,
    )
    return Outcome(publication, run.late, told.troubles)


def sweep(workspace: Workspace, now: datetime, *, remove: bool) -> tuple[Garbage, ...]:
    """Sound that nothing names any more; with `remove`, what of it went away since its time of grace has passed."""
    with _alone(workspace):
        return tuple(one for edition in workspace.editions for one in _sweep(workspace, edition, now, remove=remove))


def _sweep(workspace: Workspace, edition: Edition, now: datetime, *, remove: bool) -> Iterable[Garbage]:
    ledger, storage = workspace.ledger(edition.ledger), _storage(edition)
    if remove:
        return collect(ledger, storage, now=now, record=partial(_record, workspace, edition))
    return garbage(ledger, storage, now=now)


@contextlib.contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """While nobody else works on the feeds; what a killed run left half-written is gone."""
    with lock(workspace.feed / ".lock", "the feed"):
        for edition in workspace.editions:
            clean_leftovers(edition.public)
        yield


def _record(workspace: Workspace, edition: Edition, ledger: Ledger) -> None:
    with whole_file(workspace.feed / edition.ledger) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(ledgers.render(ledger))


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
