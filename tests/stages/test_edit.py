"""Where the spot goes, what moves with it, and what is refused."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.audio.edits import INTRO, OUTRO, SPOT, TALK, TONE, length, without_spots
from pipeline.audio.loudness import integrated, measure
from pipeline.audio.render import render
from pipeline.audio.streams import Block, gather
from pipeline.errors import InputError
from pipeline.model import Chapter, Chapters, Clip, Cue, EditList, Programme, Segment, Span, Transcript, Word
from pipeline.stages.edit import SpotOrder, edit
from pipeline.stages.mix import mix
from pipeline.stages.retime import retime
from pipeline.tools import sound

SECOND = 48_000
SENTENCES = ((500, 4_000), (4_600, 9_000), (10_000, 14_000), (14_500, 19_500))
CUE = Cue(9_000, "said there")
"""The cue sentence is the second; the pause behind it lasts a second."""


def noise(seconds: float, level: float, channels: int = 1, seed: int = 1) -> Block:
    random = np.random.default_rng(seed)
    return (level * random.standard_normal((round(seconds * SECOND), channels))).astype(np.float32)


def save(path: Path, samples: Block) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((samples.shape[1], 2, SECOND, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def talk(level: float = 0.1, channels: int = 1) -> Block:
    samples = noise(20, 0.0005, channels)
    for start, end in SENTENCES:
        samples[start * 48 : end * 48] += noise((end - start) / 1000, level, channels, seed=start)
    return samples


class Studio:
    """A workspace with a talk of four sentences, a spot, intro and outro."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.save("talk.wav", talk())
        self.save("spot.wav", noise(3.3, 0.02, seed=2))
        self.save("intro.wav", noise(6, 0.1, seed=3))
        self.save("outro.wav", noise(9, 0.1, seed=4))

    def save(self, name: str, samples: Block) -> None:
        save(self.folder / name, samples)

    def edit(self, *places: str, cue: Cue | None = CUE, **options: Any) -> tuple[EditList, Programme]:
        recording = mix(self.folder / "talk.wav", "talk.wav", sound)
        chapters = Chapters(tuple(Chapter(f"c{s}", s, e, s) for s, e in SENTENCES))
        words = tuple(Segment(s, e, "hola", (Word(s, e, "hola", 1.0),)) for s, e in SENTENCES)
        orders = [SpotOrder(f"{place}{n}", place, "spot.wav") for n, place in enumerate(places)]
        options = {"intro": None, "outro": None} | options
        transcript = options.pop("transcript", Transcript("es", words))
        plan, spots = edit(
            recording,
            transcript,
            cue,
            options.pop("orders", orders),
            workspace=self.folder,
            ears=sound,
            **options,
        )
        return plan, retime(plan, spots, chapters, transcript)

    def hear(self, plan: EditList) -> Block:
        paths = {source.name: self.folder / source.path for source in plan.sources}

        def opened(name: str, start: int, stop: int) -> Any:
            return sound.blocks(paths[name], channels=plan.channels, start=start, stop=stop)

        return gather(render(plan, opened), plan.channels)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_without_spots_and_music_the_talk_is_the_programme(studio: Studio) -> None:
    plan, programme = studio.edit()
    assert (programme.duration, programme.spots) == (20_000, ())
    assert [chapter.start for chapter in programme.chapters.chapters] == [0, 4_600, 10_000, 14_500]
    assert len(plan.clips) == 1


def test_what_is_cut_is_gone_and_all_behind_moves_up(studio: Studio) -> None:
    plan, programme = studio.edit(cuts=(Span(4_300, 9_500), Span(14_200, 14_250), Span(9_400, 9_600)))
    assert programme.duration == 20_000 - 5_300 - 50
    assert [chapter.title for chapter in programme.chapters.chapters] == ["c500", "c10000", "c14500"]
    assert [segment.start for segment in programme.transcript.segments] == [500, 10_000 - 5_300, 14_500 - 5_350]
    whole, heard = studio.hear(studio.edit()[0]), studio.hear(plan)
    assert np.array_equal(heard[: 4_200 * 48], whole[: 4_200 * 48])
    assert np.array_equal(heard[4_400 * 48 : 8_000 * 48], whole[9_700 * 48 : 13_300 * 48])


