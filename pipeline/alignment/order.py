"""Repair of a plan that was not kept to: units moved to where they were really talked about.

One unit, or a run of neighbours such as a heading's whole block, moves a few places as long as the sum over all paths
gains clearly. Messages outside the stretch that a move touches stay as they are, so a move costs only that stretch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.alignment.lattice import Messages, Potentials, forward, messages

GAIN = 6.0
"""Nats that a move must gain: what keeping to the plan is worth."""

FARTHEST = 6
LONGEST_RUN = 3
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class _Move:
    """Units first … last − 1 of the order put before what stands at `to`."""

    first: int
    last: int
    to: int

    def apply(self, order: Sequence[int]) -> list[int]:
        run = order[self.first : self.last]
        rest = [*order[: self.first], *order[self.last :]]
        at = self.to if self.to <= self.first else self.to - len(run)
        return [*rest[:at], *run, *rest[at:]]

    @property
    def touched(self) -> tuple[int, int]:
        return min(self.first, self.to), max(self.last, self.to)


def _moves(count: int) -> Iterator[_Move]:
    for length in range(1, LONGEST_RUN + 1):
        for first in range(count - length + 1):
            for to in range(max(0, first - FARTHEST), min(count, first + length + FARTHEST) + 1):
                if not first <= to <= first + length:
                    yield _Move(first, first + length, to)


def repaired(scores: Potentials) -> list[int]:
    """The order of units that the talk followed, as far as it clearly differs from the plan's."""
    order = list(range(len(scores)))
    for _ in range(ROUNDS):
        better = _best_move(scores, order)
        if better is None:
            break
        order = better.apply(order)
    return order


def _best_move(scores: Potentials, order: Sequence[int]) -> _Move | None:
    around = messages(scores.only(order))
    best, gain = None, around.total + GAIN
    for move in _moves(len(order)):
        total = _total(scores, move, move.apply(order), around)
        if total > gain:
            best, gain = move, total
    return best


def _total(scores: Potentials, move: _Move, order: Sequence[int], around: Messages) -> float:
    """Log sum of all paths after a move, from the messages at either end of what it touches."""
    first, last = move.touched
    message = around.ahead[first]
    for unit in order[first:last]:
        message = forward(scores, unit, message)
    return float(np.logaddexp.reduce(message + around.behind[last]))
