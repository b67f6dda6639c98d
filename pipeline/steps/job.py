"""An episode at work, and what a stage is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.editions import OWN
from pipeline.errors import InputError
from pipeline.formats.cuts_yaml import stretch
from pipeline.model import Campaign, Progress, Section, Span
from pipeline.store import Store
from pipeline.workspace import EpisodeFolder


@dataclass(frozen=True)
class Job:
    """One episode at work. `scheduler` is the address of a Dask cluster, None for this machine."""

    folder: EpisodeFolder
    store: Store
    scheduler: str | None = None

    @property
    def root(self) -> Path:
        """The workspace's folder, which paths in artefacts are relative to."""
        return self.folder.workspace.root

    @property
    def master(self) -> Path:
        """The master without tags."""
        return self.master_of(OWN)

    @property
    def release(self) -> Path:
        """Where the episode's public files are made."""
        return self.release_of(OWN)

    @property
    def report(self) -> Path:
        """The page that tells what became of the episode."""
        return self.folder.build / "report.html"

    def master_of(self, edition: str) -> Path:
        """The master without tags, as an edition has it."""
        return self.folder.build / edition / "master.mp3"

    def release_of(self, edition: str) -> Path:
        """Where an edition's public files are made."""
        return self.folder.build / edition / "release"

    def feed_file(self, name: str, asked_by: str) -> str:
        """A file that show.yaml names, relative to the workspace. Raises InputError where there is none."""
        workspace = self.folder.workspace
        return workspace.relative(workspace.existing(workspace.feed / name, f"feed/show.yaml: {asked_by}"))

    @property
    def missing(self) -> tuple[InputError, ...]:
        """What show.yaml and the episode name for it, and is not there: cover, music, spots, pictures; each once."""
        show = self.folder.workspace.show
        named = {"cover": show.cover, "music.intro": show.music.intro, "music.outro": show.music.outro}
        named |= {f"campaign {campaign.name}": campaign.audio for campaign in self.campaigns}
        asked: list[Callable[[], object]] = [
            *(partial(self.feed_file, name, field) for field, name in named.items() if name),
            *(partial(self.picture, name) for name in self.pictures),
        ]
        return tuple(error for error in map(_refused, asked) if error)

    @property
    def pictures(self) -> tuple[str, ...]:
        """The episode's own pictures, as episode.yaml and chapters.yaml call them."""
        named = (self.folder.episode.image, *(edit.image for edit in self.folder.edits))
        return tuple(dict.fromkeys(name for name in named if name and "://" not in name))

    def picture(self, name: str) -> Path:
        """A picture of the episode's own. Raises InputError where there is none."""
        return self.folder.workspace.existing(self.folder.path / name, f"episodes/{self.folder.slug}")

    def digests(self, *paths: Path | None) -> list[str | None]:
        """What the files hold; None for one that is not there."""
        return [self.store.file_digest(path) for path in paths if path]

    @property
    def cuts(self) -> tuple[Span, ...]:
        """What an editor cut from the recording."""
        return tuple(stretch(cut) for cut in self.folder.cuts if not cut.keep)

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        """The campaigns that run: those that are meant for the episode and have a place in it."""
        return tuple(one for one in self._meant if self._has_place(one))

    @cached_property
    def _meant(self) -> tuple[Campaign, ...]:
        """The campaigns that episode.yaml names, else those whose days hold the day of publication, in the show's
        zone."""
        episode, moment = self.folder.episode, self.folder.published
        day = moment.astimezone(ZoneInfo(self.folder.workspace.show.timezone)).date() if moment else None
        known = self.folder.workspace.show.campaigns
        return tuple(one for one in known if (_runs(one, day) if episode.spots is None else one.name in episode.spots))

    def _has_place(self, campaign: Campaign) -> bool:
        """One that goes to the cue has none where nothing says where that is."""
        return campaign.place != "cue" or bool(self.cue_section or self.folder.episode.cue_at)

    @property
    def without_spot(self) -> tuple[str, ...]:
        """Why no spot is put in where the running order asks for one, and why a campaign's is not heard."""
        return (*self._without_campaign(), *self._without_place())

    def _without_place(self) -> Iterator[str]:
        for campaign in self._meant:
            if not self._has_place(campaign):
                yield (
                    f"campaign {campaign.name} runs, but no line of the running order is marked for it: write "
                    "`(insert ad)` behind the one that announces it, or the time as `cue_at` into episode.yaml; "
                    "`spots: []` there means none"
                )

    def _without_campaign(self) -> Iterator[str]:
        asking = [section.cue for section in self.folder.outline.sections if section.cue]
        if any(campaign.place == "cue" for campaign in self.campaigns):
            left, why = asking[1:], "too, but spots at the cue go to the first of them"
        else:
            left, why = asking[:1], "but no campaign runs for this episode"
        yield from (f"the running order asks for a spot after “{cue}”, {why}" for cue in left)

    @property
    def cue_section(self) -> Section | None:
        """The first section of the running order that asks for a spot."""
        return next((section for section in self.folder.outline.sections if section.cue), None)


def _refused(find: Callable[[], object]) -> InputError | None:
    try:
        find()
    except InputError as error:
        return error
    return None


def _runs(campaign: Campaign, day: date | None) -> bool:
    """Whether a campaign's days hold this one; a draft, which has none, is made with whatever may run."""
    return day is None or (campaign.first or day) <= day <= (campaign.last or day)


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the table.

    given: what people wrote or put there, by the name that `status` calls it; compared by digest.
    needs: artefacts of earlier stages, by name.
    makes: the artefacts it returns, in order, with their types.
    files: files beside the artefacts that must be there, with their digests.
    version: raised when the same inputs would now give another result.
    """

    name: str
    doing: str
    given: Mapping[str, Callable[[Job], Any]]
    needs: tuple[str, ...]
    makes: Mapping[str, type]
    run: Callable[[Job, Progress], tuple[object, ...]]
    files: Callable[[Job], Mapping[Path, str]] = field(default=lambda job: {})
    version: int = 1
