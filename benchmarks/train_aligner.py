"""Make `pipeline/alignment/data/weights.json` from folders of cases and the scripts in `talks/`.

    python benchmarks/train_aligner.py DATA_DIR OUT.json {es,plan,en} [--without-meaning]

DATA_DIR holds VARIANT/{train,dev}/*.json. What has a `train` folder is trained on that alone; the Spanish variants have
only `dev`. Seeded: the same data gives the same weights. Each call fits one part of OUT.json, of Spanish talk to a
plan, of such talk in Spanish and English, or of English interviews, with sentence embeddings or without, and leaves the
rest as it is; each takes 7 to 45 CPU minutes.

With 40 English talks beside the Spanish ones, English talks that were aside lay nearer; Spanish ones lay a point
farther with meaning, two points nearer without. Interviews are apart: headings made afterwards follow a talk otherwise,
and what learned from both placed the sections of either worse.

Everything is fitted twice on half of the episodes first, to see what it does on the other half: that is where
confidence is calibrated and the figures printed come from.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from alignment_boundaries import learn
from alignment_fitting import Array, Bound, Example, fit, logistic
from alignment_material import MATERIAL, Prepared, folds, remembering, root

from pipeline.alignment.aligner import decode
from pipeline.alignment.model import (
    GROUPS,
    LENGTH_FEATURES,
    LENGTH_SQUARE,
    Model,
    Weights,
    candidates,
    length_features,
    unit_lengths,
)
from pipeline.tools.embedding import sentence_model

RIDGE = 5.0
ROUNDS = 50

ONE_WAY = frozenset({"es", "plan"})
"""Parts in which a match ahead may only speak for a start, and one behind only against it.

Features that say nearly the same take turns in sign where talks are few, and cancel out where a heading is said nearly
word for word, which these talks seldom do. On talks that were not seen it makes no difference in Spanish; on what a
recogniser hears of the show's recording it does. Interviews, which are more, lose a point by it.
"""


def feature_names(case: Prepared) -> dict[str, tuple[str, ...]]:
    """Features by group, in the order of the weight vector."""
    return {
        "start": (*case.evidence.start, "boundary"),
        "inside": tuple(case.evidence.inside),
        "length": (*LENGTH_FEATURES, LENGTH_SQUARE),
        "absent": tuple(case.evidence.absent),
    }


def example(case: Prepared, score: Array) -> Example | None:
    """A case as the segment model learns from it; None where the truth does not begin with the talk."""
    order = followed(case.gold)
    told = [unit for unit in order if (case.gold[unit] or 0) >= 0]
    if not told or case.talk.start[case.gold[told[0]] or 0] > case.talk.start[0] + 20:
        return None
    at = np.union1d(candidates(score), [case.gold[unit] for unit in told]).astype(int)
    place = {int(sentence): n for n, sentence in enumerate(at)}
    gold = {unit: place[case.gold[unit] or 0] for unit in told} | {told[0]: 0}
    taken: set[int] = set()
    kept = []
    for unit in order:
        if unit in gold and gold[unit] in taken:
            continue
        taken.add(gold.get(unit, -1))
        kept.append(unit)
    times = np.append(case.talk.start[at], case.talk.end[-1])
    long, possible = length_features(times, len(case.plan.units))
    path = [gold[unit] for unit in kept if unit in gold] + [len(times) - 1]
    for first, last in pairwise(path):
        possible[first, last] = True
    start = np.stack([*(table[:, at] for table in case.evidence.start.values()), _rows(score[at], case)], axis=2)
    inside = np.stack([_sums(table, at) for table in case.evidence.inside.values()], axis=2)
    by = np.stack([np.ones(len(case.plan.units)), *unit_lengths(case.plan)], axis=1)
    return Example(
        times=times,
        start=start[kept].astype(np.float32),
        inside=inside[kept].astype(np.float32),
        absent=np.stack(list(case.evidence.absent.values()), axis=1)[kept],
        long=long,
        possible=possible,
        by=by[kept],
        gold=tuple(gold.get(unit, -1) for unit in kept),
        weight=case.weight,
    )


def _rows(values: Array, case: Prepared) -> Array:
    return np.broadcast_to(values, (len(case.plan.units), len(values)))


def _sums(table: Array, at: Array) -> Array:
    sums = np.concatenate([np.zeros((len(table), 1)), np.cumsum(table, axis=1)], axis=1)
    return sums[:, np.append(at, table.shape[1])]


def followed(gold: Sequence[int | None]) -> list[int]:
    """Units of known place in the order of the talk; one not talked about stays behind the one planned before it."""
    keys, last = {}, -1
    for unit, at in enumerate(gold):
        if at is None:
            continue
        last = at if at >= 0 else last
        keys[unit] = (last, unit)
    return sorted(keys, key=lambda unit: keys[unit])


def bound(group: str, name: str, part: str) -> Bound:
    """What a feature's weight may be."""
    if group != "start" or name == "boundary" or part not in ONE_WAY:
        return None, None
    return (None, 0) if " last " in name else (0, None)


