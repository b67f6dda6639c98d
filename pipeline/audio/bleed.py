"""How loudly everybody is heard in everybody's microphone, and so who speaks when.

Around one table the others are 10 to 25 dB below a microphone's own voice, and a loud neighbour of a quiet speaker
nearer still: loudness alone tells no one from the other. But by how much one voice is louder in one microphone than in
another is always the same, however loudly it speaks. Each voice is known by these differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import butter, sosfilt

from pipeline.audio.speech import RATE
from pipeline.audio.streams import Mono

Envelope = NDArray[np.float32]
"""Level in dB full scale, one a frame of 10 ms."""

FRAME_RATE = 100

_FRAME = RATE // FRAME_RATE
_BAND = butter(4, (200, 3500), "bandpass", fs=RATE, output="sos")
_NOTHING = -80.0
_CLEAR, _AUDIBLE = -12.0, -30.0
"""dB to a voice's own level: above the first it is louder than any room, below the second it is not heard."""
_MOST = -18.0
"""dB to a track's own voice: what is further below is taken for so much. Breath and keys are as loud as this."""
_ABOVE_BLEED = 6.0
"""dB by which someone must be louder than others explain to speak at the same time, and than a fan to speak at all."""
_CAP = 12.0
"""dB of misfit beyond which a microphone says no more: two speak, or something fell."""
_ROUNDS = 6
_SAMPLED = 5
"""Every so many frames are enough to learn the differences from."""
_ENOUGH = 20
"""Sampled frames, a second, without which a voice is not known."""
_STRETCH, _KNOWN = 120 * FRAME_RATE, 5 * FRAME_RATE // _SAMPLED
"""Frames that people are taken to sit still for, and sampled ones of a voice that tell how it is heard meanwhile."""
_SAME = -3.0
"""dB: where two microphones differ by less for either's voice, they have but one voice between them."""
_NEARBY, _ROOM, _SMOOTH, _HELD = FRAME_RATE // 10, FRAME_RATE // 10, FRAME_RATE // 5, FRAME_RATE // 5
"""Frames to either side over which levels are compared, others' voices remain, misfits are averaged, speech is held."""


def voice_band(blocks: Iterable[Mono]) -> Iterator[Mono]:
    """A stream at 16 kHz, 200 to 3500 Hz of it, in as many blocks."""
    state = np.zeros((len(_BAND), 2))
    for block in blocks:
        filtered, state = sosfilt(_BAND, block, zi=state)
        yield filtered.astype(np.float32)


def envelope(blocks: Iterable[Mono]) -> Envelope:
    """The level of a stream at 16 kHz."""
    powers, rest = [], np.zeros(0, np.float32)
    for block in blocks:
        whole = np.concatenate([rest, block])
        frames = len(whole) // _FRAME
        powers.append(np.square(whole[: frames * _FRAME].reshape(frames, _FRAME)).mean(axis=1))
        rest = whole[frames * _FRAME :]
    return np.asarray(10 * np.log10(np.concatenate([*powers, np.zeros(0)]) + 1e-9), np.float32)


def speech_level(levels: Envelope) -> float:
    """How loud a microphone's own speaker is at most, even one who says little: what 1 % of the time exceeds."""
    return float(np.percentile(levels, 99))


def is_silent(levels: Envelope) -> bool:
    """Whether nothing is heard in a track, not even a room: it was muted, or its cable was out."""
    return not len(levels) or speech_level(levels) < _NOTHING


def loudest(levels: Iterable[Envelope]) -> list[float]:
    """Each track's `speech_level`, for `room` to begin with; a silent one's voice is louder than anything in it."""
    return [0.0 if is_silent(one) else speech_level(one) for one in levels]


