"""The aligner's door: sections and sentences in, marks out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.alignment import explanation
from pipeline.alignment.aligner import Solution, solve
from pipeline.alignment.explanation import Explanation
from pipeline.alignment.language import Phrases
from pipeline.alignment.talk import Embedder
from pipeline.model import Mark, Section, Segment


def place(
    sections: Sequence[Section],
    segments: Sequence[Segment],
    *,
    language: str,
    embed: Embedder | None = None,
    phrases: Phrases | None = None,
) -> tuple[Mark, ...]:
    """Where each section starts, or that it was not talked about, in the outline's order.

    sections: every heading; those with role `title` or `summary` are passed over.
    embed: sentences to meaning; without it words decide alone.
    phrases: what a show's hosts say, by family (`move`, `closing`, …; data/es.toml names them), beside the usual.

    Starts are those of sentences, in ms; `snap` moves them into the pause before.
    """
    solution = solve(sections, segments, code=language, embed=embed, phrases=phrases)
    if solution is None:
        return tuple(Mark(section.index, None, 1.0) for section in sections if section.role == "talk")
    return tuple(_marks(solution))


def explain(
    sections: Sequence[Section],
    segments: Sequence[Segment],
    indices: Sequence[int],
    *,
    language: str,
    embed: Embedder | None = None,
    phrases: Phrases | None = None,
) -> tuple[Explanation, ...]:
    """What decided some sections, by their indices in the outline; of those alone that can be talked about."""
    solution = solve(sections, segments, code=language, embed=embed, phrases=phrases)
    return tuple(_explained(solution, indices)) if solution else ()


def _explained(solution: Solution, indices: Sequence[int]) -> Iterator[Explanation]:
    starts = {mark.section_index: mark.start for mark in _marks(solution)}
    positions = {section.index: position for position, section in enumerate(solution.plan.sections)}
    for index in indices:
        if index in positions:
            unit, section = _stand_in(solution, positions[index]), solution.plan.sections[positions[index]]
            yield explanation.explain(solution, unit, starts.get(index), section)


def _stand_in(solution: Solution, position: int) -> int:
    """The unit that decides a section: itself, or the earliest told of those below it, else the first of them."""
    own = {unit.section: number for number, unit in enumerate(solution.plan.units)}
    if position in own:
        return own[position]
    below = [own[other] for other in solution.plan.inherits[position] if other in own]
    return min(below, key=lambda unit: solution.at.get(unit, len(solution.candidates)))


def _marks(solution: Solution) -> Iterator[Mark]:
    units = {unit.section: number for number, unit in enumerate(solution.plan.units)}
    for position, section in enumerate(solution.plan.sections):
        unit = _stand_in(solution, position)
        mark = _mark(solution, section, unit)
        if position not in units and mark.start is not None:
            child = solution.plan.sections[solution.plan.units[unit].section].title
            mark = replace(mark, why=f"It starts with “{child}”. {mark.why}")
        yield mark


def _mark(solution: Solution, section: Section, unit: int) -> Mark:
    if unit not in solution.at:
        untold = round(1 - float(solution.start[unit].sum()), 3)
        return Mark(section.index, None, untold, elsewhere=explanation.elsewhere(solution, unit))
    here = int(solution.candidates[solution.at[unit]])
    return Mark(
        section_index=section.index,
        start=solution.talk.segments[here].start,
        confidence=solution.confidence(unit),
        why=explanation.sentence(solution, unit),
        elsewhere=explanation.elsewhere(solution, unit),
    )
