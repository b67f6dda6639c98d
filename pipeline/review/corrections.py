"""The editor's files, written so that two windows, or a window and a text editor, lose nothing of each other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline import config
from pipeline.errors import EscaletaError
from pipeline.formats import chapters_yaml, cuts_yaml, words_yaml, yaml_text
from pipeline.formats.yaml_field import with_field
from pipeline.model import ChapterEdit, CutEdit, WordEdit
from pipeline.runner import lock
from pipeline.store import digest, write
from pipeline.workspace import EpisodeFolder

CHAPTERS, WORDS, CUTS, EPISODE = "chapters.yaml", "words.yaml", "cuts.yaml", "episode.yaml"
FILES = (CHAPTERS, WORDS, CUTS, EPISODE)

Versions = Mapping[str, str]


class OvertakenError(EscaletaError):
    """Someone else wrote a file after it was read here."""


@dataclass(frozen=True, slots=True)
class CueEdit:
    """Where the spot goes in the recording; None leaves it to the cue line."""

    at: str | None


@dataclass(frozen=True, slots=True)
class Corrections:
    """What is to stand in the files; None leaves a file alone. `base`: the versions that it was made from, by file."""

    base: dict[str, str]
    chapters: tuple[ChapterEdit, ...] | None = None
    words: tuple[WordEdit, ...] | None = None
    cuts: tuple[CutEdit, ...] | None = None
    cue: CueEdit | None = None


def versions(folder: EpisodeFolder) -> dict[str, str]:
    """A digest of what each of the editor's files holds, "" where there is none."""
    return {name: _version(folder.path / name) for name in FILES}


def _version(path: Path) -> str:
    return digest(path.read_bytes())[:16] if path.exists() else ""


def save(folder: EpisodeFolder, corrections: Corrections) -> dict[str, str]:
    """Write what changed and return the new versions.

    Nothing is written unless all of it may be. Raises OvertakenError where a file is no longer what `base` says,
    ConfigError for an entry that would not be read back.
    """
    with lock(folder.build / "desk.lock", f"the corrections of {folder.slug}"):
        texts = _texts(folder, corrections)
        now = versions(folder)
        overtaken = [name for name in texts if corrections.base.get(name) != now[name]]
        if overtaken:
            raise OvertakenError(
                f"{' and '.join(overtaken)} changed since this page read it; nothing was written",
                where=f"episodes/{folder.slug}",
                todo="take the other's changes in, and save again",
            )
        for name, text in texts.items():
            write(folder.path / name, text.encode())
    return versions(folder)


def _texts(folder: EpisodeFolder, corrections: Corrections) -> dict[str, str]:
    """The new text of each file that is to change, read back once to see that it can be."""
    texts: dict[str, str] = {}
    if corrections.chapters is not None:
        texts[CHAPTERS] = chapters_yaml.render(corrections.chapters, _text(folder, CHAPTERS))
        config.chapter_edits(yaml_text.parse(texts[CHAPTERS].encode(), CHAPTERS))
    if corrections.words is not None:
        texts[WORDS] = words_yaml.render(corrections.words, _text(folder, WORDS))
        config.word_edits(yaml_text.parse(texts[WORDS].encode(), WORDS))
    if corrections.cuts is not None:
        texts[CUTS] = cuts_yaml.render(corrections.cuts, _text(folder, CUTS))
        config.cut_edits(yaml_text.parse(texts[CUTS].encode(), CUTS))
    if corrections.cue is not None:
        texts[EPISODE] = with_field(_text(folder, EPISODE), "cue_at", corrections.cue.at)
        yaml_text.parse(texts[EPISODE].encode(), EPISODE)
    return texts


def _text(folder: EpisodeFolder, name: str) -> str:
    path = folder.path / name
    return path.read_text("utf-8-sig") if path.exists() else ""
