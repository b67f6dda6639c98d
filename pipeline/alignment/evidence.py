"""Everything that speaks for or against a unit starting at, or being talked about in, each sentence.

Three tables, each feature with a name that the learned weights go by: `start` (K, S, F) for a unit starting at a
sentence, `inside` (K, S, E) for a sentence belonging to it, `absent` (K, G) for a unit not talked about at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.alignment.matching import Match, against_others, ahead_of_others, among_units, by_unit, lexical, semantic
from pipeline.alignment.plan import Plan
from pipeline.alignment.talk import Array, Embedder, Talk

_Windows = Mapping[str, tuple[tuple[int, int], ...]]

_START: _Windows = {
    "words": ((0, 12), (0, 30), (0, 90), (0, 180), (30, 0)),
    "grams": ((0, 12), (0, 30), (0, 90), (30, 0), (180, 0)),
    "title": ((0, 12), (0, 30), (30, 0)),
    "kind": ((0, 0), (0, 12), (0, 30), (30, 0)),
    "whole": ((0, 0), (0, 12), (0, 30), (0, 90), (30, 0)),
    "best": ((0, 0), (0, 12), (0, 30), (30, 0)),
    "headline": ((0, 12), (0, 30), (30, 0)),
    "first": ((0, 12), (0, 30)),
}
_INSIDE: _Windows = {
    "words": ((15, 15), (45, 45)),
    "grams": ((15, 15), (45, 45)),
    "kind": ((15, 15),),
    "whole": ((0, 0), (12, 12), (45, 45)),
    "best": ((0, 0), (12, 12), (45, 45)),
    "headline": ((12, 12),),
}
_ABSENT: _Windows = {
    "words": ((0, 30),),
    "grams": ((0, 30),),
    "title": ((0, 12),),
    "whole": ((0, 30),),
    "best": ((0, 30),),
}
_RANKED: _Windows = {"words": ((0, 90),), "grams": ((0, 90),), "best": ((0, 0),)}
_CLAIMED: _Windows = {"words": ((0, 90),), "grams": ((0, 90),), "whole": ((15, 15),), "best": ((15, 15),)}
"""Windows (seconds behind, seconds ahead) of each match that are looked at."""

_ALONE = frozenset({"kind"})
"""Matches that are not weighed against other units."""

SECONDS = 20.0
SENTENCES = 0.1
"""A sentence inside a unit weighs half its seconds / 20, and 0.1 for being one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The three tables with the names of their last axes."""

    start: Mapping[str, Array]
    inside: Mapping[str, Array]
    absent: Mapping[str, Array]


def _name(match: str, behind: float, ahead: float) -> str:
    window = f"next {ahead:g} s" if not behind and ahead else f"last {behind:g} s" if not ahead and behind else ""
    window = window or (f"within {ahead:g} s" if ahead else "here")
    return f"{match} {window}"


def gather(talk: Talk, plan: Plan, embed: Embedder | None = None) -> Evidence:
    """Every table for a talk and a plan; the matches by meaning only with an embedder."""
    matches = lexical(talk, plan.units)
    if embed is not None and talk.vectors is not None:
        matches |= semantic(talk, plan.units, talk.vectors, embed)
    tables = _tables(matches)
    return Evidence(_start(tables), _inside(talk, tables), _absent(talk, plan, tables))


def _tables(matches: Mapping[str, Match]) -> dict[tuple[str, float, float], Array]:
    wanted = {
        (name, *window)
        for table in (_START, _INSIDE, _ABSENT, _RANKED, _CLAIMED)
        for name, windows in table.items()
        for window in windows
        if name in matches
    }
    return {key: matches[key[0]](*key[1:]) for key in sorted(wanted)}


def _start(tables: Mapping[tuple[str, float, float], Array]) -> dict[str, Array]:
    result = {}
    for name, windows in _START.items():
        for window in windows:
            if (match := tables.get((name, *window))) is None:
                continue
            label = _name(name, *window)
            result[label] = match if name in _ALONE else against_others(match)
            if not window[0] and window[1] and name not in _ALONE:
                result[f"{label}, its best"] = by_unit(match)
    return result


def _inside(talk: Talk, tables: Mapping[tuple[str, float, float], Array]) -> dict[str, Array]:
    weight = 0.5 * (talk.weight / SECONDS + SENTENCES * 2)
    return {
        _name(name, *window): against_others(tables[name, *window]) * weight
        for name, windows in _INSIDE.items()
        for window in windows
        if (name, *window) in tables
    }


def _absent(talk: Talk, plan: Plan, tables: Mapping[tuple[str, float, float], Array]) -> dict[str, Array]:
    def each(label: str, windows: _Windows, best: Callable[[Array], Array]) -> dict[str, Array]:
        keys = [(name, *window) for name, spans in windows.items() for window in spans]
        return {label.format(_name(*key)): best(tables[key]) for key in keys if key in tables}

    units = plan.units
    return {
        "always": np.ones(len(units)),
        "no lines": np.array([float(not unit.body) for unit in units]),
        "a known kind": np.array([float(unit.kind is not None) for unit in units]),
        "words heard": _heard(talk, plan),
        **each("strongest {}", _ABSENT, lambda match: against_others(match).max(axis=1)),
        **each("strongest {} among units", _RANKED, lambda match: among_units(match.max(axis=1))),
        **each("{} ahead of others", _CLAIMED, ahead_of_others),
    }


def _heard(talk: Talk, plan: Plan) -> Array:
    """How often the words of each unit's heading and lines are said in all, log of 1 + the mean (K,)."""
    said = Counter(stem for stems in talk.stems for stem in stems)
    wanted = [talk.language.stems(". ".join(unit.texts)) for unit in plan.units]
    return np.log1p([sum(said[stem] for stem in set(stems)) / max(1, len(set(stems))) for stems in wanted])
