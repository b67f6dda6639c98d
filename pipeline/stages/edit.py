"""Recording time becomes programme time: the talk, the music around it, and the spots at their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from pipeline.audio.edits import (
    INTRO,
    OUTRO,
    SPOT,
    TALK,
    TONE,
    cut_at,
    cut_out,
    heard_from,
    insert,
    inserts,
    length,
    to_programme,
    without_spots,
)
from pipeline.audio.loudness import integrated, measure
from pipeline.audio.music import with_intro, with_outro
from pipeline.audio.pauses import REACH, after_cue, cut_in, middles, pauses, quietest, silences, unspoken
from pipeline.audio.retime import uncut
from pipeline.audio.splice import filled, matched, sounding
from pipeline.audio.streams import FADE, SECOND, Block, Ears, gather
from pipeline.errors import InputError
from pipeline.model import Clip, Cue, EditList, Recording, Source, Span, Spot, Transcript
from pipeline.timecode import from_samples, sample_clock, to_clock, to_samples

Place = Literal["pre", "cue", "post"]

_ORDER: tuple[Place, ...] = ("pre", "cue", "post")

_AROUND = 60 * SECOND
"""Samples of talk to either side that spots and music are matched to in loudness."""


_STEP = -20.0
"""dB over a talk's loudness up to which a step at one of its ends is not heard as a click."""


@dataclass(frozen=True, slots=True)
class SpotOrder:
    """A spot that is to be heard: its campaign's name, where, and its file, relative to the workspace."""

    name: str
    place: Place
    path: str


@dataclass(frozen=True, slots=True)
class _Splice:
    """Where a spot cuts the talk (ms of the recording), a pause to take room tone from, and the reason for a person."""

    order: SpotOrder
    cut: int
    tone: Span
    why: str


@dataclass(frozen=True, slots=True)
class _Files:
    """What every step reads from: the workspace's files, and the talk in them."""

    workspace: Path
    recording: Recording
    ears: Ears

    @property
    def channels(self) -> int:
        return min(self.recording.channels, 2)

    def talk(self, around: int, reach: int, channels: int) -> Iterator[Block]:
        """The talk from `reach` before to `reach` after sample `around`, as far as there is any."""
        low, high = max(around - reach, 0), min(around + reach, self.recording.samples)
        path = self.workspace / self.recording.path
        return self.ears.blocks(path, channels=channels, start=low, stop=high)

    def source(self, name: str, relative: str) -> Source:
        return Source(name, relative, self.ears.digest(self.workspace / relative))

    def whole(self, relative: str) -> Block:
        """All of a short file."""
        self.ears.probe(self.workspace / relative)
        return gather(self.ears.blocks(self.workspace / relative, channels=self.channels), self.channels)

    def loudness(self, around: int) -> float:
        """LUFS of the talk around a sample."""
        return integrated(measure(self.talk(around, _AROUND, self.channels)).energies)

    def edge_fade(self, end: int) -> int:
        """Samples that the talk fades over at one of its ends, by its first or last sample: some recordings start in
        the middle of a word, and some are off zero throughout."""
        near = gather(self.talk(end, _AROUND, self.channels), self.channels)
        step = float(np.abs(near[-1 if end else 0]).max())
        return FADE if step > 10 ** ((integrated(measure([near]).energies) + _STEP) / 20) else 0


def edit(
    recording: Recording,
    transcript: Transcript,
    cue: Cue | None,
    spots: Sequence[SpotOrder],
    *,
    intro: str | None,
    outro: str | None,
    workspace: Path,
    ears: Ears,
    cuts: Sequence[Span] = (),
    longest_silence: int | None = None,
) -> tuple[EditList, tuple[Spot, ...]]:
    """What is heard of a recording and around it, and where the spots stand.

    transcript, cue: in recording time. intro, outro, and the spots' files: relative to `workspace`.
    Mono stays mono, whatever the spots and the music are. A spot lasts whole steps of 600 ms, room tone included;
    everything behind moves by exactly that. cuts: what nobody shall hear. Silences longer than `longest_silence` ms are
    cut to it, if it is given.
    Raises InputError: a cut behind the end or of everything, a spot at the cue but no cue, no pause behind the cue, a
    spot that is silent or longer than the talk, a source that cannot be read.
    """
    files, heard = _Files(workspace, recording, ears), uncut(transcript, cuts)
    plan = _with_music(files, _talk(files, heard, cuts, longest_silence), heard, intro, outro)
    orders = sorted(spots, key=lambda order: _ORDER.index(order.place))
    splices = [_splice(files, order, cue, heard) for order in orders]
    for splice in _from_the_back(splices):
        plan = _with_spot(files, plan, splice)
    return plan, tuple(_told(plan, splices))


# ── cuts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _talk(files: _Files, transcript: Transcript, cuts: Sequence[Span], longest_silence: int | None) -> EditList:
    """The talk without what is cut from it."""
    recording = files.recording
    talk = Source(TALK, recording.path, recording.sha256)
    for cut in cuts:
        _check_cut(cut, recording.duration)
    gone = [*cuts, *_silent(files, transcript, longest_silence)]
    fades = files.edge_fade(0), files.edge_fade(recording.samples)
    whole = EditList((talk,), (Clip(TALK, 0, recording.samples, *fades),), channels=files.channels)
    plan = cut_out(whole, ((to_samples(one.start), to_samples(one.end)) for one in gone), fade=FADE)
    if not plan.clips:
        raise InputError("nothing of the talk is left", where="cuts.yaml", todo="take some of the cuts back")
    return plan


