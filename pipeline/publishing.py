"""The show's public folder, from all its episodes: what is due goes out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from pipeline.editions import OWN, Edition
from pipeline.errors import EscaletaError, GuardError, InputError, WorkspaceError
from pipeline.formats import addresses
from pipeline.formats import ledger as ledgers
from pipeline.formats.ledger import Ledger
from pipeline.model import Show
from pipeline.runner import lock
from pipeline.shelf import Late, Shelf, found, gone
from pipeline.stages.announce import Teller, announce
from pipeline.stages.collect import Garbage, collect, garbage
from pipeline.stages.guards import Guard, Public, behind, caught_up, up_to_date
from pipeline.store import clean_leftovers, whole_file
from pipeline.tools.storage import LocalFolder
from pipeline.workspace import EpisodeFolder, Workspace

if TYPE_CHECKING:
    from pipeline.stages.cards import Card
    from pipeline.stages.plan import Plan
    from pipeline.stages.publish import Publication
    from pipeline.tools.storage_remote import RemoteFolder


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, what should be out and is not, and what hubs could not be told; they are told next time.

    ad_free: what it did to the feed without spots, None where the show has none or it could not be written.
    failure: why that one could not be written, while the show's own went out.
    """

    publication: Publication
    late: tuple[Late, ...]
    untold: tuple[str, ...]
    ad_free: Publication | None = None
    failure: EscaletaError | None = None

    def shows(self, folder: EpisodeFolder) -> bool:
        """Whether the episode is in the show's own feed."""
        return any(folder.guid == one.guid or folder.slug == one.slug for one in self.publication.ledger.entries)

    def objection(self, folder: EpisodeFolder) -> InputError | None:
        """Why a public episode's files stay as they were: it is not ready any more. None where they need not."""
        return folder.not_ready(_STAYS) if folder.unready and self.shows(folder) else None


PATIENCE = 60.0
"""Seconds for another run to end: what an hour was spent on shall not fail for the moment that a clock takes."""

_STAYS = "is public, and not ready to go out as it is now; its public files stay as they were"


def publish_show(workspace: Workspace, now: datetime, allow: Collection[Guard] = ()) -> Outcome:
    """Publish every released episode that is due at `now` (aware) in the show's feeds, then tell the show's hubs.

    One run at a time holds `feed/.lock`, which guards ledgers and public folders; another waits for `PATIENCE`. Raises
    GuardError where something public would change in any of the feeds, before one of them is touched; InputError where
    show.yaml names a file that is not there, a ledger is damaged, or two episodes have one GUID; WorkspaceError where
    another run does not end. An ad-free feed that cannot be written does not keep the show's own from going out.
    """
    with _alone(workspace):
        own, *free = [_plan(workspace, edition, now, allow) for edition in workspace.editions]
        outcome = _published(workspace, own)
        for run in free:
            try:
                other = _published(workspace, run)
            except EscaletaError as error:
                return replace(outcome, failure=error)
            outcome = replace(
                outcome,
                late=tuple(dict.fromkeys(outcome.late + other.late)),
                untold=outcome.untold + other.untold,
                ad_free=other.publication,
            )
    return outcome


@dataclass(frozen=True, slots=True)
class _Run:
    """One feed's publication that no guard objects to, and what should be in it and cannot.

    unseen: why what is public could not be looked at, so that nothing may be written over it.
    """

    edition: Edition
    shelf: Shelf
    plan: Plan
    late: tuple[Late, ...]
    unseen: WorkspaceError | None


def _plan(workspace: Workspace, edition: Edition, now: datetime, allow: Collection[Guard]) -> _Run:
    from pipeline.stages.cards import card
    from pipeline.stages.plan import plan

    ledger = workspace.ledger(edition.ledger)
    now = caught_up(ledger, now)
    known = {entry.guid: entry for entry in ledger.entries}
    gone_out = known.keys() | {entry.slug for entry in ledger.entries}
    cards: list[Card] = []
    late: list[Late] = []
    shelf = Shelf(workspace, edition, gone(ledger))
    for one in found(workspace, shelf, gone_out, now):
        if isinstance(one, Late):
            late.append(one)
        else:
            cards.append(card(one, known.get(one.item.guid), now))
    if Guard.REMOVAL not in allow:
        _check_missing(workspace, ledger, cards)
    planned = partial(
        plan,
        edition.show,
        cards,
        ledger,
        now=now,
        cover=workspace.existing(workspace.feed / workspace.show.cover, "feed/show.yaml: cover"),
        allow=allow,
        where=f"feed/{edition.ledger}",
        follows=edition.name != OWN,
    )
    public, unseen = None, None
    try:
        public = _public(edition)
    except WorkspaceError as error:
        unseen = error
    if public and behind(ledger, public, now):
        public = _ours(public, planned, shelf)
    return _Run(edition, shelf, planned(public=public), tuple(late), unseen)


def _ours(public: Public, planned: Callable[[], Plan], shelf: Shelf) -> Public:
    """A feed of which the ledger did not hear, without its date where it has the very bytes that would go out now.

    Another machine with the same episodes published it, or a workflow could not keep the ledger: nothing is taken back.
    """
    from pipeline.stages.publish import foreseen

    with contextlib.suppress(GuardError):
        return replace(public, built=None) if foreseen(planned(), shelf) == public.sha256 else public
    return public


