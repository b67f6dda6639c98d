"""What `benchmarks/train_aligner.py` learns by: gradients against differences, and the end that fitting comes to."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def fitting() -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import alignment_fitting
    finally:
        sys.path.remove(str(BENCHMARKS))
    return alignment_fitting


def example(fitting: ModuleType, gold: tuple[int, ...], seed: int) -> object:
    random = np.random.default_rng(seed)
    count, width = len(gold), 8
    times = np.cumsum(random.uniform(3, 20, width + 1))
    lasts = times[None, :] - times[:-1, None]
    sums = np.cumsum(random.normal(size=(count, width, 2)), axis=1)
    return fitting.Example(
        times=times,
        start=random.normal(size=(count, width, 3)).astype(np.float32),
        inside=np.concatenate([np.zeros((count, 1, 2)), sums], axis=1).astype(np.float32),
        absent=random.normal(size=(count, 2)),
        long=np.log(np.where(lasts > 0, lasts, 1.0) / 20),
        possible=lasts > 0,
        by=random.normal(size=(count, 3)),
        gold=gold,
        weight=1.0,
    )


@pytest.mark.parametrize("gold", [(0, 2, 5), (0, -1, 3, 6), (0, -1, -1)])
def test_what_fitting_climbs_by_is_the_gradient(fitting: ModuleType, gold: tuple[int, ...]) -> None:
    made = example(fitting, gold, seed=len(gold))
    x = np.random.default_rng(9).normal(size=sum(made.sizes)) / 2
    _, gradient = fitting.lacking(made, x)
    step = 1e-3
    for place in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[place] += step
        behind[place] -= step
        difference = (fitting.lacking(made, ahead)[0] - fitting.lacking(made, behind)[0]) / (2 * step)
        assert gradient[place] == pytest.approx(difference, abs=2e-3), place


def test_what_is_lacking_is_what_all_paths_together_miss_the_truth_by(fitting: ModuleType) -> None:
    """Two units and no weights: every path counts alike, and is right by how near its one free start is."""
    made = example(fitting, (0, 4), seed=3)
    lacks, _ = fitting.lacking(made, np.zeros(sum(made.sizes)))
    starts = made.times[1:-1]
    right = np.exp(-np.abs(starts - made.times[4]) / fitting.NEAR).sum()
    either_left_out = 2
    assert lacks == pytest.approx(np.log(len(starts) + either_left_out) - np.log(right), abs=1e-6)


def test_weights_that_make_the_truth_the_only_path_lack_nothing(fitting: ModuleType) -> None:
    made = example(fitting, (0, 3, 6), seed=1)
    nothing = np.zeros(sum(made.sizes))
    sure = fitting.fit([made], nothing, ridge=1e-4, rounds=200, bounds=[(None, None)] * len(nothing))
    assert fitting.lacking(made, nothing)[0] > 1
    assert 0 <= fitting.lacking(made, sure)[0] < 0.1


def test_fitting_twice_gives_the_same_weights(fitting: ModuleType) -> None:
    cases = [example(fitting, (0, 2, 5), seed) for seed in range(4)]
    free = [(None, None)] * 11
    first, again = (fitting.fit(cases, np.zeros(11), ridge=1.0, rounds=20, bounds=free) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert first.shape == (11,)
    assert first[:2].min() < 0 < first[:2].max()
    held = fitting.fit(cases, np.zeros(11), ridge=1.0, rounds=20, bounds=[(0, None)] * 2 + free[2:])
    assert held[:2].min() == 0


def test_logistic_finds_the_weights_that_made_the_labels(fitting: ModuleType) -> None:
    random = np.random.default_rng(4)
    features = random.normal(size=(20_000, 3)).astype(np.float32)
    truth = np.array([1.0, -2.0, 0.5])
    labels = (random.random(20_000) < 1 / (1 + np.exp(-features @ truth))).astype(float)
    found = fitting.logistic(features, labels, np.ones(20_000), np.full(3, 1e-3))
    np.testing.assert_allclose(found, truth, atol=0.08)
