"""Who speaks around a table where every microphone hears everybody, on voices of noise whose turns are known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.ndimage import maximum_filter1d
from scipy.signal import oaconvolve

from pipeline.audio.bleed import envelope, open_to_the_room, room, speaking, speech_level, voice_band

RATE = 16_000
SECONDS = 180
PEOPLE = 4
LOUD = (0.3, 0.25, 0.15, 0.08)
"""Four people, the last 11 dB below the first."""

MARGIN = 30
"""Frames around a turn in which a gate may open early or close late."""


@cache
def talk() -> tuple[np.ndarray, np.ndarray]:
    """What each says (people, samples), and when (people, frames): turns of one to five seconds, and some at once."""
    random = np.random.default_rng(5)
    said, turns = np.zeros((PEOPLE, SECONDS * RATE), np.float32), np.zeros((PEOPLE, SECONDS * 100), bool)

    def say(person: int, start: float, long: float) -> None:
        count, first = int(long * RATE), int(start * RATE)
        syllables = np.repeat(10 ** (random.uniform(-15, 0, 60) / 20), RATE // 8)[:count]
        said[person, first : first + count] += LOUD[person] * syllables * random.normal(size=count)
        turns[person, int(start * 100) : int((start + long) * 100)] = True

    now, person = 0.5, 0
    while now < SECONDS - 7:
        long = random.uniform(1, 5)
        say(person, now, long)
        if random.random() < 0.15:
            say((person + 1) % PEOPLE, now + long / 2, 0.6)
        now += long + random.uniform(0.2, 0.8)
        person = (person + int(random.integers(1, PEOPLE))) % PEOPLE
    return said, turns


def hall() -> np.ndarray:
    """A living room: 0.3 s until what was said is 60 dB down."""
    count = int(0.3 * RATE)
    tail = np.random.default_rng(1).normal(size=count) * np.exp(-6.9 * np.arange(count) / count)
    return np.asarray(tail / np.linalg.norm(tail), np.float32)


def far(one: np.ndarray) -> np.ndarray:
    """A voice as others' microphones hear it, half of it from the walls."""
    return 0.7 * one + 0.7 * oaconvolve(one, hall())[: len(one)]


@cache
def all_far() -> list[np.ndarray]:
    """Everybody's voice in the talk, from afar: most tests change none or one of them."""
    return [far(one) for one in talk()[0]]


@cache
def hiss() -> np.ndarray:
    """What every microphone makes of itself."""
    return np.float32(0.0005) * np.random.default_rng(2).standard_normal((PEOPLE, SECONDS * RATE), np.float32)


def recorded(said: np.ndarray, bleed: float) -> np.ndarray:
    """Every microphone's levels: its own voice, the others so many dB down, late and half of them from the walls."""
    heard = [
        known if np.array_equal(one, whole) else far(one)
        for one, whole, known in zip(said, talk()[0], all_far(), strict=True)
    ]
    rows = []
    for person, own in enumerate(said):
        others = sum(one for other, one in enumerate(heard) if other != person)
        sound = own + np.float32(10 ** (bleed / 20)) * np.roll(others, 64 + 9 * person) + hiss()[person]
        rows.append(envelope(voice_band([sound])))
    return np.stack(rows)


def told(levels: np.ndarray) -> np.ndarray:
    return speaking(levels, room(levels, [speech_level(row) for row in levels]))


def wrong(found: np.ndarray, meant: np.ndarray) -> tuple[float, float]:
    """The share of other people's speech that a microphone takes for its own, and of what its own says alone that it
    misses."""
    around = maximum_filter1d(meant, 2 * MARGIN + 1, axis=1)
    others, alone = ~around & meant.any(axis=0), meant & (meant.sum(axis=0) == 1)
    return float((found & others).sum() / others.sum()), float((alone & ~found).sum() / alone.sum())


@pytest.mark.parametrize("bleed", [-60, -25, -18, -12, -8])
def test_who_speaks_is_told_however_near_they_sit(bleed: float) -> None:
    """At −8 dB the loudest of them is nearly as loud in the microphone of the quietest as its owner is."""
    said, turns = talk()
    false, missed = wrong(told(recorded(said, bleed)), turns)
    assert false < 0.02
    assert missed < 0.001


def test_who_speaks_at_the_same_time_is_heard_too() -> None:
    """Even the quietest behind the loudest, as far as the neighbour's microphone leaves room."""
    said, turns = talk()
    both = turns & (turns.sum(axis=0) > 1)
    assert both.sum() > 500
    assert told(recorded(said, -18))[both].all()


