"""The folder that a show lives in: where everything is, and what people wrote there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pipeline import config, rules
from pipeline.editions import PUBLIC, Edition, editions
from pipeline.errors import ConfigError, Fault, InputError
from pipeline.formats import guids, plain
from pipeline.formats import ledger as ledgers
from pipeline.formats import outline as running_order
from pipeline.formats.ledger import Ledger
from pipeline.model import ChapterEdit, CutEdit, Episode, Outline, Show, WordEdit
from pipeline.recorded import Recorded

T = TypeVar("T")

SHOW = "feed/show.yaml"


@dataclass(frozen=True)
class Workspace:
    """A show's folder: `feed/` and `episodes/`. Every path that people write is relative to one of them."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """The workspace that `start` lies in. Raises InputError where there is none."""
        for folder in (start, *start.parents):
            if present(folder / SHOW):
                return cls(folder)
        todo = "go to a show's folder, name it with --workspace, or start one with `escaleta init`"
        raise InputError(f"no workspace here: there is no {SHOW}", where=str(start), todo=todo)

    @cached_property
    def show(self) -> Show:
        """show.yaml. Raises ConfigError with every fault at once."""
        return config.load_show(self.root / SHOW, SHOW)

    @property
    def feed(self) -> Path:
        """Where the show's own files lie."""
        return self.root / "feed"

    @property
    def public(self) -> Path:
        """What is on the web."""
        return self.feed / PUBLIC

    @cached_property
    def editions(self) -> tuple[Edition, ...]:
        """The show's feeds, its own first."""
        return editions(self.show, self.feed)

    def edition(self, name: str) -> Edition:
        """The edition of that name."""
        return next(edition for edition in self.editions if edition.name == name)

    def ledger(self, name: str) -> Ledger:
        """What has gone out in a feed, by its ledger's file. Raises InputError where it cannot be read."""
        try:
            with (self.feed / name).open(encoding="utf-8") as file:
                return ledgers.parse(file, where=f"feed/{name}")
        except FileNotFoundError:
            return Ledger()
        except OSError as error:
            todo = "make it a file that can be read"
            raise InputError(f"cannot be read: {error.strerror}", where=f"feed/{name}", todo=todo) from error

    def slugs(self) -> tuple[str, ...]:
        """Every episode."""
        return tuple(filter(rules.is_slug, self.names()))

    def names(self) -> tuple[str, ...]:
        """Every folder that is an episode or seems to be meant for one: its name may be no slug.

        Hidden ones are nobody's: a killed `escaleta new` leaves such a folder.
        """
        return tuple(sorted(f.name for f in _folders(self.root / "episodes") if _seems_episode(f)))

    def episode(self, slug: str) -> EpisodeFolder:
        """An episode's folder. Raises InputError where the slug is none or names nothing."""
        rules.check_slug(slug)
        if not _is_episode(self.root / "episodes" / slug):
            known = ", ".join(self.slugs()) or "none yet"
            todo = f"make it with `escaleta new {slug} --outline FILE --recording FILE`; there are: {known}"
            raise InputError(f"there is no episode {slug!r}", where=f"episodes/{slug}", todo=todo)
        return EpisodeFolder(self, slug)

    def outline(self, path: Path, file: str) -> Outline:
        """A running order. Raises InputError, at `file`, where it is absent, cannot be read or holds no sections."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise InputError("there is no running order", where=file, todo="write one, in Markdown") from error
        except UnicodeDecodeError as error:
            todo = "save it as UTF-8"
            raise InputError(f"not UTF-8 text (byte {error.start})", where=file, todo=todo) from error
        except OSError as error:
            todo = "make it a file that can be read"
            raise InputError(f"cannot be read: {error.strerror}", where=file, todo=todo) from error
        return running_order.parse(text, cue_phrases=self.show.cue_phrases, file=file)

    def relative(self, path: Path) -> str:
        """How a path inside the workspace is written down, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    def existing(self, path: Path, asked_by: str) -> Path:
        """The path, if it is a file and its real place is inside the workspace. Raises InputError otherwise."""
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise InputError(
                f"{path.name} lies outside the workspace", where=asked_by, todo="copy it into the workspace"
            )
        if not path.is_file():
            raise InputError(
                f"there is no file {self.relative(path)}", where=asked_by, todo="put it there, or mend the name"
            )
        return path


def _is_episode(folder: Path) -> bool:
    return present(folder / "outline.md") or present(folder / "episode.yaml")


def _seems_episode(folder: Path) -> bool:
    """One that may not be looked into keeps nobody from the others: it says so when its turn comes."""
    try:
        return _is_episode(folder)
    except InputError:
        return True


