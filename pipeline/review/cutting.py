"""Entries of cuts.yaml, changed as one says it: accept, refuse, add, drop."""

from __future__ import annotations

from pipeline.audio.edits import INTRO, OUTRO, length, placed
from pipeline.errors import InputError
from pipeline.formats.cuts_yaml import Cuts, Row
from pipeline.model import CutEdit, EditList, Span
from pipeline.review.entries import recorded
from pipeline.timecode import from_samples, to_clock


def decide(edits: Cuts, row: Row, *, keep: bool) -> Cuts:
    """The entries with the offer of a row accepted, or refused. Raises InputError for a row without an offer."""
    if row.mark is None:
        raise InputError("this one is not offered: it is a cut by hand", todo="drop it, or leave it as it is")
    word = CutEdit(to_clock(row.mark.start), to_clock(row.mark.end), keep)
    if row.edit is None:
        return (*edits, word)
    return edits if row.edit.keep == keep else tuple(word if edit == row.edit else edit for edit in edits)


def add(edits: Cuts, span: Span, told: str, plan: EditList | None = None) -> Cuts:
    """With a cut of the editor's own. Raises InputError where nothing of the talk lies between its ends.

    span: ms of the programme that `plan` makes, of the recording where it is None; told: the same as it was typed.
    """
    if span.end <= span.start:
        raise InputError(f"a cut from {told} is none", todo="give the earlier moment first")
    if plan is None:
        return (*edits, CutEdit(to_clock(span.start), to_clock(span.end)))
    start, end = recorded(plan, span.start), recorded(plan, span.end)
    if end <= start:
        raise InputError(
            f"there is no talk to cut from {told} of the programme: {_instead(plan, span.start)}",
            todo="give two moments of the talk; with --recording they are the recording's",
        )
    return (*edits, CutEdit(to_clock(start), to_clock(end)))


_MUSIC = {INTRO: "the intro", OUTRO: "the outro"}


def _instead(plan: EditList, ms: int) -> str:
    """What is there at a moment of the programme that is not the talk's."""
    end = from_samples(length(plan.clips))
    if ms >= end:
        return f"it ends at {to_clock(end)}"
    *_, source = (clip.source for at, clip in placed(plan) if from_samples(at) <= ms)
    return f"only {_MUSIC.get(source, 'the spot')} is heard there"


def drop(edits: Cuts, row: Row) -> Cuts:
    """Without what was said of a row: an offer is open again, a cut by hand is gone. Raises InputError for neither."""
    if row.edit is None:
        raise InputError("nobody has decided this one yet", todo="accept it or refuse it")
    return tuple(edit for edit in edits if edit != row.edit)
