"""The programme's sound for the page: what it looks like, drawn once in the background, and its samples up close."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.streams import gather
from pipeline.audio.waveform import LEVELS, Waveform, look
from pipeline.model import Master, Span
from pipeline.steps import Job
from pipeline.store import whole_file
from pipeline.timecode import to_samples
from pipeline.tools import sound

CLOSEST = 4_000
"""Milliseconds of single samples that are given at once."""


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
            keep(kept, drawn)
        if self.digest == master.sha256:
            self.drawn = drawn


def _load(path: Path) -> Waveform | None:
    with contextlib.suppress(OSError, ValueError, KeyError), np.load(path) as kept:
        pauses = tuple(Span(int(low), int(high)) for low, high in kept["pauses"])
        return Waveform(tuple(kept[f"level{n}"] for n in range(LEVELS)), pauses, kept["loudness"])
    return None


def keep(path: Path, drawn: Waveform) -> None:
    """Keep a drawing, and no older one."""
    levels = {f"level{n}": level for n, level in enumerate(drawn.levels)}
    pauses = np.array([(span.start, span.end) for span in drawn.pauses], np.int64).reshape(-1, 2)
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, pauses=pauses, loudness=drawn.loudness, **levels)
    for older in path.parent.glob("waveform-*.npz"):
        if older != path:
            older.unlink(missing_ok=True)


def samples(path: Path, start: int, end: int) -> NDArray[np.int16]:
    """The samples from `start` to `end` ms, mono, 48 kHz, 16 bit; 4 s of them at most."""
    stop = min(end, start + CLOSEST)
    heard = gather(sound.blocks(path, channels=1, start=to_samples(start), stop=to_samples(stop)), 1)
    return np.clip(np.rint(heard[:, 0] * 32767), -32768, 32767).astype(np.int16)
