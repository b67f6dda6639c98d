"""Retime: chapters and words carried over the border, into the programme's time."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.audio.edits import length
from pipeline.audio.retime import retime_chapters, retime_transcript
from pipeline.model import Chapters, EditList, Programme, Spot, Transcript
from pipeline.timecode import from_samples


def retime(edit_list: EditList, spots: Sequence[Spot], chapters: Chapters, transcript: Transcript) -> Programme:
    """Chapters and transcript of the recording, carried over into the programme's time."""
    return Programme(
        from_samples(length(edit_list.clips)),
        retime_chapters(edit_list, chapters),
        retime_transcript(edit_list, transcript),
        tuple(spots),
    )
