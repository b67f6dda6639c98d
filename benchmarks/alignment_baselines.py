"""What simpler tools would do: the methods that the aligner is measured against. Each gives starts in ms by section."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from alignment_cases import Case
from numpy.typing import NDArray
from rapidfuzz import fuzz

from pipeline.alignment import language
from pipeline.alignment.aligner import hear
from pipeline.alignment.language import fold
from pipeline.alignment.matching import against_others, lexical
from pipeline.alignment.plan import make

Starts = Mapping[int, int]
HORIZON = 3
"""Fuzzy matching looks this many times an even share ahead."""
SHORTEST_LINE = 8


def evenly(case: Case) -> Starts:
    """Every section as long as every other."""
    return _by_share(case, np.ones(len(case.sections)))


def by_lines(case: Case) -> Starts:
    """Every section as long as it has lines, its title being one."""
    return _by_share(case, np.array([1.0 + len(section.body) for section in case.sections]))


def _by_share(case: Case, shares: NDArray[np.float64]) -> Starts:
    first, last = case.segments[0].start, case.segments[-1].end
    before = np.concatenate([[0.0], np.cumsum(shares)[:-1]]) / shares.sum()
    return {s.index: round(first + (last - first) * b) for s, b in zip(case.sections, before, strict=True)}


def fuzzy_titles(case: Case) -> Starts:
    """In order, the sentence ahead that is most like the title (rapidfuzz's partial ratio)."""
    said = [fold(segment.text) for segment in case.segments]
    times = [segment.start for segment in case.segments]
    found = {case.sections[0].index: times[0]}
    at = 1
    for number, section in enumerate(case.sections[1:], start=1):
        left = len(case.sections) - number
        horizon = times[min(at, len(times) - 1)] + HORIZON * (times[-1] - times[min(at, len(times) - 1)]) / (left + 1)
        ahead = [n for n in range(at, len(said)) if times[n] <= horizon]
        if ahead:
            title = fold(section.title)
            best = max(
                ahead, key=lambda n: (fuzz.partial_ratio(title, said[n]) if len(said[n]) >= SHORTEST_LINE else 0, -n)
            )
            found[section.index] = times[best]
            at = best + 1
    return found


def lexical_path(case: Case) -> Starts:
    """The single best monotone path by stems and 4-grams within 20 s, without skips."""
    tables = language.load(case.language)
    talk, plan = hear(case.segments, tables, None), make(case.sections, tables)
    matches = lexical(talk, plan.units)
    fit = against_others(matches["words"](20, 20) + matches["grams"](20, 20))
    starts = _best_path(fit)
    found = {plan.units[n].section: case.segments[at].start for n, at in enumerate(starts)}
    for parent in sorted(plan.inherits, reverse=True):
        found[parent] = min(found[child] for child in plan.inherits[parent] if child in found)
    return {case.sections[position].index: start for position, start in found.items()}


def _best_path(fit: NDArray[np.float64]) -> list[int]:
    """Strictly ascending starts, one a row of (K, S), that the sums of their stretches are greatest for."""
    count, width = fit.shape
    sums = np.concatenate([np.zeros((count, 1)), np.cumsum(fit, axis=1)], axis=1)
    best = np.full(width, -np.inf)
    best[0] = 0.0
    back = np.zeros((count, width), dtype=int)
    for row in range(1, count):
        open_ = best - sums[row - 1, :-1]
        reach = np.maximum.accumulate(open_)
        at = np.maximum.accumulate(np.where(open_ >= reach, np.arange(width), 0))
        best = np.concatenate([[-np.inf], reach[:-1] + sums[row - 1, 1:-1]])
        back[row, 1:] = at[:-1]
    path = [int((best - sums[-1, :-1]).argmax())]
    for row in range(count - 1, 0, -1):
        path.append(int(back[row, path[-1]]))
    return path[::-1]


BASELINES: Mapping[str, Callable[[Case], Starts]] = {
    "evenly spaced": evenly,
    "by number of lines": by_lines,
    "fuzzy titles in order": fuzzy_titles,
    "lexical best path": lexical_path,
}
