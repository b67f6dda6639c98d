"""The sum over all paths against every path written out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from pipeline.alignment.lattice import NEVER, Lengths, Potentials, messages, posterior
from pipeline.alignment.order import repaired


def made_up(units: int, width: int, seed: int) -> Potentials:
    random = np.random.default_rng(seed)
    times = np.arange(width + 1, dtype=float) * 5
    later = times[None, :] > times[:-1, None]
    lengths = tuple(np.where(later, random.normal(size=(width, width + 1)), NEVER) for _ in range(2))
    start = random.normal(size=(units, width))
    start[:, 0] = 0
    inside = np.concatenate([np.zeros((units, 1)), np.cumsum(random.normal(size=(units, width)), axis=1)], axis=1)
    return Potentials(
        times=times,
        start=start,
        inside=inside,
        lengths=Lengths(lengths),
        length_class=random.integers(0, 2, size=units),
        absent=random.normal(size=units),
        reach=np.zeros(width + 1, dtype=int),
    )


def paths(scores: Potentials) -> Iterator[tuple[dict[int, int], float]]:
    """Every path as the start of each unit told, with its score."""
    units, width = scores.start.shape
    for count in range(1, units + 1):
        for told in combinations(range(units), count):
            for rest in combinations(range(1, width), count - 1):
                starts = (0, *rest)
                total = sum(scores.absent[unit] for unit in range(units) if unit not in told)
                for unit, first, last in zip(told, starts, (*rest, width), strict=True):
                    length = scores.lengths.score[scores.length_class[unit]][first, last]
                    total += scores.start[unit, first] + length
                    total += scores.inside[unit, last] - scores.inside[unit, first]
                yield dict(zip(told, starts, strict=True)), float(total)


@pytest.mark.parametrize(("units", "width"), [(1, 1), (1, 4), (2, 2), (3, 6), (4, 7)])
def test_posterior_is_the_share_of_all_paths(units: int, width: int) -> None:
    scores = made_up(units, width, seed=units * 10 + width)
    every = list(paths(scores))
    total = np.logaddexp.reduce([score for _, score in every])
    expected = np.zeros((units, width))
    for starts, score in every:
        for unit, at in starts.items():
            expected[unit, at] += np.exp(score - total)
    assert messages(scores).total == pytest.approx(total)
    np.testing.assert_allclose(posterior(scores), expected, atol=1e-9)


def test_blocks_of_candidates_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = made_up(4, 40, seed=3)
    whole = posterior(scores)
    monkeypatch.setattr("pipeline.alignment.lattice.BLOCK", 7)
    np.testing.assert_allclose(posterior(scores), whole, atol=1e-12)


def test_scores_far_apart_neither_overflow_nor_vanish() -> None:
    scores = made_up(3, 300, seed=1)
    steep = Potentials(
        times=scores.times,
        start=scores.start,
        inside=scores.inside - np.arange(301) * np.array([[0.0], [20.0], [40.0]]),
        lengths=scores.lengths,
        length_class=scores.length_class,
        absent=scores.absent - 1e4,
        reach=scores.reach,
    )
    told = posterior(steep).sum(axis=1)
    np.testing.assert_allclose(told, 1, atol=1e-6)


def ordered(order: tuple[int, ...], width: int = 24) -> Potentials:
    """Scores that leave no doubt that units were told in this order, for equal stretches."""
    plain = made_up(len(order), width, seed=0)
    stretch = width // len(order)
    inside = np.full((len(order), width), -3.0)
    for place, unit in enumerate(order):
        inside[unit, place * stretch : (place + 1) * stretch] = 3.0
    zero = np.zeros_like(plain.start)
    sums = np.concatenate([np.zeros((len(order), 1)), np.cumsum(inside, axis=1)], axis=1)
    later = plain.times[None, :] > plain.times[:-1, None]
    flat = Lengths((np.where(later, 0.0, NEVER),))
    return Potentials(
        plain.times, zero, sums, flat, np.zeros(len(order), dtype=int), np.full(len(order), -4.0), plain.reach
    )


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 1, 3), (1, 2, 0, 3), (0, 1, 4, 2, 3, 5), (0, 4, 5, 1, 2, 3)])
def test_a_plan_out_of_turn_is_repaired(order: tuple[int, ...]) -> None:
    assert repaired(ordered(order)) == list(order)


def test_a_plan_is_left_alone_where_little_speaks_against_it() -> None:
    assert repaired(made_up(5, 30, seed=2)) == [0, 1, 2, 3, 4]
