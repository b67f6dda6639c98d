"""What was recorded of an episode, and where it lies: one recording that holds all, or a microphone a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from unicodedata import normalize

from pipeline.errors import InputError
from pipeline.formats.sound_names import other_than_sound, sorted_out
from pipeline.model import Episode


@dataclass(frozen=True)
class Recorded:
    """`recording.*` or `tracks/` in an episode's folder.

    where: that folder's name for people, as in `episodes/mlops`. said: what episode.yaml says.
    existing: a path by what asks for it, if it is a file within the workspace; raises InputError where it is not.
    """

    folder: Path
    where: str
    said: Episode
    existing: Callable[[Path, str], Path]

    @cached_property
    def tracks(self) -> tuple[Path, ...]:
        """A microphone a person, from the folder `tracks`, where there is no recording that holds them all.

        Raises InputError for a file that lies outside the workspace, and for a name given to one that is not there.
        """
        if self.said.recording or self._recordings():
            return ()
        found, _ = self._in_tracks()
        self._check_named(found)
        return tuple(self.existing(path, f"{self.where}/tracks") for path in found)

    @cached_property
    def named(self) -> dict[str, str]:
        """The names that episode.yaml gives to files of `tracks`, whichever way a system writes their accents (NFC)."""
        return {normalize("NFC", track.file): track.name for track in self.said.tracks}

    @cached_property
    def recording(self) -> Path:
        """The recording that episode.yaml names, else the one file called `recording.*`."""
        if self.said.recording:
            return self.existing(self.folder / self.said.recording, f"{self.where}/episode.yaml: recording")
        found = self._recordings()
        if len(found) != 1:
            what = f"{len(found)} files are called recording.*" if found else "there is no recording"
            todo = (
                "leave one file called recording.wav (or .flac, .mp3 …), or name one in episode.yaml with `recording:`,"
                " or put a track a person into the folder tracks"
            )
            raise InputError(what, where=self.where, todo=todo)
        return self.existing(found[0], self.where)

    @property
    def files(self) -> tuple[Path, ...]:
        """The tracks, or the recording. Raises InputError where there is neither."""
        return self.tracks or (self.recording,)

    @property
    def unheard(self) -> tuple[str, ...]:
        """What to tell of tracks that lie beside a recording, where episode.yaml does not say which of them counts, and
        of what is no track.
        """
        found, others = self._in_tracks()
        if self.tracks:
            names = ", ".join(path.name for path in others)
            return (f"what is no sound in tracks/ is left out: {names}",) if others else ()
        if self.said.recording or not found:
            return ()
        return (f"what lies in tracks/ is left out, as {self.recording.name} holds all; take that away to mix them",)

    def _in_tracks(self) -> tuple[list[Path], list[Path]]:
        """What may be somebody's microphone, and what lies there beside it."""
        return sorted_out(self.folder.glob("tracks/*"))

    def _recordings(self) -> list[Path]:
        """What is called `recording.*`, without what an editor keeps beside it, as in `recording.wav.reapeaks`."""
        return [path for path in sorted(self.folder.glob("recording.*")) if not other_than_sound(path)]

    def _check_named(self, found: list[Path]) -> None:
        there = [normalize("NFC", path.name) for path in found]
        if lost := [file for file in self.named if file not in there]:
            todo = f"take one of: {', '.join(there)}" if there else "put it there"
            raise InputError(f"there is no {lost[0]} in tracks/", where=f"{self.where}/episode.yaml: tracks", todo=todo)
