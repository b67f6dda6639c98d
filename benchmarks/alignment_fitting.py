"""Fitting: penalised logistic regression, and the segment model's likelihood with its gradient.

The segment model is not taught to hit the very sentence: whether a section starts at the question or at its answer is
the taste of whoever marked it. Every path is right as far as its starts are near the true ones (the margin of a
softened truth), which is also how starts are decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from pipeline.alignment.lattice import NEVER, Lengths, Potentials, messages
from pipeline.alignment.model import reach

Array = NDArray[np.float64]

Bound = tuple[float | None, float | None]
"""The least and the greatest that a weight may be: 0, or None for any. Stretching a weight does not move them."""

RARE = 1e-5
STEPS = 40
NEAR = 5.0
"""Seconds of error at which a start counts 1/e in training."""

WRONG = -50.0
"""Log of what a path that does not fit the truth counts."""


def logistic(features: NDArray[np.float32], labels: Array, weights: Array, ridge: Array) -> Array:
    """Weights (F,) of the penalised maximum likelihood; `weights` count examples, `ridge` penalises each feature."""

    def loss(x: Array) -> tuple[float, Array]:
        odds = (features @ x.astype(np.float32)).astype(float)
        value = weights @ (np.logaddexp(0, odds) - labels * odds) + 0.5 * ridge @ x**2
        residual = weights * (1 / (1 + np.exp(-odds)) - labels)
        gradient = (features.T @ residual.astype(np.float32)).astype(float) + ridge * x
        return float(value), gradient

    options = {"maxiter": STEPS, "maxcor": 20}
    return np.asarray(minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", options=options).x)


@dataclass(frozen=True, slots=True)
class Example:
    """One talk with its plan in the order that it was really followed.

    start (K, T, F), inside (K, T + 1, E, running sums), absent (K, G): features as `pipeline.alignment` weighs them.
    long: log relative length between candidates (T, T + 1); possible: where one may be.
    by: what each unit's length goes by (K, 3): always, its lines, whether its kind is known.
    gold: candidate of each unit, −1 where it was not talked about.
    """

    times: Array
    start: NDArray[np.float32]
    inside: NDArray[np.float32]
    absent: Array
    long: Array
    possible: NDArray[np.bool_]
    by: Array
    gold: tuple[int, ...]
    weight: float

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        return self.start.shape[2], self.inside.shape[2], self.by.shape[1] + 1, self.absent.shape[1]


def potentials(example: Example, x: Array) -> Potentials:
    """The example's scores under weights for start, inside, length and absence, one after the other."""
    start_w, inside_w, length_w, absent_w = np.split(x, np.cumsum(example.sizes)[:-1])
    slopes, classes = np.unique(np.round(example.by @ length_w[:-1], 9), return_inverse=True)
    start = example.start @ start_w.astype(np.float32)
    start[:, 0] = 0
    square = length_w[-1] * example.long**2
    return Potentials(
        times=example.times,
        start=start.astype(float),
        inside=(example.inside @ inside_w.astype(np.float32)).astype(float),
        lengths=Lengths(tuple(np.where(example.possible, slope * example.long + square, NEVER) for slope in slopes)),
        length_class=classes,
        absent=example.absent @ absent_w,
        reach=reach(example.times, len(example.gold)),
    )


def near_truth(example: Example, scores: Potentials) -> Potentials:
    """The scores of paths that are right, each start the more the nearer it is to the true one."""
    gold = np.array(example.gold)
    away = np.abs(example.times[None, :-1] - example.times[gold][:, None]) / NEAR
    start = np.where(gold[:, None] < 0, WRONG, np.maximum(-away, WRONG))
    absent = np.where(gold < 0, 0.0, WRONG)
    return replace(scores, start=scores.start + start, absent=scores.absent + absent)


def lacking(example: Example, x: Array) -> tuple[float, Array]:
    """−log of the share of all paths that is right, and its gradient."""
    scores = potentials(example, x)
    total, mean = expected(example, scores)
    right, mean_right = expected(example, near_truth(example, scores))
    return total - right, mean - mean_right


def expected(example: Example, scores: Potentials) -> tuple[float, Array]:
    """Log sum over all paths, and the feature sums expected under it."""
    around = messages(scores)
    ahead, behind, total = around.ahead, around.behind, around.total
    start, inside, length, absent = (np.zeros(size) for size in example.sizes)
    for unit in range(len(scores)):
        opened = around.started(unit)
        skipped = np.exp(np.minimum(ahead[unit] + scores.absent[unit] + behind[unit + 1] - total, 0))
        ended = np.exp(np.minimum(ahead[unit + 1] + behind[unit + 1] - total, 0)) - skipped
        start += opened[1:] @ example.start[unit, 1:]
        inside += ended @ example.inside[unit] - opened @ example.inside[unit, :-1]
        absent += example.absent[unit] * max(0.0, 1 - opened.sum())
        length += _lengths(example, scores, unit, (ahead[unit], behind[unit + 1], opened, ended), total)
    return total, np.concatenate([start, inside, length, absent])


def _lengths(
    example: Example, scores: Potentials, unit: int, around: tuple[Array, Array, Array, Array], total: float
) -> Array:
    """Expected length features of a unit, over the starts and ends that are not out of the question."""
    ahead, behind, opened, ended = around
    rows, columns = np.flatnonzero(opened > RARE), np.flatnonzero(ended > RARE)
    log = (ahead[:-1] + scores.start[unit] - scores.inside[unit, :-1])[rows, None]
    log = log + scores.lengths.score[scores.length_class[unit]][np.ix_(rows, columns)]
    joint = np.exp(np.minimum(log + (scores.inside[unit] + behind)[None, columns] - total, 0))
    long = example.long[np.ix_(rows, columns)]
    first, second = float((joint * long).sum()), float((joint * long**2).sum())
    return np.append(example.by[unit] * first, second)


def fit(examples: Sequence[Example], start: Array, *, ridge: float, rounds: int, bounds: Sequence[Bound]) -> Array:
    """Weights (n,), drawn to zero, each within its bounds; `start` is the first guess."""
    steps = np.array([example.weight * lacking(example, start)[1] for example in examples])
    # Weights are stretched by the curvature that the first gradients tell of: a fifth of the rounds, the same end.
    stretch = np.sqrt(ridge + (steps**2).sum(axis=0))

    def loss(stretched: Array) -> tuple[float, Array]:
        x = stretched / stretch
        value, gradient = 0.5 * ridge * float(x @ x), ridge * x
        for example in examples:
            missing, step = lacking(example, x)
            value += example.weight * missing
            gradient += example.weight * step
        return value, gradient / stretch

    options = {"maxiter": rounds, "maxcor": 20}
    result = minimize(loss, start * stretch, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(result.x) / stretch
