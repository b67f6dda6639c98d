"""How much each sentence sounds like the start of something, whatever section that may be.

Questions, the phrases hosts use, who answers whom, how long sentences are, pauses, and how far the words after differ
from the words before (TextTiling's depth, Hearst 1997, over the meaning of sentences or stems). Who speaks is added by
`speakers`.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np

from pipeline.alignment.talk import Array, Talk, before, shift

_FAMILIES = (
    "opener", "turn", "ask", "answer", "aside", "move", "ordinal", "invite", "topic", "recall", "closing", "clock",
    "audience", "welcome", "tease", "you", "me",
)  # fmt: skip
"""Of the phrases that hosts use."""

_NEIGHBOURS = {
    "question": (-3, -2, -1, 1, 2, 3),
    "exclaims": (-1,),
    "opener": (-1, 1),
    "turn": (-1, 1),
    "ask": (-1, 1, 2),
    "answer": (-1, 1, 2, 3),
    "aside": (-1, 1),
    "move": (-1, 1, 2),
    "ordinal": (-1, 1),
    "invite": (-1, 1, 2),
    "topic": (-1, 1, 2),
    "recall": (1,),
    "closing": (-1, 1),
    "clock": (-1, 1),
    "audience": (-1, 1),
    "welcome": (-1, 1),
    "tease": (-1, 1),
    "short": (-1, -2, 1),
    "length": (-1, 1),
    "gap": (-1, 1),
}
"""Features that also count in the sentences so many places away."""

_WINDOWS = {"question": (15, 40, 120), "you": (15, 40), "me": (15, 40)}
"""Features whose mean over so many seconds before and after counts."""


@lru_cache(maxsize=1)
def cues(talk: Talk) -> dict[str, Array]:
    """Every feature of the words and pauses by name, each of shape (S,), with a constant."""
    here = _sentence(talk)
    table = dict(here)
    for name, places in _NEIGHBOURS.items():
        table |= {f"{name}{by:+d}": shift(here[name], by) for by in places}
    for name, widths in _WINDOWS.items():
        for width in widths:
            table[f"{name} after {width}"] = talk.mean(here[name], 0, width)
            table[f"{name} before {width}"] = talk.mean(here[name], width, 0)
    return table | _together(here) | _depth(talk) | {"always": np.ones(len(talk))}


def _sentence(talk: Talk) -> dict[str, Array]:
    """What one sentence shows by itself."""
    texts = [segment.text for segment in talk.segments]
    words = np.array([len(text.split()) for text in texts], dtype=float)
    pauses = np.append(0.0, np.clip(talk.start[1:] - talk.end[:-1], 0, 3))
    counts = {name: _count(talk, name) for name in ("you", "me")}
    flags = {name: (_count(talk, name) > 0).astype(float) for name in _FAMILIES if name not in counts}
    return (
        flags
        | {
            "question": np.array(["?" in text for text in texts], dtype=float),
            "exclaims": np.array(["!" in text for text in texts], dtype=float),
            "lower": np.array([text[:1].islower() for text in texts], dtype=float),
            "short": (words <= 5).astype(float),
            "length": np.log1p(words) / 3,
            "seconds": np.log(talk.weight),
            "gap": pauses,
            "long gap": np.maximum(0, pauses - np.quantile(pauses, 0.9)),
            "early": (np.arange(len(talk)) < 3).astype(float),
        }
        | {name: values / np.maximum(words, 4) for name, values in counts.items()}
    )


def _count(talk: Talk, family: str) -> Array:
    pattern = talk.language.families.get(family)
    return np.array([len(pattern.findall(text)) if pattern else 0 for text in talk.folded], dtype=float)


def _together(here: dict[str, Array]) -> dict[str, Array]:
    """Pairs that mean more than their parts."""
    soon = np.maximum(here["question"], np.maximum(shift(here["question"], 1), shift(here["question"], 2)))
    cue = np.maximum(np.maximum(here["move"], here["turn"]), np.maximum(here["invite"], here["recall"]))
    return {
        "question soon": soon,
        "cue": cue,
        "cue then question": cue * soon,
        "opener and cue": here["opener"] * cue,
        "question after statement": here["question"] * (1 - shift(here["question"], -1)),
        "question then answer": here["question"] * shift(here["answer"], 1),
        "opener after gap": here["opener"] * here["gap"],
        "cue after short": cue * shift(here["short"], -1),
        "answer, no cue": here["answer"] * (1 - cue) * (1 - here["question"]),
        "answer to question": here["answer"] * shift(here["question"], -1),
        "after question": shift(here["question"], -1) * (1 - here["question"]),
        "after question, at length": shift(here["question"], -1) * here["length"],
        "short, then question": here["short"] * shift(here["question"], 1),
        "cue after answer": cue * shift(here["answer"], -1),
        "opener, then cue": here["opener"] * shift(cue, 1),
        "long, asking": here["length"] * here["question"],
    }


def _depth(talk: Talk) -> dict[str, Array]:
    """How unlike the next and the last seconds are, and whether less alike than around."""
    content = talk.vectors.astype(float) if talk.vectors is not None else _stem_vectors(talk)
    sums = before((content * talk.weight[:, None]).T)
    here = np.arange(len(talk))
    table = {}
    for width in (30, 90):
        first, last = talk.span(width, width)
        ahead = sums[:, last] - sums[:, here]
        behind = sums[:, here] - sums[:, first]
        size = np.linalg.norm(ahead, axis=0) * np.linalg.norm(behind, axis=0)
        alike = (ahead * behind).sum(axis=0) / np.where(size > 0, size, 1)
        alike[0] = alike[1:].mean() if len(talk) > 1 else 0.0
        alike = (alike - alike.mean()) / (alike.std() + 1e-9)
        table[f"alike {width}"] = alike
        table[f"depth {width}"] = np.minimum(shift(alike, 1), shift(alike, -1)) - alike
    return table


def _stem_vectors(talk: Talk) -> Array:
    """Counts of the stems said more than once, weighted by how rare they are: (S, V)."""
    frequency = Counter(stem for stems in talk.stems for stem in set(stems))
    place = {stem: n for n, stem in enumerate(sorted(s for s, count in frequency.items() if count > 1))}
    counts = np.zeros((len(talk), max(1, len(place))))
    for row, stems in enumerate(talk.stems):
        for stem in stems:
            if stem in place:
                counts[row, place[stem]] += np.log(len(talk) / frequency[stem])
    return counts
