"""Clocks and turns of microphones recorded apart, on voices of noise whose every sample is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.bleed import Room, envelope, voice_band
from pipeline.audio.tracks import WINDOW, Clock, Delay, belong_together, coarse_clock, delays, fit

RATE = 16_000
BLEED = 10 ** (-25 / 20)


def voices(seconds: int, people: int, seed: int = 3) -> np.ndarray:
    """People who take turns of one to five seconds, with syllables and pauses. Shape (people, samples)."""
    rng = np.random.default_rng(seed)
    out = np.zeros((people, seconds * RATE), np.float32)
    now, speaker = 0.3, 0
    while now < seconds - 1:
        long = min(rng.uniform(1, 5), seconds - 1 - now)
        count = int(long * RATE)
        loudness = 10 ** (rng.uniform(-30, 0, size=40) / 20)
        syllables = np.repeat(loudness, rng.integers(RATE // 12, RATE // 4, size=40))[:count]
        first = int(now * RATE)
        out[speaker, first : first + count] = 0.2 * syllables * rng.normal(size=count)
        now += long + rng.uniform(0.1, 0.8)
        speaker = (speaker + int(rng.integers(1, people))) % people
    return out


def recorded(said: np.ndarray, listener: int, clock: Clock, late: list[float], seed: int = 0) -> np.ndarray:
    """What one microphone makes of all voices: its owner's, the others' faint and late, noise, its own clock."""
    rate_of_file = np.arange(int((said.shape[1] / RATE - max(clock.offset, 0)) * RATE)) / RATE
    moments = (rate_of_file / (1 + clock.drift) + clock.offset) * RATE
    heard = np.zeros(len(moments))
    for person, voice in enumerate(said):
        own = person == listener
        heard += (1 if own else BLEED) * np.interp(moments - late[person] * RATE, np.arange(len(voice)), voice)
    return (heard + 0.0005 * np.random.default_rng(seed).normal(size=len(heard))).astype(np.float32)


def file_time(clock: Clock, moment: float) -> float:
    """When a moment, s, is on the track of that clock."""
    return (moment - clock.offset) * (1 + clock.drift)


def test_offset_and_drift_are_found_within_a_fifth_of_a_millisecond() -> None:
    truth = [Clock(0.0), Clock(2.37, 20e-6), Clock(-1.215, -35e-6)]
    said = voices(110, 3)
    late = [[0, 0.004, 0.0055], [0.004, 0, 0.0047], [0.0055, 0.0047, 0]]
    bands = [next(voice_band([recorded(said, k, truth[k], late[k], k)])) for k in range(3)]
    levels = [envelope([band]) for band in bands]
    coarse = [coarse_clock(levels[0], level)[0] for level in levels]
    assert [clock.offset for clock in coarse] == pytest.approx([0, 2.37, -1.215], abs=0.02)
    heard = Room(np.full(3, -20.0, np.float32), np.full((3, 3), -25.0, np.float32), np.full(3, True))
    measured = []
    for start in np.linspace(5, 85, 8):
        window = {}
        for track, band in enumerate(bands):
            first = round(coarse[track].place(start) * RATE)
            window[track] = band[first : first + WINDOW]
        measured += delays(window, start + 10, heard)
    for found, meant in zip(fit(measured, coarse), truth, strict=True):
        for moment in (5, 55, 105):
            assert file_time(found, moment) == pytest.approx(file_time(meant, moment), abs=0.0005)


def test_tracks_of_two_conversations_are_told_apart() -> None:
    one, other = voices(60, 2, seed=1), voices(60, 2, seed=2)
    levels = [envelope(voice_band([recorded(said, 0, Clock(0.0), [0, 0.004])])) for said in (one, other)]
    heard_too = envelope(voice_band([recorded(one, 1, Clock(0.7), [0.004, 0])]))
    assert belong_together(coarse_clock(levels[0], heard_too)[1])
    assert not belong_together(coarse_clock(levels[0], levels[1])[1])


@pytest.fixture(scope="module")
def session() -> tuple[np.ndarray, np.ndarray]:
    """Ten minutes of two people, as the microphones of both heard them: their levels."""
    said = voices(600, 2, seed=3)
    late = ([0, 0.004], [0.004, 0])
    levels = [envelope(voice_band([recorded(said, k, Clock(0.0), late[k])])) for k in range(2)]
    return levels[0], levels[1]


@pytest.mark.parametrize("start", [0, 7, 290, 560])
def test_who_came_for_half_a_minute_is_found_wherever_that_was(
    session: tuple[np.ndarray, np.ndarray], start: int
) -> None:
    whole, guest = session[0], session[1][start * 100 : (start + 35) * 100]
    for (clock, alike), begins in ((coarse_clock(whole, guest), start), (coarse_clock(guest, whole), -start)):
        assert clock.offset == pytest.approx(begins, abs=0.02)
        assert alike > 0.5


@pytest.mark.parametrize("seconds", [5, 30, 120])
def test_a_stranger_is_told_however_short(session: tuple[np.ndarray, np.ndarray], seconds: int) -> None:
    other = envelope(voice_band([recorded(voices(seconds, 2, seed=2), 0, Clock(0.0), [0, 0.004])]))
    assert not belong_together(coarse_clock(session[0], other)[1])


def test_a_silent_track_is_like_no_other() -> None:
    silence = np.full(1000, -90, np.float32)
    assert coarse_clock(silence, silence[:500]) == coarse_clock(silence, silence[:5]) == (Clock(0.0), 0.0)


@pytest.mark.parametrize("clock", [Clock(3.2, 100e-6), Clock(-2.5, -100e-6), Clock(1200.3, 200e-6), Clock(0.5, 20e-6)])
def test_clocks_that_part_by_a_second_are_found_and_are_of_one_talk(clock: Clock) -> None:
    """Two hours at 100 ppm are 0.7 s: laid over each other as they are, such tracks resemble each other nowhere."""
    rng = np.random.default_rng(4)
    syllables = np.repeat(rng.uniform(-55, -20, size=60_000), rng.integers(8, 20, size=60_000))[:720_000]
    frames = np.rint([clock.moment(k / 100) * 100 for k in range(719_000)]).astype(int)
    inside = (frames >= 0) & (frames < len(syllables))
    other = np.where(inside, syllables[np.where(inside, frames, 0)], -60) + rng.normal(scale=3, size=len(frames))
    found, alike = coarse_clock(syllables.astype(np.float32), other.astype(np.float32))
    assert belong_together(alike)
    assert found.offset == pytest.approx(clock.offset, abs=0.02)
    assert found.drift == pytest.approx(clock.drift, abs=3e-6)


def test_the_delays_are_what_is_left_of_a_coarse_clock() -> None:
    """Everything of the second is heard 5 ms later than it says at first, and 12 ms after an hour."""
    coarse = [Clock(0.0), Clock(2.0, 50e-6)]
    left = [Delay(0, 1, moment, 0.005 + 0.007 * moment / 3600) for moment in range(100, 3600, 100)]
    back = [Delay(1, 0, one.moment, -one.seconds) for one in left]
    for moment in (10, 3500):
        meant = coarse[1].place(moment) + 0.005 + 0.007 * moment / 3600
        assert fit([*left, *back], coarse)[1].place(moment) == pytest.approx(meant, abs=1e-6)


clocks = st.builds(Clock, st.floats(-1e4, 1e4), st.floats(-1e-3, 1e-3))


@given(clocks, clocks, st.floats(0, 1e4))
def test_a_clock_is_read_by_any_other(clock: Clock, other: Clock, moment: float) -> None:
    assert clock.moment(clock.place(moment)) == pytest.approx(moment, abs=1e-6)
    assert clock.seen_from(other).place(other.place(moment)) == pytest.approx(clock.place(moment), abs=1e-6)


def test_without_delays_the_coarse_offsets_stand() -> None:
    assert fit([], [Clock(0.0), Clock(1.25, 1e-5)]) == (Clock(0.0), Clock(1.25, 1e-5))
