"""Loudness and true peak: EBU Tech 3341's and 3342's signals, synthesised, and FFmpeg's meter beside ours."""

from __future__ import annotations

import av
import numpy as np
import pytest

from pipeline.audio.loudness import SILENCE, Levels, gain_to, integrated, loudness_range, measure
from pipeline.audio.streams import Block

RATE = 48_000


def tone(*parts: tuple[float, float], hz: float = 1000.0) -> Block:
    """A stereo sine in parts of (dBFS peak, seconds), both channels in phase."""
    level = np.concatenate([np.full(round(seconds * RATE), 10 ** (dbfs / 20)) for dbfs, seconds in parts])
    sine = level * np.sin(2 * np.pi * hz / RATE * np.arange(len(level)))
    return np.stack([sine, sine], axis=1).astype(np.float32)


def blocks(samples: Block, size: int = 10_007) -> list[Block]:
    return [samples[start : start + size] for start in range(0, len(samples), size)]


def loudness(samples: Block) -> float:
    return integrated(measure(blocks(samples)).energies)


TECH_3341 = {
    1: (-23.0, [(-23, 20)]),
    2: (-33.0, [(-33, 20)]),
    3: (-23.0, [(-36, 10), (-23, 60), (-36, 10)]),
    4: (-23.0, [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)]),
    5: (-23.0, [(-26, 20), (-20, 20.1), (-26, 20)]),
}


@pytest.mark.parametrize("case", TECH_3341)
def test_integrated_loudness_of_tech_3341(case: int) -> None:
    wanted, parts = TECH_3341[case]
    assert loudness(tone(*parts)) == pytest.approx(wanted, abs=0.1)


TECH_3342 = {
    1: (10.0, [(-20, 20), (-30, 20)]),
    2: (5.0, [(-20, 20), (-15, 20)]),
    3: (20.0, [(-40, 20), (-20, 20)]),
    4: (15.0, [(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)]),
}


@pytest.mark.parametrize("case", TECH_3342)
def test_loudness_range_of_tech_3342(case: int) -> None:
    wanted, parts = TECH_3342[case]
    samples = tone(*parts)
    assert loudness_range(measure(blocks(samples)).energies) == pytest.approx(wanted, abs=1.0)


TECH_3341_PEAKS = {
    15: (-6.0, 4, 0.0, 0.50),
    16: (-6.0, 4, 45.0, 0.50),
    17: (-6.0, 6, 60.0, 0.50),
    18: (-6.0, 8, 67.5, 0.50),
    19: (3.0, 4, 45.0, 1.41),
}
"""Case: dBTP, sample rate over frequency, phase in degrees, amplitude."""


@pytest.mark.parametrize("case", TECH_3341_PEAKS)
def test_true_peak_of_tech_3341(case: int) -> None:
    wanted, divisor, phase, amplitude = TECH_3341_PEAKS[case]
    samples = np.arange(RATE)
    sine = amplitude * np.sin(2 * np.pi * samples / divisor + np.radians(phase))
    fade = np.clip(np.minimum(samples, samples[::-1]) / 4800, 0, 1)
    heard = measure(blocks((sine * fade)[:, None].astype(np.float32), 999))
    assert wanted - 0.4 <= heard.true_peak <= wanted + 0.2


def test_a_peak_in_the_last_sample_counts() -> None:
    samples = np.zeros((5_000, 1), np.float32)
    samples[-1] = 0.5
    assert measure(blocks(samples, 777)).true_peak == pytest.approx(-6.02, abs=0.05)


def test_less_than_a_block_is_a_block() -> None:
    assert loudness(tone((-20, 0.2))) == pytest.approx(-20, abs=0.3)
    assert loudness_range(measure([tone((-20, 2))]).energies) == 0


def test_silence_and_what_is_too_short_have_no_loudness() -> None:
    assert loudness(np.zeros((RATE, 1), np.float32)) == SILENCE
    assert loudness(tone((-20, 0.09))) == SILENCE
    assert gain_to(-16, Levels(np.zeros(50), np.zeros(50)), -2) == SILENCE
    assert measure([]).true_peak == SILENCE


def speech_like(channels: int, seconds: int = 30) -> Block:
    random = np.random.default_rng(3)
    carrier = random.standard_normal((seconds * RATE, channels)).cumsum(axis=0)
    carrier -= np.convolve(carrier[:, 0], np.ones(200) / 200, "same")[:, None]
    syllables = np.interp(
        np.arange(seconds * RATE), np.arange(0, seconds * RATE, 9600), random.random(seconds * 5) ** 3
    )
    return (0.05 * carrier / np.abs(carrier).mean() * syllables[:, None]).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2])
def test_ffmpegs_meter_agrees(channels: int) -> None:
    samples = speech_like(channels)
    graph = av.filter.Graph()
    layout = {1: "mono", 2: "stereo"}[channels]
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout=layout)
    meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
    graph.link_nodes(source, meter, sink).configure()
    said: dict[str, str] = {}
    for block in blocks(samples, 4_800):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout=layout)
        frame.sample_rate = RATE
        graph.push(frame)
        said.update(graph.pull().metadata)
    heard = measure(blocks(samples))
    assert integrated(heard.energies) == pytest.approx(float(said["lavfi.r128.I"]), abs=0.05)
    assert loudness_range(heard.energies) == pytest.approx(float(said["lavfi.r128.LRA"]), abs=0.3)
    theirs = max(float(said[f"lavfi.r128.true_peaks_ch{side}"]) for side in range(channels))
    assert heard.true_peak == pytest.approx(20 * np.log10(theirs), abs=0.1)


def test_the_gain_foresees_the_limiter() -> None:
    heard = measure([speech_like(1)])
    plain = -16 - integrated(heard.energies)
    assert gain_to(-16, heard, ceiling=40) == pytest.approx(plain, abs=0.01)
    assert gain_to(-16, heard, ceiling=-6) > plain
