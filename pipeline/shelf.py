"""What the stages have finished for the feeds: the shelf that releases are taken from, and what is missing there."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.editions import Edition
from pipeline.errors import EscaletaError, WorkspaceError
from pipeline.model import Release
from pipeline.steps import called
from pipeline.store import Store
from pipeline.workspace import EpisodeFolder, Workspace, present


@dataclass(frozen=True, slots=True)
class Late:
    """An episode that should be out and cannot: why."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The releases of one edition, where the episodes' stages left them. `seen`: what each was when it was read."""

    workspace: Workspace
    edition: Edition
    seen: dict[str, int] = field(default_factory=dict)

    def holds(self, slug: str) -> bool:
        """Whether the episode was released."""
        return present(self._store(slug).path(called("release", self.edition.name)))

    def release(self, slug: str) -> Release:
        """The episode's release. Raises WorkspaceError where it cannot be read, or has been made anew meanwhile."""
        release = self._store(slug).load(called("release", self.edition.name), Release)
        known_by = hash(release)
        if self.seen.setdefault(slug, known_by) != known_by:
            todo = "run `escaleta publish` again"
            raise WorkspaceError("was made anew while it was being published", where=f"episodes/{slug}", todo=todo)
        return release

    def folder(self, slug: str) -> Path:
        """Where its files lie."""
        return EpisodeFolder(self.workspace, slug).build / self.edition.name / "release"

    def whole(self, release: Release) -> bool:
        """Whether its folder holds every file as it was released."""
        store, folder = self._store(release.slug), self.folder(release.slug)
        return all(store.file_digest(folder / file.name.rpartition("/")[2]) == file.sha256 for file in release.files)

    def _store(self, slug: str) -> Store:
        return Store(EpisodeFolder(self.workspace, slug).build)


def found(workspace: Workspace, shelf: Shelf, gone_out: Set[str], now: datetime) -> Iterator[Release | Late]:
    """What was released, one by one, and what is due without. gone_out: GUIDs and slugs of what has."""
    for slug in workspace.names():
        try:
            if shelf.holds(slug):
                release = shelf.release(slug)
                if release.slug != slug:
                    yield Late(slug, f"it was produced as {release.slug}; run `escaleta produce {slug}`")
                elif release.item.guid in gone_out or slug in gone_out:
                    yield release
                else:
                    yield from _as_promised(workspace.episode(slug), shelf, release, now)
            else:
                yield from _missing(workspace.episode(slug), shelf.edition, now)
        except WorkspaceError as error:
            yield Late(slug, str(error))
        except EscaletaError as error:
            yield Late(slug, error.what)


def _as_promised(folder: EpisodeFolder, shelf: Shelf, release: Release, now: datetime) -> Iterator[Release | Late]:
    """A release that has not gone out yet: not at its hour where people have put it off since, or made it a draft.

    One whose files are lost is late by itself: found out on the way to the public, that would hold up all others.
    """
    made, said = release.item.published, folder.published
    if made == said and not folder.unready:
        why = f"what was produced of it is gone in part, or was changed since; run `escaleta produce {folder.slug}`"
        yield release if made > now or shelf.whole(release) else Late(folder.slug, why)
    elif said and said <= now:
        why = f"episode.yaml says {said}, and what was produced says {made}; run `escaleta produce {folder.slug}`"
        yield Late(folder.slug, _unready(folder, said) or why)


def _missing(folder: EpisodeFolder, edition: Edition, now: datetime) -> Iterator[Late]:
    """An episode that was never released: late once its hour has come."""
    due, aside = folder.published, f" in the {edition.name} feed" if edition.name else ""
    if due and due <= now:
        why = f"it was due at {due}{aside}, and was never produced; run `escaleta produce {folder.slug}`"
        yield Late(folder.slug, _unready(folder, due) or why)


def _unready(folder: EpisodeFolder, due: datetime) -> str:
    """What keeps an episode from going out, whatever was made of it; empty where it is ready."""
    reasons = "; ".join(folder.unready)
    todo = f"write {reasons}; then run `escaleta produce {folder.slug}`"
    return f"it was due at {due}, and is not ready; {todo}" if reasons else ""