def test_a_cue_that_was_cut_leaves_the_spot_behind_the_cue_that_is_heard(studio: Studio) -> None:
    _, programme = studio.edit("cue", cue=Cue(14_000, "said again"), cuts=(Span(4_300, 9_500),))
    (spot,) = programme.spots
    assert 14_000 <= spot.recording_ms <= 14_500
    assert spot.start == spot.recording_ms - 5_200


def test_cuts_that_cannot_be(studio: Studio) -> None:
    with pytest.raises(InputError, match=r"a cut starts at 00:00:20\.500"):
        studio.edit(cuts=(Span(20_500, 21_000),))
    with pytest.raises(InputError, match="nothing of the talk is left"):
        studio.edit(cuts=(Span(0, 30_000),))


def test_the_spot_stands_in_the_pause_behind_the_cue_and_moves_all_behind_by_its_length(studio: Studio) -> None:
    plan, programme = studio.edit("cue")
    (spot,) = programme.spots
    assert 9_000 < spot.recording_ms - 300 < spot.recording_ms + 300 < 10_000
    assert spot.start == spot.recording_ms
    assert (spot.end - spot.start) % 600 == 0
    assert programme.duration == 20_000 + spot.end - spot.start
    starts = [chapter.start for chapter in programme.chapters.chapters]
    assert starts == [0, 4_600, 10_000 + spot.end - spot.start, 14_500 + spot.end - spot.start]
    heard = [(word.start, word.end) for segment in programme.transcript.segments for word in segment.words]
    shifts = [(spot.end - spot.start) * (start > 9_000) for start, _ in SENTENCES]
    assert heard == [(start + shift, end + shift) for (start, end), shift in zip(SENTENCES, shifts, strict=True)]
    assert length(plan.clips) == programme.duration * 48


def test_room_tone_and_no_silence_stands_around_the_spot(studio: Studio) -> None:
    plan, programme = studio.edit("cue")
    assert [clip.source for clip in plan.clips] == [TALK, TONE, SPOT + "cue0", TONE, TALK]
    samples, (spot,) = studio.hear(plan), programme.spots
    tone = np.sqrt(np.mean(samples[(spot.start - 200) * 48 : spot.start * 48] ** 2))
    for at in (spot.start - 5, spot.start, spot.start + 5, spot.end - 10, spot.end - 5, spot.end, spot.end + 5):
        piece = samples[at * 48 : (at + 5) * 48]
        assert np.sqrt(np.mean(piece**2)) == pytest.approx(tone, rel=0.3)


def test_the_spot_is_as_loud_as_the_talk_around_it(studio: Studio) -> None:
    plan, programme = studio.edit("cue")
    samples, (spot,) = studio.hear(plan), programme.spots
    inside = samples[(spot.start + 400) * 48 : (spot.end - 400) * 48]
    around = studio.hear(without_spots(plan))
    assert integrated(measure([inside]).energies) == pytest.approx(integrated(measure([around]).energies), abs=0.5)


def test_a_spot_is_no_louder_than_a_very_quiet_talk(studio: Studio) -> None:
    studio.save("talk.wav", talk(0.005))
    studio.save("spot.wav", noise(3.3, 0.2, seed=2))
    plan, programme = studio.edit("cue")
    samples, (spot,) = studio.hear(plan), programme.spots
    inside = samples[(spot.start + 400) * 48 : (spot.end - 400) * 48]
    around = studio.hear(without_spots(plan))
    assert integrated(measure([inside]).energies) == pytest.approx(integrated(measure([around]).energies), abs=0.5)


