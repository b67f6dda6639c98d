"""Make `pipeline/alignment/data/weights.json` from folders of cases and the scripts in `talks/`.

    python benchmarks/train_aligner.py DATA_DIR OUT.json [--without-meaning]

DATA_DIR holds VARIANT/{train,dev}/*.json. What has a `train` folder is trained on that alone; the Spanish variants have
only `dev`. Seeded: the same data gives the same weights. Each call fits one half of OUT.json, with sentence embeddings
or without, and leaves the other as it is; each takes about 6 CPU minutes and 2 GB.

Everything is fitted twice on half of the episodes first, to see what it does on the other half: that is where
confidence is calibrated and the figures printed come from.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
from alignment_cases import Case, read_all
from alignment_fitting import Array, Example, fit, logistic
from alignment_plans import cut_short, replanned
from alignment_talks import Hearing, heard, scripts
from numpy.typing import NDArray

from pipeline.alignment import language, plan
from pipeline.alignment.aligner import decode, hear
from pipeline.alignment.boundary import features as boundary_features
from pipeline.alignment.evidence import Evidence, gather
from pipeline.alignment.marks import what_is_known
from pipeline.alignment.model import (
    GROUPS,
    LENGTH_FEATURES,
    LENGTH_SQUARE,
    Model,
    boundary_score,
    candidates,
    length_features,
    unit_lengths,
)
from pipeline.alignment.plan import Plan
from pipeline.alignment.talk import Embedder, Talk
from pipeline.tools.embedding import sentence_model

Parts = dict[str, dict[str, dict[str, float]]]
"""Weights by part (shared, a language), group and feature."""

SEED = 20261122
LANGUAGES = ("es", "en")
BOUNDARY_RIDGE = 20.0
RIDGE = 10.0
ROUNDS = 35
VARIATIONS = 2
EVERY = {"clean": 2, "distract": 3, "terse": 9, "noise": 9, "turns": 9}
"""Of each English variant, every how many-th episode is taken: more add little and cost much."""
PARTS = ("shared", *LANGUAGES)


@dataclass(frozen=True)
class Prepared:
    """A case with its evidence. `gold` by unit: the sentence it starts at, −1 not talked about, None unknown."""

    case: Case
    talk: Talk
    plan: Plan
    evidence: Evidence
    boundary: dict[str, Array]
    gold: tuple[int | None, ...]
    weight: float = 1.0

    @property
    def language(self) -> int:
        return LANGUAGES.index(self.case.language)


def prepare(case: Case, embed: Embedder | None, weight: float = 1.0) -> Prepared:
    """Everything that does not depend on weights."""
    tables = language.load(case.language)
    talk = hear(case.segments, tables, embed)
    outline = plan.make(case.sections, tables)
    gold = tuple(_sentence(case, talk, outline.sections[unit.section].index) for unit in outline.units)
    table = boundary_features(talk) | {"always": np.ones(len(talk))}
    return Prepared(case, talk, outline, gather(talk, outline, embed), table, gold, weight)


def _sentence(case: Case, talk: Talk, section: int) -> int | None:
    if section not in case.gold:
        return None
    start = case.gold[section]
    if start is None:
        return -1
    # Headings with whole seconds were cut to them.
    return int(np.abs(talk.start - (start / 1000 + 0.45 * (start % 1000 == 0))).argmin())


def boundary_weights(cases: Sequence[Prepared]) -> dict[str, dict[str, float]]:
    """Logistic weights of the boundary features, shared and by language, on the features' own scale."""
    names = sorted(set().union(*(case.boundary for case in cases)))
    rows = np.concatenate([np.stack([case.boundary[name] for name in names], axis=1) for case in cases])
    labels = np.concatenate([_labels(case) for case in cases])
    counts = np.concatenate([np.full(len(case.talk), case.weight) for case in cases])
    scale = rows.std(axis=0)
    constant = names.index("always")
    kept = scale > 1e-6
    kept[constant] = True
    scale[constant] = 1.0
    mean = np.where(kept, rows.mean(axis=0), 0.0)
    mean[constant] = 0.0
    standard = np.where(kept, (rows - mean) / np.where(kept, scale, 1.0), 0.0)
    tongue = np.concatenate([np.full(len(case.talk), case.language) for case in cases])
    blocks = [standard, *(standard * (tongue == n)[:, None] for n in range(len(LANGUAGES)))]
    ridge = np.full(standard.shape[1], BOUNDARY_RIDGE)
    ridge[constant] = 1e-3
    x = logistic(np.concatenate(blocks, axis=1), labels, counts, np.tile(ridge, len(blocks)))
    own = x.reshape(len(blocks), -1) / np.where(kept, scale, 1.0)
    own[:, constant] -= own @ mean
    return {part: dict(zip(names, row, strict=True)) for part, row in zip(PARTS, own, strict=True)}


