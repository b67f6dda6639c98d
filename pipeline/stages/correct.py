"""Terms put right: what the recogniser spelt by ear becomes the name that the running order, or the show, writes.

A stage of its own, so that an edited running order costs no new transcription. What was heard stays beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

_TELLING = 5
"""Sounds from which a name is known although one differs: MIT is no Smith."""

_SURE = 0.9
"""The recogniser's probability from which a word of the dictionary is what was said."""

_AT_ONCE = 3
"""Words that one term may have been heard as."""

_WORD = re.compile(r"(?=[\d_]*[^\W\d_])\w(?:[\w/&+.'-]*[\w+])?")
_ADDRESS = re.compile(r"\w+://\S+")
_DASHES = re.compile("[–—…]")
"""Between words, though nothing else may stand there."""

_PARTS, _DIGIT = re.compile(r"[-/'&]"), re.compile(r"\d")
_SLUG = re.compile(r"[^\W\d_]{4,}")
_STARTS = re.compile(r"(^|[.?!:])\W*$")
_GENITIVE = re.compile(r"['’]s\b")
_EDGES = re.compile(rf"^(\W*)(.*?)((?:{_GENITIVE.pattern})?\W*)$", re.DOTALL)
"""What stands before a word, the word, and what hangs on it: punctuation, and the ending of Google's."""


class Lexicon(Protocol):
    """The words that exist."""

    def knows(self, word: str) -> bool:
        """Those that people say in the language, English ones too."""

    def has(self, word: str) -> bool:
        """The language's own."""

    def lists(self, word: str) -> bool:
        """As `has`, but none in a language of which nobody has a list."""


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
    loosely where they are written as names (MLOps, Veridas) or stand in a link's address, which has no capitals. A
    capital that the place explains, at a start or in a Title Written Like This, is not the word's.
    """
    texts = [_ADDRESS.sub(" ", text) for text in _texts(outline)]
    given = [Term(word, given=True) for name in names for word in _WORD.findall(name) if len(word) > 2]
    written = Counter(term for text in texts for term in _written(text, lexicon))
    linked = [Term(word) for section in outline.sections for link in section.links for word in _slug(link.url)]
    unknown = [term for term in (*(term for term, _ in written.most_common()), *linked) if not lexicon.knows(term.text)]
    distinct: dict[str, Term] = {}
    for term in (*given, *sorted(unknown, key=lambda term: (not term.loose, term.text.islower()))):
        distinct.setdefault(term.text.casefold(), term)
    return tuple(distinct.values())


def _texts(outline: Outline) -> Iterator[str]:
    yield outline.title
    for section in outline.sections:
        yield from (section.title, *section.body, section.cue or "")


def _written(text: str, lexicon: Lexicon) -> Iterator[Term]:
    """The words of a text; loose are those with a capital or a digit that no sentence's start explains."""
    found = [(match[0], bool(_STARTS.search(text[: match.start()]))) for match in _WORD.finditer(text)]
    title = _is_title(found, lexicon)
    for word, opens in found:
        marked = any(letter.isupper() or letter.isdigit() for letter in (word[1:] if opens else word))
        name, bare = marked and (_inner(word) or not (opens or title)), _GENITIVE.sub("", word)
        yield Term(bare if name else bare.lower(), loose=marked)


def _inner(word: str) -> bool:
    """Whether a word has capitals or digits inside: MLOps and Neo4j, but not Serverless or End-to-End."""
    return any(letter.isupper() or letter.isdigit() for part in _PARTS.split(word) for letter in part[1:])


def _is_title(words: Iterable[tuple[str, bool]], lexicon: Lexicon) -> bool:
    """Whether most ordinary words have capitals, as in English headings. words: with whether they open a sentence."""
    ordinary = [word for word, opens in words if not opens and len(word) > 3 and lexicon.knows(word.lower())]
    return 2 * sum(word[0].isupper() for word in ordinary) > len(ordinary)


def _slug(url: str) -> list[str]:
    return _SLUG.findall(unquote(urlsplit(url).path))