def test_who_says_next_to_nothing_is_heard_when_they_do() -> None:
    """Three words in three minutes, and never taken for the neighbours before."""
    said, turns = (part.copy() for part in talk())
    said[2], turns[2] = 0, False
    said[2, 100 * RATE : 101 * RATE] = LOUD[2] * np.random.default_rng(3).normal(size=RATE)
    turns[2, 10_000:10_100] = True
    found = told(recorded(said, -12))
    assert found[2, 10_000:10_100].all()
    assert found[2].sum() < 250
    assert wrong(found, turns)[1] < 0.001


def test_a_fan_beside_a_microphone_is_not_what_its_owner_says() -> None:
    """As loud as 20 dB below its owner, it is 6 dB above what the others make of themselves there."""
    said, turns = talk()
    fan = np.float32(0.1 * LOUD[1]) * np.random.default_rng(4).standard_normal(said.shape[1], np.float32)
    levels = recorded(said, -25)
    levels[1] = 10 * np.log10(10 ** (levels[1] / 10) + 10 ** (envelope(voice_band([fan])) / 10))
    false, missed = wrong(told(levels), turns)
    assert false < 0.001
    assert missed < 0.001


def test_who_moves_away_from_their_microphone_is_not_heard_in_all_others() -> None:
    """From two minutes on 10 dB fainter in their own, and as loud as before in the others'."""
    said, turns = talk()
    back = np.where(np.arange(said.shape[1]) < 120 * RATE, 1, 10 ** (-10 / 20)).astype(np.float32)
    levels = recorded(said, -20)
    moved = recorded(np.stack([said[0], 0 * said[1], said[2], said[3]]), -20)[1]
    own = envelope(voice_band([said[1] * back]))
    levels[1] = 10 * np.log10(10 ** (moved / 10) + 10 ** (own / 10))
    false, missed = wrong(told(levels)[:, 12_500:], turns[:, 12_500:])
    assert false < 0.01
    assert missed < 0.001


@pytest.mark.parametrize("bleed", [-18, -10])
def test_a_microphone_that_nobody_speaks_into_says_nothing(bleed: float) -> None:
    said, turns = (part.copy() for part in talk())
    said[1], turns[1] = 0, False
    found = told(recorded(said, bleed))
    assert found[1].mean() < 0.001
    assert wrong(found, turns)[1] < 0.001


def test_a_mix_beside_the_tracks_says_nothing() -> None:
    said, turns = talk()
    levels = recorded(said, -20)
    everything = envelope(voice_band([said.sum(axis=0)]))
    found = told(np.vstack([levels, everything]))
    assert found[-1].mean() < 0.001
    assert wrong(found[:-1], turns)[1] < 0.001


def test_a_track_of_silence_is_nobodys() -> None:
    said, turns = talk()
    levels = recorded(said, -20)
    levels[1] = -90
    found = speaking(levels, room(levels, [0.0 if n == 1 else speech_level(row) for n, row in enumerate(levels)]))
    assert not found[1].any()
    assert not speaking(np.full((2, 500), -90, np.float32), room(np.full((2, 500), -90, np.float32), [0, 0])).any()
    others = [0, 2, 3]
    assert wrong(found[others], turns[others])[1] < 0.001


def test_who_came_for_a_minute_hears_the_others_as_loudly_as_everybody_does() -> None:
    said, turns = (part.copy() for part in talk())
    for start, end in ((0, 60), (120, SECONDS)):
        said[2, start * RATE : end * RATE], turns[2, start * 100 : end * 100] = 0, False
    levels = recorded(said, -12)
    levels[2, :6000] = levels[2, 12_000:] = -90
    false, missed = wrong(told(levels)[:, 6000:12_000], turns[:, 6000:12_000])
    assert false < 0.02
    assert missed < 0.001


def test_somebodys_microphone_is_open_all_the_time() -> None:
    """Who speaks, then who spoke last; first, who will."""
    speaks = np.array([list("..AA...A...."), list("...BB....B..")]) != "."
    assert ["".join("AB"[n] if one else "." for one in row) for n, row in enumerate(open_to_the_room(speaks))] == [
        "AAAA...AA...",
        "...BBBB..BBB",
    ]
    assert not open_to_the_room(np.zeros((2, 5), bool)).any()


def test_an_envelope_is_in_decibels_whatever_the_blocks() -> None:
    tone = np.sqrt(2) * 0.1 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE).astype(np.float32)
    whole, cut = envelope([tone]), envelope(np.split(tone, [7, 1000, 9999]))
    assert np.allclose(whole, cut)
    assert whole == pytest.approx(-20, abs=0.1)