def test_a_spot_stands_in_a_silence_that_is_shortened(studio: Studio) -> None:
    _, programme = studio.edit("cue", longest_silence=400, intro="intro.wav")
    bare, _ = studio.edit(longest_silence=400, intro="intro.wav")
    (spot,) = programme.spots
    assert length(bare.clips) < 20_000 * 48 + 6_000 * 48 - 2_500 * 48
    assert programme.duration == length(bare.clips) // 48 + spot.end - spot.start
    heard = [(word.start, word.end) for segment in programme.transcript.segments for word in segment.words]
    assert [end - start for start, end in heard] == [end - start for start, end in SENTENCES]
    assert heard[1][1] < spot.start < spot.end < heard[2][0]


def steps_around(samples: Block, *at: int) -> float:
    """The largest step from a sample to the next within 60 ms of moments, ms."""
    return max(float(np.abs(np.diff(samples[(one - 60) * 48 : (one + 60) * 48, 0])).max()) for one in at)


def sine(seconds: float, hertz: float, level: float) -> Block:
    wave = level * np.sin(2 * np.pi * hertz / SECOND * np.arange(round(seconds * SECOND)))
    return wave.astype(np.float32)[:, None]


def test_no_click_where_a_spot_stands_in_a_silence_that_is_shortened(studio: Studio) -> None:
    samples = sine(20, 203, 0.002)
    for start, end in SENTENCES:
        samples[start * 48 : end * 48] += noise((end - start) / 1000, 0.1, seed=start)
    studio.save("talk.wav", samples)
    plan, programme = studio.edit("cue", longest_silence=400)
    (spot,) = programme.spots
    assert 9_200 < spot.recording_ms < 9_800
    assert steps_around(studio.hear(plan), spot.start, spot.end) < 2 * 0.002 * 2 * np.pi * 203 / SECOND


@pytest.mark.parametrize(("music", "cue"), [("intro", 0), ("intro", 1_000), ("outro", 19_000), ("outro", 20_000)])
def test_no_click_where_music_stops_for_a_spot(studio: Studio, music: str, cue: int) -> None:
    studio.save("talk.wav", np.zeros((20 * SECOND, 1), np.float32))
    studio.save(f"{music}.wav", sine(7, 443, 0.3))
    spoken = Transcript("es", (Segment(500, 19_500, "hola"),))
    exact = Cue(cue, "the editor says so", exact=True)
    plan, programme = studio.edit("cue", cue=exact, transcript=spoken, **{music: f"{music}.wav"})
    (spot,) = programme.spots
    assert steps_around(studio.hear(plan), spot.start, spot.end) < 1.1 * 0.3 * 2 * np.pi * 443 / SECOND


def test_an_editors_time_is_used_as_it_is_and_the_talk_fades_there(studio: Studio) -> None:
    plan, programme = studio.edit("cue", cue=Cue(12_345, "the editor says so", exact=True))
    assert programme.spots[0].recording_ms == 12_345
    before, after = (clip for clip in plan.clips if clip.source == TALK)
    assert (before.source_out, before.fade_out, after.fade_in) == (12_345 * 48, 240, 240)
    assert len(programme.transcript.segments) == 4


def test_several_spots_stand_in_their_order(studio: Studio) -> None:
    plan, programme = studio.edit("post", "cue", "pre", "cue", "pre", intro="intro.wav", outro="outro.wav")
    assert [spot.name for spot in programme.spots] == ["pre2", "pre4", "cue1", "cue3", "post0"]
    spots = [clip.source.removeprefix(SPOT) for clip in plan.clips if clip.source.startswith(SPOT)]
    assert spots == ["pre2", "pre4", "cue1", "cue3", "post0"]
    assert programme.spots[0].start == 0
    assert programme.spots[1].start == programme.spots[0].end
    assert programme.spots[3].start == programme.spots[2].end
    assert programme.spots[4].end == programme.duration
    assert programme.chapters.chapters[0].start == 0