def train(cases: Sequence[Prepared], part: str) -> dict[str, Weights]:
    """Weights by group."""
    learned, scores = learn(cases)
    examples = [made for case in cases if case.whole and (made := example(case, scores[case.case.id])) is not None]
    groups = feature_names(cases[0])
    names = [name for group in groups.values() for name in group]
    first = np.zeros(len(names))
    first[names.index("boundary")] = 1.0
    first[len(groups["start"]) :][: len(groups["inside"])] = 0.02
    first[names.index("always")] = -3.0
    bounds = [bound(group, name, part) for group, of_group in groups.items() for name in of_group]
    fitted = fit(examples, first, ridge=RIDGE, rounds=ROUNDS, bounds=bounds)
    cuts = np.cumsum([len(group) for group in groups.values()])[:-1]
    return learned | {
        group: dict(zip(groups[group], values.tolist(), strict=True))
        for group, values in zip(groups, np.split(fitted, cuts), strict=True)
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mark of a held-out case: what decoding knew of it, and its error in ms, None where there should be none."""

    known: dict[str, float]
    error: int | None
    weight: float


def outcomes(case: Prepared, weights: Mapping[str, Weights]) -> Iterator[Outcome]:
    """Every mark of a case under weights that have not seen it, but the one that starts with the talk."""
    solution = decode(case.talk, case.plan, model_of(weights), case.evidence)
    for unit, candidate in solution.at.items():
        section = case.plan.sections[case.plan.units[unit].section].index
        if candidate and section in case.case.gold:
            start, truth = round(float(solution.scores.times[candidate]) * 1000), case.case.gold[section]
            error = None if truth is None else abs(start - truth)
            yield Outcome(solution.known(unit), error, case.weight)


def calibration(seen: Sequence[Outcome]) -> Weights:
    """Logistic weights of confidence: was the mark within 15 s?"""
    names = sorted(seen[0].known)
    rows = np.array([[outcome.known[name] for name in names] for outcome in seen])
    right = np.array([float(outcome.error is not None and outcome.error <= 15_000) for outcome in seen])
    weights = np.array([outcome.weight for outcome in seen])
    return dict(zip(names, logistic(rows, right, weights, np.full(len(names), 0.5)).tolist(), strict=True))


def model_of(weights: Mapping[str, Weights]) -> Model:
    return Model(*(weights.get(group, {}) for group in GROUPS))


def report(seen: Sequence[Outcome]) -> None:
    for weight in sorted({outcome.weight for outcome in seen}, reverse=True):
        errors = [outcome.error for outcome in seen if outcome.weight == weight]
        told = np.array([error for error in errors if error is not None])
        shares = " ".join(f"≤{s} s {np.mean(told <= s * 1000):.1%}" for s in (5, 15, 30))
        print(f"held out, of weight {weight:g}: {len(told)} marks {shares}; {len(errors) - len(told)} never told")


def judged(case: Prepared, held: set[str]) -> bool:
    """Whether a case tells how good weights are that have not seen it."""
    return case.whole and root(case.case.id) in held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("part", choices=MATERIAL)
    parser.add_argument("--without-meaning", action="store_true", help="fit the weights for talk without embeddings")
    given = parser.parse_args()
    model = None if given.without_meaning else sentence_model()
    if model is None and not given.without_meaning:
        raise SystemExit("the sentence model is not installed")
    embed = remembering(model) if model else None
    cases = list(MATERIAL[given.part](given.data, embed))
    seen: list[Outcome] = []
    for held in folds(cases, 2):
        halves = train([case for case in cases if root(case.case.id) not in held], given.part)
        seen += [made for case in cases if judged(case, held) for made in outcomes(case, halves)]
    report(seen)
    weights = train(cases, given.part) | {"confidence": calibration(seen)}
    table = json.loads(given.out.read_text("utf-8")) if given.out.exists() else {}
    table.setdefault("lexical" if embed is None else "semantic", {})[given.part] = _rounded(weights)
    given.out.write_text(json.dumps(table, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def _rounded(weights: Mapping[str, Weights]) -> dict[str, Weights]:
    return {
        group: {name: float(f"{value:.4g}") for name, value in values.items() if abs(value) >= 5e-5}
        for group, values in weights.items()
    }


if __name__ == "__main__":
    main()
