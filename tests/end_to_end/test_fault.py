"""People knock twice around a fault at the table: it is offered, cut when the editor says so, and nothing else goes."""

from __future__ import annotations

import json
import shutil
import wave
from pathlib import Path

import numpy as np

from pipeline.audio.knocks import knocks, signals
from pipeline.audio.streams import gather
from pipeline.tools import sound

from .conftest import ROOT, escaleta, here

RATE = 48_000
SPEECH = ROOT / "tests" / "data" / "speech" / "buzon.opus"
BEGIN = 24.0
"""Seconds: where the recording begins to be used; the fewer words, the sooner they are heard."""
FAULT_AT, FAULT = 8.6, 6.0
"""Seconds: a pause in what is used, and how long the fault lasts that is put in there."""


def knocked(speech: np.ndarray) -> np.ndarray:
    """Two knocks, six seconds that were said before, and two knocks, with a second and a half of room around each."""
    t = np.arange(RATE // 4) / RATE
    knock = 0.7 * np.sin(2 * np.pi * 2300 * t) * np.exp(-t / 0.008)
    room = 0.0003 * np.random.default_rng(5).normal(size=RATE * 3 // 2)
    for at in (0.5, 0.9):
        room[int(at * RATE) :][: len(t)] += knock
    at, again = int(FAULT_AT * RATE), int(1 * RATE)
    return np.concatenate([speech[:at], room, speech[again : again + int(FAULT * RATE)], room, speech[at:]])


def save(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def test_a_fault_between_knocks_is_offered_accepted_and_gone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "feed", tmp_path / "feed", ignore=shutil.ignore_patterns("public", "ledger.yaml", ".lock"))
    (tmp_path / "order.md").write_text("# El buzón\n\n## Introducción\n\n## Preguntas de los oyentes\n", "utf-8")
    save(tmp_path / "fault.wav", knocked(gather(sound.blocks(SPEECH, channels=1), 1)[int(BEGIN * RATE) :, 0]))
    words = ("new", "buzon", "--outline", "order.md", "--recording", "fault.wav", "--publish-at", "2024-01-09T07:00")
    assert escaleta(*words, cwd=tmp_path).returncode == 0
    before = json.loads(escaleta("produce", "buzon", "--json", cwd=tmp_path).stdout)
    (offer,) = before["offers"]
    low, high = FAULT_AT * 1000, (FAULT_AT + FAULT + 3) * 1000
    assert low - 700 < offer["start_ms"] < low + 500
    assert high - 600 < offer["end_ms"] < high + 700

    assert escaleta("cuts", "buzon", "accept", "1", cwd=tmp_path).returncode == 0
    after = json.loads(here("produce", "buzon", "--json", cwd=tmp_path).stdout)
    gone = offer["end_ms"] - offer["start_ms"]
    assert after["offers"] == []
    assert after["durations"]["programme_ms"] == before["durations"]["programme_ms"] - gone
    assert [clapped(Path(told["files"]["audio"])) for told in (before, after)] == [2, 0]


def clapped(path: Path) -> int:
    """How often somebody clapped; intro and outro have beats, but none so plain."""
    return sum(signal.knocks[0].plain for signal in signals(knocks(sound.blocks(path, channels=1))))
