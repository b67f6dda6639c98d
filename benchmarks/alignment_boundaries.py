"""Learning where anything starts: who speaks, then the boundary score that goes by it.

Each is a logistic regression that all languages share, with what each adds. What one learns from the output of another
comes from weights that had not seen the talk, as it will with talks to come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from alignment_fitting import Array, logistic
from alignment_material import LANGUAGES, PARTS, Prepared, folds, root

from pipeline.alignment import speakers
from pipeline.alignment.model import bounded, weigh

Sides = dict[str, dict[str, float]]
"""Weights of one group by part (shared, a language) and feature."""

Table = Callable[[Prepared], Mapping[str, Array]]
Label = Callable[[Prepared], Array]

CUE_RIDGE, MEANING_RIDGE = 20.0, 200.0
FOLDS = 3


@dataclass(frozen=True, slots=True)
class Crossed:
    """Weights of all there is to learn from, and each case's log odds, by id, under weights that had not seen it."""

    weights: Sides
    odds: Mapping[str, Array]


def learn(cases: Sequence[Prepared]) -> tuple[dict[str, Sides], dict[str, Array]]:
    """Weights by group, and what they say of each case that they had not seen, by its id."""
    known = [case for case in cases if speakers.told(case.talk)]
    change = _crossed(known, cases, _heard, lambda case: _told(case)[0])
    hosting = _crossed(known, cases, _heard, lambda case: _told(case)[1])
    voices = {id_: speakers.voices(case.talk, change.odds[id_], hosting.odds[id_]) for id_, case in _by_id(cases)}

    def turning(case: Prepared) -> dict[str, Array]:
        return case.cues | speakers.features(case.talk, case.cues, voices[case.case.id])

    begins = _crossed(_distinct(cases), cases, turning, lambda case: case.begins)
    sides = {"change": change.weights, "hosting": hosting.weights, "boundary": begins.weights}
    return sides, {id_: bounded(odds) for id_, odds in begins.odds.items()}


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
        sides = regression([case for case in seen if root(case.case.id) not in held], table, label)
        odds |= {
            case.case.id: weigh(summed(sides, case.case.language), table(case))
            for case in cases
            if root(case.case.id) in held
        }
    return Crossed(regression(seen, table, label), odds)


def summed(sides: Sides, language: str) -> dict[str, float]:
    own = sides[language]
    return {name: value + own.get(name, 0.0) for name, value in sides["shared"].items()}


def regression(cases: Sequence[Prepared], table: Table, label: Label) -> Sides:
    """Logistic weights on the features' own scale; what a sentence means weighs the same in every language."""
    tables = [table(case) for case in cases]
    names = sorted(tables[0], key=lambda name: (name.startswith("meaning"), name))
    own = sum(not name.startswith("meaning") for name in names)
    rows = np.concatenate([np.stack([made[name] for name in names], axis=1).astype(np.float32) for made in tables])
    mean, scale = rows.mean(axis=0, dtype=float), rows.std(axis=0, dtype=float)
    constant = names.index("always")
    mean[constant], scale[constant] = 0.0, 1.0
    scale = np.where(scale > 1e-6, scale, np.inf)
    rows = ((rows - mean) / scale).astype(np.float32)
    tongue = np.concatenate([np.full(len(case.talk), case.language) for case in cases])
    blocks = [rows, *(rows[:, :own] * (tongue == n)[:, None] for n in range(len(LANGUAGES)))]
    ridge = np.where(np.arange(len(names)) < own, CUE_RIDGE, MEANING_RIDGE)
    ridge[constant] = 1e-3
    x = logistic(
        np.concatenate(blocks, axis=1),
        np.concatenate([label(case) for case in cases]),
        np.concatenate([np.full(len(case.talk), case.weight) for case in cases]),
        np.concatenate([ridge, *([ridge[:own]] * len(LANGUAGES))]),
    )
    parts = np.split(x, len(names) + own * np.arange(len(LANGUAGES)))
    return {part: _plain(names, values, mean, scale) for part, values in zip(PARTS, parts, strict=True)}


def _plain(names: Sequence[str], values: Array, mean: Array, scale: Array) -> dict[str, float]:
    """Weights for features as they come, from those for features of mean 0 and deviation 1; zip leaves off meanings."""
    plain = values / scale[: len(values)]
    table = dict(zip(names, plain.tolist(), strict=False))
    table["always"] -= float(plain @ mean[: len(values)])
    return table