def present(path: Path) -> bool:
    """Whether there is such a file. Raises InputError where its folder may not be looked into: nobody knows then."""
    with _entered(path.parent):
        return path.is_file()


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    with _entered(folder):
        return [one for one in folder.iterdir() if not one.name.startswith(".") and one.is_dir()]


@contextlib.contextmanager
def _entered(folder: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        todo = "look at its rights; a clock may run as somebody else than you"
        raise InputError("this folder may not be looked into", where=str(folder), todo=todo) from error


@dataclass(frozen=True)
class EpisodeFolder:
    """`episodes/<slug>/`: what a person put there, and `build/`, which is made from it."""

    workspace: Workspace
    slug: str

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.workspace.root.joinpath("episodes", self.slug)

    @property
    def build(self) -> Path:
        """Everything generated; it can be removed at any time."""
        return self.path / "build"

    def _file(self, name: str) -> str:
        return f"episodes/{self.slug}/{name}"

    @cached_property
    def episode(self) -> Episode:
        """episode.yaml. Raises ConfigError with every fault at once."""
        return self._read_episode(self.workspace.show)

    def _read_episode(self, show: Show | None) -> Episode:
        path = self.path / "episode.yaml"
        return config.load_episode(path, show, self._file("episode.yaml")) if path.exists() else Episode(self.slug)

    @cached_property
    def outline(self) -> Outline:
        """outline.md. Raises InputError where it is absent, cannot be read or holds no sections."""
        return self.workspace.outline(self.path / "outline.md", self._file("outline.md"))

    @cached_property
    def edits(self) -> tuple[ChapterEdit, ...]:
        """chapters.yaml, the editor's word. Raises ConfigError with every fault at once."""
        return config.load_edits(self.path / "chapters.yaml", self._file("chapters.yaml"), config.chapter_edits)

    @cached_property
    def words(self) -> tuple[WordEdit, ...]:
        """words.yaml, the editor's word on what was said. Raises ConfigError with every fault at once."""
        return config.load_edits(self.path / "words.yaml", self._file("words.yaml"), config.word_edits)

    @cached_property
    def cuts(self) -> tuple[CutEdit, ...]:
        """cuts.yaml, the editor's word on what nobody shall hear. Raises ConfigError with every fault at once."""
        return config.load_edits(self.path / "cuts.yaml", self._file("cuts.yaml"), config.cut_edits)

    @property
    def language(self) -> str | None:
        """What is spoken: the episode's own language, else the show's; None where it is to be heard."""
        said = self.episode.language or self.workspace.show.language
        return None if said == rules.HEARD else said

    @property
    def published(self) -> datetime | None:
        """When the episode goes out, None for a draft."""
        text = self.episode.publish_at
        return rules.publish_time(text, self.workspace.show.timezone) if text else None

    @property
    def title(self) -> str:
        """What the episode is called: by episode.yaml, else by the running order, else by its folder."""
        return self.episode.title or self.outline.title or self.slug

    @property
    def guid(self) -> str:
        """The identity under which the show's own feed knows the episode."""
        return self.episode.guid or guids.item_guid(self.workspace.show, self.slug)

    @cached_property
    def unready(self) -> tuple[str, ...]:
        """Why the episode cannot go out yet, whenever that be: what to write where, a sentence each."""
        said = {"publish_at": self.episode.publish_at, "summary": self.episode.summary or self.outline.summary}
        return tuple(rules.needed(self.slug, field) for field, text in said.items() if not plain.text(text or ""))

    def not_ready(self, what: str) -> InputError:
        """The error that says `what` of an episode that is not ready, and names every reason."""
        return InputError(what, where=f"episodes/{self.slug}", todo=f"write {'; '.join(self.unready)}")

    @cached_property
    def recorded(self) -> Recorded:
        """What was recorded of it. Raises ConfigError where episode.yaml cannot be followed."""
        return Recorded(self.path, f"episodes/{self.slug}", self.episode, self.workspace.existing)

    def check(self) -> None:
        """Read all that people wrote. Raises ConfigError with the faults of every file at once."""
        faults: list[Fault] = []
        show = _read(lambda: self.workspace.show, faults)
        _read(lambda: self._read_episode(show), faults)
        _read(lambda: self.edits, faults)
        _read(lambda: self.words, faults)
        _read(lambda: self.cuts, faults)
        if faults:
            raise ConfigError(faults)
        _ = self.outline


def _read(read: Callable[[], T], faults: list[Fault]) -> T | None:
    try:
        return read()
    except ConfigError as error:
        faults += error.faults
        return None
