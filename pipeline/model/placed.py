"""Where sections, the cue and cuts lie."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A start that was considered: its time in the recording, its sentence, and P(a start within 15 s of it)."""

    start: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Mark:
    """The aligner's word on one section: where it starts in the recording, how surely, and why there.

    start: None for a section that was not talked about.
    confidence: P(|error| ≤ 15 s), or the probability that it was not talked about, 0 to 1.
    elsewhere: where else it may start, likeliest first.
    """

    section_index: int
    start: int | None
    confidence: float
    why: str = ""
    elsewhere: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Included:
    """A section that starts together with the chapter that it is listed under."""

    section_index: int
    title: str
    path: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter as listeners see it.

    start, end: in the time of the list that holds it (recording or programme).
    recorded_at: its start in recording time, whatever list holds it.
    section_index: None for a chapter that an editor added.
    confidence: 1.0 where an editor set it.
    review: whether a person should look.
    elsewhere: where else in the recording it may start, likeliest first; nothing where an editor set it.
    """

    title: str
    start: int
    end: int
    recorded_at: int
    section_index: int | None = None
    path: tuple[str, ...] = ()
    confidence: float = 1.0
    why: str = ""
    review: bool = False
    url: str | None = None
    image: str | None = None
    includes: tuple[Included, ...] = ()
    elsewhere: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """A section that was not talked about, how surely, and whether a person should look.

    elsewhere: where in the recording it may start if it was, likeliest first.
    """

    section_index: int
    confidence: float
    review: bool
    elsewhere: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapters:
    """Chapters in strictly ascending order.

    absent: sections that were not talked about.
    conflicts: where the editor's word and the running order disagree, a sentence each.
    sections: what each section of the running order was then (`formats.naming.identities`), as `section_index` counts.
    """

    chapters: tuple[Chapter, ...]
    absent: tuple[Absent, ...] = ()
    conflicts: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Where the spot is asked for, in recording time.

    after: the end of the sentence that says the cue line; the spot goes into the first real pause from there.
    exact: an editor gave the time: the spot goes there and nowhere else.
    """

    after: int
    why: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class CutMark:
    """A stretch of the recording that may be cut, offered to the editor and never cut unasked; and why it is."""

    start: int
    end: int
    why: str
