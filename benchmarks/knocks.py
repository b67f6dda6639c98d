"""How surely the clapper is heard, and whether anything else is, on real talk with synthetic knocks.

python benchmarks/knocks.py recall TALK          pairs heard, by their peaks' level: in pauses, over the talk, coded
python benchmarks/knocks.py alarms RECORDING...  signals and CPU time of recordings as they are
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.knocks import knocks, signals
from pipeline.tools import sound
from pipeline.tools.lame import encode

RATE = 48_000
LEVELS = (-1, -6, -12, -18, -24)
"""dBFS of the louder knock's peak, the other being up to 3 dB fainter."""
ROOMS = ((0.25, 10.0), (0.4, 6.0), (0.6, 3.0))
"""Seconds of reverberation, and decibels of the blow over its echo."""

Samples = NDArray[np.float32]


def knock(rng: np.random.Generator) -> Samples:
    """Wood on wood: modes from 700 to 5000 Hz that die within 20 ms, in one of the rooms; peak 1."""
    reverberation, direct = ROOMS[rng.integers(len(ROOMS))]
    t = np.arange(RATE // 2) / RATE
    modes = zip(rng.uniform(700, 5000, 8), rng.uniform(0.004, 0.02, 8), strict=True)
    blow = sum(np.sin(2 * np.pi * pitch * t + rng.uniform(0, 6)) * np.exp(-t / decay) for pitch, decay in modes)
    echo = np.convolve(rng.normal(size=len(t)), np.ones(8) / 8, "same") * np.exp(-6.91 * t / reverberation)
    echo[: RATE // 300] = 0
    echo *= np.sqrt(np.sum(blow**2) / np.sum(echo**2)) * 10 ** (-direct / 20)
    return np.asarray((blow + echo) / np.abs(blow + echo).max(), np.float32)


def knocked(talk: Samples, level: float, *, pause: bool) -> tuple[Samples, list[int]]:
    """The talk with a pair of knocks every 10 s, in a pause of 2 s or over what is said; and when, ms."""
    rng = np.random.default_rng(7)
    parts, moments, length = [], [], 0
    for first in range(0, len(talk) - 10 * RATE, 10 * RATE):
        quiet = 0.001 * rng.normal(size=2 * RATE) if pause else np.zeros(0)
        part = np.concatenate([talk[first : first + 4 * RATE], quiet, talk[first + 4 * RATE : first + 10 * RATE]])
        begins = 4 * RATE + RATE // 2
        for at in (begins, begins + int(rng.uniform(0.2, 0.7) * RATE)):
            blow = knock(rng) * 10 ** ((level - rng.uniform(0, 3)) / 20)
            part[at : at + len(blow)] += blow
        moments.append((length + begins) // 48)
        parts.append(part)
        length += len(part)
    return np.clip(np.concatenate(parts), -1, 1).astype(np.float32), moments


def coded(samples: Samples) -> Samples:
    """Through MP3 at 64 kbit/s."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "coded.mp3"
        path.write_bytes(encode(samples[:, None], 64))
        return np.concatenate(list(sound.blocks(path, channels=1)))[:, 0]


def heard(samples: Samples, moments: Sequence[int]) -> str:
    """Pairs heard as pairs, of how many; and signals where there was none."""
    found = signals(knocks(np.array_split(samples[:, None], len(samples) // RATE)))
    starts = np.array([one.start for one in found if len(one.knocks) == 2] or [-1000])
    hits = sum(bool(np.abs(starts - at).min() <= 60) for at in moments)
    false = sum(min(abs(one.start - at) for at in moments) > 1000 for one in found)
    return f"{hits}/{len(moments)}" + (f", {false} false" if false else "")


def recall(path: Path) -> None:
    """A Markdown table."""
    talk = np.concatenate(list(sound.blocks(path, channels=1)))[:, 0]
    ways: dict[str, tuple[bool, Callable[[Samples], Samples]]] = {
        "in pauses": (True, lambda samples: samples),
        "in pauses, MP3 64k": (True, coded),
        "over the talk": (False, lambda samples: samples),
    }
    print("| peak, dBFS |", " | ".join(ways), "|\n|---|" + "---|" * len(ways))
    for level in LEVELS:
        row = []
        for pause, way in ways.values():
            samples, moments = knocked(talk, level, pause=pause)
            row.append(heard(way(samples), moments))
        print(f"| {level} |", " | ".join(row), "|")


def alarms(paths: Sequence[Path]) -> None:
    """A Markdown table."""
    print("| recording | minutes | signals (knocks) | CPU s an hour |\n|---|---|---|---|")
    for path in paths:
        blocks = list(sound.blocks(path, channels=1))
        minutes, began = sum(map(len, blocks)) / RATE / 60, time.process_time()
        found = signals(knocks(blocks))
        spent = (time.process_time() - began) / minutes * 60
        told = ", ".join(f"{one.start / 1000:.1f} s ({len(one.knocks)})" for one in found) or "none"
        print(f"| {path.name} | {minutes:.1f} | {told} | {spent:.1f} |")


def main() -> None:
    """See the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("recall").add_argument("talk", type=Path)
    commands.add_parser("alarms").add_argument("recordings", type=Path, nargs="+")
    given = parser.parse_args()
    if given.command == "recall":
        recall(given.talk)
    else:
        alarms(given.recordings)


if __name__ == "__main__":
    main()
