"""What of a finished master stands unchanged in a new one: the arithmetic of a spot swap.

A stretch that is the same in two edit lists, moved by whole steps of the insert grid, has the same MP3 frames and the
same levels in both, but for the few frames at its ends that hear what is beside it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from pipeline.audio.edits import length, without_spots
from pipeline.audio.pieces import AFTER, BEFORE
from pipeline.audio.streams import INSERT_GRID, MP3_FRAME
from pipeline.model import Clip, EditList


@dataclass(frozen=True, slots=True)
class Stretch:
    """Programme samples that two edit lists share: from where in each, and how many."""

    old: int
    new: int
    samples: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Frames `first` to `last` of the new master, which stand `moved` frames earlier in the old one."""

    first: int
    last: int
    moved: int


def shared(old: EditList, new: EditList) -> tuple[Stretch, ...]:
    """The stretches that both lists play alike, in order; none where what is laid over them differs."""
    rows = _rows(old, new)
    starts = [list(accumulate((length([clip]) for _, clip in row), initial=0)) for row in rows]
    blocks = SequenceMatcher(None, *rows, autojunk=False).get_matching_blocks()
    found = tuple(
        Stretch(starts[0][block.a], starts[1][block.b], starts[1][block.b + block.size] - starts[1][block.b])
        for block in blocks
        if block.size
    )
    return found if _same_overlays(old, new, found) else ()


def same_but_spots(old: EditList, new: EditList) -> bool:
    """Whether two edit lists differ in nothing but their spots, so that the same gain is right for both."""
    bare, other = without_spots(old), without_spots(new)
    rows = _rows(bare, other)
    return rows[0] == rows[1] and (bare.overlays, bare.channels) == (other.overlays, other.channels)


_Row = list[tuple[str, Clip]]


def _rows(old: EditList, new: EditList) -> tuple[_Row, _Row]:
    """Both lists' clips with the digest of what is in their sources, parted wherever one of the lists parts them."""
    cuts = {sample for one in (old, new) for clip in one.clips for sample in (clip.source_in, clip.source_out)}
    ordered = sorted(cuts)
    return _row(old, ordered), _row(new, ordered)


def _row(edit_list: EditList, cuts: list[int]) -> _Row:
    digests = {source.name: source.sha256 for source in edit_list.sources}
    return [(digests[clip.source], part) for clip in edit_list.clips for part in _parts(clip, cuts)]


def _parts(clip: Clip, cuts: list[int]) -> Iterator[Clip]:
    """A clip cut up, but where it fades."""
    low, high = clip.source_in + clip.fade_in, clip.source_out - clip.fade_out
    inner = cuts[bisect_left(cuts, low) : bisect_right(cuts, high)]
    edges = sorted({clip.source_in, *inner, clip.source_out})
    for first, last in pairwise(edges):
        fade_in = clip.fade_in if first == clip.source_in else 0
        fade_out = clip.fade_out if last == clip.source_out else 0
        yield replace(clip, source_in=first, source_out=last, fade_in=fade_in, fade_out=fade_out)


def _same_overlays(old: EditList, new: EditList, stretches: Sequence[Stretch]) -> bool:
    moved = {
        (one.at + stretch.new - stretch.old, one.clip)
        for one in old.overlays
        for stretch in stretches
        if stretch.old <= one.at and one.at + length([one.clip]) <= stretch.old + stretch.samples
    }
    return len(old.overlays) == len(moved) and moved == {(one.at, one.clip) for one in new.overlays}


def copies(stretches: Sequence[Stretch], old_total: int, new_total: int, old_frames: int) -> Iterator[Copy]:
    """The frames of the new master that can be taken from the old one, in order.

    old_total, new_total: samples of the programmes. old_frames: of the old master, without its Info header.
    """
    for one in stretches:
        moved, rest = divmod(one.new - one.old, MP3_FRAME)
        if rest or (one.new - one.old) % INSERT_GRID:
            continue
        opens = one.new == one.old == 0
        closes = one.new + one.samples == new_total and one.old + one.samples == old_total
        first = 0 if opens else -(-(one.new + BEFORE) // MP3_FRAME)
        last = old_frames + moved if closes else (one.new + one.samples - AFTER) // MP3_FRAME
        if first < last:
            yield Copy(first, last, moved)


def gaps(kept: Sequence[Copy], new_total: int) -> Iterator[tuple[int, int]]:
    """The frames between the copies, which are to be made: first, and last + 1."""
    at = 0
    for copy in kept:
        if at < copy.first:
            yield at, copy.first
        at = copy.last
    if at * MP3_FRAME < new_total:
        yield at, -(-new_total // MP3_FRAME)
