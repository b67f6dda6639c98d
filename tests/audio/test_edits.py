"""The border between recording time and programme time, for any cuts and inserts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.audio.edits import (
    SPOT,
    TALK,
    TONE,
    cut_at,
    cut_out,
    heard_from,
    insert,
    inserts,
    lay,
    length,
    placed,
    to_programme,
    to_recording_ms,
    to_source,
    without_spots,
)
from pipeline.model import Clip, EditList, Overlay, Source
from pipeline.timecode import to_samples

TALK_SOURCE = Source(TALK, "recording.wav", "0" * 64)
TOTAL = 100_000


def whole(samples: int = TOTAL) -> EditList:
    return EditList((TALK_SOURCE,), (Clip(TALK, 0, samples),))


spans = st.tuples(st.integers(0, TOTAL), st.integers(0, TOTAL)).map(lambda pair: (min(pair), max(pair)))


@st.composite
def edited(draw: st.DrawFn) -> tuple[EditList, int, int]:
    """An edit list after some cuts and inserts, and how many samples went out and came in."""
    cuts = draw(st.lists(spans, max_size=4))
    plan, new = cut_out(whole(), cuts, fade=7), 0
    for _ in range(draw(st.integers(0, 4))):
        at, piece = draw(st.integers(0, length(plan.clips))), draw(st.integers(1, 5000))
        plan = insert(plan, at, [Clip("jingle", 0, piece)], [Source("jingle", "j.wav", "1" * 64)], fade=7)
        new += piece
    return plan, len({sample for start, end in cuts for sample in range(start, end)}), new


@example([(0, 10)], 0)
@example([(10, TOTAL)], 0)
@given(st.lists(spans, max_size=5), st.integers(0, 5))
def test_cuts_leave_what_none_of_them_holds_in_its_order(cuts: list[tuple[int, int]], first: int) -> None:
    plan = cut_out(cut_out(whole(), cuts[:first], fade=7), cuts[first:], fade=7)
    assert plan == cut_out(whole(), cuts, fade=7)
    kept = np.ones(TOTAL, bool)
    for start, end in cuts:
        kept[start:end] = False
    heard = [np.arange(clip.source_in, clip.source_out) for clip in plan.clips]
    assert np.array_equal(np.concatenate([np.zeros(0, int), *heard]), np.flatnonzero(kept))
    assert all(map(len, heard))


@given(edited())
def test_durations_add_up(case: tuple[EditList, int, int]) -> None:
    plan, gone, new = case
    assert length(plan.clips) == TOTAL - gone + new
    assert [at for at, _ in placed(plan)] == [length(plan.clips[:place]) for place in range(len(plan.clips))]


@given(edited())
def test_order_is_kept(case: tuple[EditList, int, int]) -> None:
    talk = [clip for clip in case[0].clips if clip.source == TALK]
    assert all(before.source_out <= after.source_in for before, after in pairwise(talk))


@given(edited(), st.integers(0, TOTAL - 1), st.sampled_from(["start", "end"]))
def test_map_and_inverse_agree(case: tuple[EditList, int, int], sample: int, edge: str) -> None:
    plan = case[0]
    heard = to_programme(plan, sample, edge=edge)
    if heard is not None:
        assert to_source(plan, heard, edge=edge) == sample


@given(edited(), st.integers(0, TOTAL), st.sampled_from(["start", "end"]))
def test_inverse_and_map_agree(case: tuple[EditList, int, int], sample: int, edge: str) -> None:
    plan = case[0]
    said = to_source(plan, sample, edge=edge)
    if said is not None:
        assert to_programme(plan, said, edge=edge) == sample


@given(edited(), st.integers(0, TOTAL - 1))
def test_nothing_maps_out_of_what_was_removed(case: tuple[EditList, int, int], sample: int) -> None:
    kept = any(clip.source == TALK and clip.source_in <= sample < clip.source_out for clip in case[0].clips)
    assert (to_programme(case[0], sample) is not None) == kept


@given(st.integers(0, TOTAL), st.integers(0, TOTAL))
def test_a_removed_stretch_maps_to_nothing(one: int, other: int) -> None:
    start, end = sorted((one, other))
    assume(start < end)
    plan = cut_out(whole(), [(start, end)])
    assert to_programme(plan, start) is None
    assert to_programme(plan, end - 1) is None
    assert to_programme(plan, start, edge="end") == (start or None)
    assert to_programme(plan, end) == (start if end < TOTAL else None)


def test_starts_stick_right_and_ends_stick_left() -> None:
    plan = insert(whole(), 48_000, [Clip("spot: x", 0, 28_800)])
    assert to_programme(plan, to_samples(1000)) == to_samples(1600)
    assert to_programme(plan, to_samples(1000), edge="end") == to_samples(1000)
    assert to_programme(plan, to_samples(999)) == to_samples(999)
    assert to_programme(plan, to_samples(1001)) == to_samples(1601)
    assert to_recording_ms(plan, 1300) is None
    assert to_recording_ms(plan, 1600) == 1000


def test_the_cut_clip_fades_and_no_fade_outlasts_its_clip() -> None:
    before, _, after = insert(whole(), 100, [Clip("spot: x", 0, 10)], fade=240).clips
    assert (before.fade_in, before.fade_out, after.fade_in, after.fade_out) == (0, 100, 240, 0)
    later = insert(cut_out(whole(), [(0, 1_000)]), 100, [Clip("spot: x", 0, 10)], fade=240)
    assert later.clips[0] == Clip(TALK, 1_000, 1_100, 0, 100)


def test_nothing_fades_that_is_not_told_to() -> None:
    plan = cut_out(insert(whole(), 100, [Clip("spot: x", 0, 10)]), [(50, 60), (200, 300)])
    assert {(clip.fade_in, clip.fade_out) for clip in plan.clips} == {(0, 0)}
    assert [(clip.source_in, clip.source_out) for clip in plan.clips] == [
        (0, 50),
        (60, 100),
        (0, 10),
        (100, 200),
        (300, TOTAL),
    ]


def test_a_cut_that_ends_or_starts_where_a_clip_does_leaves_that_clip_as_it_was() -> None:
    seam = replace(whole(), clips=(Clip(TALK, 0, 500), Clip(TALK, 500, TOTAL)))
    assert cut_out(seam, [(400, 500)], fade=7).clips == (Clip(TALK, 0, 400, 0, 7), Clip(TALK, 500, TOTAL))
    assert cut_out(seam, [(500, 600)], fade=7).clips == (Clip(TALK, 0, 500), Clip(TALK, 600, TOTAL, 7, 0))


def test_the_talk_s_own_end_does_not_fade_for_what_follows() -> None:
    assert insert(whole(), TOTAL, [Clip(SPOT + "a", 0, 28_800)], fade=240).clips[0] == Clip(TALK, 0, TOTAL)


def test_a_later_spot_at_the_same_cut_stands_behind_the_first() -> None:
    first = insert(whole(), 500, [Clip(SPOT + "a", 0, 28_800)])
    second = insert(first, cut_at(first, 500), [Clip(SPOT + "b", 0, 57_600)])
    assert [clip.source for clip in second.clips] == [TALK, SPOT + "a", SPOT + "b", TALK]
    assert list(inserts(second)) == [(500, 29_300), (29_300, 86_900)]


def test_room_tone_is_no_spot_whatever_it_lasts() -> None:
    tone, spot = Clip(TONE, 0, 28_800), Clip(SPOT + "a", 0, 28_800)
    plan = insert(whole(), 500, [tone, spot, tone, spot])
    assert list(inserts(plan)) == [(500, 58_100), (58_100, 115_700)]
    behind = insert(whole(), 500, [spot, tone, spot])
    assert list(inserts(behind)) == [(500, 29_300), (29_300, 86_900)]


def test_behind_the_talk_too() -> None:
    first = insert(whole(), TOTAL, [Clip(SPOT + "a", 0, 28_800)])
    assert cut_at(first, TOTAL) == TOTAL + 28_800
    outro = insert(first, TOTAL + 28_800, [Clip("outro", 0, 9_600)])
    assert cut_at(outro, TOTAL) == TOTAL + 28_800
    early = insert(whole(), 500, [Clip(SPOT + "a", 0, 28_800)])
    assert cut_at(early, TOTAL) == TOTAL + 28_800


def test_what_was_removed_is_heard_from_the_next_moment_that_is_left() -> None:
    plan = cut_out(whole(), [(100, 200), (500, 600), (90_000, TOTAL)])
    assert [heard_from(plan, sample) for sample in (99, 100, 199, 200, 550)] == [99, 100, 100, 100, 400]
    assert heard_from(plan, 90_000) is None


def test_music_over_an_insert_is_parted_by_it() -> None:
    music = lay(whole(), [Overlay(Clip("intro", 10, 1010), 200)])
    plan = insert(music, 700, [Clip(SPOT + "a", 0, 28_800)])
    before, after = Clip("intro", 10, 510, fade_out=240), Clip("intro", 510, 1010, fade_in=240)
    assert plan.overlays == (Overlay(before, 200), Overlay(after, 29_500))


def test_music_in_two_clips_fades_where_an_insert_parts_them_and_begins_as_it_is() -> None:
    alone, under = Clip("intro", 0, 4_800), Overlay(Clip("intro", 4_800, 9_600), 4_800)
    music = EditList((), (alone, Clip(TALK, 0, TOTAL)), (under,))
    plan = insert(music, 4_800, [Clip(SPOT + "a", 0, 28_800)], fade=240)
    assert plan.clips[0] == Clip("intro", 0, 4_800, fade_out=240)
    assert plan.overlays == (Overlay(Clip("intro", 4_800, 9_600, fade_in=240), 33_600),)
    assert insert(music, 0, [Clip(SPOT + "a", 0, 28_800)], fade=240).clips[1:] == music.clips


@given(edited(), st.integers(0, TOTAL), st.integers(1, 4))
def test_without_spots_is_as_if_they_had_never_been_there(case: tuple[EditList, int, int], at: int, steps: int) -> None:
    plan = lay(case[0], [Overlay(Clip("intro", 0, 400), at // 2)])
    assume(at <= length(plan.clips))
    tone = Clip(TONE, 0, 400)
    spotted = insert(plan, at, [tone, Clip(SPOT + "a", 0, 28_800 * steps - 800), tone])
    bare = without_spots(spotted)
    assert length(bare.clips) == length(plan.clips)
    assert sum(length([one.clip]) for one in bare.overlays) == 400
    for sample in range(0, TOTAL, 9973):
        assert to_programme(bare, sample) == to_programme(plan, sample)


def test_music_behind_a_spot_comes_back_to_its_place_without_it() -> None:
    music = lay(whole(), [Overlay(Clip("intro", 0, 400), 200), Overlay(Clip("outro", 0, 400), 50_000)])
    spotted = insert(music, 700, [Clip(SPOT + "a", 0, 28_800)])
    assert [one.at for one in spotted.overlays] == [200, 78_800]
    assert without_spots(spotted).overlays == music.overlays


def test_a_source_is_named_once() -> None:
    music = Source("intro", "i.wav", "2" * 64)
    once = lay(whole(), [Overlay(Clip("intro", 0, 400), 200)], [music])
    assert once.sources == (TALK_SOURCE, music)
    assert lay(once, [Overlay(Clip("intro", 0, 400), 900)], [music]).sources == once.sources
    assert insert(once, 500, [Clip("intro", 0, 400)], [music]).sources == once.sources
    assert insert(whole(), 500, [Clip("intro", 0, 400)], [music]).sources == once.sources


def test_a_cut_of_nothing_changes_nothing() -> None:
    assert cut_out(whole(), [(500, 500)], fade=7) == whole()


def test_outside_is_an_error() -> None:
    with pytest.raises(ValueError, match="outside"):
        insert(whole(), TOTAL + 1, [Clip("x", 0, 1)])
