"""A monotone segment model, summed over every path (semi-Markov; Sarawagi and Cohen 2004).

Units follow one another in a given order. Each starts at one of T candidate sentences and lasts to the start of the
next, or is left out; the first one used starts at the first candidate, the last one ends with the talk. A path scores
the sum of its starts, insides, lengths and absences; all of it is in logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pipeline.alignment.talk import Array, Indices

NEVER = -1e30
BLOCK = 64


@dataclass(frozen=True)
class Lengths:
    """Log scores of lasting from candidate i to j (T, T + 1) for each class of units."""

    score: tuple[Array, ...]

    @cached_property
    def exp(self) -> tuple[Array, ...]:
        """The scores as probabilities, for sums."""
        return tuple(np.exp(score) for score in self.score)


@dataclass(frozen=True)
class Potentials:
    """Scores of every part of a path.

    times: candidate starts and the talk's end, seconds (T + 1,).
    start: unit starts at candidate (K, T); column 0 is 0, as the first unit must.
    inside: running sums of a unit's sentences before each candidate (K, T + 1).
    lengths: score of each length; `length_class` says which table a unit uses (K,).
    absent: unit is left out (K,).
    reach: how many candidates later a unit may end at most.
    """

    times: Array
    start: Array
    inside: Array
    lengths: Lengths
    length_class: Indices
    absent: Array
    reach: Indices

    def __len__(self) -> int:
        return len(self.absent)

    def only(self, units: Sequence[int]) -> Potentials:
        """The same for some of the units, in the order given."""
        at = np.array(units, dtype=np.int64)
        return replace(
            self,
            start=self.start[at],
            inside=self.inside[at],
            length_class=self.length_class[at],
            absent=self.absent[at],
        )


def _log(values: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(values), NEVER)


def _lasting(scores: Potentials, unit: int, opened: Array) -> Array:
    """log Σ_i exp(opened[i] + length[i, j]) for every end j.

    Blocks of ends share the largest score that opens before them: a maximum over the whole talk would lose paths
    whose scores are still to fall behind.
    """
    length = scores.lengths.exp[scores.length_class[unit]]
    result = np.full(len(scores.times), NEVER)
    count = len(opened)
    for first in range(1, count + 1, BLOCK):
        last = min(first + BLOCK, count + 1)
        low = int(scores.reach[first])
        rows = opened[low:last]
        top = rows.max()
        if top > NEVER / 2:
            result[first:last] = top + _log(np.exp(rows - top) @ length[low : low + len(rows), first:last])
    return result


def _lasting_back(scores: Potentials, unit: int, closed: Array) -> Array:
    """log Σ_j exp(length[i, j] + closed[j]) for every start i."""
    length = scores.lengths.exp[scores.length_class[unit]]
    count = len(closed) - 1
    result = np.full(count, NEVER)
    for first in range(0, count, BLOCK):
        last = min(first + BLOCK, count)
        high = int(np.searchsorted(scores.reach, last - 1, side="right"))
        columns = closed[first + 1 : high]
        top = columns.max()
        if top > NEVER / 2:
            result[first:last] = top + _log(length[first:last, first + 1 : high] @ np.exp(columns - top))
    return result


def opening(scores: Potentials) -> Array:
    """The message before any unit: the talk starts at its first candidate."""
    message = np.full(len(scores.times), NEVER)
    message[0] = 0.0
    return message


def closing(scores: Potentials) -> Array:
    """The message after every unit: the last one lasts to the end of the talk."""
    message = np.full(len(scores.times), NEVER)
    message[-1] = 0.0
    return message


def forward(scores: Potentials, unit: int, message: Array) -> Array:
    """From the message before a unit to the one after it: log sums over every way to reach each candidate."""
    opened = message[:-1] + scores.start[unit] - scores.inside[unit, :-1]
    told = _lasting(scores, unit, opened) + scores.inside[unit]
    result: Array = np.maximum(np.logaddexp(told, message + scores.absent[unit]), NEVER)
    return result


def starts(scores: Potentials, unit: int, message: Array) -> Array:
    """Log sum of all that follows a unit's start at each candidate (T,), given the message after it."""
    following = _lasting_back(scores, unit, scores.inside[unit] + message)
    result: Array = np.maximum(scores.start[unit] - scores.inside[unit, :-1] + following, NEVER)
    return result


def backward(scores: Potentials, unit: int, message: Array, started: Array) -> Array:
    """From the message after a unit to the one before it, given what follows its start."""
    passed = message + scores.absent[unit]
    passed[:-1] = np.logaddexp(passed[:-1], started)
    result: Array = np.maximum(passed, NEVER)
    return result


@dataclass(frozen=True, slots=True)
class Messages:
    """Log sums around every unit in order.

    ahead: before each unit and after the last (K + 1 of T + 1). behind: likewise, of all that follows.
    starts: all that follows a unit's start (K of T).
    """

    ahead: tuple[Array, ...]
    behind: tuple[Array, ...]
    starts: tuple[Array, ...]

    @property
    def total(self) -> float:
        """Log sum of all paths."""
        return float(self.ahead[-1][-1])

    def started(self, unit: int) -> Array:
        """Probability of a unit starting at each candidate (T,)."""
        log = self.ahead[unit][:-1] + self.starts[unit] - self.total
        result: Array = np.exp(np.minimum(log, 0.0))
        return result


def messages(scores: Potentials) -> Messages:
    """Forward and backward over all units."""
    ahead = [opening(scores)]
    for unit in range(len(scores)):
        ahead.append(forward(scores, unit, ahead[-1]))
    behind = [closing(scores)]
    told = []
    for unit in reversed(range(len(scores))):
        told.append(starts(scores, unit, behind[-1]))
        behind.append(backward(scores, unit, behind[-1], told[-1]))
    return Messages(tuple(ahead), tuple(behind[::-1]), tuple(told[::-1]))


def posterior(scores: Potentials) -> Array:
    """Probability of each unit starting at each candidate (K, T), over all paths; rows sum to its being told."""
    around = messages(scores)
    return np.array([around.started(unit) for unit in range(len(scores))])