def correct(transcript: Transcript, terms: Sequence[Term], lexicon: Lexicon) -> Transcript:
    """The transcript with its terms as they are written; every other word, and all times, as they were."""
    if transcript.language in UNSPACED:
        return transcript
    language = transcript.language
    named = [(key, term) for term in terms for key in readings(term.text, language)]
    keys, owners = [key for key, _ in named], [term for _, term in named]
    book = _Book(
        cache(partial(_alike, keys, owners, language)),
        {fold(term.text): term for term in terms if term.given},
        cache(lexicon.knows),
        cache(lexicon.has),
        cache(lexicon.lists),
    )
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

    alike: the terms that a word sounds like, as `_alike` has them. sure: the given terms, folded. knows: whether a word
    exists; has: in the language itself; lists: surely.
    """

    alike: Callable[[str, bool], Sequence[tuple[int, Term]]]
    sure: Mapping[str, Term]
    knows: Callable[[str], bool]
    has: Callable[[str], bool]
    lists: Callable[[str], bool]

    def read(self, words: Sequence[Word]) -> Iterator[tuple[Sequence[Word], Term | None]]:
        """The words of a sentence, those of a term together with it, the others one by one."""
        position = 0
        while position < len(words):
            ahead = range(position, min(position + _AT_ONCE, len(words)))
            spans = [(a, b + 1) for a in ahead for b in ahead if a <= b]
            found = chain.from_iterable(self._terms(words[a:b], a) for a, b in spans)
            here = _first(tuple(found), position)
            taken = here.taken if here else 1
            yield words[position : position + taken], here.term if here else None
            position += taken

    def _terms(self, words: Sequence[Word], start: int) -> Iterator[_Found]:
        """Every term that the words, all of them together, may be."""
        bare = [_bare(word.word) for word in words]
        if not all(bare) or _DASHES.search("".join(bare)) or _parted(words):
            return
        if term := self._spelt_apart(bare, words):
            yield _Found(0, len(words), start, term)
            return
        if len(bare) > 1 and not self._may_be_one(bare):
            return
        heard, exists = "".join(bare), len(bare) == 1 and self.knows(bare[0])
        for distance, term in self.alike(heard, exists):
            if _other_number(heard, term):
                continue
            if not exists or self._meant(words[0], term, opens=not start):
                yield _Found(distance, len(words), start, term)

    def _spelt_apart(self, bare: Sequence[str], words: Sequence[Word]) -> Term | None:
        """The sure name that words are letter for letter, Green Haven for Greenhaven; None for what they are else.

        Short words are too many things together (del mar), and a green field is no Greenfield where the recogniser
        neither doubts it nor writes it as a name.
        """
        if len(bare) < 2 or min(map(len, bare)) < _LETTERS_A_SOUND:
            return None
        named = all(word[0].isupper() for word in bare) or min(word.probability for word in words) < _SURE
        return self.sure.get(fold("".join(bare))) if named else None

    def _may_be_one(self, bare: Sequence[str]) -> bool:
        """Words that a recogniser made of one name: one at least exists nowhere, and those that do are short."""
        known = [word for word in bare if self.knows(word)]
        return len(known) < len(bare) and all(len(word) <= 3 for word in known)

    def _meant(self, word: Word, term: Term, *, opens: bool) -> bool:
        """Whether a word of the dictionary that sounds like a term is the term.

        The same letters may only gain an accent or a capital from a name that is sure, in small letters no word that
        the language has itself. Otherwise the recogniser's own capital inside the sentence speaks for the name, or
        its doubt, where the name is no word too (Baca sounds like “vaca”) nor spelt (MIT like “might”); unless that is
        as short as “IA”, which sounds like “ya”.
        """
        bare = _bare(word.word)
        if fold(bare) == fold(term.text):
            return term.given and (bare[0].isupper() or not self.has(bare))
        doubted = word.probability < _SURE and not (term.text.isupper() or self.lists(term.text.lower()))
        return len(bare) >= _LETTERS_A_SOUND and (doubted or (bare[0].isupper() and not opens))


def _first(found: Sequence[_Found], position: int) -> _Found | None:
    """The best term that starts at a position; None where one that starts within it is better."""
    best = min((one for one in found if one.start == position), key=_worse, default=None)
    within = [one for one in found if best and position < one.start < position + best.taken]
    return best if best and all(_worse(best) < _worse(one) for one in within) else None


def _worse(found: _Found) -> tuple[int, int, int]:
    return found.distance, found.taken, found.start


def _parted(words: Sequence[Word]) -> bool:
    """Whether something stands between words: a name has no comma in it."""
    return any(_EDGES.sub(r"\3", word.word) for word in words[:-1])


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
    """How many sounds may differ; none of what has a digit, for GPT-3 is not GPT-4."""
    exact = exists or not term.loose or min(len(heard), len(key)) < _TELLING or _DIGIT.search(heard + key)
    return 0 if exact else min(_MOST, max(len(heard), len(key)) // _LETTERS_A_SOUND)


def _other_number(heard: str, term: Term) -> bool:
    """Whether what was heard is the term's plural or singular; a name that is sure may end in an s that was missed."""
    one, other = fold(heard), fold(term.text)
    return one == f"{other}s" or (not term.given and other == f"{one}s")


def _bare(text: str) -> str:
    return _EDGES.sub(r"\2", text)


def _renamed(words: Sequence[Word], term: Term) -> Word:
    """The term in place of what was heard, with its punctuation. An address's small letters change no capitals."""
    heard = " ".join(word.word for word in words)
    before, bare, after = _EDGES.sub(r"\1", words[0].word), _bare(heard), _EDGES.sub(r"\3", words[-1].word)
    text = term.text
    if _GENITIVE.search(text):
        after = _GENITIVE.sub("", after)
    if text.islower() and not term.given:
        text = bare if fold(bare) == text else text.capitalize() if bare[0].isupper() else text
    if f"{before}{text}{after}" == heard:
        return words[0]
    probability = min(word.probability for word in words)
    return Word(words[0].start, words[-1].end, f"{before}{text}{after}", probability, heard)
