"""The only border between recording time and programme time.

An edit list is an ordered row of clips; everything here is a pure function on it. Positions are samples at 48 kHz;
functions that end in `_ms` speak milliseconds. A start at a cut belongs to what follows, an end to what went before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Literal

from pipeline.audio.streams import FADE, INSERT_GRID
from pipeline.model import Clip, EditList, Overlay, Source
from pipeline.timecode import from_samples, to_samples

TALK = "talk"
"""The source that recording time counts in."""

TONE = "room tone"
"""The same file as the talk, where a piece of a pause fills up an insert; recording time does not pass in it."""

INTRO = "intro"
OUTRO = "outro"

SPOT = "spot: "
"""What the names of spots' sources start with."""

Edge = Literal["start", "end"]


def length(clips: Sequence[Clip]) -> int:
    """Samples that clips in a row last."""
    return sum(clip.source_out - clip.source_in for clip in clips)


def placed(edit_list: EditList) -> Iterator[tuple[int, Clip]]:
    """Every clip with the programme sample that it starts at."""
    lengths = (clip.source_out - clip.source_in for clip in edit_list.clips)
    return zip(accumulate(lengths, initial=0), edit_list.clips, strict=False)


def to_programme(edit_list: EditList, sample: int, *, edge: Edge = "start") -> int | None:
    """Where sample `sample` of the talk is heard, or None where it was removed."""
    for at, clip in placed(edit_list):
        if clip.source == TALK and _holds(clip, sample, edge):
            return at + sample - clip.source_in
    return None


def _holds(clip: Clip, sample: int, edge: Edge) -> bool:
    if edge == "start":
        return clip.source_in <= sample < clip.source_out
    return clip.source_in < sample <= clip.source_out


def to_source(edit_list: EditList, sample: int, *, edge: Edge = "start", source: str = TALK) -> int | None:
    """Which sample of `source` is heard at programme sample `sample`, or None where something else plays."""
    for at, clip in placed(edit_list):
        here = clip.source_in + sample - at
        if clip.source == source and _holds(clip, here, edge):
            return here
    return None


def to_recording_ms(edit_list: EditList, ms: int) -> int | None:
    """Programme time to recording time, to the nearest millisecond; None inside a spot or music alone."""
    sample = to_source(edit_list, to_samples(ms))
    return None if sample is None else from_samples(sample)


def heard_from(edit_list: EditList, sample: int) -> int | None:
    """The programme sample of the first moment at or after `sample` of the talk that is heard; None behind the last."""
    if (here := to_programme(edit_list, sample)) is not None:
        return here
    later = [(clip.source_in, at) for at, clip in placed(edit_list) if clip.source == TALK and clip.source_in > sample]
    return min(later)[1] if later else None


def insert(
    edit_list: EditList, at: int, clips: Sequence[Clip], sources: Sequence[Source] = (), *, fade: int = 0
) -> EditList:
    """`clips` put in at programme sample `at`; what follows moves by their length, overlays with it.

    fade: samples over which the clip that is cut fades out before and in again after. Music over it always does: it
    stops for what is put in. Raises ValueError outside the programme.
    """
    before, after = _split(edit_list, at, fade)
    overlays = [part for one in edit_list.overlays for part in _moved(one, at, length(clips))]
    return replace(
        edit_list,
        sources=edit_list.sources + tuple(source for source in sources if source not in edit_list.sources),
        clips=(*before, *clips, *after),
        overlays=tuple(overlays),
    )


def _moved(overlay: Overlay, at: int, shift: int) -> Iterator[Overlay]:
    """The overlay where something `shift` samples long goes in at `at`: in two, if it plays there."""
    before, after = _parted(overlay.clip, overlay.clip.source_in + at - overlay.at, FADE)
    if before:
        yield Overlay(before, overlay.at)
    if after:
        yield Overlay(after, max(at, overlay.at) + shift)


def cut_out(edit_list: EditList, spans: Iterable[tuple[int, int]], *, fade: int = 0) -> EditList:
    """The programme without what is left in it of stretches of the talk, each from a sample to another.

    fade: samples over which the talk fades out before a cut and in again after. Before music and spots.
    """
    gone = sorted((start, end) for start, end in spans if start < end)
    return replace(edit_list, clips=tuple(part for clip in edit_list.clips for part in _left(clip, gone, fade)))


