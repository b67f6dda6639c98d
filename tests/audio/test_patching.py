"""What can be taken from a finished master, for any two edit lists."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.edits import SPOT, TALK, insert, lay, length, to_programme, to_source
from pipeline.audio.patching import copies, gaps, same_but_spots, shared
from pipeline.audio.pieces import AFTER, BEFORE
from pipeline.audio.streams import INSERT_GRID, MP3_FRAME
from pipeline.model import Clip, EditList, Overlay, Source

TALK_SOURCE = Source(TALK, "recording.wav", "0" * 64)
TOTAL = 100 * INSERT_GRID + 777


def talk(samples: int = TOTAL) -> EditList:
    return EditList((TALK_SOURCE,), (Clip(TALK, 0, samples),))


def with_spots(*spots: tuple[int, str, int]) -> EditList:
    """Spots (at which sample of the talk, name, steps of the insert grid), from the back."""
    plan = talk()
    for at, name, steps in sorted(spots, reverse=True):
        clip = Clip(SPOT + name, 0, steps * INSERT_GRID)
        plan = insert(plan, at, [clip], [Source(SPOT + name, f"{name}.wav", name * 64)])
    return plan


spots = st.lists(
    st.tuples(st.integers(0, TOTAL), st.sampled_from("abc"), st.integers(1, 20)),
    max_size=3,
    unique_by=lambda one: one[0],
)


def frames_of(plan: EditList) -> int:
    """As many as LAME makes, about; the exact number is read from the old file."""
    return -(-(length(plan.clips) + 1105) // MP3_FRAME)


@given(spots, spots)
def test_copies_and_gaps_tile_the_new_master(
    before: list[tuple[int, str, int]], after: list[tuple[int, str, int]]
) -> None:
    old, new = with_spots(*before), with_spots(*after)
    kept = tuple(copies(shared(old, new), length(old.clips), length(new.clips), frames_of(old)))
    at = 0
    made = list(gaps(kept, length(new.clips)))
    for low, high in sorted([(copy.first, copy.last) for copy in kept] + made):
        assert low == at
        at = high
    assert at == (-(-length(new.clips) // MP3_FRAME) if made and made[-1][1] == at else frames_of(new))


@given(spots, spots)
def test_every_copied_frame_hears_the_same_in_both(
    before: list[tuple[int, str, int]], after: list[tuple[int, str, int]]
) -> None:
    old, new = with_spots(*before), with_spots(*after)
    for copy in copies(shared(old, new), length(old.clips), length(new.clips), frames_of(old)):
        low = max(copy.first * MP3_FRAME - BEFORE, 0)
        high = min(copy.last * MP3_FRAME + AFTER, length(new.clips))
        for sample in (low, (low + high) // 2, high - 1):
            for source in (TALK, SPOT + "a", SPOT + "b", SPOT + "c"):
                there = to_source(old, sample - copy.moved * MP3_FRAME, source=source)
                assert to_source(new, sample, source=source) == there


def test_a_swap_keeps_all_but_the_frames_around_the_spot() -> None:
    old, new = with_spots((50 * INSERT_GRID, "a", 5)), with_spots((50 * INSERT_GRID, "b", 9))
    first, second = copies(shared(old, new), length(old.clips), length(new.clips), frames_of(old))
    assert (first.first, first.moved, second.moved) == (0, 0, 4 * 25)
    assert second.last == frames_of(old) + 4 * 25
    assert 9 * 25 < second.first - first.last < 9 * 25 + 30


def test_a_move_off_the_grid_keeps_nothing_behind_it() -> None:
    old = with_spots((50 * INSERT_GRID, "a", 5))
    new = insert(
        talk(), 50 * INSERT_GRID, [Clip(SPOT + "a", 0, 5 * INSERT_GRID + 48)], [Source(SPOT + "a", "", "a" * 64)]
    )
    (only,) = copies(shared(old, new), length(old.clips), length(new.clips), frames_of(old))
    assert only.moved == 0


def test_other_music_over_the_talk_shares_nothing() -> None:
    old = lay(talk(), [Overlay(Clip("intro", 0, 480), 960)], [Source("intro", "i.wav", "1" * 64)])
    assert shared(old, old)
    assert not shared(old, lay(talk(), [Overlay(Clip("intro", 0, 480), 961)]))
    assert not same_but_spots(old, talk())


def test_the_same_file_by_another_name_is_the_same() -> None:
    old = with_spots((1000, "a", 3))
    renamed = replace(old, sources=tuple(replace(one, path="moved.wav") for one in old.sources))
    assert shared(old, renamed)[0].samples == length(old.clips)
    assert same_but_spots(old, renamed)
    assert not same_but_spots(old, replace(old, sources=(replace(TALK_SOURCE, sha256="f" * 64), old.sources[1])))


@given(spots)
def test_spots_alone_never_make_a_difference(some: list[tuple[int, str, int]]) -> None:
    assert same_but_spots(talk(), with_spots(*some))
    assert to_programme(with_spots(*some), 0) is not None
