"""Where each section of a running order starts in a talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.alignment import confidence, decoding, language, plan
from pipeline.alignment.cue import find_cue
from pipeline.alignment.evidence import Evidence, gather
from pipeline.alignment.lattice import NEVER, Potentials, posterior
from pipeline.alignment.model import Model, candidates, load, potentials, turning
from pipeline.alignment.order import repaired
from pipeline.alignment.plan import Plan
from pipeline.alignment.talk import Array, Embedder, Indices, Talk
from pipeline.model import Section, Segment

HANDICAP, HANDICAP_BY_WORDS = 0.25, 0.2
"""By how much surer the weights of talk to a plan must be than a language's own, which know it better."""

TOLD_COUNTS = 0.5
"""How much finding all sections counts beside being sure of those found, where two sets of weights are compared.

Weights that do not know how people talk leave sections out, and are sure of the few that are left.
"""

CUE = 4.0
"""Nats that the sentence which says a section's cue line is worth inside that section."""


@dataclass(frozen=True)
class Solution:
    """A solved talk: what was known and what came of it.

    candidates: the sentences that could start a unit (T,).
    start: posterior of each unit starting at each candidate (K, T).
    moved: units that were talked about out of the plan's order.
    at: candidate of each unit told.
    """

    talk: Talk
    plan: Plan
    model: Model
    evidence: Evidence
    boundary: Array
    scores: Potentials
    candidates: Indices
    start: Array
    moved: frozenset[int]
    at: dict[int, int]

    def known(self, unit: int) -> dict[str, float]:
        """What a told unit's confidence goes by."""
        candidate, start, times = self.at[unit], self.start[unit], self.scores.times[:-1]
        return confidence.features(
            decoding.nearby(start, times, candidate),
            decoding.nearby(start, times, candidate, 2 * decoding.TOLERANCE),
            float(start.sum()),
            moved=unit in self.moved,
            boundary=float(self.boundary[int(self.candidates[candidate])]),
        )

    def confidence(self, unit: int) -> float:
        """P(|error| ≤ 15 s) of a told unit."""
        return confidence.calibrated(self.model.confidence, self.known(unit))

    @property
    def sure(self) -> float:
        """What its weights make of a talk: the mean confidence of what was told, and how much of the plan that is."""
        mean = sum(map(self.confidence, self.at)) / max(1, len(self.at))
        return mean + TOLD_COUNTS * len(self.at) / len(self.plan.units)


def hear(segments: Sequence[Segment], tables: language.Language, embed: Embedder | None) -> Talk:
    """The sentences in order of their start, without empty ones, with their meaning if it can be had."""
    said = tuple(sorted((s for s in segments if s.text.strip()), key=lambda s: (s.start, s.end)))
    vectors = embed([segment.text for segment in said]) if embed is not None and said else None
    return Talk(tables, said, vectors)


def solve(
    sections: Sequence[Section],
    segments: Sequence[Segment],
    *,
    code: str,
    embed: Embedder | None = None,
    phrases: language.Phrases | None = None,
) -> Solution | None:
    """Everything from sentences to starts; None where nothing was planned or nothing said."""
    tables = language.load(code, phrases)
    talk = hear(segments, tables, embed)
    outline = plan.make(sections, tables)
    if not len(talk) or not outline.units:
        return None
    evidence = gather(talk, outline, embed)
    own, *others = (_draft(talk, outline, model, evidence) for model in load(tables.code, semantic=embed is not None))
    handicap = HANDICAP if embed is not None else HANDICAP_BY_WORDS
    surest = max((own, *others), key=lambda draft: draft.sure - (handicap if draft is not own else 0.0))
    return _in_order(surest, repaired(surest.scores))


def decode(talk: Talk, outline: Plan, model: Model, evidence: Evidence) -> Solution:
    """Scores, order, posterior and starts."""
    draft = _draft(talk, outline, model, evidence)
    return _in_order(draft, repaired(draft.scores))


def _draft(talk: Talk, outline: Plan, model: Model, evidence: Evidence) -> Solution:
    """Everything, as if the talk had followed the plan's order."""
    score = turning(talk, model)
    scores = _with_cues(potentials(talk, outline, evidence, model, score), talk, outline, candidates(score))
    nothing = np.zeros((len(scores), len(candidates(score))))
    unsolved = Solution(
        talk, outline, model, evidence, score, scores, candidates(score), start=nothing, moved=frozenset(), at={}
    )
    return _in_order(unsolved, list(range(len(scores))))


def _in_order(solution: Solution, order: Sequence[int]) -> Solution:
    """The posterior and the starts of a talk whose units follow each other in that order."""
    posteriors = posterior(solution.scores.only(order))
    chosen = decoding.decode(posteriors, solution.scores.times[:-1])
    start = np.empty_like(posteriors)
    start[order] = posteriors
    at = {order[row]: candidate for row, candidate in chosen.items()}
    return replace(solution, start=start, moved=_moved(order), at=at)


def _with_cues(scores: Potentials, talk: Talk, outline: Plan, at: Indices) -> Potentials:
    """The scores with each sentence that says a section's cue line drawn into that section; no other starts with it."""
    start, inside = scores.start.copy(), scores.inside.copy()
    for number, unit in enumerate(outline.units):
        section = outline.sections[unit.section]
        cue = find_cue(section, talk.segments, ()) if section.cue else None
        if cue is not None:
            said = next(n for n, segment in enumerate(talk.segments) if segment.end == cue.after)
            inside[number, np.append(at, len(talk)) > said] += CUE
            start[np.ix_(np.arange(len(start)) != number, (at == said) & (at > 0))] = NEVER
    return replace(scores, start=start, inside=inside)


def _moved(order: Sequence[int]) -> frozenset[int]:
    """Units that others of the plan's order passed by."""
    return frozenset(
        unit
        for place, unit in enumerate(order)
        if any(other > unit for other in order[:place]) or any(other < unit for other in order[place:])
    )
