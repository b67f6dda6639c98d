"""The show's public folder, from all its episodes: what is due goes out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import EscaletaError, InputError, WorkspaceError
from pipeline.formats import ledger as ledgers
from pipeline.formats.feed_reading import attribute, channel
from pipeline.formats.findings import Finding
from pipeline.formats.ledger import Ledger
from pipeline.model import Release
from pipeline.runner import lock
from pipeline.stages.check import check
from pipeline.stages.publish import Publication, Ready, publish
from pipeline.store import Store, clean_leftovers, whole_file, write
from pipeline.tools.reach import LocalSite
from pipeline.tools.storage import LocalFolder
from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Late:
    """An episode that should be out and cannot: why."""

    slug: str
    why: str


def publish_show(
    workspace: Workspace, now: datetime, allow: Collection[str] = ()
) -> tuple[Publication, tuple[Late, ...]]:
    """Publish every released episode that is due at `now` (aware); tell of those that are due but not ready.

    One run at a time holds `feed/.lock`, which guards ledger and public folder. Raises GuardError where something
    public would change, InputError where show.yaml names a file that is not there.
    """
    ready, late = _ready(workspace, now)
    path = workspace.feed / "ledger.yaml"
    with lock(workspace.feed / ".lock", "the feed"):
        clean_leftovers(workspace.public)
        publication = publish(
            workspace.show,
            ready,
            ledgers.parse(path.read_text("utf-8") if path.exists() else "", where="feed/ledger.yaml"),
            now=now,
            cover=workspace.existing(workspace.feed / workspace.show.cover, "feed/show.yaml: cover"),
            storage=LocalFolder(workspace.public, whole_file),
            record=lambda ledger: _record(path, ledger),
            allow=allow,
            templates=workspace.feed / "templates",
        )
    return publication, late


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


def check_feed(path: Path) -> tuple[Finding, ...]:
    """What is wrong with a feed's file and the files beside it. Raises InputError where there is no feed."""
    try:
        document = path.read_bytes()
    except OSError as error:
        todo = "give a feed's file; `escaleta publish` makes the show's own"
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), todo=todo) from error
    address = attribute(channel(document, where=str(path)), "atom:link[@rel='self']", "href") or ""
    return check(document, LocalSite(path.parent, address.rpartition("/")[0] + "/"), where=str(path))
