"""An episode as the desk shows it: one object for the page, times in ms, of the programme unless they say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline import report
from pipeline.audio.edits import INTRO, OUTRO, TALK, length, placed, to_recording_ms
from pipeline.formats.cuts_yaml import stretch
from pipeline.formats.naming import followed, identities, name_of
from pipeline.model import (
    Chapter,
    ChapterEdit,
    CutEdit,
    EditList,
    Master,
    Programme,
    Recording,
    Section,
    Segment,
    Transcript,
)
from pipeline.review.corrections import OvertakenError, versions
from pipeline.review.names import entry_of, section_of
from pipeline.runner import job_for, states
from pipeline.steps import Job
from pipeline.timecode import from_samples, parse_clock
from pipeline.workspace import Workspace

View = dict[str, Any]

_DOUBTFUL = 0.6
"""Mean probability of its words under which a sentence wants an ear."""


def view(workspace: Workspace, slug: str) -> View:
    """Everything of a produced episode but its sound and the words' own times.

    Raises InputError or ConfigError for files that cannot be read, WorkspaceError where it was never produced.
    """
    folder = workspace.episode(slug)
    # Before anything is read: what changes meanwhile must not pass for what the page knows.
    made = versions(folder)
    job = job_for(folder)
    version = programme_version(job)
    plan, programme = job.store.load("edit_list", EditList), job.store.load("programme", Programme)
    master, recording = job.store.load("master", Master), job.store.load("recording", Recording)
    sections, moment = folder.outline.sections, folder.published
    known = identities(sections)
    found = followed(programme.chapters, sections)
    return {
        "slug": slug,
        "title": folder.title,
        "language": programme.transcript.language,
        "publish_at": moment.isoformat() if moment else None,
        "unready": list(folder.unready),
        "versions": made,
        "made": version,
        "sound": master.sha256[:12],
        "duration": programme.duration,
        "planned": folder.outline.planned_ms,
        "recorded": recording.duration,
        "stretches": [[from_samples(n) for n in edges] for edges in _stretches(plan)],
        "chapters": [_chapter(one, folder.edits, sections, known) for one in found.chapters],
        "sections": [_section(one, known[one.index], sections) for one in sections if known[one.index]],
        "absent": [asdict(one) | {"key": known[one.section_index]} for one in found.absent],
        "conflicts": list(programme.chapters.conflicts),
        "entries": [_entry(edit, sections, known) for edit in folder.edits],
        "words": [asdict(edit) for edit in folder.words],
        "offers": [asdict(mark) for mark in report.offers(job)],
        "cuts": [_cut(edit) for edit in folder.cuts],
        "cue_at": folder.episode.cue_at,
        "spots": [asdict(spot) for spot in programme.spots],
        "music": list(_music(plan)),
        "lost": [asdict(span) for span in programme.transcript.lost],
        "captions": [_caption(segment) for segment in programme.transcript.segments],
        "loudness": asdict(master.loudness) | {"target": folder.workspace.show.sound.target(master.channels)},
        "stale": [{"stage": state.stage, "why": list(state.why)} for state in states(job) if state.why],
    }


def _stretches(plan: EditList) -> Iterator[tuple[int, int, int]]:
    """The talk that is heard: from and to which sample of the recording, and from which of the programme."""
    for at, clip in placed(plan):
        if clip.source == TALK:
            yield clip.source_in, clip.source_out, at


def _chapter(
    chapter: Chapter, edits: tuple[ChapterEdit, ...], sections: tuple[Section, ...], known: tuple[str, ...]
) -> View:
    includes = [asdict(one) | {"key": known[one.section_index]} for one in chapter.includes]
    return asdict(chapter) | {
        "key": _key(chapter.section_index, known),
        "includes": includes,
        "entry": entry_of(chapter, edits, sections),
    }


def _section(section: Section, key: str, sections: tuple[Section, ...]) -> View:
    """A section that is talked about; `key` is what it is, whatever becomes of the running order."""
    return {"key": key, "level": section.level, "title": section.title, "name": name_of(section, sections)}


def _entry(edit: ChapterEdit, sections: tuple[Section, ...], known: tuple[str, ...]) -> View:
    start = parse_clock(edit.start) if edit.start is not None else None
    return asdict(edit) | {"key": _key(section_of(edit, sections), known), "start_ms": start}


def _key(section: int | None, known: tuple[str, ...]) -> str | None:
    """What a section of the talk is, whatever becomes of the running order."""
    return None if section is None else known[section] or None


def _cut(edit: CutEdit) -> View:
    span = stretch(edit)
    return asdict(edit) | {"start_ms": span.start, "end_ms": span.end}


def _music(plan: EditList) -> Iterator[View]:
    """Where intro and outro play, alone or under the voice."""
    pieces = [*placed(plan), *((one.at, one.clip) for one in plan.overlays)]
    for name in (INTRO, OUTRO):
        edges = [(at, at + length([clip])) for at, clip in pieces if clip.source == name]
        if edges:
            first, last = min(low for low, _ in edges), max(high for _, high in edges)
            yield {"name": name, "start": from_samples(first), "end": from_samples(last)}


def _caption(segment: Segment) -> View:
    words = segment.words
    sure = sum(word.probability for word in words) / len(words) if words else 1.0
    return {
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "speaker": segment.speaker,
        "doubtful": sure < _DOUBTFUL,
    }


def programme_version(job: Job) -> str:
    """A digest of the programme, in which captions are counted."""
    return job.store.file_digest(job.store.path("programme")) or ""


def words(job: Job, place: int, of: str) -> list[View]:
    """The words of one caption, with the recording's time that words.yaml counts in.

    of: the version of the programme that `place` counts in. Raises OvertakenError where there is another by now,
    IndexError for a caption that there is not.
    """
    if of != programme_version(job):
        raise OvertakenError("the episode was made anew", where=job.folder.slug, todo="look again")
    plan, programme = job.store.load("edit_list", EditList), job.store.load("programme", Programme)
    transcript: Transcript = programme.transcript
    return [
        asdict(word) | {"recorded_at": to_recording_ms(plan, word.start)} for word in transcript.segments[place].words
    ]
