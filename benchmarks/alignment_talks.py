"""Talk as a recogniser hands it over, from scripts and from cases: what the aligner is trained on.

`talks/es` and `talks/en` are conversations written for this: a running order in Markdown, `---`, then the talk, a turn
a line, with `@n` where the n-th heading starts (several where they start together; a heading without one is not talked
about). `talks/es-aside` and `talks/en-aside` hold more of them, which the aligner is measured on and never taught by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from alignment_cases import Case

from pipeline.formats.outline import parse
from pipeline.model import Segment

LETTERS_A_SECOND = 15.5
SENTENCE = re.compile(r".+?(?:[.?!…]+(?=\s|$)|$)\s*")
SOUNDS = (
    ("v", "b"), ("b", "v"), ("h", ""), ("z", "s"), ("ce", "se"), ("ci", "si"), ("ll", "y"), ("y", "i"), ("qu", "k"),
    ("x", "s"), ("ge", "je"), ("gi", "ji"), ("w", "u"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("ee", "i"), ("oo", "u"),
    ("d", "t"), ("m", "n"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hearing:
    """How often a recogniser does what: misspell a name or any word, lose a question mark, run sentences together.

    loosens: in how many talks no pause is exact.
    """

    names: float = 0.4
    words: float = 0.02
    questions: float = 0.15
    joins: float = 0.12
    joins_turns: float = 0.06
    loosens: float = 0.5


def scripts(folder: Path) -> Iterator[Case]:
    """Every script of a folder, named after its language, as a case, cleanly heard."""
    language = folder.name.partition("-")[0]
    for path in sorted(folder.glob("*.txt")):
        yield script(path, language)


def script(path: Path, language: str) -> Case:
    """One script, its sentences timed by their length."""
    outline, talk = path.read_text("utf-8").split("\n---\n")
    sections = parse(outline, file=path.name).sections
    gold: dict[int, int | None] = {section.index: None for section in sections if section.role == "talk"}
    random = Random(path.stem)
    clock = 2000
    segments: list[Segment] = []
    begins: list[int] = []
    for line in talk.strip().splitlines():
        if line.startswith("@"):
            begins = [int(mark[1:]) for mark in line.split()]
            clock += random.choice((0, 0, 400, 900))
            continue
        speaker, said = line.split(":", 1)
        clock += random.randrange(300, 700)
        gold |= dict.fromkeys(begins, clock)
        begins = []
        for sentence in SENTENCE.findall(said.strip()):
            length = round(len(sentence) / LETTERS_A_SECOND * 1000) + 150
            segments.append(Segment(clock, clock + length, sentence.strip(), speaker=speaker))
            clock += length + random.randrange(150, 450)
    return Case(path.stem, language, sections, tuple(segments), gold)


def heard(case: Case, random: Random, hearing: Hearing) -> Case:
    """The case as a recogniser might write it; sections keep their starts, speakers are lost."""
    segments: list[Segment] = []
    for segment in case.segments:
        text = _misspelt(segment.text, random, hearing)
        if "?" in text and random.random() < hearing.questions:
            text = text.replace("¿", "").replace("?", ".")
        before = segments[-1] if segments else None
        joins = hearing.joins if before and before.speaker == segment.speaker else hearing.joins_turns
        if before and random.random() < joins:
            joined = f"{before.text.rstrip('.?!…')}, {text[:1].lower()}{text[1:]}"
            segments[-1] = replace(before, end=segment.end, text=joined, speaker=segment.speaker)
        else:
            segments.append(replace(segment, text=text))
    if random.random() < hearing.loosens:
        segments = list(_loosened(segments, random))
    return replace(case, segments=tuple(replace(segment, speaker=None) for segment in segments))


def _loosened(segments: Sequence[Segment], random: Random) -> Iterator[Segment]:
    """Pauses as recognisers measure them: all of them longer or shorter, and none exact."""
    bias = random.uniform(-50, 120)
    for segment, after in zip(segments, [*segments[1:], None], strict=True):
        end = round(segment.end - bias + random.gauss(0, 60))
        last = after.start if after else segment.end
        yield replace(segment, end=max(segment.start + 100, min(end, max(last, segment.start + 100))))


def _misspelt(text: str, random: Random, hearing: Hearing) -> str:
    words = text.split()
    for place, word in enumerate(words):
        name = place > 0 and word[:1].isupper()
        if random.random() < (hearing.names if name else hearing.words):
            words[place] = _respelt(word, random)
    return " ".join(words)


def _respelt(word: str, random: Random) -> str:
    """The word with some of its sounds written another way."""
    for old, new in random.sample(SOUNDS, random.randint(4, 12)):
        if len(word) > 2:
            word = re.sub(old, new, word, count=1, flags=re.IGNORECASE)
    return word
