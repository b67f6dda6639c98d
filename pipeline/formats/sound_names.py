"""Which files cannot be sound by their names alone: what people, systems and editors leave beside what was recorded.

A name that is not known here may be sound's: only reading the file says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_OF_THE_SYSTEM = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"})

_TEXTS = ".csv .doc .docx .htm .html .ini .json .log .md .odt .pages .pdf .rtf .srt .txt .vtt .xml .yaml .yml"
_PICTURES = ".gif .heic .jpeg .jpg .png .svg .tif .tiff .webp"
_EDITORS = ".asd .aup .aup3 .cue .hprj .pkf .reapeaks .rpp .rpp-bak .sesx .sfk .zprj"
"""Projects and pictures of waveforms, by Ableton, Audacity, Audition, Reaper, Sound Forge, and Zoom's recorders."""
_OTHER = frozenset(f"{_TEXTS} {_PICTURES} {_EDITORS}".split())


def of_the_system(path: Path) -> bool:
    """Whether nobody put it there: a hidden file, or one in which a system keeps what it shows of a folder."""
    return path.name.startswith(".") or path.name.casefold() in _OF_THE_SYSTEM


def other_than_sound(path: Path) -> bool:
    """Whether its name says that it is no sound: a text, a picture, an audio editor's project."""
    return path.suffix.casefold() in _OTHER


def sorted_out(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The files that may be sound, and those that are none and that somebody put there; both in order."""
    files = sorted(path for path in paths if path.is_file() and not of_the_system(path))
    return [path for path in files if not other_than_sound(path)], [path for path in files if other_than_sound(path)]
