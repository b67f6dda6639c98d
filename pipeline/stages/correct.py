"""Terms put right: what the recogniser spelt by ear becomes the name that the running order, or the show, writes.

A stage of its own, so that an edited running order costs no new transcription. What was heard stays beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from typing import Protocol
from urllib.parse import unquote, urlsplit

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract_iter

from pipeline.audio.phonetics import readings
from pipeline.audio.sentences import UNSPACED, joined
from pipeline.formats.outline_words import fold
from pipeline.model import Outline, Segment, Transcript, Word

_LETTERS_A_SOUND, _MOST = 4, 2
"""One sound in so many may differ, and never more than two."""

_SURE = 0.9
"""The recogniser's probability from which a word of the dictionary is what was said."""

_AT_ONCE = 3
"""Words that one term may have been heard as."""

_WORD = re.compile(r"(?=[\d_]*[^\W\d_])\w(?:[\w/&+.'-]*[\w+])?")
_ADDRESS = re.compile(r"\w+://\S+")
_SLUG = re.compile(r"[^\W\d_]{4,}")
_STARTS = re.compile(r"(^|[.?!:])\W*$")
_EDGES = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


class Lexicon(Protocol):
    """The words that exist."""

    def knows(self, word: str) -> bool:
        """Those that people say in the language, English ones too."""

    def has(self, word: str) -> bool:
        """The language's own."""


@dataclass(frozen=True, slots=True)
class Term:
    """A name as it is written.

    given: a person's, a sponsor's, or of the glossary: how it is written is sure.
    loose: it is found in what sounds nearly like it, not only in what sounds the same.
    """

    text: str
    given: bool = False
    loose: bool = True


def terms_of(outline: Outline, names: Iterable[str], lexicon: Lexicon) -> tuple[Term, ...]:
    """What may be called by name in an episode, each term once.

    names: of people, sponsors and the show's glossary. Of the running order count the words that no dictionary has:
    loosely where they are written as names (MLOps, Veridas) or stand in a link's address, which has no capitals.
    """
    texts = [_ADDRESS.sub(" ", text) for text in _texts(outline)]
    given = [Term(word, given=True) for name in names for word in _WORD.findall(name) if len(word) > 2]
    written = Counter(term for text in texts for term in _written(text))
    linked = [Term(word) for section in outline.sections for link in section.links for word in _slug(link.url)]
    unknown = [term for term in (*(term for term, _ in written.most_common()), *linked) if not lexicon.knows(term.text)]
    distinct: dict[str, Term] = {}
    for term in (*given, *sorted(unknown, key=lambda term: not term.loose)):
        distinct.setdefault(term.text.casefold(), term)
    return tuple(distinct.values())


def _texts(outline: Outline) -> Iterator[str]:
    yield outline.title
    for section in outline.sections:
        yield from (section.title, *section.body, section.cue or "")


def _written(text: str) -> Iterator[Term]:
    """The words of a text; loose are those with a capital or a digit that no sentence's start explains."""
    for match in _WORD.finditer(text):
        word, opens = match[0], _STARTS.search(text[: match.start()])
        marked = any(letter.isupper() or letter.isdigit() for letter in (word[1:] if opens else word))
        yield Term(word, loose=marked)


def _slug(url: str) -> list[str]:
    return _SLUG.findall(unquote(urlsplit(url).path))


def correct(transcript: Transcript, terms: Sequence[Term], lexicon: Lexicon) -> Transcript:
    """The transcript with its terms as they are written; every other word, and all times, as they were."""
    if transcript.language in UNSPACED:
        return transcript
    language = transcript.language
    named = [(key, term) for term in terms for key in readings(term.text, language)]
    keys, owners = [key for key, _ in named], [term for _, term in named]
    book = _Book(cache(partial(_alike, keys, owners, language)), cache(lexicon.knows), cache(lexicon.has))
    return replace(transcript, segments=tuple(_corrected(segment, book, language) for segment in transcript.segments))


def _corrected(segment: Segment, book: _Book, language: str) -> Segment:
    words = tuple(_renamed(words, term) if term else words[0] for words, term in book.read(segment.words))
    if words == segment.words:
        return segment
    return replace(segment, text=joined(words, language), words=words)