def test_music_plays_alone_then_under_the_voice(studio: Studio) -> None:
    plan, programme = studio.edit(intro="intro.wav", outro="outro.wav")
    lead = programme.transcript.segments[0].start - 500
    assert lead == 6_000 - 2_000 - 500
    assert programme.duration == lead + 20_000 + 9_000 - 3_000 - 500
    assert [clip.source for clip in plan.clips] == [INTRO, TALK, OUTRO]
    samples = studio.hear(plan)

    def level(start: int, end: int) -> float:
        return float(20 * np.log10(np.sqrt(np.mean(samples[start * 48 : end * 48] ** 2))))

    full, under = level(1_000, 2_900), level(lead + 20_000, lead + 23_000)
    assert full == pytest.approx(under, abs=1.5)
    assert programme.chapters.chapters[0].start == 0
    assert programme.chapters.chapters[1].start == 4_600 + lead


def test_no_click_where_music_passes_from_alone_to_under(studio: Studio) -> None:
    tone = np.sin(2 * np.pi * 440 / SECOND * np.arange(6 * SECOND))[:, None] * 0.3
    studio.save("intro.wav", tone.astype(np.float32))
    studio.save("talk.wav", np.zeros((20 * SECOND, 1), np.float32))
    late = Transcript("es", (Segment(2_000, 3_000, "hola"),))
    plan, _ = studio.edit(intro="intro.wav", transcript=late)
    samples = studio.hear(plan)[: 5 * SECOND, 0]
    bends = np.abs(np.diff(samples, n=2))
    assert bends.max() < 1.1 * bends[SECOND : 2 * SECOND].max()


def test_music_that_outlasts_a_short_talk_fades_by_its_end(studio: Studio) -> None:
    studio.save("intro.wav", sine(12, 443, 0.3))
    studio.save("talk.wav", np.zeros((2 * SECOND, 1), np.float32))
    plan, _ = studio.edit(intro="intro.wav", transcript=Transcript("es", (Segment(500, 1_900, "hola"),)))
    samples = studio.hear(plan)
    assert len(samples) == (12_000 - 4_000 - 500 + 2_000) * 48
    # The last 5 ms of 1.5 s in which 0.3 fades from 14 dB under it.
    assert np.abs(samples[-240:]).max() < 0.3 * 10 ** (-14 / 20) * 0.005
    assert np.abs(samples[-36_000:-35_000]).max() == pytest.approx(0.3 * 10 ** (-14 / 20) / 2, rel=0.05)


@pytest.mark.parametrize("level", [0.1, 0.003])
def test_a_talk_off_zero_or_cut_at_its_ends_starts_and_stops_without_a_click(studio: Studio, level: float) -> None:
    studio.save("talk.wav", talk(level) + np.float32(level))
    off_zero = studio.hear(studio.edit()[0])
    assert np.abs(off_zero[:24]).max() < 0.1 * level
    studio.save("talk.wav", level * np.cos(2 * np.pi * 203 / SECOND * np.arange(20 * SECOND))[:, None])
    cut = studio.hear(studio.edit()[0])
    assert max(np.abs(cut[0]), np.abs(cut[-1])) < 0.005 * level
    assert np.abs(cut[-720:-480]).max() == pytest.approx(level, rel=0.1)


def test_a_talk_that_starts_and_ends_in_room_tone_is_left_as_it_is(studio: Studio) -> None:
    assert studio.edit()[0].clips == (Clip(TALK, 0, 20 * SECOND),)


@pytest.mark.parametrize(("spot_channels", "talk_channels"), [(2, 1), (1, 2)])
def test_the_talk_decides_the_channels(studio: Studio, spot_channels: int, talk_channels: int) -> None:
    studio.save("talk.wav", talk(channels=talk_channels))
    studio.save("spot.wav", noise(3, 0.1, spot_channels))
    plan, programme = studio.edit("cue")
    assert plan.channels == talk_channels
    assert studio.hear(plan).shape == (programme.duration * 48, talk_channels)


