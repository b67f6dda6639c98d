"""A master's levels as they are kept beside it, for whoever changes its spots or draws it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.loudness import lufs

_SHORT_TERM = 30
"""Steps of 100 ms that short-term loudness looks at (EBU Tech 3341)."""

_SILENT = -70.0


@dataclass(frozen=True, slots=True)
class KeptLevels:
    """Energies and peaks by the 100 ms, as `pipeline.audio.loudness.Levels` has them.

    sha256: of the master they are of. target: the LUFS and dBTP that it was made for. for_any_spot: whether other
    spots would have led to the same gain.
    """

    energies: NDArray[np.float64]
    peaks: NDArray[np.float64]
    sha256: str
    target: tuple[float, float]
    for_any_spot: bool


def place(master: Path) -> Path:
    """Where a master's levels lie."""
    return master.with_name(f"{master.name}.levels.npz")


def save(file: BinaryIO, kept: KeptLevels) -> None:
    """Write levels down."""
    np.savez(
        file,
        energies=kept.energies,
        peaks=kept.peaks,
        sha256=np.frombuffer(bytes.fromhex(kept.sha256), np.uint8),
        target=kept.target,
        for_any_spot=kept.for_any_spot,
    )


def load(file: BinaryIO, sha256: str) -> KeptLevels | None:
    """Levels that were written down; None where they are not of the master of that digest, or damaged."""
    try:
        with np.load(file) as kept:
            low, high = (float(value) for value in kept["target"])
            found = KeptLevels(
                kept["energies"], kept["peaks"], kept["sha256"].tobytes().hex(), (low, high), bool(kept["for_any_spot"])
            )
    except (EOFError, ValueError, KeyError, BadZipFile):
        return None
    return found if found.sha256 == sha256 else None


def short_term(energies: NDArray[np.float64]) -> NDArray[np.float32]:
    """Loudness of the 3 s around every second (EBU Tech 3341), LUFS, −70 for less; from energies by the 100 ms."""
    if not len(energies):
        return np.zeros(0, np.float32)
    window = min(_SHORT_TERM, len(energies))
    means = np.convolve(energies, np.full(window, 1 / window), "same")[::10]
    return np.maximum(lufs(means), _SILENT).astype(np.float32)
