"""Who speaks, the host or another: as the microphones tell, or else guessed from what is said.

Sections start where somebody else begins to speak far more often than amid one voice. Two learned scores a sentence,
that the speaker changes before it and that it is the host's, are joined over the talk by a hidden Markov model with two
states (Rabiner 1989).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.alignment.talk import Array, Talk, shift

SURE = 5.0
"""Log odds of what microphones tell."""

TEMPER = 0.6
"""How much a sentence's own evidence of its speaker counts: sentences in a row say much the same."""

RETURN = 0.8
"""How often it is the host who speaks after a guest: guests answer one another too."""

_EDGE = 0.01
_NEIGHBOURS = {"host": (-2, -1, 1, 2, 3), "to host": (-2, -1, 1, 2, 3), "to guest": (-2, -1, 1, 2, 3)}
_WINDOWS = (60, 180)

KNOWN = (
    "turned", "host turned", "guest turned", "host asks", "host asks next", "host, how long", "host, after how long",
    "guest, how long", "host speaks on", "turned+1", "turned+2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voices:
    """By sentence (S,): log odds of a change of speaker and of its being the host's, each sentence by itself; and the
    probabilities, given the whole talk, of the host speaking, of the host and of a guest taking over."""

    change: Array
    hosting: Array
    host: Array
    to_host: Array
    to_guest: Array


def told(talk: Talk) -> tuple[Array, Array] | None:
    """Whether the speaker changes before each sentence and whether it is the host's (S,), where microphones tell.

    The host is who asks most.
    """
    names = [segment.speaker for segment in talk.segments]
    if len(set(names)) < 2:
        return None
    turned = np.array([a != b for a, b in zip([names[0], *names], names, strict=False)], dtype=float)
    asks = Counter(s.speaker for s in talk.segments if "?" in s.text)
    said = Counter(names)
    host = max(said, key=lambda name: asks[name] / (8 + said[name]))
    return turned, np.array([name == host for name in names], dtype=float)


def meaning(talk: Talk) -> dict[str, Array]:
    """What the sentence means and the ones beside it, number by number: what a speaker is guessed by, beside cues."""
    if talk.vectors is None:
        return {}
    here = talk.vectors.T.astype(float)
    table = {"before": shift(here, -1), "here": here, "after": shift(here, 1)}
    return {f"meaning {where} {n:03}": row for where, rows in table.items() for n, row in enumerate(rows)}


def voices(talk: Talk, change: Array, hosting: Array) -> Voices:
    """Who speaks, from each sentence's log odds (S,) of a change and of being the host's, unless microphones tell."""
    known = told(talk)
    if known is None:
        return Voices(change, hosting, *_smoothed(change, hosting))
    turned, host = known
    return Voices(SURE * (2 * turned - 1), SURE * (2 * host - 1), host, turned * host, turned * (1 - host))


def _smoothed(change: Array, hosting: Array) -> tuple[Array, Array, Array]:
    """Probability of the host speaking, of the host taking over and of a guest taking over from the host."""
    moves = 1 / (1 + np.exp(-np.clip(change, -6, 6)))
    odds = np.exp(TEMPER / 2 * np.clip(hosting, -5, 5))
    said = np.stack([odds, 1 / odds], axis=1)
    returns = RETURN * moves
    step = np.stack([np.stack([1 - moves, moves], axis=1), np.stack([returns, 1 - returns], axis=1)], axis=1)
    ahead, behind = np.empty_like(said), np.ones_like(said)
    ahead[0] = said[0] / said[0].sum()
    for n in range(1, len(said)):
        ahead[n] = ahead[n - 1] @ step[n] * said[n]
        ahead[n] /= ahead[n].sum()
    for n in range(len(said) - 2, -1, -1):
        behind[n] = step[n + 1] @ (behind[n + 1] * said[n + 1])
        behind[n] /= behind[n].sum()
    joint = np.zeros_like(step)
    joint[1:] = ahead[:-1, :, None] * step[1:] * (said * behind)[1:, None, :]
    joint[1:] /= joint[1:].sum(axis=(1, 2), keepdims=True)
    host = (ahead * behind)[:, 0] / (ahead * behind).sum(axis=1)
    return host, joint[:, 1, 0], joint[:, 0, 1]


def _odds(probability: Array) -> Array:
    odds: Array = np.log(probability + _EDGE) - np.log(1 + _EDGE - probability)
    return odds


def features(talk: Talk, cues: Mapping[str, Array], voices: Voices) -> dict[str, Array]:
    """What the voices say of a boundary, each of shape (S,)."""
    table = {
        "change": voices.change,
        "hosting": voices.hosting,
        "host": _odds(voices.host),
        "to host": _odds(voices.to_host),
        "to guest": _odds(voices.to_guest),
        "anyone": _odds(voices.to_host + voices.to_guest),
        "to host, likely": voices.to_host,
        "to guest, likely": voices.to_guest,
    }
    for name, places in _NEIGHBOURS.items():
        table |= {f"{name}{by:+d}": shift(table[name], by) for by in places}
    for width in _WINDOWS:
        table[f"host before {width}"] = talk.mean(voices.host, width, 0)
        table[f"host after {width}"] = talk.mean(voices.host, 0, width)
    return table | _at_length(talk, voices) | _with_cues(cues, voices) | _known(talk)


def _at_length(talk: Talk, voices: Voices) -> dict[str, Array]:
    """For how long somebody has spoken and will, in expectation."""
    weight, stays = talk.weight, 1 - voices.to_host - voices.to_guest
    spoke = np.log1p(shift(_lasted(weight, stays), -1))
    speaks = np.log1p(_lasted(weight[::-1], np.append(stays[1:], 0.0)[::-1])[::-1])
    host = np.log1p(shift(_lasted(weight * voices.host, voices.host), -1))
    guest = np.log1p(shift(_lasted(weight * (1 - voices.host), 1 - voices.host), -1))
    return {
        "after how long": spoke,
        "how long": speaks,
        "after the host, how long": host,
        "after a guest, how long": guest,
        "to host, after a guest, how long": voices.to_host * guest,
        "to guest, after the host, how long": voices.to_guest * host,
        "to host, how long": voices.to_host * speaks,
        "to guest, how long": voices.to_guest * speaks,
    }


def _lasted(seconds: Array, stays: Array) -> Array:
    """Expected seconds that something has lasted when each sentence ends; `stays`: that it went on from the last."""
    lasted = seconds.copy()
    for n in range(1, len(seconds)):
        lasted[n] += stays[n] * lasted[n - 1]
    return lasted


def _with_cues(cues: Mapping[str, Array], voices: Voices) -> dict[str, Array]:
    return {
        "to host, asking": voices.to_host * cues["question"],
        "to host, asking soon": voices.to_host * cues["question soon"],
        "to host, moving on": voices.to_host * cues["move"],
        "to host, with a cue": voices.to_host * cues["cue"],
        "to guest, asked": voices.to_guest * cues["question-1"],
        "to guest, moved on": voices.to_guest * cues["move-1"],
    }


def _known(talk: Talk) -> dict[str, Array]:
    """Turns that microphones tell; zeros without."""
    known = told(talk)
    if known is None:
        return dict.fromkeys(KNOWN, np.zeros(len(talk)))
    turned, host = known
    starts = np.flatnonzero(turned)
    lasts, earlier = np.zeros(len(talk)), np.zeros(len(talk))
    lasts[starts] = np.diff(np.append(talk.start[starts], talk.end[-1]))
    earlier[starts[1:]] = lasts[starts[:-1]]
    asked = np.array(["?" in segment.text for segment in talk.segments], dtype=float)
    values = (
        turned, turned * host, turned * (1 - host), turned * host * asked, turned * host * shift(asked, 1),
        turned * host * np.log1p(lasts) / 4, turned * host * np.log1p(earlier) / 4,
        turned * (1 - host) * np.log1p(lasts) / 4, host * (1 - turned), shift(turned, 1), shift(turned, 2),
    )  # fmt: skip
    return dict(zip(KNOWN, values, strict=True))
