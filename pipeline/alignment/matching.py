"""How well what is said around each sentence matches each unit of the plan: by stems, by character n-grams that survive
a recogniser's spelling, by the title alone, and by meaning.

Every match comes as a matrix (K units, S sentences) for a window of seconds before and after the sentence's start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.plan import Unit
from pipeline.alignment.talk import Array, Embedder, Talk

Match = Callable[[float, float], Array]
"""(seconds behind, seconds ahead) to a (K, S) matrix."""

GRAM = 4
SATURATION = 1.2
"""BM25's k1: how soon saying a word again stops counting."""

_CHUNK = 512


def grams(stems: Sequence[str]) -> tuple[str, ...]:
    """Character 4-grams of words with their ends marked."""
    marked = [f"_{stem}_" for stem in stems]
    return tuple(word[i : i + GRAM] for word in marked for i in range(max(1, len(word) - GRAM + 1)))


def by_terms(talk: Talk, said: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> Match:
    """BM25 coverage of the terms wanted of each unit.

    A term weighs its rarity in the talk, divided by the root of how many units want it.
    """
    spread = Counter(term for terms in said for term in set(terms))
    shared = Counter(term for terms in wanted for term in set(terms))
    rarity = {term: np.log1p((len(talk) + 0.5) / (spread[term] + 0.5)) / shared[term] ** 0.5 for term in shared}
    column = {term: place for place, term in enumerate(sorted(set(spread) & set(shared)))}
    weights = _weights(wanted, rarity, column)
    counts = _running_counts(said, column)

    def match(behind: float, ahead: float) -> Array:
        first, last = talk.span(behind, ahead)
        result = np.zeros((len(wanted), len(talk)))
        for at in range(0, len(column), _CHUNK):
            chunk = counts[at : at + _CHUNK]
            found = chunk[:, last] - chunk[:, first]
            result += weights[:, at : at + _CHUNK] @ (found * (1 + SATURATION) / (found + SATURATION))
        return result

    return match


def _weights(
    wanted: Sequence[Sequence[str]], rarity: Mapping[str, float], column: Mapping[str, int]
) -> NDArray[np.float32]:
    """Each term's share of all that a unit wants (K, V); terms that nobody says have no column but count."""
    weights = np.zeros((len(wanted), len(column)), dtype=np.float32)
    for row, terms in enumerate(wanted):
        distinct = sorted(set(terms))
        total = sum(rarity[term] for term in distinct)
        for term in distinct:
            if term in column:
                weights[row, column[term]] = rarity[term] / total
    return weights


def _running_counts(said: Sequence[Sequence[str]], column: Mapping[str, int]) -> NDArray[np.float32]:
    """How often each term was said before each sentence (V, S + 1)."""
    counts = np.zeros((len(column), len(said) + 1), dtype=np.float32)
    for place, terms in enumerate(said):
        for term in terms:
            if term in column:
                counts[column[term], place + 1] += 1
    np.cumsum(counts, axis=1, out=counts)
    return counts


def by_meaning(talk: Talk, likeness: NDArray[np.float32]) -> Match:
    """Mean likeness (K, S) over a window, each unit's mean over the talk taken off; (0, 0) is the sentence alone."""
    centred = likeness - likeness.mean(axis=1, keepdims=True)

    def match(behind: float, ahead: float) -> Array:
        return talk.mean(centred, behind, ahead) if behind or ahead else centred.astype(float)

    return match


def by_kind(talk: Talk, units: Sequence[Unit]) -> Match:
    """Whether a sentence says what sections of the unit's kind say where they start."""
    kinds = {unit.kind.name: unit.kind for unit in units if unit.kind}
    said = {
        name: np.array([bool(kind.spoken.search(text)) for text in talk.folded], dtype=float)
        for name, kind in kinds.items()
    }
    zero = np.zeros(len(talk))
    flags = np.stack([said[unit.kind.name] if unit.kind else zero for unit in units])
    return by_meaning(talk, flags.astype(np.float32))


def lexical(talk: Talk, units: Sequence[Unit]) -> dict[str, Match]:
    """Matches that need no model."""
    stems = talk.language.stems
    full = [stems(". ".join(unit.texts)) for unit in units]
    titles = [stems(unit.title) for unit in units]
    said = [grams(terms) for terms in talk.stems]
    return {
        "words": by_terms(talk, talk.stems, full),
        "grams": by_terms(talk, said, [grams(terms) for terms in full]),
        "title": by_terms(talk, said, [grams(terms) for terms in titles]),
        "kind": by_kind(talk, units),
    }


def semantic(talk: Talk, units: Sequence[Unit], vectors: NDArray[np.float32], embed: Embedder) -> dict[str, Match]:
    """Matches by meaning: the unit as a whole, its title, the best of its title and lines, its first line."""
    texts = sorted({text for unit in units for text in (*unit.texts, unit.title, ". ".join(unit.texts))})
    likeness = dict(zip(texts, embed(texts) @ vectors.T, strict=True))

    def stacked(rows: Sequence[NDArray[np.float32]]) -> Match:
        return by_meaning(talk, np.stack(rows))

    def centred(text: str) -> NDArray[np.float32]:
        row: NDArray[np.float32] = likeness[text] - likeness[text].mean()
        return row

    return {
        "whole": stacked([likeness[". ".join(unit.texts)] for unit in units]),
        "headline": stacked([likeness[unit.title] for unit in units]),
        "best": stacked([np.max([centred(text) for text in unit.texts], axis=0) for unit in units]),
        "first": stacked([likeness[unit.body[0] if unit.body else unit.title] for unit in units]),
    }


def by_unit(match: Array) -> Array:
    """Standard scores of each unit over the talk: where does this one match best?"""
    score: Array = (match - match.mean(axis=1, keepdims=True)) / (match.std(axis=1, keepdims=True) + 1e-6)
    return score


def against_others(match: Array) -> Array:
    """Centred over time and over units: which unit matches here more than the rest?"""
    rest = match - match.mean(axis=1, keepdims=True)
    rest = rest - rest.mean(axis=0, keepdims=True)
    score: Array = rest / (rest.std() + 1e-9)
    return score


def among_units(values: Array) -> Array:
    """Standard scores of units (K,)."""
    score: Array = (values - values.mean()) / (values.std() + 1e-6)
    return score


def ahead_of_others(match: Array) -> Array:
    """By how many deviations each unit matches better than any other, where it does so most (K,)."""
    if len(match) < 2:
        return among_units(match.max(axis=1))
    second, first = np.sort(match, axis=0)[-2:]
    lead: Array = (match - np.where(match == first, second, first)).max(axis=1) / (match.std() + 1e-9)
    return lead
