"""Every value that flows from stage to stage. All frozen, tuples inside, times in integer milliseconds.

Recording time is what the microphones heard; programme time is what the listener hears. `EditList` is the only
border between them (`pipeline.audio.edits` does the arithmetic). Places in sound are samples, at 48 kHz, in it alone;
a recording and a master say how many they have.

`planned`, `said`, `placed`, `programme` and `published` follow the data's path; `configured` is what people write
beside it.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.model.configured import (
    AdFree,
    Bitrate,
    Campaign,
    ChapterEdit,
    ChapterRules,
    CutEdit,
    Episode,
    Family,
    Music,
    Owner,
    Person,
    Show,
    Sound,
    Sponsor,
    TrackName,
    Txt,
    WordEdit,
)
from pipeline.model.placed import Absent, Chapter, Chapters, Cue, CutMark, Included, Mark, Place
from pipeline.model.planned import Link, Outline, Section
from pipeline.model.programme import Clip, EditList, Loudness, Master, Overlay, Programme, Source, Spot
from pipeline.model.published import Enclosure, Feed, Item, PublishedFile, Release, TranscriptLink
from pipeline.model.said import Recording, Segment, Span, Transcript, Word

__all__ = [
    "Absent",
    "AdFree",
    "Bitrate",
    "Campaign",
    "Chapter",
    "ChapterEdit",
    "ChapterRules",
    "Chapters",
    "Clip",
    "Cue",
    "CutEdit",
    "CutMark",
    "EditList",
    "Enclosure",
    "Episode",
    "Family",
    "Feed",
    "Included",
    "Item",
    "Link",
    "Loudness",
    "Mark",
    "Master",
    "Music",
    "Outline",
    "Overlay",
    "Owner",
    "Person",
    "Place",
    "Programme",
    "Progress",
    "PublishedFile",
    "Recording",
    "Release",
    "Section",
    "Segment",
    "Show",
    "Sound",
    "Source",
    "Span",
    "Sponsor",
    "Spot",
    "TrackName",
    "Transcript",
    "TranscriptLink",
    "Txt",
    "Word",
    "WordEdit",
]

Progress = Callable[[float, str], None]
"""How a stage tells how far it is: the fraction done, 0 to 1, and a few words."""
