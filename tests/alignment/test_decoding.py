from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.alignment.decoding import ascending, decode, nearby, told


@given(arrays(float, st.tuples(st.integers(1, 4), st.integers(4, 7)), elements=st.floats(0, 1)))
def test_ascending_is_the_best_of_all_ascending_choices(values: np.ndarray) -> None:
    count, width = values.shape
    best = max(sum(values[row, at] for row, at in enumerate(path)) for path in combinations(range(width), count))
    path = ascending(values)
    assert all(first < second for first, second in pairwise(path))
    assert sum(values[row, at] for row, at in enumerate(path)) == pytest.approx(best)


def test_a_start_amid_likely_ones_beats_a_likelier_one_alone() -> None:
    times = np.array([0.0, 100.0, 104.0, 108.0, 400.0])
    start = np.array([[1.0, 0, 0, 0, 0], [0, 0.2, 0.2, 0.2, 0.4]])
    assert decode(start, times) == {0: 0, 1: 2}


def test_units_less_likely_told_than_not_are_left_out() -> None:
    start = np.array([[1.0, 0, 0], [0, 0.2, 0.2], [0, 0, 0.9]])
    assert told(start) == [0, 2]
    assert decode(start, np.array([0.0, 10, 20])) == {0: 0, 2: 2}


def test_never_more_units_than_sentences() -> None:
    assert len(told(np.full((5, 2), 0.5))) == 2


def test_nearby_is_the_mass_within_fifteen_seconds() -> None:
    times = np.array([0.0, 14.0, 29.0, 60.0])
    assert nearby(np.array([0.1, 0.2, 0.3, 0.4]), times, 1) == pytest.approx(0.6)
