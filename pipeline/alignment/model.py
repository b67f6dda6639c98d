"""From evidence to the scores of the segment model, by learned weights.

`data/weights.json` is made by `benchmarks/train_aligner.py`: for talk with and without sentence embeddings, and for
Spanish talk to a plan, such talk in any language, and English interviews apart, weights by the name of the feature that
each multiplies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment import boundary, speakers
from pipeline.alignment.evidence import Evidence
from pipeline.alignment.lattice import NEVER, Lengths, Potentials
from pipeline.alignment.plan import Plan
from pipeline.alignment.talk import Array, Indices, Talk

FEW, LIKELY, MOST = 260, 0.45, 1200
"""Candidates: how many are never thinned out, the share kept beyond, and the most of any talk."""

SHORTEST_SECTION, LONGEST_SECTION, LONGEST_TIMES = 0.5, 45 * 60.0, 8
"""Seconds; so many times the mean length, if that is more. The limit keeps the cost at length × sections."""
LENGTH_FEATURES, LENGTH_SQUARE = ("long", "long, with lines", "long, of a known kind"), "long²"

GROUPS = ("change", "hosting", "boundary", "start", "inside", "length", "absent", "confidence")

Weights = Mapping[str, float]
Part = dict[str, dict[str, dict[str, float]]]
"""What was learned from, group, feature to weight."""

SETS = {"es": ("es",), "en": ("en", "plan")}
OTHERS = ("plan",)
"""What was learned from, by the language it is good for, a language's own first.

Spanish is placed by Spanish talk alone: with English talks beside it some lay nearer, the show's own recording farther.
"""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature name.

    change, hosting: of a sentence's log odds that the speaker changes before it, and that it is the host's.
    confidence: maps what decoding knows of a mark to its probability.
    """

    change: Weights
    hosting: Weights
    boundary: Weights
    start: Weights
    inside: Weights
    length: Weights
    absent: Weights
    confidence: Weights


def load(language: str, *, semantic: bool) -> tuple[Model, ...]:
    """The weights for a language, its own first.

    English's own are of one show, whose headings were made from what had been said. How people follow a plan differs
    more from how such headings follow a talk than Spanish does from English.
    """
    part = _file()["semantic" if semantic else "lexical"]
    return tuple(Model(*(part[name][group] for group in GROUPS)) for name in SETS.get(language, OTHERS))


@lru_cache
def _file() -> dict[str, Part]:
    table: dict[str, Part] = json.loads((files("pipeline.alignment") / "data" / "weights.json").read_text("utf-8"))
    return table


def weigh(weights: Weights, table: Mapping[str, Array]) -> Array:
    """Σ weight × feature over the features that have a weight."""
    shape = next(iter(table.values())).shape
    return sum((weight * table[name] for name, weight in weights.items() if name in table), np.zeros(shape))


def turning(talk: Talk, model: Model) -> Array:
    """How much each sentence sounds like the start of something, whatever was planned: log odds (S,)."""
    cues = boundary.cues(talk)
    heard = cues | speakers.meaning(talk)
    voices = speakers.voices(talk, weigh(model.change, heard), weigh(model.hosting, heard))
    return bounded(weigh(model.boundary, cues | speakers.features(talk, cues, voices)))


def bounded(odds: Array) -> Array:
    """Log odds that no single sentence can outweigh the rest with."""
    return np.clip(odds, -9, 6)


def candidates(score: Array) -> Indices:
    """Sentences that may start a unit, by boundary score: all of a short talk, 45 % of a long one, the first always.

    The learned weights belong to this choice; whoever changes it trains again.
    """
    most = min(max(FEW, round(LIKELY * len(score))), MOST)
    likely = np.argsort(-score[1:], kind="stable")[: most - 1] + 1
    return np.concatenate([[0], np.sort(likely)])


def length_features(times: Array, units: int) -> tuple[Array, NDArray[np.bool_]]:
    """log(length / mean length of a unit) from candidate to candidate (T, T + 1), and where a length is possible."""
    lasts = times[None, :] - times[:-1, None]
    mean = (times[-1] - times[0]) / units
    possible = (lasts > SHORTEST_SECTION) & (lasts <= _longest(times, units))
    possible[:, -1] = lasts[:, -1] > 0
    return np.log(np.where(possible, lasts, mean) / mean), possible


def reach(times: Array, units: int) -> Indices:
    """For each candidate and the end, the first that a unit which ends there may have started at (T + 1,)."""
    return np.searchsorted(times, times - _longest(times, units))


def _longest(times: Array, units: int) -> float:
    return max(LONGEST_SECTION, LONGEST_TIMES * float(times[-1] - times[0]) / units)


def unit_lengths(plan: Plan) -> tuple[Array, Array]:
    """Each unit's log lines relative to the mean, in thirds, and whether its kind is known: what its length goes by."""
    lines = np.log([1.0 + len(unit.body) for unit in plan.units])
    kinds = np.array([float(unit.kind is not None) for unit in plan.units])
    return np.round(3 * (lines - np.log(np.exp(lines).mean()))) / 3, kinds


def potentials(talk: Talk, plan: Plan, evidence: Evidence, model: Model, score: Array) -> Potentials:
    """The scores of every part of every path, given the boundary score of each sentence."""
    at = candidates(score)
    times = np.append(talk.start[at], talk.end[-1])
    start = weigh(
        model.start, dict(evidence.start) | {"boundary": np.broadcast_to(score, (len(plan.units), len(talk)))}
    )
    inside = np.zeros((len(plan.units), len(talk) + 1))
    inside[:, 1:] = np.cumsum(weigh(model.inside, evidence.inside), axis=1)
    start = start[:, at]
    start[:, 0] = 0.0
    lengths, classes = _lengths(times, plan, model)
    return Potentials(
        times=times,
        start=start,
        inside=inside[:, np.append(at, len(talk))],
        lengths=lengths,
        length_class=classes,
        absent=weigh(model.absent, evidence.absent),
        reach=reach(times, len(plan.units)),
    )


def _lengths(times: Array, plan: Plan, model: Model) -> tuple[Lengths, Indices]:
    long, possible = length_features(times, len(plan.units))
    plain, by_lines, by_kind = (model.length.get(name, 0.0) for name in LENGTH_FEATURES)
    square = model.length.get(LENGTH_SQUARE, 0.0)
    lines, kinds = unit_lengths(plan)
    slopes, classes = np.unique(plain + by_lines * lines + by_kind * kinds, return_inverse=True)
    scores = tuple(np.where(possible, slope * long + square * long**2, NEVER) for slope in slopes)
    return Lengths(scores), classes
