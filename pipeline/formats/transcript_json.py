"""The transcript as JSON for podcast apps (Podcasting 2.0, transcripts/transcripts.md, version 1.0.0).

Ours besides: `language`, and in each segment `words` with their probability and, where a term was corrected, what was
`heard`. Readers of the standard pass over them.
"""

from __future__ import annotations

import json
from typing import Any

from pipeline.formats import plain
from pipeline.model import Segment, Transcript, Word
from pipeline.timecode import to_seconds

TYPE = "application/json"


def render(transcript: Transcript) -> str:
    """The file's text, times in seconds."""
    document = {
        "version": "1.0.0",
        "language": transcript.language,
        "segments": [_segment(segment) for segment in transcript.segments],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _segment(segment: Segment) -> dict[str, Any]:
    speaker = {"speaker": plain.title(segment.speaker)} if segment.speaker else {}
    words = {"words": [_word(word) for word in segment.words]} if segment.words else {}
    return {**speaker, **_times(segment), "body": plain.line(segment.text), **words}


def _word(word: Word) -> dict[str, Any]:
    heard = {"heard": plain.line(word.heard)} if word.heard is not None else {}
    return {**_times(word), "body": plain.line(word.word), "probability": round(word.probability, 3), **heard}


def _times(span: Segment | Word) -> dict[str, float]:
    return {"startTime": to_seconds(span.start), "endTime": to_seconds(span.end)}
