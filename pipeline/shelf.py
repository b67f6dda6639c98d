"""What the stages have finished for the feeds: the shelf that releases are taken from, and what is missing there.

What went out is put by in `feed/released`, under version control with the ledger, so that a feed can be made where
nothing is left of what its episodes were made of: after years, on another machine, on a runner that starts empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.editions import Edition
from pipeline.errors import EscaletaError, InputError, WorkspaceError
from pipeline.formats import addresses
from pipeline.formats.ledger import Ledger
from pipeline.model import Release
from pipeline.runner import job_for, states
from pipeline.stages.cards import content_of
from pipeline.steps import called
from pipeline.store import Store, from_json, to_json, write
from pipeline.workspace import EpisodeFolder, Workspace, present


@dataclass(frozen=True, slots=True)
class Late:
    """An episode that should be out and cannot: why."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The releases of one edition, where the episodes' stages left them, or as they went out where they did not.

    gone: what was public and is not any more (`gone`).
    seen: what each was when it was read. outdated: of which of those asked for the stages say that they are.
    """

    workspace: Workspace
    edition: Edition
    gone: Set[str] = frozenset()
    seen: dict[str, int] = field(default_factory=dict)
    outdated: dict[str, bool] = field(default_factory=dict)

    def holds(self, slug: str) -> bool:
        """Whether the episode was released. Raises InputError where nobody may look and nothing was put by."""
        try:
            made = present(self._store(slug).path(self._name))
        except InputError:
            if self._kept(slug):
                return True
            raise
        return made or self._kept(slug) is not None

    def release(self, slug: str) -> Release:
        """The episode's release. Raises WorkspaceError where it cannot be read, or has been made anew meanwhile."""
        release = self._release(slug)
        known_by = hash(release)
        if self.seen.setdefault(slug, known_by) != known_by:
            todo = "run `escaleta publish` again"
            raise WorkspaceError("was made anew while it was being published", where=f"episodes/{slug}", todo=todo)
        return release

    def _release(self, slug: str) -> Release:
        try:
            made = self._store(slug).load(self._name, Release)
        except WorkspaceError:
            if kept := self._kept(slug):
                return kept
            raise
        return self._since(slug) or made if self._gave_way(made) else made

    def _since(self, slug: str) -> Release | None:
        """What went out from another machine in the place of what was made here, where that is not as it would be now.

        What is made now may be what was public before: who takes a correction back by hand has the same sound again.
        """
        kept = self._kept(slug)
        if kept is None or self._gave_way(kept):
            return None
        if slug not in self.outdated:
            self.outdated[slug] = _outdated(EpisodeFolder(self.workspace, slug))
        return kept if self.outdated[slug] else None

    def _gave_way(self, release: Release) -> bool:
        """Whether something else took the place of this in public."""
        return bool(self.gone) and not self.gone.isdisjoint(_known_by(release))

    def stays(self, slug: str) -> bool:
        """Whether what went out of an episode was put by, and names files where the feed has them now."""
        kept = self._kept(slug)
        return kept is not None and kept.item.enclosure.url.startswith(addresses.base(self.edition.show))

    def keep(self, release: Release) -> None:
        """Puts by what is public of an episode, for when its build folder is gone."""
        write(self._path(release.slug), to_json(Release, release))

    def drop_others(self, slugs: Set[str]) -> None:
        """Puts nothing by any more of any episode but these; what is somebody else's stays."""
        for file in self.edition.released.glob("*.json"):
            if file.stem not in slugs and self._kept(file.stem):
                with suppress(OSError):
                    file.unlink()

    def folder(self, slug: str) -> Path:
        """Where its files lie."""
        return EpisodeFolder(self.workspace, slug).build / self.edition.name / "release"

    def whole(self, release: Release) -> bool:
        """Whether its folder holds every file as it was released."""
        store, folder = self._store(release.slug), self.folder(release.slug)
        return all(store.file_digest(folder / file.name.rpartition("/")[2]) == file.sha256 for file in release.files)

    @property
    def _name(self) -> str:
        return called("release", self.edition.name)

    def _kept(self, slug: str) -> Release | None:
        """What was put by of an episode; None for nothing, and for what cannot be read or makes no sense."""
        with suppress(OSError, ValueError):
            kept = from_json(Release, self._path(slug).read_bytes())
            return kept if _sensible(kept, slug) else None
        return None

    def _path(self, slug: str) -> Path:
        return self.edition.released / f"{slug}.json"

    def _store(self, slug: str) -> Store:
        return Store(EpisodeFolder(self.workspace, slug).build)


def gone(ledger: Ledger) -> frozenset[str]:
    """What the ledger's feed had and has no more: sound by the names of its files, all else by its digest."""
    sounds = (addresses.episode_file(one.url) for one in ledger.retired)
    return frozenset(sounds).union(*(entry.superseded for entry in ledger.entries))


def _known_by(release: Release) -> Iterator[str]:
    yield addresses.episode_file(release.item.enclosure.url)
    yield content_of(release)


def _outdated(folder: EpisodeFolder) -> bool:
    """Whether what stages made of an episode is not what they would make now."""
    try:
        return Store(folder.build).signed and any(state.why for state in states(job_for(folder)))
    except EscaletaError:
        return True


def _sensible(release: Release, slug: str) -> bool:
    """Whether this may have gone out as that episode: a date in a zone, a sound, files in its folder alone.

    It comes by version control, where hands and merges may have changed it.
    """
    date = release.item.published
    with suppress(OverflowError):
        dated = date.utcoffset() is not None and bool(date.astimezone(UTC))
        places = (file.name.rpartition("/") for file in release.files)
        placed = all(folder == slug and name not in ("", ".", "..") and "\0" not in name for folder, _, name in places)
        return dated and placed and release.slug == slug and any(file.kind == "audio" for file in release.files)
    return False


def at_rest(workspace: Workspace, public: Set[str]) -> frozenset[str]:
    """Which public episodes, by their slugs, have nothing left here but what went out, in every feed that the show has
    now: they stay as they are.

    public: by the ledger of its own feed. None rests where show.yaml cannot be read, of which every episode tells.
    Raises InputError where the ledger of another feed cannot be.
    """
    try:
        editions = workspace.editions
    except EscaletaError:
        return frozenset()
    for edition in editions[1:]:
        public = public & {entry.slug for entry in workspace.ledger(edition.ledger).entries}
    shelves = [Shelf(workspace, edition) for edition in editions]
    there = (EpisodeFolder(workspace, name) for name in workspace.names() if name in public)
    bare = (one.slug for one in there if _bare(one))
    return frozenset(slug for slug in bare if all(shelf.stays(slug) for shelf in shelves))


def _bare(folder: EpisodeFolder) -> bool:
    """Whether no stage ever succeeded here. Where that may not be looked into, its stages say so."""
    with suppress(OSError):
        return not Store(folder.build).signed
    return False


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
