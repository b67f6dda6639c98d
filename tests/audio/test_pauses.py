"""Where a talk can be cut."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.edits import TALK, cut_out, length, to_programme
from pipeline.audio.pauses import after_cue, cut_in, middles, pauses, quietest, silences, unspoken
from pipeline.audio.render import render
from pipeline.audio.streams import FADE, Block, gather
from pipeline.errors import InputError
from pipeline.model import Clip, Cue, EditList, Segment, Source, Span, Transcript, Word
from pipeline.timecode import to_samples


def talk(*spoken: tuple[int, int], total: int = 10_000, hum: float = 0.0) -> Block:
    """Noise at speech level in the given spans (ms), room tone 40 dB below elsewhere, and hum at 50 Hz."""
    random = np.random.default_rng(7)
    samples = 0.001 * random.standard_normal(to_samples(total))
    for start, end in spoken:
        samples[to_samples(start) : to_samples(end)] += 0.1 * random.standard_normal(to_samples(end - start))
    samples += hum * np.sin(2 * np.pi * 50 / 48_000 * np.arange(len(samples)))
    return samples.astype(np.float32)[:, None]


def said(*spans: tuple[int, int]) -> Transcript:
    return Transcript("es", tuple(Segment(s, e, "x", (Word(s, e, "x", 1.0),)) for s, e in spans))


def whole(samples: int) -> EditList:
    return EditList((Source(TALK, "", ""),), (Clip(TALK, 0, samples),))


def without(plan: EditList, gone: Iterable[Span]) -> EditList:
    return cut_out(plan, ((to_samples(one.start), to_samples(one.end)) for one in gone), fade=FADE)


def test_pauses_are_found_to_the_hundredth_and_short_ones_left_out() -> None:
    found = pauses(talk((500, 3_000), (3_150, 5_000), (6_000, 9_000)), start=100_000)
    assert [round(one.start, -2) for one in found] == [100_000, 105_000, 109_000]
    assert [one.end for one in found] == [100_500, 106_000, 110_000]


def test_hum_under_everything_hides_no_pause() -> None:
    assert Span(5_000, 6_000) in pauses(talk((0, 5_000), (6_000, 10_000), hum=0.2), start=0)


def test_digital_silence_is_a_pause() -> None:
    assert pauses(np.zeros((48_000, 1), np.float32), 0) == (Span(0, 1000),)
    assert pauses(np.zeros((0, 1), np.float32), 0) == ()


def test_the_spot_goes_forward_from_the_cue_into_the_pause_before_the_next_word() -> None:
    found = (Span(1_000, 1_500), Span(5_000, 6_000), Span(8_000, 9_900))
    pause = after_cue(Cue(4_900, "cue"), found, said((0, 4_900), (6_000, 8_000)), 10_000)
    assert pause == Span(5_000, 6_000)
    assert cut_in(pause) == 5_500


def test_a_sentence_that_ends_late_in_the_recognisers_ear_still_finds_its_pause() -> None:
    assert after_cue(Cue(5_400, "cue"), (Span(5_000, 6_000),), said((0, 5_400), (5_800, 8_000)), 10_000).start == 5_000


def test_never_across_another_sentence() -> None:
    with pytest.raises(InputError, match=r"00:00:04\.900") as caught:
        after_cue(Cue(4_900, "cue"), (Span(8_000, 9_900),), said((0, 4_900), (4_950, 8_000)), 10_000)
    assert "cue_at" in caught.value.todo


def test_never_further_than_the_search_reaches() -> None:
    with pytest.raises(InputError, match="pauses"):
        after_cue(Cue(1_000, "cue"), (Span(15_000, 16_000),), said((0, 1_000)), 60_000)


def test_a_recording_that_ends_in_the_cue_takes_the_spot_at_its_end() -> None:
    assert after_cue(Cue(9_800, "cue"), (), said((0, 9_800)), 10_000) == Span(10_000, 10_000)


def test_a_long_pause_is_cut_a_second_in() -> None:
    assert cut_in(Span(70_000, 110_000)) == 71_000


def test_room_tone_comes_from_the_pause_itself_then_the_longest_then_the_quietest() -> None:
    window = talk((500, 3_000), (3_400, 9_700))
    assert quietest(window, 0, 3_200) == Span(3_000, 3_400)
    assert quietest(window, 0, 5_000) == Span(0, 500)
    breathless = talk(*((start, start + 150) for start in range(0, 10_000, 200) if start != 7_000), (7_000, 7_020))
    assert quietest(breathless, 0, 5_000) == Span(7_000, 7_200)
    assert quietest(window[:4_800], 50, 60) == Span(50, 150)


def test_silences_are_shortened_and_music_alone_is_none() -> None:
    sound = talk((0, 5_000), (12_000, 20_000), total=40_000)
    sound[to_samples(22_000) : to_samples(38_000)] += 0.02 * np.sin(np.arange(to_samples(16_000)) / 9)[:, None]
    found = silences(np.array_split(sound, 37), 2_500)
    assert found == (Span(5_000, 12_000),)
    short = without(whole(len(sound)), middles(found, 2_500))
    assert length(short.clips) == to_samples(40_000 - 4_500)
    heard = {ms: to_programme(short, to_samples(ms)) for ms in (6_249, 6_250, 10_750, 12_000)}
    later = {6_249: 6_249, 10_750: 6_250, 12_000: 7_500}
    assert heard == {ms: to_samples(later[ms]) if ms in later else None for ms in heard}


def test_both_ends_of_a_silence_keep_their_room_and_fade_where_they_meet() -> None:
    sound = talk((0, 5_000), (12_000, 20_000), total=20_000)
    short = without(whole(len(sound)), middles([Span(5_000, 12_000)], 2_000))
    before, after = short.clips
    assert (before.fade_out, after.fade_in) == (FADE, FADE)
    assert (before.source_out, after.source_in) == (to_samples(6_000), to_samples(11_000))
    heard = gather(render(short, lambda name, start, stop: iter([sound[start:stop]])), 1)
    alone = gather(render(whole(len(sound)), lambda name, start, stop: iter([sound[start:stop]])), 1)
    meeting = to_samples(6_000)
    assert np.array_equal(heard[: meeting - FADE], alone[: meeting - FADE])
    assert np.array_equal(heard[meeting + FADE :], alone[to_samples(11_000) + FADE :])
    assert abs(heard[meeting - 1, 0]) < 0.0002


def test_a_voice_too_faint_to_be_heard_over_the_others_is_not_cut_for_silence() -> None:
    sound = talk((0, 5_000), (18_000, 20_000), total=20_000)
    sound[to_samples(9_000) : to_samples(12_000)] *= 2
    found = silences([sound], 1_500)
    assert found == (Span(5_010, 18_000),)
    assert unspoken(found, said((0, 5_000), (9_000, 9_300), (18_000, 20_000)), 1_500) == (
        Span(5_010, 9_000),
        Span(9_300, 18_000),
    )
    bare = Transcript("es", (Segment(6_000, 16_900, "una frase entera de alguien que estaba muy lejos" * 3),))
    assert unspoken(found, bare, 1_500) == ()
    assert unspoken(found, said(), 1_500) == found


def test_a_word_that_the_recogniser_drew_out_over_a_silence_does_not_keep_it() -> None:
    stretched = said((4_000, 12_000))
    assert unspoken([Span(5_000, 12_000)], stretched, 1_500) == (Span(5_000, 12_000),)


spans = st.lists(st.integers(0, 60_000), min_size=2, max_size=12, unique=True).map(
    lambda edges: [Span(a, b) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)]
)


@given(spans, spans, st.integers(1, 5_000))
def test_what_is_left_is_where_it_should_be(silent: list[Span], cuts: list[Span], longest: int) -> None:
    found = [one for one in silent if one.end - one.start > longest]
    plan = without(whole(to_samples(60_000)), [*cuts, *middles(found, longest)])
    gone = np.zeros(60_000, bool)
    for one in found:
        gone[one.start + longest // 2 : one.end - (longest - longest // 2)] = True
    for one in cuts:
        gone[one.start : one.end] = True
    assert length(plan.clips) == to_samples(int((~gone).sum()))
    edges = [edge for one in (*found, *cuts) for edge in (one.start, one.end) if edge < 60_000]
    for ms in edges:
        expected = None if gone[ms] else to_samples(int((~gone[:ms]).sum()))
        assert to_programme(plan, to_samples(ms)) == expected
