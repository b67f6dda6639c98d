"""cuts.yaml as the desk and the command line write it, and what it says of the stretches that are offered to be cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.formats import yaml_list
from pipeline.formats.yaml_list import Item
from pipeline.model import CutEdit, CutMark, Span
from pipeline.timecode import parse_clock

_HEADING = (
    "# The editor's word on what nobody shall hear, in the recording's time; `keep: true` refuses what is offered."
)


Cuts = tuple[CutEdit, ...]


def render(edits: Iterable[CutEdit], before: str = "") -> str:
    """The file's text; `before` is what it held, whose comments and untouched entries stay as they are."""
    return yaml_list.rewrite(before, [_item(edit) for edit in edits], _same, heading=_HEADING)


def _item(edit: CutEdit) -> Item:
    return {"start": edit.start, "end": edit.end} | ({"keep": True} if edit.keep else {})


def _same(one: Item, other: Item) -> bool:
    return (one.get("start"), one.get("end")) == (other.get("start"), other.get("end"))


def stretch(edit: CutEdit) -> Span:
    """The milliseconds of the recording that an entry speaks of."""
    return Span(parse_clock(edit.start), parse_clock(edit.end))


def word_on(mark: CutMark, edits: Iterable[CutEdit]) -> CutEdit | None:
    """The entry that decides an offer: the first that holds its middle, so that a mark may move a little and stays
    decided; None where nobody decided.
    """
    middle = (mark.start + mark.end) // 2
    return next((edit for edit in edits if stretch(edit).start <= middle < stretch(edit).end), None)


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of the recording: an offer, the editor's word on it, or a cut of the editor's own."""

    span: Span
    mark: CutMark | None
    edit: CutEdit | None

    @property
    def state(self) -> Literal["offered", "cut", "kept"]:
        """What becomes of it."""
        if self.edit is None:
            return "offered"
        return "kept" if self.edit.keep else "cut"

    @property
    def why(self) -> str:
        """Who says so."""
        return self.mark.why if self.mark else "by hand"


def rows(marks: Sequence[CutMark], edits: Cuts) -> tuple[Row, ...]:
    """Every offer and every entry, in the recording's order; an entry and what it decides are one row."""
    decided = {mark: word_on(mark, edits) for mark in marks}
    open_ones = [Row(Span(mark.start, mark.end), mark, None) for mark, edit in decided.items() if edit is None]
    said = [Row(stretch(edit), next((m for m, e in decided.items() if e == edit), None), edit) for edit in edits]
    return tuple(sorted([*open_ones, *said], key=lambda row: (row.span.start, row.span.end)))


def undecided(marks: Sequence[CutMark], edits: Cuts) -> tuple[CutMark, ...]:
    """The offers on which nobody has said a word."""
    return tuple(mark for mark in marks if word_on(mark, edits) is None)
