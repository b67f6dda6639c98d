"""Report: what became of an episode, for the people who make it, as one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from pipeline.formats.cuts_yaml import Cuts, rows, undecided
from pipeline.formats.planned import Planned, planned_lengths
from pipeline.formats.plots import Figures, Length
from pipeline.formats.report_page import Cut, Fact, ReportPage, render
from pipeline.model import (
    Chapter,
    CutMark,
    Master,
    Outline,
    Place,
    Programme,
    Recording,
    Sound,
    Span,
    Spot,
)
from pipeline.stages.master import TOLERANCE
from pipeline.timecode import to_short_clock


def report(
    slug: str,
    title: str,
    *,
    outline: Outline,
    recording: Recording,
    programme: Programme,
    master: Master,
    sound: Sound,
    curve: Sequence[float],
    published: datetime | None,
    notes: Sequence[str] = (),
    offers: Sequence[CutMark] = (),
    cuts: Cuts = (),
) -> str:
    """The HTML of an episode's report.

    sound: what the master was to measure. curve: its short-term loudness, LUFS a second; empty where it is not known.
    published: when the episode goes out, None for a draft. notes: what an earlier stage wants people to know.
    """
    return render(
        ReportPage(
            slug=slug,
            title=title,
            facts=tuple(_facts(outline, recording, programme, master, sound=sound, published=published)),
            wanted=(*notes, *_wanted(outline, programme, undecided(offers, cuts))),
            chapters=programme.chapters.chapters,
            absent=tuple(outline.called(one.section_index) for one in programme.chapters.absent),
            spots=programme.spots,
            cuts=tuple(Cut(row.span.start, row.span.end, row.state, row.why) for row in rows(offers, cuts)),
            figures=figures(outline, programme, sound.target(master.channels), curve),
        )
    )


def _facts(
    outline: Outline,
    recording: Recording,
    programme: Programme,
    master: Master,
    *,
    sound: Sound,
    published: datetime | None,
) -> Iterator[Fact]:
    loudness, target = master.loudness, sound.target(master.channels)
    planned = f", planned {to_short_clock(outline.planned_ms)}" if outline.planned_ms else ""
    yield Fact(
        "Length", f"{to_short_clock(programme.duration)} (recording {to_short_clock(recording.duration)}{planned})"
    )
    met = round(abs(loudness.integrated - target), 2) <= TOLERANCE
    yield Fact("Loudness", f"{loudness.integrated:.1f} LUFS, to be {target:g} LUFS", met)
    yield Fact(
        "True peak",
        f"{loudness.true_peak:.1f} dBTP, at most {sound.true_peak:g} dBTP",
        loudness.true_peak <= sound.true_peak,
    )
    yield Fact("Loudness range", f"{loudness.range:.1f} LU")
    yield Fact("Language", programme.transcript.language)
    yield Fact("Goes out", published.isoformat() if published else "never: a draft")


def _wanted(outline: Outline, programme: Programme, offers: Sequence[CutMark]) -> Iterator[str]:
    yield from programme.chapters.conflicts
    for chapter in programme.chapters.chapters:
        if chapter.review:
            where = f"“{chapter.title}” at {to_short_clock(chapter.recorded_at)} of the recording"
            yield f"{where} is only {chapter.confidence:.0%} sure{_elsewhere(chapter.elsewhere)}"
    for absent in programme.chapters.absent:
        if absent.review:
            title = outline.called(absent.section_index)
            right = f"“{title}” was left out, which is only {absent.confidence:.0%} right"
            yield right + _elsewhere(absent.elsewhere)
    for span in programme.transcript.lost:
        yield f"nobody understood what is said at {_stretch(span)}"
    for mark in offers:
        yield f"{_stretch(Span(mark.start, mark.end))} of the recording is offered to be cut: {mark.why}"


def _elsewhere(places: Sequence[Place]) -> str:
    return "".join(
        f"; or it starts at {to_short_clock(place.start)} of the recording ({place.probability:.0%}), at “{place.text}”"
        for place in places
    )


def _stretch(span: Span) -> str:
    return f"{to_short_clock(span.start)}–{to_short_clock(span.end)}"


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def figures(outline: Outline, programme: Programme, target: float, curve: Sequence[float]) -> Figures:
    """What is drawn of an episode. target: LUFS; curve: short-term loudness, LUFS a second."""
    planned = planned_lengths(outline.sections, outline.planned_ms)
    chapters = programme.chapters.chapters
    spoken: Counter[str] = Counter()
    for segment in programme.transcript.segments:
        if segment.speaker:
            spoken[segment.speaker] += segment.end - segment.start
    return Figures(
        tuple(curve),
        target,
        tuple(chapter.start for chapter in chapters),
        tuple(_lengths(outline, programme, {one.section_index: one.ms for one in planned})),
        _plan(outline, planned),
        tuple(spoken.items()),
    )


def _lengths(outline: Outline, programme: Programme, planned: dict[int, int]) -> Iterator[Length]:
    """Chapters with the plan of all sections that they hold; then what was planned and not talked about."""
    for chapter in programme.chapters.chapters:
        held = [chapter.section_index, *(one.section_index for one in chapter.includes)]
        share = sum(planned.get(index, 0) for index in held if index is not None)
        yield Length(chapter.title, _talk(chapter, programme.spots), share)
    for absent in programme.chapters.absent:
        if (index := absent.section_index) in planned:
            yield Length(outline.sections[index].title, 0, planned[index])


def _talk(chapter: Chapter, spots: Sequence[Spot]) -> int:
    """How long a chapter lasts without the spots in it."""
    spot = sum(max(min(chapter.end, one.end) - max(chapter.start, one.start), 0) for one in spots)
    return chapter.end - chapter.start - spot


def _plan(outline: Outline, planned: Sequence[Planned]) -> str:
    """What the plan is, in words."""
    said = any(one.said for one in planned)
    if outline.planned_ms is None:
        return "planned where the running order says so" if said else ""
    how = "as the running order says, else by points" if said else "shared out by points"
    return f"planned {to_short_clock(outline.planned_ms)}, {how}"