def _left(clip: Clip, gone: Sequence[tuple[int, int]], fade: int) -> Iterator[Clip]:
    """The parts of a clip that lie in none of the stretches, which may overlap, by their start."""
    for start, end in gone:
        if end <= clip.source_in:
            continue
        if start >= clip.source_out:
            break
        if start > clip.source_in:
            yield _halves(clip, start, fade)[0]
        if end >= clip.source_out:
            return
        clip = _halves(clip, end, fade)[1]
    yield clip


def lay(edit_list: EditList, overlays: Sequence[Overlay], sources: Sequence[Source] = ()) -> EditList:
    """Clips mixed over the programme; nothing moves."""
    new = tuple(source for source in sources if source not in edit_list.sources)
    return replace(edit_list, sources=edit_list.sources + new, overlays=edit_list.overlays + tuple(overlays))


def _split(edit_list: EditList, at: int, fade: int) -> tuple[tuple[Clip, ...], tuple[Clip, ...]]:
    end = length(edit_list.clips)
    if not 0 <= at <= end:
        raise ValueError(f"sample {at} is outside the programme")
    fade = fade if at < end else 0
    parts = [_parted(clip, clip.source_in + at - start, fade) for start, clip in placed(edit_list)]
    return tuple(before for before, _ in parts if before), tuple(after for _, after in parts if after)


def _parted(clip: Clip, cut: int, fade: int) -> tuple[Clip | None, Clip | None]:
    """What a clip plays before and after sample `cut` of its source, as far as it plays there.

    One that ends at the cut fades too, and one that starts there, but for a source's own beginning: music may be in
    two clips there, or the talk cut.
    """
    if clip.source_in < cut < clip.source_out:
        return _halves(clip, cut, fade)
    if cut >= clip.source_out:
        fade_out = max(clip.fade_out, fade) if cut == clip.source_out else clip.fade_out
        return _faded(replace(clip, fade_out=fade_out)), None
    fade_in = max(clip.fade_in, fade) if cut == clip.source_in > 0 else clip.fade_in
    return None, _faded(replace(clip, fade_in=fade_in))


def _halves(clip: Clip, cut: int, fade: int) -> tuple[Clip, Clip]:
    return _faded(replace(clip, source_out=cut, fade_out=fade)), _faded(replace(clip, source_in=cut, fade_in=fade))


def _faded(clip: Clip) -> Clip:
    """The clip with no fade longer than itself."""
    whole = clip.source_out - clip.source_in
    return replace(clip, fade_in=min(clip.fade_in, whole), fade_out=min(clip.fade_out, whole))


def without_spots(edit_list: EditList) -> EditList:
    """The same programme as listeners without advertising hear it: spots and what fills them up left out.

    Also what loudness is set by, so that a new spot leaves the gain of everything else alone.
    """
    gaps = list(_spot_gaps(edit_list))
    overlays = tuple(
        replace(one, at=one.at - sum(gap for start, gap in gaps if start < one.at)) for one in edit_list.overlays
    )
    return replace(edit_list, clips=tuple(clip for clip in edit_list.clips if not is_insert(clip)), overlays=overlays)


def inserts(edit_list: EditList) -> Iterator[tuple[int, int]]:
    """From which to which programme sample each spot lasts, with the room tone that fills it up to the insert grid."""
    start: int | None = None
    spots = 0
    for at, clip in placed(edit_list):
        if not is_insert(clip):
            continue
        start = at if start is None else start
        end = at + length([clip])
        spots += clip.source != TONE
        if spots and (end - start) % INSERT_GRID == 0:
            yield start, end
            start, spots = None, 0


def cut_at(edit_list: EditList, sample: int) -> int:
    """The programme sample at which something goes in at `sample` of the talk, behind what went in there before.

    Where that sample was removed, it goes in at the cut. Raises ValueError where nothing of the talk is heard.
    """
    if (after := heard_from(edit_list, sample)) is not None:
        return after
    ends = [at + length([clip]) for at, clip in placed(edit_list) if clip.source == TALK]
    if not ends:
        raise ValueError("nothing of the talk is in the programme")
    at = ends[-1]
    for start, clip in placed(edit_list):
        if start == at and is_insert(clip):
            at += length([clip])
    return at


def _spot_gaps(edit_list: EditList) -> Iterator[tuple[int, int]]:
    return ((at, length([clip])) for at, clip in placed(edit_list) if is_insert(clip))


def is_insert(clip: Clip) -> bool:
    """Whether the clip is a spot or the room tone that fills it up."""
    return clip.source == TONE or clip.source.startswith(SPOT)
