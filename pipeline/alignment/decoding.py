"""One start for each unit that was told: least expected error, not the single best path.

A start is worth Σ P(t) · exp(−|t − start| / 15 s) over its unit's posterior; the starts of the units told, in ascending
order, with the greatest sum are found by dynamic programming (minimum Bayes risk).
"""

from __future__ import annotations

import numpy as np

from pipeline.alignment.lattice import NEVER
from pipeline.alignment.talk import Array

TOLERANCE = 15.0
"""Seconds of error at which a start is worth 1/e; also what confidence is about."""

TOLD = 0.75
"""Probability from which a unit counts as talked about: a chapter that nobody talks about is worse than one too few."""


def worth(start: Array, times: Array) -> Array:
    """Expected worth of each candidate for each unit (K, T), from its posterior (K, T) and the candidates' seconds."""
    near = np.exp(-np.abs(times[:, None] - times[None, :]) / TOLERANCE)
    result: Array = start @ near
    return result


def told(start: Array) -> list[int]:
    """Units that were talked about, in their order; never more of them than candidates."""
    probability = start.sum(axis=1)
    likely = np.argsort(-probability, kind="stable")[: start.shape[1]]
    return sorted(int(unit) for unit in likely if probability[unit] >= TOLD)


def ascending(values: Array) -> list[int]:
    """The strictly ascending candidates, one a row of values (K, T), of the greatest sum; no more rows than columns."""
    count, width = values.shape
    best = np.full((count, width), NEVER)
    back = np.zeros((count, width), dtype=np.int64)
    best[0] = values[0]
    for row in range(1, count):
        reach = np.maximum.accumulate(best[row - 1])
        at = np.maximum.accumulate(np.where(best[row - 1] >= reach, np.arange(width), 0))
        best[row, 1:] = reach[:-1] + values[row, 1:]
        back[row, 1:] = at[:-1]
    path = [int(best[-1].argmax())]
    for row in range(count - 1, 0, -1):
        path.append(int(back[row, path[-1]]))
    return path[::-1]


def decode(start: Array, times: Array) -> dict[int, int]:
    """Candidate of each row told, from the posterior (K, T) in the talk's order."""
    rows = told(start)
    return dict(zip(rows, ascending(worth(start[rows], times)), strict=True)) if rows else {}


def nearby(start: Array, times: Array, candidate: int, within: float = TOLERANCE) -> float:
    """Posterior mass of one unit (T,) within so many seconds of a candidate."""
    return float(start[np.abs(times - times[candidate]) <= within].sum())
