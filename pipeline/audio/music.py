"""Intro and outro around the voice: alone at full level, then under the voice, ducked, and gone."""

from __future__ import annotations

from dataclasses import replace

from pipeline.audio.edits import INTRO, OUTRO, lay, length
from pipeline.audio.streams import SECOND
from pipeline.model import Clip, EditList, Overlay, Source

DUCKED = -14.0
"""dB under its full level, while someone speaks."""

_TURN = SECOND
"""Samples from full to ducked."""

_UNDER = 4 * SECOND
"""Most samples of music under a voice; a third of the music at most."""


def _under(samples: int) -> int:
    return min(_UNDER, samples // 3)


def with_intro(edit_list: EditList, source: Source, samples: int, gain: float, first_word: int) -> EditList:
    """Intro music first; ducked when the first word comes, gone some seconds later, or when the talk ends.

    samples: of the music. gain: dB. first_word: programme sample before the intro is there.
    The music's beginning moves the programme by whole milliseconds; what plays over the talk is laid over it.
    """
    alone = samples - _under(samples)
    lead = max(alone - first_word, 0) // 48 * 48
    alone = min(alone, lead + first_word)
    opening = (Clip(INTRO, 0, lead, gain=gain),) if lead else ()
    moved = replace(
        edit_list,
        sources=(*edit_list.sources, source),
        clips=opening + edit_list.clips,
        overlays=tuple(replace(one, at=one.at + lead) for one in edit_list.overlays),
    )
    turn = min(_TURN, alone - lead) if alone > lead else 0
    gone = min(samples, length(moved.clips))
    full = Clip(INTRO, lead, alone, fade_out=turn, gain=gain)
    fade_out = min(_under(samples), gone - alone)
    ducked = Clip(INTRO, alone - turn, gone, fade_in=turn, fade_out=fade_out, gain=gain + DUCKED)
    return lay(moved, [Overlay(clip, clip.source_in) for clip in (full, ducked) if clip.source_in < clip.source_out])


def with_outro(edit_list: EditList, source: Source, samples: int, gain: float, last_word: int) -> EditList:
    """Outro music comes in ducked under the last words, rises when they are said, and plays to its end.

    samples: of the music. gain: dB. last_word: programme sample at which the last word ends.
    """
    end = length(edit_list.clips)
    start = max(min(last_word, end) - _under(samples), 0)
    rise = max(min(last_word, end - _TURN), start) - start
    turn = min(_TURN, end - start - rise, samples - rise)
    alone = min(end - start, samples)
    ducked = Clip(OUTRO, 0, rise + turn, fade_in=min(_TURN, rise), fade_out=turn, gain=gain + DUCKED)
    full = Clip(OUTRO, rise, alone, fade_in=turn, gain=gain)
    closing = (Clip(OUTRO, alone, samples, gain=gain),) if alone < samples else ()
    overlays = [Overlay(clip, start + clip.source_in) for clip in (ducked, full) if clip.source_in < clip.source_out]
    return lay(replace(edit_list, clips=edit_list.clips + closing), overlays, [source])
