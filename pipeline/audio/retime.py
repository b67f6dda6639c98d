"""Chapters and transcript carried over the border, from recording time to programme time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from pipeline.audio.edits import TALK, heard_from, length, placed, to_programme
from pipeline.audio.sentences import joined
from pipeline.model import Chapters, EditList, Segment, Span, Transcript, Word
from pipeline.timecode import SAMPLE_RATE, from_samples, to_samples

_Shift = tuple[int, int, int]
"""A stretch of talk: its start and end in the recording, and its start in the programme; samples."""


def retime_chapters(edit_list: EditList, chapters: Chapters) -> Chapters:
    """Chapters in programme time. The first starts at 0: intro music belongs to it.

    A start that was cut away moves to the next moment that is heard; a chapter of which less than a second is left
    is dropped.
    """
    whole = length(edit_list.clips)
    starts = [_heard(edit_list, chapter.start, whole) for chapter in chapters.chapters]
    rests = (after - here for (here, _), (after, _) in pairwise([*starts, (whole, False)]))
    heard = [
        (here, chapter)
        for (here, moved), rest, chapter in zip(starts, rests, chapters.chapters, strict=True)
        if not (moved and rest < SAMPLE_RATE)
    ]
    last = dict(heard)
    moved = [(0 if place == 0 else from_samples(start), chapter) for place, (start, chapter) in enumerate(last.items())]
    bounds = [*(start for start, _ in moved), from_samples(whole)]
    spans = zip(moved, pairwise(bounds), strict=True)
    return replace(chapters, chapters=tuple(replace(one, start=start, end=end) for (_, one), (start, end) in spans))


def _heard(edit_list: EditList, start: int, whole: int) -> tuple[int, bool]:
    """The programme sample that a start (ms) is heard from, the end where it is not; and whether it was cut away."""
    sample = to_samples(start)
    here = heard_from(edit_list, sample)
    return whole if here is None else here, to_programme(edit_list, sample) is None


def retime_transcript(edit_list: EditList, transcript: Transcript) -> Transcript:
    """Words in programme time.

    A word goes with the stretch that holds its middle, and is trimmed to it; if its middle was cut away, so is the
    word. A segment with words on both sides of a cut becomes two.
    """
    stretches = tuple(_stretches(edit_list))
    language = transcript.language
    segments = [moved for segment in transcript.segments for moved in _segments(stretches, segment, language)]
    lost = [span for one in transcript.lost for span in _spans(stretches, one)]
    return replace(
        transcript,
        segments=tuple(sorted(segments, key=lambda segment: (segment.start, segment.end))),
        lost=tuple(sorted(lost, key=lambda span: span.start)),
    )


def uncut(transcript: Transcript, cuts: Sequence[Span]) -> Transcript:
    """The words of a recording, in its own time, whose middles lie in none of the cuts."""
    segments = (_outside(segment, cuts, transcript.language) for segment in transcript.segments)
    return replace(transcript, segments=tuple(segment for segment in segments if segment))


def _outside(segment: Segment, cuts: Sequence[Span], language: str) -> Segment | None:
    def stays(one: Segment | Word) -> bool:
        return not any(cut.start <= (one.start + one.end) / 2 < cut.end for cut in cuts)

    if not segment.words:
        return segment if stays(segment) else None
    words = [word for word in segment.words if stays(word)]
    if not words or len(words) == len(segment.words):
        return segment if words else None
    return _part(segment, words, language)


def _stretches(edit_list: EditList) -> Iterator[_Shift]:
    """The talk's clips, those joined that follow on without a gap on either side."""
    held: _Shift | None = None
    for at, clip in placed(edit_list):
        if clip.source != TALK:
            continue
        if held and held[1] == clip.source_in and held[2] + held[1] - held[0] == at:
            held = (held[0], clip.source_out, held[2])
            continue
        if held:
            yield held
        held = (clip.source_in, clip.source_out, at)
    if held:
        yield held


def _stretch(stretches: tuple[_Shift, ...], start: int, end: int) -> _Shift | None:
    middle = to_samples(start + end) // 2
    inside = (one for one in stretches if one[0] <= middle < one[1])
    return next(inside, next((one for one in stretches[-1:] if middle == one[1]), None))


def _moved(stretch: _Shift, ms: int) -> int:
    low, high, at = stretch
    return from_samples(at + min(max(to_samples(ms), low), high) - low)


def _segments(stretches: tuple[_Shift, ...], segment: Segment, language: str) -> Iterator[Segment]:
    homes = [(_stretch(stretches, word.start, word.end), word) for word in segment.words]
    runs = [(home, [word for _, word in run]) for home, run in groupby(homes, key=lambda pair: pair[0])]
    for home, words in runs or [(_stretch(stretches, segment.start, segment.end), [])]:
        if home:
            yield _shifted(home, segment if len(runs) <= 1 else _part(segment, words, language))


def _part(segment: Segment, words: Sequence[Word], language: str) -> Segment:
    """Some of a segment's words, alone."""
    text = joined(words, language)
    return replace(segment, start=words[0].start, end=words[-1].end, text=text, words=tuple(words))


def _shifted(stretch: _Shift, segment: Segment) -> Segment:
    words = tuple(
        replace(word, start=_moved(stretch, word.start), end=_moved(stretch, word.end)) for word in segment.words
    )
    return replace(segment, start=_moved(stretch, segment.start), end=_moved(stretch, segment.end), words=words)


def _spans(stretches: tuple[_Shift, ...], span: Span) -> Iterator[Span]:
    start, end = to_samples(span.start), to_samples(span.end)
    for low, high, at in stretches:
        if max(start, low) < min(end, high):
            yield Span(from_samples(at + max(start, low) - low), from_samples(at + min(end, high) - low))