@dataclass(frozen=True, slots=True)
class Room:
    """What every microphone hears of every voice, in dB.

    own: each voice in its own track (K,).
    apart: by how much each track (first axis) hears each voice louder than that voice's own track does (K, K).
    talks: whether a voice can be told from all others by these differences (K,).
    """

    own: NDArray[np.float32]
    apart: NDArray[np.float32]
    talks: NDArray[np.bool_]

    @property
    def bleed(self) -> NDArray[np.float32]:
        """Each voice in each track, relative to that track's own voice and to its own loudness (K, K)."""
        return np.asarray(np.maximum(self.apart - self.own[:, None] + self.own[None, :], _MOST))

    @property
    def neighbours(self) -> NDArray[np.float32]:
        """How loud the loudest of the others is in each track, as `bleed` has it (K,)."""
        others = np.where(np.eye(len(self.own), dtype=np.bool_), -np.inf, self.bleed)
        return np.asarray(others.max(axis=1), np.float32)

    def misfit(self, levels: NDArray[np.float32]) -> NDArray[np.float32]:
        """How badly each voice alone explains each frame: the dB that all tracks are off by (K, frames)."""
        rows = []
        for voice, talks in enumerate(self.talks):
            off = np.minimum(np.abs(levels - levels[voice] - self.apart[:, voice, None]), _CAP)
            rows.append(np.where(_runs(levels), off, 0).sum(axis=0) if talks else np.full(levels.shape[1], np.inf))
        return np.asarray(rows, np.float32)

    def above_others(self, levels: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much louder each track is than the others' voices make it (K, frames)."""
        relative, bleed = levels - self.own[:, None], self.bleed
        # A room goes on for a while when a voice has stopped.
        around = maximum_filter1d(relative, 2 * _ROOM + 1, axis=1, mode="nearest")
        rows = []
        for track, row in enumerate(relative):
            explained = (around[other] + bleed[track, other] for other in range(len(relative)) if other != track)
            rows.append(row - np.max(list(explained), axis=0))
        return np.asarray(rows, np.float32)


def room(levels: NDArray[np.float32], first: Sequence[float]) -> Room:
    """What a conversation tells of its room: one envelope a row, aligned to some 50 ms.

    first: `loudest` of the tracks as they are.
    """
    own = np.asarray(first, np.float32)
    clearness = own - np.percentile(levels, 10, axis=1)
    near = maximum_filter1d(levels, _NEARBY + 1, axis=1, mode="nearest")[:, ::_SAMPLED]
    clear = (near - own[:, None]).max(axis=0) > _CLEAR
    near, there = near[:, clear], levels[:, ::_SAMPLED][:, clear]
    leads = (near - own[:, None]).argmax(axis=0)
    for _ in range(_ROUNDS):
        found = _told(near, there, leads, own)
        found = replace(found, talks=found.talks & ~_echoes(found, clearness))
        leads = found.misfit(near).argmin(axis=0)
    return found


def _runs(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a recorder ran: before and behind there is nothing at all, as where a gate is shut."""
    return levels > _NOTHING


def _noise(levels: NDArray[np.float32], heard: Room) -> NDArray[np.float32]:
    """What each track seldom falls below, a fan or a hum, in dB (K, 1)."""
    lowest = [np.percentile(row[_runs(row)], 5) if _runs(row).any() else _NOTHING for row in levels]
    return np.asarray(np.minimum(lowest, heard.own + _MOST)[:, None], np.float32)


def _told(
    near: NDArray[np.float32], there: NDArray[np.float32], leads: NDArray[np.int64], first: NDArray[np.float32]
) -> Room:
    """The room as the frames tell it that each voice leads."""
    own, apart = first.copy(), np.full((len(first), len(first)), _AUDIBLE, np.float32)
    talks = np.bincount(leads, minlength=len(first)) >= _ENOUGH
    for voice in np.flatnonzero(talks):
        mine = leads == voice
        for track, row in enumerate(near[:, mine]):
            both = _runs(row)
            if both.sum() >= _ENOUGH:
                apart[track, voice] = np.median(row[both] - near[voice, mine][both])
        own[voice] = np.percentile(there[voice, mine], 90)
    np.fill_diagonal(apart, 0)
    return Room(own, apart, talks)


def _echoes(found: Room, clearness: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tracks with no voice of their own: of two that hear all alike, the one that hears it less clearly."""
    alike = (found.apart + found.apart.T > _SAME) & found.talks[:, None] & found.talks[None, :]
    np.fill_diagonal(alike, False)
    return np.asarray((alike & (clearness[:, None] <= clearness[None, :])).any(axis=1))


def _by_stretch(levels: NDArray[np.float32], heard: Room) -> Iterator[tuple[slice, Room]]:
    """The room as each stretch tells it: somebody moves their chair, and all differences change. Whoever says little in
    a stretch is heard as in all others."""
    near = maximum_filter1d(levels, _NEARBY + 1, axis=1, mode="nearest")
    for start in range(0, levels.shape[1], _STRETCH):
        stretch = slice(start, start + _STRETCH)
        yield stretch, _adapted(heard, near[:, stretch][:, ::_SAMPLED])


def _adapted(heard: Room, near: NDArray[np.float32]) -> Room:
    """The room as clear frames of a stretch tell it, where they are enough."""
    near = near[:, (near - heard.own[:, None]).max(axis=0) > _CLEAR]
    apart = heard.apart.copy()
    leads = heard.misfit(near).argmin(axis=0)
    for voice in np.flatnonzero(heard.talks):
        mine = near[:, leads == voice]
        for track, both in enumerate(_runs(mine)):
            if both.sum() >= _KNOWN:
                apart[track, voice] = np.median(mine[track, both] - mine[voice, both])
    return replace(heard, apart=apart)


def speaking(levels: NDArray[np.float32], heard: Room) -> NDArray[np.bool_]:
    """Who speaks in each frame, one row a track: whoever explains best what all tracks hear, and whoever is louder than
    that explains.

    levels: one envelope a row, aligned. Speech is held for 200 ms, so that no word loses its ends.
    """
    loud = maximum_filter1d(levels, 2 * _NEARBY + 1, axis=1, mode="nearest")
    rooms = list(_by_stretch(levels, heard))
    misfit = np.concatenate([one.misfit(loud[:, part]) for part, one in rooms], axis=1)
    misfit = uniform_filter1d(np.minimum(misfit, _CAP * len(levels)), 2 * _SMOOTH + 1, axis=1)
    above = np.concatenate([one.above_others(loud[:, part]) for part, one in rooms], axis=1)
    leads = np.arange(len(levels))[:, None] == misfit.argmin(axis=0)
    speaks = leads & heard.talks[:, None] | (above > _ABOVE_BLEED)
    speaks &= loud > np.maximum(heard.own[:, None] + _AUDIBLE, _noise(loud, heard) + _ABOVE_BLEED)
    held: NDArray[np.bool_] = maximum_filter1d(speaks, 2 * _HELD + 1, axis=1, mode="nearest")
    return held


def open_to_the_room(speaks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whose microphone is open in each frame: who speaks; while nobody does, who spoke last, as automatic mixers do it;
    before anybody did, who will. Where all shut at once, the room would go with each sentence and come with the next.

    speaks: as `speaking` has it.
    """
    spoken = np.flatnonzero(speaks.any(axis=0))
    if not len(spoken):
        return speaks
    last = np.searchsorted(spoken, np.arange(speaks.shape[1]), "right") - 1
    return np.asarray(speaks[:, spoken[np.maximum(last, 0)]])