def _labels(case: Prepared) -> Array:
    labels = np.zeros(len(case.talk))
    labels[[at for at in case.gold if at is not None and at > 0]] = 1.0
    return labels


def summed(weights: dict[str, dict[str, float]], tongue: str) -> dict[str, float]:
    return {name: value + weights[tongue].get(name, 0.0) for name, value in weights["shared"].items()}


def scored(case: Prepared, weights: dict[str, dict[str, float]]) -> Array:
    model = Model(summed(weights, case.case.language), {}, {}, {}, {}, {})
    return boundary_score(case.talk, model)


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
        language=case.language,
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


def folds(cases: Sequence[Prepared], count: int) -> list[set[str]]:
    """Case ids in so many parts; an episode and everything made from it stay together."""
    ids = sorted({root(case.case.id) for case in cases})
    Random(SEED).shuffle(ids)
    return [set(ids[part::count]) for part in range(count)]


def root(case_id: str) -> str:
    return case_id.partition("#")[0]


def train(cases: Sequence[Prepared]) -> Parts:
    """Weights by part (shared, a language) and group. The boundary score that others learn from is out of fold."""
    scores: dict[str, Array] = {}
    for held in folds(cases, 4):
        weights = boundary_weights([case for case in cases if root(case.case.id) not in held])
        scores |= {case.case.id: scored(case, weights) for case in cases if root(case.case.id) in held}
    examples = [made for case in cases if (made := example(case, scores[case.case.id]))]
    groups = feature_names(cases[0])
    names = [name for group in groups.values() for name in group]
    first = np.zeros(len(names))
    first[names.index("boundary")] = 1.0
    first[len(groups["start"]) :][: len(groups["inside"])] = 0.02
    first[names.index("always")] = -3.0
    fitted = fit(examples, first, languages=len(LANGUAGES), ridge=RIDGE, rounds=ROUNDS)
    boundary = boundary_weights(cases)
    cuts = np.cumsum([len(group) for group in groups.values()])[:-1]
    return {
        part: {"boundary": boundary[part]}
        | {
            group: dict(zip(groups[group], values.tolist(), strict=True))
            for group, values in zip(groups, np.split(row, cuts), strict=True)
        }
        for part, row in zip(PARTS, fitted, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mark of a held-out case: what decoding knew of it, and its error in ms, None where there should be none."""

    language: int
    known: dict[str, float]
    error: int | None
    weight: float


def outcomes(case: Prepared, parts: Parts) -> Iterator[Outcome]:
    """Every mark of a case under weights that have not seen it, but the one that starts with the talk."""
    solution = decode(case.talk, case.plan, model_of(parts, case.case.language), case.evidence)
    for unit, candidate in solution.at.items():
        section = case.plan.sections[case.plan.units[unit].section].index
        if candidate and section in case.case.gold:
            start, truth = round(float(solution.scores.times[candidate]) * 1000), case.case.gold[section]
            error = None if truth is None else abs(start - truth)
            yield Outcome(case.language, what_is_known(solution, unit), error, case.weight)


def calibration(seen: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Logistic weights of confidence: was the mark within 15 s?"""
    names = sorted(seen[0].known)
    rows = np.array([[outcome.known[name] for name in names] for outcome in seen])
    right = np.array([float(outcome.error is not None and outcome.error <= 15_000) for outcome in seen])
    tongue = np.array([outcome.language for outcome in seen])
    blocks = [rows, *(rows * (tongue == n)[:, None] for n in range(len(LANGUAGES)))]
    weights = np.array([outcome.weight for outcome in seen])
    x = logistic(np.concatenate(blocks, axis=1), right, weights, np.full(len(blocks) * len(names), 1.0))
    return {
        part: dict(zip(names, row, strict=True)) for part, row in zip(PARTS, x.reshape(len(blocks), -1), strict=True)
    }


def model_of(parts: Parts, tongue: str) -> Model:
    return Model(*(summed({part: parts[part].get(group, {}) for part in PARTS}, tongue) for group in GROUPS))


def varied(cases: Sequence[Case], random: Random) -> Iterator[Case]:
    """Every case a few times more: as a recogniser hears it, under another plan, cut short."""
    for case in cases:
        others = [other for other in cases if other.id != case.id]
        for number in range(VARIATIONS):
            made = replanned(case, others, random)
            made = cut_short(made, random) if random.random() < 0.6 else made
            made = heard(made, random, Hearing()) if random.random() < 0.8 else made
            yield replace(made, id=f"{case.id}#{number}")


def material(data: Path) -> Iterator[tuple[Case, float]]:
    """Every case to train on, with how much it counts."""
    spanish = [*read_all(data / "spanish" / "dev"), *scripts(Path(__file__).parent / "talks")]
    yield from ((case, 2.0) for case in spanish)
    yield from ((_named(case, "turns"), 0.7) for case in read_all(data / "spanish-turns" / "dev"))
    yield from ((case, 0.4) for case in varied(spanish, Random(SEED)))
    for place, (variant, step) in enumerate(EVERY.items()):
        yield from (
            (_named(case, variant), 1.0) for case in list(read_all(data / variant / "train"))[place % step :: step]
        )


def _named(case: Case, variant: str) -> Case:
    return replace(case, id=f"{case.id}#{variant}")


def remembering(embed: Embedder) -> Embedder:
    """An embedder that embeds no text twice."""
    known: dict[str, NDArray[np.float32]] = {}

    def remembered(texts: Sequence[str], /) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embed(new), strict=True) if new else ())
        return np.stack([known[text] for text in texts])

    return remembered


