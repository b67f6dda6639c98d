"""Alignment cases as JSON files, read into the product's types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.model import Section, Segment
from pipeline.timecode import from_seconds


@dataclass(frozen=True, slots=True)
class Case:
    """A running order, its talk and where the sections start.

    gold: by section: start in ms, None where it was not talked about; sections of unknown position have no entry.
    """

    id: str
    language: str
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]
    gold: dict[int, int | None]


def read(path: Path) -> Case:
    """One case: `{id, language, outline: [{title, level, bullets}], segments: [{start, end, speaker, text}], gold}`."""
    raw = json.loads(path.read_text("utf-8"))
    parents: list[tuple[int, int, str]] = []
    sections = []
    for index, entry in enumerate(raw["outline"]):
        level = int(entry.get("level", 2))
        parents = [parent for parent in parents if parent[0] < level]
        body = tuple(text for text in entry.get("bullets", ()) if text.strip())
        path_ = (*(title for _, _, title in parents), entry["title"])
        sections.append(Section(index, level, entry["title"], path_, parents[-1][1] if parents else None, body))
        parents.append((level, index, entry["title"]))
    segments = tuple(
        Segment(from_seconds(s["start"]), from_seconds(s["end"]), s["text"], speaker=s.get("speaker"))
        for s in raw["segments"]
    )
    return Case(raw["id"], raw.get("language", "en"), tuple(sections), segments, _gold(raw.get("gold", ())))


def _gold(entries: list[dict[str, object]]) -> dict[int, int | None]:
    gold: dict[int, int | None] = {}
    for entry in entries:
        start = entry.get("start")
        if isinstance(start, int | float):
            gold[int(str(entry["section_index"]))] = from_seconds(start)
        elif entry.get("absent"):
            gold[int(str(entry["section_index"]))] = None
    return gold


def read_all(folder: Path) -> Iterator[Case]:
    """Every case of a folder, by file name. Raises SystemExit where there are none."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise SystemExit(f"{folder} holds no cases (*.json)")
    yield from map(read, paths)
