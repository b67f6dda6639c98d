"""How good predicted starts are.

The section that starts with the talk is not scored. Shares are of all sections talked about, so a missed one counts as
wrong; the median is of those found. Rejected: the share of sections not talked about that were left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from alignment_cases import Case

TRIVIAL = 1500
SURE = 0.6


@dataclass(frozen=True, slots=True)
class Guess:
    """A predicted start in ms; `confidence` None for a method that has none."""

    start: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """One boundary: its error in ms, None if it was missed, and the confidence it was given."""

    error: int | None
    confidence: float | None


def boundaries(case: Case, guesses: dict[int, Guess]) -> Iterable[Checked]:
    for section, start in case.gold.items():
        if start is not None and abs(start - case.segments[0].start) >= TRIVIAL:
            guess = guesses.get(section)
            yield Checked(abs(guess.start - start) if guess else None, guess.confidence if guess else None)


def row(cases: Sequence[Case], predictions: Sequence[dict[int, Guess]]) -> dict[str, float]:
    """A table's row, shares in percent."""
    pairs = list(zip(cases, predictions, strict=True))
    checked = [one for case, guesses in pairs for one in boundaries(case, guesses)]
    errors = np.array([one.error for one in checked if one.error is not None]) / 1000
    absent = [section in guesses for case, guesses in pairs for section, start in case.gold.items() if start is None]
    shares = {f"≤{limit} s": 100 * float((errors <= limit).sum()) / len(checked) for limit in (5, 15, 30, 60)}
    return {
        "boundaries": len(checked),
        **shares,
        "median s": float(np.median(errors)),
        "missed": 100 - 100 * len(errors) / len(checked),
        "rejected": 100 * (1 - float(np.mean(absent))) if absent else float("nan"),
        **_sure(checked),
    }


def quintiles(cases: Sequence[Case], predictions: Sequence[dict[int, Guess]]) -> list[tuple[float, float, float]]:
    """Fifths of the boundaries found, the surest first: mean confidence, share within 15 s and within 30 s, percent."""
    checked = [one for case, guesses in zip(cases, predictions, strict=True) for one in boundaries(case, guesses)]
    told = [(one.confidence, one.error) for one in checked if one.confidence is not None and one.error is not None]
    told.sort(key=lambda pair: -pair[0])
    parts = np.array_split(np.array([(sure, error <= 15_000, error <= 30_000) for sure, error in told]), 5)
    return [tuple((100 * part.mean(axis=0)).tolist()) for part in parts]


def _sure(checked: Sequence[Checked]) -> dict[str, float]:
    """Within 30 s among the surest 60 %; and expected calibration error of P(≤ 15 s) over ten equal bins."""
    told = [(one.confidence, one.error) for one in checked if one.confidence is not None and one.error is not None]
    if not told:
        return {"surest 60 % ≤30 s": float("nan"), "calibration error": float("nan")}
    told.sort(key=lambda pair: -pair[0])
    sure = told[: round(SURE * len(checked))]
    bins = np.array_split(np.array([(confidence, error <= 15_000) for confidence, error in told]), 10)
    gap = sum(abs(part[:, 0].mean() - part[:, 1].mean()) * len(part) for part in bins if len(part)) / len(told)
    return {
        "surest 60 % ≤30 s": 100 * float(np.mean([error <= 30_000 for _, error in sure])),
        "calibration error": 100 * float(gap),
    }