def report(seen: Sequence[Outcome]) -> None:
    for number, tongue in enumerate(LANGUAGES):
        errors = [outcome.error for outcome in seen if outcome.language == number and outcome.weight >= 1]
        told = np.array([error for error in errors if error is not None])
        shares = " ".join(f"≤{s} s {np.mean(told <= s * 1000):.1%}" for s in (5, 15, 30))
        print(f"{tongue}, held out: {len(told)} marks {shares}; {len(errors) - len(told)} of sections never told")


def judged(case: Prepared, held: set[str]) -> bool:
    """Whether a case tells how good weights are that have not seen it: those made from others do not."""
    return root(case.case.id) in held and case.weight >= 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without-meaning", action="store_true", help="fit the weights for talk without embeddings")
    given = parser.parse_args()
    model = None if given.without_meaning else sentence_model()
    if model is None and not given.without_meaning:
        raise SystemExit("the sentence model is not installed")
    embed = remembering(model) if model else None
    cases = [prepare(case, embed, weight) for case, weight in material(given.data)]
    seen: list[Outcome] = []
    for held in folds(cases, 2):
        halves = train([case for case in cases if root(case.case.id) not in held])
        seen += [made for case in cases if judged(case, held) for made in outcomes(case, halves)]
    report(seen)
    parts = train(cases)
    for part, weights in calibration(seen).items():
        parts[part]["confidence"] = weights
    table = json.loads(given.out.read_text("utf-8")) if given.out.exists() else {}
    table["lexical" if embed is None else "semantic"] = _rounded(parts)
    given.out.write_text(json.dumps(table, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def _rounded(parts: Parts) -> Parts:
    return {
        part: {
            group: {name: float(f"{value:.4g}") for name, value in weights.items() if abs(value) >= 5e-5}
            for group, weights in groups.items()
        }
        for part, groups in parts.items()
    }


if __name__ == "__main__":
    main()
