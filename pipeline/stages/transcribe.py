"""From a recording to a transcript: where people speak, pieces of it to every core, sentences back.

Work goes on where it stopped: each finished piece is kept under a key made of its own samples and the recogniser's
settings. The transcript depends on these alone, never on how many workers there were or in which order they ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.speech import Heard, Piece
from pipeline.model import Progress, Transcript


class Ears(Protocol):
    """A recogniser with its model. Small: it is pickled to wherever a piece is heard."""

    @property
    def settings(self) -> str:
        """All that its words depend on besides the audio: model, versions, decoding."""

    def listen(self, recording: Path) -> Iterator[NDArray[np.int16]]:
        """The recording at 16 kHz, mono, in blocks of any length. Raises InputError where it cannot be decoded."""

    def speech(self, blocks: Iterator[NDArray[np.int16]]) -> NDArray[np.float32]:
        """How probably each frame of 512 samples holds speech."""

    def detect(self, piece: Piece) -> str:
        """The language of a piece. Raises InputError where it is in doubt."""

    def hear(self, piece: Piece, language: str) -> Heard:
        """The words of a piece. Raises InputError for a language that the model does not know."""


class Workers(Protocol):
    """Where pieces are heard: `executor` runs `count` of them at a time."""

    executor: Executor
    count: int


class Shelf(Protocol):
    """Keeps finished pieces between runs. `put` is atomic."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, data: bytes) -> None: ...


def transcribe(
    recording: Path, *, language: str | None, ears: Ears, workers: Workers, shelf: Shelf, progress: Progress
) -> Transcript:
    """The words of a recording in sentences, recording time.

    language: a code such as `es` or `es-ES`; None to detect it.
    Raises InputError where the recording or the language cannot be used.
    """
    raise NotImplementedError
