"""Why a mark stands where it stands, in words and in figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.alignment.aligner import Solution
from pipeline.alignment.decoding import TOLERANCE, nearby
from pipeline.alignment.plan import Unit
from pipeline.model import Place, Section, Segment
from pipeline.timecode import to_short_clock

AROUND = 2
NEAR = 30.0
QUOTED = 70
LIKELY = 0.1
"""Probability from which another place is told of."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence with what it added to the score, in nats, above its mean over the talk."""

    name: str
    nats: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What decided one section.

    sentences: the ones around the start, in order; `clues` strongest first; `places` likeliest first.
    told: probability that the section was talked about at all.
    shared: words of the heading and its lines that are said in the half minute after the start.
    """

    section: Section
    start: int | None
    told: float
    sentences: tuple[Segment, ...]
    clues: tuple[Clue, ...]
    shared: tuple[str, ...]
    places: tuple[Place, ...]

    def lines(self) -> tuple[str, ...]:
        """The explanation as text, a line each."""
        head = f"{self.section.title}: {self._verdict()}"
        said = [f"{_pointer(self.start, s)} {to_short_clock(s.start)}  {s.text}" for s in self.sentences]
        shared = [f"words in common: {', '.join(self.shared)}"] if self.shared else []
        clues = [f"{clue.nats:+6.2f}  {clue.name}" for clue in self.clues]
        places = [f"{place.probability:4.0%}  {to_short_clock(place.start)}  {place.text}" for place in self.places]
        return (head, *said, *shared, "evidence at the start, in nats:", *clues, "where it could start:", *places)

    def _verdict(self) -> str:
        if self.start is None:
            return f"was not talked about, which is {1 - self.told:.0%} sure"
        return f"starts at {to_short_clock(self.start)} (talked about: {self.told:.0%})"


def _pointer(start: int | None, segment: Segment) -> str:
    return ">" if segment.start == start else " "


def explain(solution: Solution, unit: int, start: int | None, section: Section) -> Explanation:
    """What decided a unit's start, or that it has none; `section` is the heading that was asked about."""
    best = solution.at.get(unit, int(solution.start[unit].argmax()))
    here = int(solution.candidates[best])
    said = solution.talk.segments
    return Explanation(
        section=section,
        start=start,
        told=round(float(solution.start[unit].sum()), 3),
        sentences=said[max(0, here - AROUND) : here + AROUND + 1],
        clues=_clues(solution, unit, here),
        shared=shared_words(solution, unit, here),
        places=_places(solution, unit),
    )


def _clues(solution: Solution, unit: int, here: int) -> tuple[Clue, ...]:
    clues = [
        Clue(name, weight * float(table[unit, here] - table[unit].mean()))
        for name, table in solution.evidence.start.items()
        if (weight := solution.model.start.get(name, 0.0))
    ]
    boundary = solution.boundary[here] - solution.boundary.mean()
    clues.append(Clue("sounds like a start", solution.model.start.get("boundary", 0.0) * float(boundary)))
    strongest = sorted(clues, key=lambda clue: -abs(clue.nats))[:8]
    return tuple(Clue(clue.name, round(clue.nats, 2)) for clue in strongest)


def shared_words(solution: Solution, unit: int, here: int, most: int = 6) -> tuple[str, ...]:
    """Words of a unit's heading and lines heard in the half minute from a sentence on, rarest first."""
    talk = solution.talk
    wanted = {stem for text in solution.plan.units[unit].texts for stem in talk.language.stems(text)}
    soon = range(here, max(here + 1, int(np.searchsorted(talk.start, talk.start[here] + NEAR))))
    found = {stem for place in soon for stem in talk.stems[place] if stem in wanted}
    rare = sorted(found, key=lambda stem: (sum(stem in stems for stems in talk.stems), stem))[:most]
    spelled = {
        stem: word.strip(".,;:!?¡¿\"'«»()…")
        for place in reversed(soon)
        for word in talk.segments[place].text.split()
        for stem in talk.language.stems(word)
    }
    return tuple(dict.fromkeys(spelled.get(stem, stem) for stem in rare))


def elsewhere(solution: Solution, unit: int) -> tuple[Place, ...]:
    """Where else a unit may well start; of one that was not talked about, where it may start if it was."""
    return _places(solution, unit, most=2, least=LIKELY, but=solution.at.get(unit))


def _places(
    solution: Solution, unit: int, *, most: int = 4, least: float = 0.01, but: int | None = None
) -> tuple[Place, ...]:
    """The likeliest starts, none within the tolerance of a likelier one or of the candidate `but`."""
    times = solution.scores.times[:-1]
    left = solution.start[unit].copy()
    if but is not None:
        left[np.abs(times - times[but]) <= TOLERANCE] = 0.0
    places = []
    for _ in range(most):
        at = int(left.argmax())
        probability = nearby(left, times, at)
        if probability < least:
            break
        segment = solution.talk.segments[int(solution.candidates[at])]
        places.append(Place(segment.start, segment.text, round(probability, 3)))
        left[np.abs(times - times[at]) <= TOLERANCE] = 0.0
    return tuple(sorted(places, key=lambda place: -place.probability))


def sentence(solution: Solution, unit: int) -> str:
    """One sentence on what decided, for a list of chapters."""
    here = int(solution.candidates[solution.at[unit]])
    if here == 0:
        return "It is the first section, so it starts with the talk."
    quoted = f"“{_shortened(solution.talk.segments[here].text)}”"
    shared = shared_words(solution, unit, here, 3)
    moved = " The talk took it out of the running order's turn." if unit in solution.moved else ""
    return f"{_reason(solution, solution.plan.units[unit], here)} {quoted}{_listed(shared)}.{moved}"


def _reason(solution: Solution, unit: Unit, here: int) -> str:
    if unit.kind and unit.kind.spoken.search(solution.talk.folded[here]):
        return "It opens as such sections do:"
    if solution.boundary[here] > np.quantile(solution.boundary, 0.9):
        return "The talk turns here:"
    return "What follows fits best from"


def _listed(words: tuple[str, ...]) -> str:
    return f", soon followed by {', '.join(f'“{word}”' for word in words)}" if words else ""


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1].rsplit(' ', 1)[0]}…"
