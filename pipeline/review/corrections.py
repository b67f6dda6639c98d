"""The editor's files, written so that two windows, or a window and a text editor, lose nothing of each other's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import config
from pipeline.errors import EscaletaError, InputError
from pipeline.formats import chapters_yaml, cuts_yaml, words_yaml, yaml_text
from pipeline.formats.yaml_field import with_field
from pipeline.formats.yaml_text import Written
from pipeline.model import ChapterEdit, CutEdit, WordEdit
from pipeline.runner import lock
from pipeline.store import digest, write
from pipeline.workspace import EpisodeFolder

CHAPTERS, WORDS, CUTS, EPISODE = "chapters.yaml", "words.yaml", "cuts.yaml", "episode.yaml"
OUTLINE = "outline.md"
FILES = (CHAPTERS, WORDS, CUTS, EPISODE, OUTLINE)


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
    """A digest of what each of the files that people write holds, "" where there is none."""
    return {name: _version(folder.path / name) for name in FILES}


def _version(path: Path) -> str:
    try:
        return digest(path.read_bytes())[:16]
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), todo="put a file there") from error


def save(folder: EpisodeFolder, corrections: Corrections) -> dict[str, str]:
    """Write what changed and return the new versions.

    Nothing is written unless all of it may be. Raises OvertakenError where a file, or the running order whose sections
    it speaks of, is no longer what `base` says, ConfigError for an entry that would not be read back, and for a file
    that cannot be read as it is.
    """
    with lock(folder.build / "desk.lock", f"the corrections of {folder.slug}"):
        texts = _texts(folder, corrections)
        now = versions(folder)
        read = (*texts, OUTLINE) if CHAPTERS in texts else tuple(texts)
        overtaken = [name for name in read if corrections.base.get(name) != now[name]]
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
    for name, edits_of, render, read in _LISTS:
        if (edits := edits_of(corrections)) is not None:
            texts[name] = render(edits, _text(folder, name, read))
            read(yaml_text.parse(texts[name].encode(), name))
    if corrections.cue is not None:
        texts[EPISODE] = with_field(_text(folder, EPISODE, _any), "cue_at", corrections.cue.at)
        written = yaml_text.parse(texts[EPISODE].encode(), EPISODE)
        config.episode_of(written, folder.slug, folder.workspace.show)
    return texts


_LISTS: tuple[tuple[str, Callable[[Corrections], Any], Callable[[Any, str], str], Callable[[Written], object]], ...] = (
    (CHAPTERS, lambda made: made.chapters, chapters_yaml.render, config.chapter_edits),
    (WORDS, lambda made: made.words, words_yaml.render, config.word_edits),
    (CUTS, lambda made: made.cuts, cuts_yaml.render, config.cut_edits),
)
"""Files that hold a list: what is to stand there, None for no change; what writes it, and what reads it."""


def _text(folder: EpisodeFolder, name: str, read: Callable[[Written], object]) -> str:
    """What a file holds, "" where there is none. Raises what `read` raises: nothing else is written over."""
    path = folder.path / name
    if not path.exists():
        return ""
    read(config.read_yaml(path, f"episodes/{folder.slug}/{name}"))
    return path.read_text("utf-8-sig")


def _any(written: Written) -> None:
    """Any YAML: the one field that is set may be what is wrong."""
