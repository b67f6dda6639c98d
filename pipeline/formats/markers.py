"""Markers as other programs keep them: Audacity's labels, Reaper's and Ultraschall's table, Podlove, Podcasting 2.0.

`FORMATS` is the whole of it: a name, how to know a file of the kind, how to read it, how to write it.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from pipeline.errors import InputError
from pipeline.formats import chapters_json, chapters_yaml, plain, psc
from pipeline.model import Chapter
from pipeline.timecode import from_seconds, parse_clock, to_clock, to_seconds


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment (ms) with a title, and an address where the format holds one."""

    start: int
    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One program's format. `knows` looks at a file's text; `read` raises ValueError for what it cannot read."""

    suffix: str
    knows: Callable[[str], bool]
    read: Callable[[str], Iterator[Marker]]
    write: Callable[[Sequence[Chapter]], str]


def parse(text: str, where: str) -> tuple[Marker, ...]:
    """The markers of a file of any of these formats, by what is in it, in order of time.

    Raises InputError for a file of no such format, a time that is none, and one that holds nothing.
    """
    text = text.lstrip("\ufeff")
    kind = next((form for form in FORMATS.values() if form.knows(text)), None)
    todo = f"give a file of one of these kinds: {', '.join(FORMATS)}"
    if kind is None:
        raise InputError("this is no list of markers that is known here", where=where, todo=todo)
    try:
        found = sorted(kind.read(text), key=lambda marker: marker.start)
    except (ValueError, KeyError, csv.Error, etree.LxmlError) as error:
        raise InputError(f"cannot be read as markers: {error}", where=where, todo=todo) from error
    if not 0 < len(found) <= chapters_yaml.MOST:
        raise InputError(f"holds {len(found)} markers", where=where, todo="export the markers again")
    return tuple(found)


# ── Audacity: File › Export › Labels ────────────────────────────────────────────────────────────────────────────────


def _is_audacity(text: str) -> bool:
    return len(_first(text).split("\t")) >= 2


def _first(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _read_audacity(text: str) -> Iterator[Marker]:
    for line in text.splitlines():
        # A line that begins with a backslash is the frequencies of the label above.
        if line.strip() and not line.startswith("\\"):
            start, _, *title = line.split("\t")
            yield Marker(from_seconds(_seconds(start)), " ".join(title).strip())


def _seconds(text: str) -> float:
    value = float(text.replace(",", "."))
    if not 0 <= value < 10**6:
        raise ValueError(f"{text!r} is not a time in seconds")
    return value


def _write_audacity(chapters: Sequence[Chapter]) -> str:
    return "".join(f"{to_seconds(c.start):.6f}\t{to_seconds(c.start):.6f}\t{plain.title(c.title)}\n" for c in chapters)


# ── Reaper and Ultraschall: the region and marker manager's table ───────────────────────────────────────────────────


def _is_reaper(text: str) -> bool:
    # Not by the csv module, which has faults of its own to raise at a line that is no table's.
    return {"#", "Name", "Start"} <= set(_first(text).replace('"', "").split(","))


def _read_reaper(text: str) -> Iterator[Marker]:
    for row in csv.DictReader(io.StringIO(text), restval=""):
        # R rows are regions, which Ultraschall uses for other things.
        if row["#"].startswith("M"):
            yield Marker(parse_clock(row["Start"]), row["Name"].strip())


def _write_reaper(chapters: Sequence[Chapter]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["#", "Name", "Start", "End", "Length"])
    table.writerows([f"M{n}", plain.title(c.title), to_clock(c.start), "", ""] for n, c in enumerate(chapters, 1))
    return out.getvalue()


# ── Podlove Simple Chapters, a file of its own ──────────────────────────────────────────────────────────────────────


def _read_podlove(text: str) -> Iterator[Marker]:
    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(text.encode(), safe)
    if "<!DOCTYPE" in text:
        raise ValueError("a document type is not used here")
    for chapter in root.iter(f"{{{psc.NAMESPACE}}}chapter"):
        yield Marker(parse_clock(chapter.get("start", "")), chapter.get("title", ""), plain.url(chapter.get("href")))


def _write_podlove(chapters: Sequence[Chapter]) -> str:
    return etree.tostring(psc.element(chapters), encoding="unicode", pretty_print=True)


# ── Podcasting 2.0 ──────────────────────────────────────────────────────────────────────────────────────────────────


def _read_json(text: str) -> Iterator[Marker]:
    return itertools.starmap(Marker, chapters_json.entries(text))


def _write_json(chapters: Sequence[Chapter]) -> str:
    return chapters_json.render(chapters, episode="", show="", author="")


FORMATS = {
    "podlove": Format(".psc", lambda text: "<" in _first(text)[:1], _read_podlove, _write_podlove),
    "json": Format(".json", lambda text: _first(text).lstrip()[:1] == "{", _read_json, _write_json),
    "reaper": Format(".csv", _is_reaper, _read_reaper, _write_reaper),
    "audacity": Format(".txt", _is_audacity, _read_audacity, _write_audacity),
}
