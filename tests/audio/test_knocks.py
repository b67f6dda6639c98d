"""Knocks are heard for what they are, and nothing else is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import lameenc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.knocks import LONGEST_FAULT, Knock, Signal, faults, knocks, signals
from pipeline.tools import sound

ROOT = Path(__file__).parents[2]
RATE = 48_000


@cache
def speech() -> np.ndarray:
    """Three voices, half a minute."""
    return np.concatenate(list(sound.blocks(ROOT / "tests/data/speech/buzon.opus", channels=1)))[:, 0]


def knock(seed: int, reverberation: float = 0.4, direct: float = 6.0) -> np.ndarray:
    """Wood on wood in a room: modes from 700 to 5000 Hz that die in 4 to 20 ms, and an echo that takes longer.

    reverberation: seconds for 60 dB. direct: dB by which the blow's energy exceeds the echo's. Peak 1.
    """
    rng = np.random.default_rng(seed)
    t = np.arange(RATE // 2) / RATE
    modes = zip(rng.uniform(700, 5000, 8), rng.uniform(0.004, 0.02, 8), rng.uniform(0, 6, 8), strict=True)
    blow = sum(np.sin(2 * np.pi * pitch * t + phase) * np.exp(-t / decay) for pitch, decay, phase in modes)
    echo = np.convolve(rng.normal(size=len(t)), np.ones(8) / 8, "same") * np.exp(-6.91 * t / reverberation)
    echo[: RATE // 300] = 0
    echo *= np.sqrt(np.sum(blow**2) / np.sum(echo**2)) * 10 ** (-direct / 20)
    return np.asarray((blow + echo) / np.abs(blow + echo).max())


def with_knocks(level: float, at: list[float], **room: float) -> np.ndarray:
    """A pause of 12 s in the talk, with knocks at `at` seconds of it; their peaks at `level` dBFS."""
    talk = speech()
    middle = len(talk) // 2
    pause = 0.0005 * np.random.default_rng(1).normal(size=12 * RATE)
    for seed, moment in enumerate(at):
        blow = knock(seed, **room)
        first = round(moment * RATE)
        pause[first : first + len(blow)] += 10 ** (level / 20) * blow
    return np.concatenate([talk[:middle], pause, talk[middle:]]).astype(np.float32)


def heard(samples: np.ndarray, parts: int = 37) -> tuple[Knock, ...]:
    return knocks(np.array_split(samples.astype(np.float32)[:, None], parts))


def moments(samples: np.ndarray) -> list[list[float]]:
    """Seconds into the pause, a list a signal."""
    begins = len(speech()) // 2 / RATE
    return [[round(one.at / 1000 - begins, 3) for one in signal.knocks] for signal in signals(heard(samples))]


def mp3(samples: np.ndarray, folder: Path) -> np.ndarray:
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_bit_rate(64)
    encoder.silence()
    data = encoder.encode((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()) + encoder.flush()
    (folder / "coded.mp3").write_bytes(data)
    return np.concatenate(list(sound.blocks(folder / "coded.mp3", channels=1)))[:, 0]


@pytest.mark.parametrize("room", [(0.25, 10.0), (0.4, 6.0), (0.6, 3.0)], ids=["dry", "room", "hall"])
@pytest.mark.parametrize("level", [-1.0, -9.0, -18.0])
def test_two_knocks_are_heard_however_loud_and_wherever(level: float, room: tuple[float, float]) -> None:
    at = [3.0, 3.2, 7.0, 7.7]
    found = moments(with_knocks(level, at, reverberation=room[0], direct=room[1]))
    assert [len(row) for row in found] == [2, 2]
    assert np.concatenate(found) == pytest.approx(at, abs=0.006)


def test_coding_hides_none(tmp_path: Path) -> None:
    found = moments(mp3(with_knocks(-9, [3.0, 3.3, 7.0, 7.5]), tmp_path))
    assert [len(row) for row in found] == [2, 2]
    assert np.concatenate(found) == pytest.approx([3.0, 3.3, 7.0, 7.5], abs=0.006 + 0.03)


def test_four_microphones_that_hear_it_one_after_the_other_hear_one_knock() -> None:
    sounding = with_knocks(-15, [3.0, 3.4])
    paths = [(0, 1.0), (120, 0.7), (190, 0.5), (260, 0.5)]
    found = moments(sum(gain * np.roll(sounding, late) for late, gain in paths))
    assert [len(row) for row in found] == [2]


def test_a_knock_amid_talk_is_heard_where_it_is_louder_than_that() -> None:
    talk = speech().copy()
    for seed, first in enumerate(range(RATE, len(talk) - RATE, 2 * RATE)):
        talk[first : first + RATE // 2] += 0.9 * knock(seed)
    found = {one.at for one in heard(talk)}
    there = [min(abs(at - 1000 * second) for at in found) < 6 for second in range(1, len(talk) // RATE - 1, 2)]
    assert np.mean(there) > 0.6


def test_a_single_knock_is_a_signal_only_where_it_is_louder_than_the_talk() -> None:
    assert moments(with_knocks(-1, [5.0])) == [[pytest.approx(5.0, abs=0.006)]]
    assert moments(with_knocks(-18, [5.0])) == []


def typing(level: float) -> np.ndarray:
    """Keys at their usual pace: short bright clicks."""
    rng = np.random.default_rng(4)
    t = np.arange(RATE // 50) / RATE
    out = np.zeros(12 * RATE)
    for first in np.cumsum(rng.integers(RATE // 10, RATE // 3, size=45)):
        out[first : first + len(t)] += 10 ** (level / 20) * rng.normal(size=len(t)) * np.exp(-t / 0.003) / 3
    return out


def bumps() -> np.ndarray:
    """Somebody hits the table, twice a time."""
    t = np.arange(RATE // 2) / RATE
    out = np.zeros(12 * RATE)
    for second, pitch in ((1.0, 70), (1.4, 70), (5.0, 160), (5.3, 160), (9.0, 240), (9.5, 240)):
        first = int(second * RATE)
        out[first : first + len(t)] += 0.8 * np.sin(2 * np.pi * pitch * t) * np.exp(-t / 0.04)
    return out


def laughter() -> np.ndarray:
    """Bursts of breath, five a second, each rising within 20 ms."""
    rng = np.random.default_rng(5)
    t = np.arange(12 * RATE) / RATE
    phase = (5 * t) % 1
    return np.asarray(0.2 * rng.normal(size=len(t)) * np.minimum(phase / 0.1, 1) * np.exp(-4 * phase))


@pytest.mark.parametrize(
    "noise",
    [typing(-6), typing(-20), bumps(), laughter(), 0.3 * np.sin(np.arange(12 * RATE) / 9)],
    ids=["typing", "quiet typing", "bumps", "laughter", "a tone"],
)
def test_what_else_makes_noise_is_no_signal(noise: np.ndarray) -> None:
    samples = with_knocks(0, [])
    middle = len(speech()) // 2
    samples[middle : middle + len(noise)] += noise.astype(np.float32)
    assert moments(samples) == []


def test_a_talk_without_a_clapper_has_no_signal() -> None:
    assert signals(heard(speech())) == ()
    assert signals(knocks(sound.blocks(ROOT / "episodes/mlops/recording.mp3", channels=1))) == ()


def test_the_same_is_heard_whatever_the_blocks() -> None:
    samples = with_knocks(-9, [1.0, 1.5, 6.0, 6.2])
    assert len(heard(samples)) == 4
    assert heard(samples, 1) == heard(samples, 37) == heard(samples, 1789)


def test_nothing_is_heard_in_nothing() -> None:
    assert knocks([]) == ()
    assert heard(np.zeros(100), 3) == ()
    assert heard(np.zeros(RATE)) == ()


# ── what they mean ──────────────────────────────────────────────────────────────────────────────────────────────────


def given_at(*rows: list[int], plain: bool = False) -> tuple[Signal, ...]:
    return tuple(Signal(tuple(Knock(at, 10.0, plain) for at in row)) for row in rows)


def test_three_in_a_row_set_clocks_and_four_are_a_hand_at_a_keyboard() -> None:
    beats = {two: 60_000 * two for two in range(1, 6)}
    row = [Knock(start + 400 * k, 5.0, True) for count, start in beats.items() for k in range(count)]
    assert [len(signal.knocks) for signal in signals(row)] == [1, 2, 3]
    assert [[s.start for s in fault] for fault in faults(signals(row))] == [[60_000, 120_000]]


def test_what_is_much_fainter_is_of_another_hand() -> None:
    row = [Knock(1_000, 10.0, False), Knock(1_300, -5.0, False), Knock(1_500, 7.0, False)]
    (signal,) = signals(row)
    assert (signal.start, signal.end) == (1_000, 1_500)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[5_000, 5_400], [20_000, 20_300]], [(5_000, 20_300)]),
        ([[5_000], [20_000, 20_300]], [(5_000, 20_300)]),
        ([[5_000, 5_400], [20_000, 20_300], [90_000, 90_200], [99_000, 99_400]], [(5_000, 20_300), (90_000, 99_400)]),
        ([[5_000, 5_400]], [(5_000, 5_400)]),
        ([[5_000]], []),
        ([[5_000, 5_400], [400_000, 400_300], [410_000, 410_300]], [(5_000, 5_400), (400_000, 410_300)]),
        ([[1_000, 1_500, 2_000], [60_000, 60_400], [70_000, 70_400], [80_000, 80_400, 80_800]], [(60_000, 70_400)]),
        ([], []),
    ],
)
def test_a_fault_lies_between_two_signals(rows: list[list[int]], expected: list[tuple[int, int]]) -> None:
    assert [(fault[0].start, fault[-1].end) for fault in faults(given_at(*rows))] == expected


@given(st.lists(st.tuples(st.integers(1_001, 400_000), st.sampled_from([1, 2, 3])), max_size=12))
def test_no_fault_reaches_into_another_and_no_pair_is_forgotten(rows: list[tuple[int, int]]) -> None:
    now, row = 0, []
    for gap, count in rows:
        now += gap
        row.append([now + 300 * k for k in range(count)])
    found = faults(given_at(*row))
    edges = [edge for fault in found for edge in (fault[0].start, fault[-1].end)]
    assert edges == sorted(edges)
    assert all(len(fault) == 1 or fault[1].start - fault[0].end <= LONGEST_FAULT for fault in found)
    assert {one.start for one in given_at(*row) if len(one.knocks) == 2} <= {one.start for f in found for one in f}
