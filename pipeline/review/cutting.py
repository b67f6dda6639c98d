"""Entries of cuts.yaml, changed as one says it: accept, refuse, add, drop."""

from __future__ import annotations

from pipeline.errors import InputError
from pipeline.formats.cuts_yaml import Cuts, Row
from pipeline.model import CutEdit
from pipeline.timecode import to_clock


def decide(edits: Cuts, row: Row, *, keep: bool) -> Cuts:
    """The entries with the offer of a row accepted, or refused. Raises InputError for a row without an offer."""
    if row.mark is None:
        raise InputError("this one is not offered: it is a cut by hand", todo="drop it, or leave it as it is")
    word = CutEdit(to_clock(row.mark.start), to_clock(row.mark.end), keep)
    if row.edit is None:
        return (*edits, word)
    return edits if row.edit.keep == keep else tuple(word if edit == row.edit else edit for edit in edits)


def add(edits: Cuts, start: int, end: int) -> Cuts:
    """With a cut of the editor's own, ms of the recording. Raises InputError where it ends before it starts."""
    if end <= start:
        raise InputError(
            f"a cut from {to_clock(start)} to {to_clock(end)} of the recording is none",
            todo="give two moments of the talk, the earlier first; with --recording they are the recording's",
        )
    return (*edits, CutEdit(to_clock(start), to_clock(end)))


def drop(edits: Cuts, row: Row) -> Cuts:
    """Without what was said of a row: an offer is open again, a cut by hand is gone. Raises InputError for neither."""
    if row.edit is None:
        raise InputError("nobody has decided this one yet", todo="accept it or refuse it")
    return tuple(edit for edit in edits if edit != row.edit)
