"""Learning where anything starts: who speaks, then the boundary score that goes by it.

Each is a logistic regression. What one learns from the output of another comes from weights that had not seen the talk,
as it will with talks to come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from alignment_fitting import Array, logistic
from alignment_material import Prepared, folds, root

from pipeline.alignment import speakers
from pipeline.alignment.model import Weights, bounded, weigh

Table = Callable[[Prepared], Mapping[str, Array]]
Label = Callable[[Prepared], Array]

CUE_RIDGE, MEANING_RIDGE = 10.0, 200.0
FOLDS = 3


@dataclass(frozen=True, slots=True)
class Crossed:
    """Weights of all there is to learn from, and each case's log odds, by id, under weights that had not seen it."""

    weights: Weights
    odds: Mapping[str, Array]


def learn(cases: Sequence[Prepared]) -> tuple[dict[str, Weights], dict[str, Array]]:
    """Weights by group, and what they say of each case that they had not seen, by its id."""
    known = [case for case in cases if speakers.told(case.talk)]
    change = _crossed(known, cases, _heard, lambda case: _told(case)[0])
    hosting = _crossed(known, cases, _heard, lambda case: _told(case)[1])
    voices = {id_: speakers.voices(case.talk, change.odds[id_], hosting.odds[id_]) for id_, case in _by_id(cases)}

    def turning(case: Prepared) -> dict[str, Array]:
        return case.cues | speakers.features(case.talk, case.cues, voices[case.case.id])

    begins = _crossed(_distinct(cases), cases, turning, lambda case: case.begins)
    learned = {"change": change.weights, "hosting": hosting.weights, "boundary": begins.weights}
    return learned, {id_: bounded(odds) for id_, odds in begins.odds.items()}


def _by_id(cases: Sequence[Prepared]) -> list[tuple[str, Prepared]]:
    return [(case.case.id, case) for case in cases]


def _heard(case: Prepared) -> dict[str, Array]:
    return case.cues | speakers.meaning(case.talk)


def _told(case: Prepared) -> tuple[Array, Array]:
    told = speakers.told(case.talk)
    if told is None:
        raise ValueError(f"nobody told who speaks in {case.case.id}")
    return told


def _distinct(cases: Sequence[Prepared]) -> list[Prepared]:
    """The first case of each talk: other plans for the same words start at the same sentences."""
    return list({id(case.speech): case for case in reversed(cases)}.values())[::-1]


def _crossed(seen: Sequence[Prepared], cases: Sequence[Prepared], table: Table, label: Label) -> Crossed:
    odds: dict[str, Array] = {}
    for held in folds(cases, FOLDS):
        weights = regression([case for case in seen if root(case.case.id) not in held], table, label)
        odds |= {case.case.id: weigh(weights, table(case)) for case in cases if root(case.case.id) in held}
    return Crossed(regression(seen, table, label), odds)


def regression(cases: Sequence[Prepared], table: Table, label: Label) -> Weights:
    """Logistic weights on the features' own scale."""
    tables = [table(case) for case in cases]
    names = sorted(tables[0])
    rows = np.concatenate([np.stack([made[name] for name in names], axis=1).astype(np.float32) for made in tables])
    mean, scale = rows.mean(axis=0, dtype=float), rows.std(axis=0, dtype=float)
    constant = names.index("always")
    mean[constant], scale[constant] = 0.0, 1.0
    scale = np.where(scale > 1e-6, scale, np.inf)
    ridge = np.array([MEANING_RIDGE if name.startswith("meaning") else CUE_RIDGE for name in names])
    ridge[constant] = 1e-3
    labels = np.concatenate([label(case) for case in cases])
    weights = np.concatenate([np.full(len(case.talk), case.weight) for case in cases])
    plain = logistic(((rows - mean) / scale).astype(np.float32), labels, weights, ridge) / scale
    found = dict(zip(names, plain.tolist(), strict=True))
    found["always"] -= float(plain @ mean)
    return found
