"""Levels beside a master are that master's alone, and a curve of them is EBU Tech 3341's."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from pipeline.audio.kept_levels import KeptLevels, load, save, short_term
from pipeline.audio.loudness import integrated

LEVELS = KeptLevels(np.full(650, 0.01), np.full(651, 0.3), "ab" * 32, (-16.0, -1.0), True)


def test_what_was_kept_is_read_back_for_its_own_master_alone() -> None:
    file = BytesIO()
    save(file, LEVELS)
    found = load(BytesIO(file.getvalue()), "ab" * 32)
    assert found is not None
    np.testing.assert_array_equal(found.energies, LEVELS.energies)
    np.testing.assert_array_equal(found.peaks, LEVELS.peaks)
    assert (found.target, found.for_any_spot) == ((-16.0, -1.0), True)
    assert load(BytesIO(file.getvalue()), "cd" * 32) is None


@pytest.mark.parametrize("data", [b"", b"scribble", b"PK\x03\x04 half of a"])
def test_damaged_levels_are_none(data: bytes) -> None:
    assert load(BytesIO(data), "ab" * 32) is None


def test_short_term_loudness_is_that_of_three_seconds() -> None:
    energies = np.random.default_rng(1).uniform(0.001, 0.02, 650)
    curve = short_term(energies)
    assert len(curve) == 65
    around = energies[50 - 15 : 50 + 15]
    assert curve[5] == pytest.approx(-0.691 + 10 * np.log10(around.mean()), abs=0.2)
    steady = short_term(LEVELS.energies)
    assert steady[30] == pytest.approx(integrated(LEVELS.energies), abs=0.01)


def test_silence_and_nothing() -> None:
    assert short_term(np.zeros(100)).tolist() == [-70.0] * 10
    assert len(short_term(np.zeros(0))) == 0