def _public(edition: Edition) -> Public | None:
    """The feed that lies where the edition's will; None for none. Raises WorkspaceError where it is out of reach."""
    from pipeline.stages.look import look

    with _storage(edition) as storage:
        document = storage.read(addresses.feed_name(edition.show))
        return None if document is None else look(document)


def _check_missing(workspace: Workspace, ledger: Ledger, cards: Iterable[Card]) -> None:
    """Raises InputError where something public has no release, and gets none as its files are now; GuardError where it
    has a folder, and only what was made of it is lost or was written by another version, in feed/released as well.

    The guards would say that it is not there, which is not so.
    """
    there = {name for card in cards for name in (card.slug, card.entry.guid)}
    missing = {one.slug for one in ledger.entries if not there & {one.slug, one.guid}}
    lost = sorted(missing.intersection(workspace.slugs()) if missing else ())
    for folder in map(workspace.episode, lost):
        if folder.unready:
            raise folder.not_ready(_STAYS)
    if lost:
        raise GuardError(
            "is public, and what was made of it is gone or cannot be read, in feed/released as well; its public files "
            "stay as they were",
            where=", ".join(f"episodes/{slug}" for slug in lost),
            todo=f"run `escaleta produce {lost[0] if len(lost) == 1 else '--all'}`; or --allow removal",
        )


def _published(workspace: Workspace, run: _Run) -> Outcome:
    from pipeline.formats.feed_reading import LARGEST
    from pipeline.stages.publish import publish
    from pipeline.tools.web import fetch

    if run.unseen:
        raise run.unseen
    edition, show = run.edition, run.edition.show
    record, tellers = partial(_record, workspace, edition), _tellers(show)
    with _storage(edition) as storage:
        publication = publish(
            run.plan,
            run.shelf,
            storage=storage,
            record=record,
            templates=workspace.feed / "templates",
        )
        feed = _digest(storage, addresses.feed_name(show)) if tellers else ""
    untold = announce(
        show.feed_url,
        feed,
        publication.ledger,
        read_back=lambda url: fetch(url, LARGEST),
        tellers=tellers,
        record=record,
    )
    return Outcome(publication, run.late, untold)


def _digest(storage: LocalFolder | RemoteFolder, name: str) -> str:
    """Of the feed that is public by now; whatever is wrong with the way there since, hubs are told the next time."""
    with contextlib.suppress(WorkspaceError):
        return storage.digest(name) or ""
    return ""


def sweep(workspace: Workspace, now: datetime, *, remove: bool) -> dict[str, tuple[Garbage, ...]]:
    """What nothing names any more, by edition; with `remove`, what of it went away, its time of grace having passed.

    Raises GuardError where that is to be removed by a ledger that is older than the public feed: what it says is
    retired may be public again; WorkspaceError where that feed is out of reach.
    """
    with _alone(workspace):
        return {edition.name: tuple(_sweep(workspace, edition, now, remove=remove)) for edition in workspace.editions}


def _sweep(workspace: Workspace, edition: Edition, now: datetime, *, remove: bool) -> Iterable[Garbage]:
    ledger = workspace.ledger(edition.ledger)
    if remove:
        up_to_date(ledger, f"feed/{edition.ledger}", _public(edition), now)
    with _storage(edition) as storage:
        if remove:
            return collect(ledger, storage, now=now, record=partial(_record, workspace, edition))
        return garbage(ledger, storage, now=now)


@contextlib.contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """While nobody else works on the feeds; what a killed run left half-written is gone."""
    # Read before the lock makes its folder: where a disk is not there any more, nothing is to be made.
    editions = workspace.editions
    with lock(workspace.feed / ".lock", "the feed", PATIENCE):
        for folder in (folder for edition in editions for folder in (edition.public, edition.released)):
            clean_leftovers(folder)
        yield


def _record(workspace: Workspace, edition: Edition, ledger: Ledger) -> None:
    with whole_file(workspace.feed / edition.ledger) as temporary, temporary.open("wb") as file:
        file.writelines(piece.encode() for piece in ledgers.render(ledger))


def _tellers(show: Show) -> list[Teller]:
    from pipeline.tools.hubs import podping, websub

    hub = [partial(websub, show.hub)] if show.hub else []
    return [*hub, podping] if show.podping else [*hub]


@contextlib.contextmanager
def _storage(edition: Edition) -> Iterator[LocalFolder | RemoteFolder]:
    """Where listeners fetch from: the feed's storage, else its public folder in the workspace."""
    if not edition.show.storage:
        yield LocalFolder(edition.public, whole_file)
        return
    from pipeline.tools.storage_remote import remote

    with contextlib.closing(remote(edition.show.storage)) as folder:
        yield folder


def own_feed(workspace: Workspace) -> str:
    """The show's own feed: its file, or its address where it lies on another machine."""
    show = workspace.show
    return show.feed_url if show.storage else str(workspace.public / addresses.feed_name(show))
