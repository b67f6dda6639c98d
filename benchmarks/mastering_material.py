"""A speech-like talk with markers in it, two spots, and where everything must be found again."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
from scipy import signal

from pipeline.timecode import SAMPLE_RATE as RATE

CUE = 0.4
"""Where the cue is, as a part of the talk."""
MARK = signal.chirp(np.arange(960) / RATE, 500, 0.02, 8000) * np.hanning(960) * 0.5


def minute(seed: int) -> np.ndarray:
    """A minute that behaves like speech: a voice of changing pitch and vowels, syllables, sentences, pauses, room."""
    random = np.random.default_rng(seed)
    count = 60 * RATE
    pitch = np.interp(np.arange(count), np.arange(0, count, 9600), random.uniform(85, 220, 300))
    pulses = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0)
    breath = 0.02 * random.standard_normal(count)
    voiced = sum(
        signal.sosfilt(signal.butter(2, [hz * 0.9, hz * 1.1], "bandpass", fs=RATE, output="sos"), pulses + breath)
        for hz in random.uniform((300, 900, 2200, 3300), (800, 2000, 3200, 4500))
    )
    syllables = np.interp(np.arange(count), np.arange(0, count, 4800), random.random(600) ** 1.5)
    sentences = np.repeat(random.random(24) > 0.15, count // 24)
    talk = voiced * syllables * sentences
    return talk / np.abs(talk).max() * random.uniform(0.3, 0.8) + 3e-4 * random.standard_normal(count)


def build(folder: Path, minutes: int) -> None:
    """talk.wav with a marker every ten minutes and ten seconds on either side of the cue; a.wav and b.wav, spots."""
    cue = round(minutes * 60 * CUE) * RATE
    kinds = [minute(seed) for seed in range(4)]
    marks = {cue - 10 * RATE, cue + 10 * RATE, *range(5 * RATE, minutes * 60 * RATE, 600 * RATE)}
    with wave.open(str(folder / "talk.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        for number in range(minutes):
            piece, start = kinds[number % 4].copy(), number * 60 * RATE
            if start <= cue < start + 60 * RATE:
                piece[max(cue - start - RATE, 0) : cue - start + RATE] *= 0.001
            for mark in marks:
                if start <= mark < start + 59 * RATE:
                    piece[mark - start : mark - start + 960] = MARK
            file.writeframes(pcm(piece))
    for name, seconds, seed in (("a", 25, 11), ("b", 31, 12)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(pcm(minute(seed)[: seconds * RATE]))
    facts = {"cue": cue, "marks": sorted(marks), "samples": minutes * 60 * RATE}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def pcm(samples: np.ndarray) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