@dataclass(frozen=True, slots=True)
class _Found:
    """A term in some words: how many sounds differ, how many words it takes, from which one."""

    distance: int
    taken: int
    start: int
    term: Term


@dataclass(frozen=True, slots=True)
class _Book:
    """What is looked up of words, once for each that returns, as most do.

    alike: the terms that a word sounds like, as `_alike` has them. knows: whether a word exists; has: in the language
    itself.
    """

    alike: Callable[[str, bool], Sequence[tuple[int, Term]]]
    knows: Callable[[str], bool]
    has: Callable[[str], bool]

    def read(self, words: Sequence[Word]) -> Iterator[tuple[Sequence[Word], Term | None]]:
        """The words of a sentence, those of a term together with it, the others one by one."""
        position = 0
        while position < len(words):
            ahead = range(position, min(position + _AT_ONCE, len(words)))
            spans = [(a, b + 1) for a in ahead for b in ahead if a <= b]
            found = chain.from_iterable(self._terms(words[a:b], a) for a, b in spans)
            best = min(found, key=lambda found: (found.distance, found.taken, found.start), default=None)
            here = best if best and best.start == position else None
            taken = here.taken if here else 1
            yield words[position : position + taken], here.term if here else None
            position += taken

    def _terms(self, words: Sequence[Word], start: int) -> Iterator[_Found]:
        """Every term that the words, all of them together, may be."""
        bare = [_bare(word.word) for word in words]
        if not all(bare) or (len(bare) > 1 and not self._may_be_one(bare)):
            return
        exists = len(bare) == 1 and self.knows(bare[0])
        for distance, term in self.alike("".join(bare), exists):
            if not exists or self._meant(words[0], term, opens=not start):
                yield _Found(distance, len(words), start, term)

    def _may_be_one(self, bare: Sequence[str]) -> bool:
        """Words that a recogniser made of one name: one at least exists nowhere, and those that do are short."""
        known = [word for word in bare if self.knows(word)]
        return len(known) < len(bare) and all(len(word) <= 3 for word in known)

    def _meant(self, word: Word, term: Term, *, opens: bool) -> bool:
        """Whether a word of the dictionary that sounds like a term is the term.

        The same letters may only gain an accent or a capital from a name that is sure, in small letters no word that
        the language has itself. Otherwise the recogniser's doubt, or its own capital inside the sentence, speaks for
        the name, unless that is as short as “IA”, which sounds like “ya”.
        """
        bare = _bare(word.word)
        if fold(bare) == fold(term.text):
            return term.given and (bare[0].isupper() or not self.has(bare))
        return len(bare) >= _LETTERS_A_SOUND and (word.probability < _SURE or (bare[0].isupper() and not opens))


def _alike(
    keys: Sequence[str], terms: Sequence[Term], language: str, bare: str, exists: bool
) -> list[tuple[int, Term]]:
    """The terms that sound like a word, each with how many sounds differ. keys: how each of `terms` sounds."""
    near = (
        (distance, heard, key, terms[number])
        for heard in readings(bare, language)
        for key, distance, number in extract_iter(heard, keys, scorer=Levenshtein.distance, score_cutoff=_MOST)
    )
    return [(distance, term) for distance, heard, key, term in near if distance <= _slack(heard, key, term, exists)]


def _slack(heard: str, key: str, term: Term, exists: bool) -> int:
    """How many sounds may differ."""
    return 0 if exists or not term.loose else min(_MOST, max(len(heard), len(key)) // _LETTERS_A_SOUND)


def _bare(text: str) -> str:
    return _EDGES.sub(r"\2", text)


def _renamed(words: Sequence[Word], term: Term) -> Word:
    """The term in place of what was heard, with its punctuation. An address's small letters change no capitals."""
    heard = " ".join(word.word for word in words)
    before, bare, after = _EDGES.sub(r"\1", words[0].word), _bare(heard), _EDGES.sub(r"\3", words[-1].word)
    text = term.text
    if text.islower() and not term.given:
        text = bare if fold(bare) == text else text.capitalize() if bare[0].isupper() else text
    if f"{before}{text}{after}" == heard:
        return words[0]
    probability = min(word.probability for word in words)
    return Word(words[0].start, words[-1].end, f"{before}{text}{after}", probability, heard)