def _silent(files: _Files, transcript: Transcript, longest: int | None) -> Iterator[Span]:
    """What goes of the talk's silences; nothing where they may be of any length."""
    if longest is not None:
        found = silences(files.talk(0, files.recording.samples, 1), longest)
        yield from middles(unspoken(found, transcript, longest), longest)


def _check_cut(cut: Span, duration: int) -> None:
    if cut.start >= duration:
        raise InputError(
            f"a cut starts at {to_clock(cut.start)}, but the recording ends at {to_clock(duration)}",
            where="cuts.yaml",
            todo="correct its times, which are the recording's",
        )


# ── music ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _with_music(
    files: _Files, plan: EditList, transcript: Transcript, intro: str | None, outro: str | None
) -> EditList:
    first, last = _spoken(transcript, files.recording)
    if intro:
        music = files.whole(intro)
        gain = matched(music, files.loudness(first))
        plan = with_intro(plan, files.source(INTRO, intro), len(music), gain, heard_from(plan, first) or 0)
    if outro:
        music = files.whole(outro)
        end = to_programme(plan, last, edge="end")
        gain = matched(music, files.loudness(last))
        plan = with_outro(plan, files.source(OUTRO, outro), len(music), gain, end or length(plan.clips))
    return plan


def _spoken(transcript: Transcript, recording: Recording) -> tuple[int, int]:
    """Samples of the first word's start and the last word's end; the whole recording where nobody speaks."""
    if not transcript.segments:
        return 0, recording.samples
    first = max(transcript.segments[0].start, 0)
    last = max(segment.end for segment in transcript.segments)
    return min(to_samples(first), recording.samples), min(to_samples(last), recording.samples)


# ── spots ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _splice(files: _Files, order: SpotOrder, cue: Cue | None, transcript: Transcript) -> _Splice:
    if order.place == "pre":
        return _Splice(order, 0, _quiet_near(files, 0), "before the programme")
    if order.place == "post":
        end = files.recording.duration
        return _Splice(order, end, _quiet_near(files, end), "after the programme")
    if cue is None:
        raise InputError(
            f"the spot {order.name} goes to the cue, and the cue was not found in the talk",
            todo="write the time in episode.yaml, as in `cue_at: 0:01:08.500`",
        )
    return _at_exact(files, order, cue) if cue.exact else _behind_cue(files, order, cue, transcript)


def _at_exact(files: _Files, order: SpotOrder, cue: Cue) -> _Splice:
    if cue.after > files.recording.duration:
        raise InputError(
            f"the cue is set to {to_clock(cue.after)}, but the recording ends at {to_clock(files.recording.duration)}",
            where="episode.yaml",
            todo="correct `cue_at`",
        )
    return _Splice(order, cue.after, _quiet_near(files, cue.after), cue.why)


def _behind_cue(files: _Files, order: SpotOrder, cue: Cue, transcript: Transcript) -> _Splice:
    window, start = _window(files, cue.after)
    end = files.recording.duration
    pause = after_cue(cue, pauses(window, start), transcript, end)
    if pause.start == pause.end:
        return _Splice(order, end, _quiet_near(files, end), f"{cue.why}; the recording ends there")
    length_s = (pause.end - pause.start) / 1000
    return _Splice(order, cut_in(pause), pause, f"{cue.why}; in the pause of {length_s:.1f} s behind it")


def _window(files: _Files, around: int) -> tuple[Block, int]:
    """The talk around a moment (ms), mono, and when the window starts."""
    return gather(files.talk(to_samples(around), to_samples(REACH), 1), 1), max(around - REACH, 0)


def _quiet_near(files: _Files, around: int) -> Span:
    return quietest(*_window(files, around), around)


def _from_the_back(splices: Sequence[_Splice]) -> Iterator[_Splice]:
    """Spots before the programme are put in last one first, so that they stand in their order."""
    yield from (splice for splice in splices if splice.order.place != "pre")
    yield from (splice for splice in reversed(splices) if splice.order.place == "pre")


def _with_spot(files: _Files, plan: EditList, splice: _Splice) -> EditList:
    order = splice.order
    samples = files.whole(order.path)
    first, last = sounding(samples, order.path)
    if last - first > files.recording.samples:
        raise InputError(
            f"the spot lasts {sample_clock(last - first)}, "
            f"longer than the whole talk of {sample_clock(files.recording.samples)}",
            where=order.path,
            todo="give the spot that belongs here, or the recording",
        )
    wanted = files.loudness(to_samples(splice.cut))
    spot = Clip(SPOT + order.name, first, last, FADE, FADE, matched(samples[first:last], wanted))
    clips, fade = filled(spot, splice.tone, splice.cut, uncut=_plays_through(plan, to_samples(splice.cut)))
    sources = (files.source(spot.source, order.path), Source(TONE, files.recording.path, files.recording.sha256))
    return insert(plan, _at(files, plan, splice), clips, sources, fade=fade)


def _plays_through(plan: EditList, cut: int) -> bool:
    """Whether nothing but spots was put in or taken out at a sample of the talk."""
    bare = without_spots(plan)
    before, after = to_programme(bare, cut, edge="end"), to_programme(bare, cut)
    return before is not None and before == after


def _at(files: _Files, plan: EditList, splice: _Splice) -> int:
    """The programme sample that a spot goes in at; behind spots that are there already."""
    if splice.order.place == "pre":
        return 0
    if splice.order.place == "post":
        return length(plan.clips)
    return cut_at(plan, min(to_samples(splice.cut), files.recording.samples))


def _told(plan: EditList, splices: Sequence[_Splice]) -> Iterator[Spot]:
    for (start, end), splice in zip(inserts(plan), splices, strict=True):
        yield Spot(splice.order.name, splice.cut, from_samples(start), from_samples(end), splice.why)
