"""The recording as the aligner sees it: sentences in arrays, and means over the seconds before and after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.language import Language, fold
from pipeline.model import Segment

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SHORTEST = 0.3
"""Seconds that the shortest sentence weighs, so that a back-channel counts for something but little."""


class Embedder(Protocol):
    """Sentences to meaning: float32 of shape (n, d), rows of length one."""

    def __call__(self, texts: Sequence[str], /) -> NDArray[np.float32]: ...


@dataclass(frozen=True, eq=False)
class Talk:
    """Sentences in order. Times are in seconds here, as every learned weight is per second."""

    language: Language
    segments: tuple[Segment, ...]
    vectors: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.segments)

    @cached_property
    def start(self) -> Array:
        """When each sentence starts, s (S,)."""
        return np.array([segment.start for segment in self.segments]) / 1000

    @cached_property
    def end(self) -> Array:
        """When each ends, s (S,)."""
        return np.array([segment.end for segment in self.segments]) / 1000

    @cached_property
    def weight(self) -> Array:
        """How long each lasts, s, `SHORTEST` at least (S,)."""
        return np.maximum(self.end - self.start, SHORTEST)

    @cached_property
    def stems(self) -> tuple[tuple[str, ...], ...]:
        """The stems of each sentence's words that carry meaning, in order."""
        return tuple(self.language.stems(segment.text) for segment in self.segments)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """Each sentence as phrases are looked for in it: lower case, without accents."""
        return tuple(fold(segment.text) for segment in self.segments)

    def span(self, behind: float, ahead: float) -> tuple[Indices, Indices]:
        """First and past-the-last sentence that starts in [t − behind, t + ahead), for every sentence start t."""
        here = np.arange(len(self))
        first = np.searchsorted(self.start, self.start - behind - 0.01) if behind else here
        last = np.searchsorted(self.start, self.start + ahead - 0.01) if ahead else here
        return first, np.maximum(last, first + 1) if ahead else last

    def mean(self, values: Array, behind: float, ahead: float) -> Array:
        """Mean of values (..., S) over each sentence's window, by duration; 0 where the window is empty."""
        first, last = self.span(behind, ahead)
        total = before(values * self.weight)
        mass = before(self.weight)
        spent = mass[last] - mass[first]
        return np.where(spent > 0, (total[..., last] - total[..., first]) / np.where(spent > 0, spent, 1), 0)


def before(values: Array) -> Array:
    """Running sums along the last axis with a leading 0: (..., S) to (..., S + 1)."""
    zero = np.zeros((*values.shape[:-1], 1))
    return np.concatenate([zero, np.cumsum(values, axis=-1)], axis=-1)


def shift(values: Array, by: int) -> Array:
    """values[..., i + by] at i, 0 past either end."""
    moved = np.zeros_like(values)
    size = values.shape[-1]
    if abs(by) >= size:
        return moved
    if by >= 0:
        moved[..., : size - by] = values[..., by:]
    else:
        moved[..., -by:] = values[..., :by]
    return moved