def test_a_spot_with_dc_gives_no_click_and_no_offset(studio: Studio) -> None:
    studio.save("spot.wav", noise(3, 0.05, seed=9) + np.float32(0.3))
    plan, programme = studio.edit("cue")
    samples, (spot,) = studio.hear(plan), programme.spots
    assert abs(samples[(spot.start + 500) * 48 : (spot.end - 500) * 48].mean()) < 0.003
    edges = np.r_[(spot.start - 50) * 48 : (spot.start + 250) * 48, (spot.end - 250) * 48 : (spot.end + 50) * 48]
    assert np.abs(samples[edges]).max() < 0.6


def test_quiet_at_the_ends_of_a_spot_is_trimmed(studio: Studio) -> None:
    silence = np.zeros((2 * SECOND, 1), np.float32)
    studio.save("spot.wav", np.concatenate([silence, noise(3, 0.1), silence]))
    plan, _ = studio.edit("cue")
    clip = next(clip for clip in plan.clips if clip.source.startswith(SPOT))
    assert (clip.source_in, clip.source_out) == (1_900 * 48, 5_100 * 48)


def test_a_recording_that_ends_in_the_cue_takes_the_spot_at_its_end(studio: Studio) -> None:
    studio.save("talk.wav", talk()[: 9_000 * 48])
    only = Transcript("es", tuple(Segment(s, e, "x", (Word(s, e, "x", 1.0),)) for s, e in SENTENCES[:2]))
    plan, programme = studio.edit("cue", cue=Cue(8_950, "cue"), transcript=only)
    assert programme.spots[0].recording_ms == 9_000
    assert programme.spots[0].end == programme.duration
    assert studio.hear(plan).shape[0] == programme.duration * 48


def test_a_clipped_spot_is_as_loud_as_the_talk_and_fades_in_and_out(studio: Studio) -> None:
    studio.save("spot.wav", np.clip(noise(3, 20), -1, 1))
    plan, programme = studio.edit("cue")
    samples, (spot,) = studio.hear(plan), programme.spots
    inside = samples[(spot.start + 400) * 48 : (spot.end - 400) * 48]
    around = studio.hear(without_spots(plan))
    assert integrated(measure([inside]).energies) == pytest.approx(integrated(measure([around]).energies), abs=0.5)
    quiet = np.r_[spot.start * 48 - 2400 : spot.start * 48 + 480, spot.end * 48 - 480 : spot.end * 48 + 2400]
    assert np.abs(samples[quiet]).max() < 0.01


REFUSED = {
    "silent": (np.zeros((SECOND, 1), np.float32), "silent"),
    "nearly silent": (noise(2, 1e-5), "silent"),
    "its channels cancel in mono": (noise(2, 0.1) * np.float32([1, -1]), "silent"),
    "longer than the talk": (noise(21, 0.1), "longer than the whole talk"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_spot_that_cannot_be_is_refused(studio: Studio, name: str) -> None:
    samples, message = REFUSED[name]
    studio.save("spot.wav", samples)
    with pytest.raises(InputError, match=message) as caught:
        studio.edit("cue")
    assert caught.value.where == "spot.wav"


def test_no_cue_asks_for_a_time(studio: Studio) -> None:
    with pytest.raises(InputError, match="cue was not found") as caught:
        studio.edit("cue", cue=None)
    assert "cue_at" in caught.value.todo


def test_no_pause_behind_the_cue_asks_for_a_time(studio: Studio) -> None:
    breathless = Transcript("es", (Segment(4_600, 6_000, "x"), Segment(6_000, 9_000, "y")))
    with pytest.raises(InputError, match=r"00:00:06\.000") as caught:
        studio.edit("cue", cue=Cue(6_000, "cue"), transcript=breathless)
    assert "cue_at" in caught.value.todo


def test_an_editors_time_behind_the_end_is_refused(studio: Studio) -> None:
    with pytest.raises(InputError, match="the recording ends at"):
        studio.edit("cue", cue=Cue(20_001, "the editor says so", exact=True))


def test_a_missing_spot_is_named(studio: Studio) -> None:
    with pytest.raises(InputError, match="no such file"):
        studio.edit(orders=[SpotOrder("x", "cue", "nowhere.wav")])
