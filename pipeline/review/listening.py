"""The programme's sound for the page: what it looks like, drawn once in the background, and its samples up close."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.mp3 import ENCODER_DELAY, frame_bytes, info_bytes
from pipeline.audio.streams import MP3_FRAME, gather
from pipeline.audio.waveform import LEVELS, Waveform, look
from pipeline.errors import EscaletaError
from pipeline.model import Master, Span
from pipeline.steps import Job
from pipeline.store import whole_file
from pipeline.timecode import to_samples
from pipeline.tools import sound

CLOSEST = 4_000
"""Milliseconds of single samples that are given at once."""

_LEFT_OUT = ENCODER_DELAY + 529
"""Samples of the encoder and of a decoder before the first that players play."""

_RUN_UP = 4
"""Frames around those that are wanted, which a decoder needs to get them right."""


@dataclass(slots=True)
class Listening:
    """The waveform of a master, by the digest of its bytes; `drawn` is None until it is there."""

    build: Path
    drawn: Waveform | None = None
    digest: str = ""
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def begin(self, job: Job) -> None:
        """See to it that the master of now is drawn; returns at once."""
        master = job.store.load("master", Master)
        with self._guard:
            if master.sha256 == self.digest:
                return
            self.digest, self.drawn = master.sha256, None
            self._thread = threading.Thread(target=self._draw, args=(job.master, master), daemon=True, name="drawing")
            self._thread.start()

    def wait(self) -> Waveform | None:
        """Until it is drawn."""
        if self._thread:
            self._thread.join()
        return self.drawn

    def _draw(self, path: Path, master: Master) -> None:
        kept = self.build / "desk" / f"waveform-{master.sha256[:12]}.npz"
        drawn = _load(kept)
        if drawn is None:
            drawn = look(sound.blocks(path, channels=master.channels))
            # For the next time, if it may be: a run of the episode sweeps away what is half written in the folder.
            with contextlib.suppress(EscaletaError):
                keep(kept, drawn)
        if self.digest == master.sha256:
            self.drawn = drawn


def _load(path: Path) -> Waveform | None:
    with contextlib.suppress(OSError, EOFError, ValueError, KeyError, BadZipFile), np.load(path) as kept:
        pauses = tuple(Span(int(low), int(high)) for low, high in kept["pauses"])
        return Waveform(tuple(kept[f"level{n}"] for n in range(LEVELS)), pauses)
    return None


def keep(path: Path, drawn: Waveform) -> None:
    """Keep a drawing, and no older one."""
    levels = {f"level{n}": level for n, level in enumerate(drawn.levels)}
    pauses = np.array([(span.start, span.end) for span in drawn.pauses], np.int64).reshape(-1, 2)
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, pauses=pauses, **levels)
    for older in path.parent.glob("waveform-*.npz"):
        if older != path:
            older.unlink(missing_ok=True)


def samples(path: Path, master: Master, start: int, end: int) -> NDArray[np.int16]:
    """The samples from `start` to `end` ms of a master, mono, 48 kHz, 16 bit; 4 s of them at most.

    Only the frames around them are read: each stands alone, so that hour four costs what the first minute does.
    """
    first, last = to_samples(start), min(to_samples(min(end, start + CLOSEST)), master.samples)
    if first >= last:
        return np.zeros(0, np.int16)
    frame = max((first + _LEFT_OUT) // MP3_FRAME - _RUN_UP, 0)
    count = (last + _LEFT_OUT) // MP3_FRAME + 1 + _RUN_UP - frame
    low = first + _LEFT_OUT - frame * MP3_FRAME
    heard = _decoded(_frames(path, master, frame, count))[low : low + last - first]
    return np.clip(np.rint(heard * 32767), -32768, 32767).astype(np.int16)


def _frames(path: Path, master: Master, first: int, count: int) -> bytes:
    size = frame_bytes(master.bitrate)
    with path.open("rb") as file:
        file.seek(info_bytes(master.bitrate, master.channels) + first * size)
        return file.read(count * size)


def _decoded(frames: bytes) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory() as folder:
        piece = Path(folder, "piece.mp3")
        piece.write_bytes(frames)
        return gather(sound.blocks(piece, channels=1), 1)[:, 0]
