"""How sure a mark is: P(|error| ≤ 15 s), calibrated on talks that the weights had not seen.

What decoding knows, the posterior mass near the mark and whether the plan's order was left, goes through a logistic
curve (Platt 1999) fitted by `benchmarks/train_aligner.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

EDGE = 1e-3


def features(nearby: float, around: float, told: float, *, moved: bool, boundary: float) -> dict[str, float]:
    """What confidence goes by.

    nearby, around: posterior mass within the tolerance and twice that; told: the unit's probability of being talked
    about. boundary: log odds of something starting at the mark's sentence.
    """
    return {
        "always": 1.0,
        "nearby": _odds(nearby),
        "around": _odds(around),
        "told": told,
        "moved": float(moved),
        "boundary": boundary,
    }


def _odds(probability: float) -> float:
    within = float(np.clip(probability, EDGE, 1 - EDGE))
    return float(np.log(within) - np.log1p(-within))


def calibrated(weights: Mapping[str, float], known: Mapping[str, float]) -> float:
    """The probability, between 0 and 1."""
    odds = sum(weights.get(name, 0.0) * value for name, value in known.items())
    return round(float(1 / (1 + np.exp(-np.clip(odds, -8, 8)))), 3)
