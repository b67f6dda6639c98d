"""What the aligner is trained on: cases with their evidence, where each really starts, and how they are set apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from random import Random

import numpy as np
from alignment_cases import Case, read_all
from alignment_fitting import Array
from alignment_plans import cut_short, replanned
from alignment_talks import Hearing, heard, scripts
from numpy.typing import NDArray

from pipeline.alignment import boundary, language, plan
from pipeline.alignment.aligner import hear
from pipeline.alignment.evidence import Evidence, gather
from pipeline.alignment.plan import Plan
from pipeline.alignment.talk import Embedder, Talk
from pipeline.model import Segment

TALKS = Path(__file__).parent / "talks"
SEED = 20261122
VARIATIONS = 3
CASE, SCRIPT, TURNS, VARIED = 2.0, 0.5, 0.7, 0.3
"""What a talk to a plan weighs: a case, a script, with its speakers; and what is made of either, for each of theirs."""

EVERY = {"clean": 1, "distract": 2, "terse": 4, "noise": 3, "turns": 4}
"""Of each English variant, every how many-th episode the segment model learns from: more add little and cost much."""


@dataclass(frozen=True)
class Speech:
    """A talk with the cues of its sentences, whatever was planned."""

    talk: Talk

    @cached_property
    def cues(self) -> dict[str, Array]:
        return boundary.cues(self.talk)


@cache
def speech(segments: tuple[Segment, ...], code: str, embed: Embedder | None) -> Speech:
    """One for all cases with the same words."""
    return Speech(hear(segments, language.load(code), embed))


@dataclass(frozen=True)
class Prepared:
    """A case with what is learned from it.

    gold: by unit, the sentence it starts at, −1 where it was not talked about, None where nobody knows.
    whole: whether the segment model learns from it too, not the boundary score alone.
    """

    case: Case
    speech: Speech
    plan: Plan
    gold: tuple[int | None, ...]
    embed: Embedder | None
    weight: float
    whole: bool

    @cached_property
    def evidence(self) -> Evidence:
        return gather(self.talk, self.plan, self.embed)

    @property
    def talk(self) -> Talk:
        return self.speech.talk

    @property
    def cues(self) -> dict[str, Array]:
        return self.speech.cues

    @property
    def begins(self) -> Array:
        """1 at each sentence that a section starts at, but the talk's first, else 0 (S,)."""
        labels = np.zeros(len(self.talk))
        labels[[at for at in self.gold if at is not None and at > 0]] = 1.0
        return labels


def prepare(case: Case, embed: Embedder | None, weight: float = 1.0, *, whole: bool = True) -> Prepared:
    """Everything that does not depend on weights."""
    said = speech(case.segments, case.language, embed)
    outline = plan.make(case.sections, said.talk.language)
    gold = tuple(_sentence(case, said.talk, outline.sections[unit.section].index) for unit in outline.units)
    return Prepared(case, said, outline, gold, embed, weight, whole)


def _sentence(case: Case, talk: Talk, section: int) -> int | None:
    if section not in case.gold:
        return None
    start = case.gold[section]
    if start is None:
        return -1
    # Headings with whole seconds were cut to them.
    return int(np.abs(talk.start - (start / 1000 + 0.45 * (start % 1000 == 0))).argmin())


def spanish(data: Path, embed: Embedder | None) -> Iterator[Prepared]:
    """Every Spanish talk to a plan."""
    cases = list(read_all(data / "spanish" / "dev"))
    weights = dict.fromkeys((case.id for case in cases), CASE)
    cases += scripts(TALKS / "es")
    yield from (prepare(case, embed, weights.get(case.id, SCRIPT)) for case in cases)
    yield from (prepare(_named(case, "turns"), embed, TURNS) for case in read_all(data / "spanish-turns" / "dev"))
    for case in varied(cases, Random(SEED)):
        yield prepare(case, embed, VARIED * weights.get(root(case.id), SCRIPT))


def planned(data: Path, embed: Embedder | None) -> Iterator[Prepared]:
    """Every talk to a plan, in Spanish and English."""
    yield from spanish(data, embed)
    talks = list(scripts(TALKS / "en"))
    yield from (prepare(case, embed, SCRIPT) for case in talks)
    for case in varied(talks, Random(SEED)):
        yield prepare(case, embed, VARIED * SCRIPT)


def interviews(data: Path, embed: Embedder | None) -> Iterator[Prepared]:
    """English interviews under headings that were made from what had been said."""
    for first, (variant, step) in enumerate(EVERY.items()):
        for number, case in enumerate(read_all(data / variant / "train")):
            yield prepare(_named(case, variant), embed, whole=number % step == first % step)


MATERIAL = {"es": spanish, "plan": planned, "en": interviews}


def varied(cases: Sequence[Case], random: Random) -> Iterator[Case]:
    """Every case a few times more: as a recogniser hears it, under another plan, cut short."""
    for case in cases:
        others = [other for other in cases if other.id != case.id]
        for number in range(VARIATIONS):
            made = replanned(case, others, random)
            made = cut_short(made, random) if random.random() < 0.6 else made
            made = heard(made, random, Hearing()) if random.random() < 0.8 else made
            yield replace(made, id=f"{case.id}#{number}")


def _named(case: Case, variant: str) -> Case:
    return replace(case, id=f"{case.id}#{variant}")


def root(case_id: str) -> str:
    return case_id.partition("#")[0]


def folds(cases: Sequence[Prepared], count: int) -> list[set[str]]:
    """Episodes in so many parts; an episode and everything made from it stay together."""
    ids = sorted({root(case.case.id) for case in cases})
    Random(SEED).shuffle(ids)
    return [set(ids[part::count]) for part in range(count)]


def remembering(embed: Embedder) -> Embedder:
    """An embedder that embeds no text twice."""
    known: dict[str, NDArray[np.float32]] = {}

    def remembered(texts: Sequence[str], /) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embed(new), strict=True) if new else ())
        return np.stack([known[text] for text in texts])

    return remembered
