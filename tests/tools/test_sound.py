"""Ears: exact counts and positions for every format, and a clear word for what cannot be used."""

from __future__ import annotations

import struct
import wave
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.audio.streams import Block, gather
from pipeline.errors import InputError
from pipeline.tools import container, sound

SAMPLES = 3 * 48_000 + 123


def chirp(samples: int = SAMPLES, rate: int = 48_000) -> Block:
    """A sweep, whose position can be read from its shape."""
    time = np.arange(samples) / rate
    return (0.4 * np.sin(2 * np.pi * (200 + 400 * time) * time))[:, None].astype(np.float32)


def write(path: Path, samples: Block, rate: int = 48_000, codec: str = "pcm_s16le", form: str = "s16") -> Path:
    """Encode with PyAV."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        fifo = av.AudioFifo()
        for part in av.AudioResampler(format=form).resample(frame):
            part.pts = None
            fifo.write(part)
        stream.codec_context.open()
        while fifo.samples and (part := fifo.read(stream.frame_size or 1024, partial=True)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def read(path: Path, channels: int = 1, start: int = 0, stop: int | None = None) -> Block:
    return gather(sound.blocks(path, channels=channels, start=start, stop=stop), channels)


def delay(heard: Block, truth: Block) -> int:
    """Samples by which `heard` is late, by correlation."""
    size = 1 << 18
    spectrum = np.fft.rfft(heard[:, 0], size) * np.conj(np.fft.rfft(truth[:, 0], size))
    peak = int(np.fft.irfft(spectrum, size).argmax())
    return peak if peak < size // 2 else peak - size


LOSSLESS = {"wav": ("pcm_s16le", "s16"), "flac": ("flac", "s16")}


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_lossless_files_come_back_sample_for_sample(tmp_path: Path, suffix: str) -> None:
    codec, form = LOSSLESS[suffix]
    path = write(tmp_path / f"a.{suffix}", chirp(), codec=codec, form=form)
    facts = sound.probe(path)
    assert (facts.samples, facts.sample_rate, facts.channels, facts.duration) == (SAMPLES, 48_000, 1, 3003)
    assert np.abs(read(path) - chirp()).max() < 1 / 32768 + 1e-6
    assert np.array_equal(read(path, start=70_001, stop=120_007), read(path)[70_001:120_007])
    assert len(read(path, start=SAMPLES)) == 0


SEEKABLE = {
    "wav": ("pcm_s24le", "s32"),
    "flac": ("flac", "s16"),
    "mp3": ("libmp3lame", "fltp"),
    "opus": ("libopus", "s16"),
}
OTHER = {"m4a": ("aac", "fltp")}


RATES = {"wav": (48_000, 44_100, 96_000, 22_050), "flac": (48_000, 44_100), "mp3": (48_000, 44_100), "opus": (48_000,)}


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """Twenty seconds of stereo in a file of that suffix and rate."""
    folder = tmp_path_factory.mktemp("noisy")

    @cache
    def made(suffix: str, rate: int) -> Path:
        codec, form = (SEEKABLE | OTHER)[suffix]
        noise = np.random.default_rng(8).standard_normal((20 * rate + 7, 2), np.float32) * np.float32(0.1)
        return write(folder / f"{rate}.{suffix}", noise, rate=rate, codec=codec, form=form)

    return made


@pytest.mark.parametrize(
    ("suffix", "rate"), [(suffix, rate) for suffix in SEEKABLE for rate in RATES[suffix]] + [("m4a", 44_100)]
)
@pytest.mark.parametrize("channels", [1, 2])
def test_reading_from_the_middle_gives_the_very_samples_of_the_whole(
    noisy: Callable[[str, int], Path], suffix: str, rate: int, channels: int
) -> None:
    path = noisy(suffix, rate)
    whole = read(path, channels)
    for start in (1, 48_000, 96_001, 7 * 48_000 + 11, 19 * 48_000):
        assert np.array_equal(read(path, channels, start, start + 50_000), whole[start : start + 50_000])


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_end_is_read_without_what_lies_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int
) -> None:
    path = write(tmp_path / "a.wav", chirp(60 * rate, rate), rate=rate)
    decoded: list[int] = []
    joined = sound._joined

    def counted(frames: Iterable[av.AudioFrame], size: int) -> Iterator[av.AudioFrame]:
        for second in joined(frames, size):
            decoded.append(second.samples)
            yield second

    monkeypatch.setattr(sound, "_joined", counted)
    assert len(read(path, start=55 * 48_000)) == 5 * 48_000
    assert sum(decoded) < 8 * rate


@pytest.mark.parametrize("rate", [44_100, 96_000, 22_050, 44_056])
@pytest.mark.parametrize("extra", [-1, 0, 1, 3])
def test_resampling_counts_every_sample(tmp_path: Path, rate: int, extra: int) -> None:
    samples = 5 * rate + extra
    path = write(tmp_path / "a.wav", chirp(samples, rate), rate=rate)
    heard = read(path)
    assert len(heard) == sound.probe(path).samples == (samples * 48_000 + rate // 2) // rate
    assert np.abs(heard[2400:-2400] - chirp(len(heard))[2400:-2400]).max() < 0.005


def test_mp3_leaves_out_delay_and_padding(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", chirp(), codec="libmp3lame", form="s16p")
    assert sound.probe(path).samples == SAMPLES
    assert delay(read(path), chirp()) == 0


def test_opus_leaves_out_its_pre_skip(tmp_path: Path) -> None:
    path = write(tmp_path / "a.opus", chirp(), codec="libopus", form="s16")
    assert sound.probe(path).samples == SAMPLES
    assert abs(delay(read(path), chirp())) <= 1


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000])
def test_other_rates_become_48k_without_drift_or_delay(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "a.wav", chirp(3 * rate + 7, rate), rate=rate)
    expected = round((3 * rate + 7) * 48_000 / rate)
    assert sound.probe(path).samples == expected == len(read(path))
    assert delay(read(path), chirp(expected)) == 0
    assert np.abs(read(path)[4800:-4800] - chirp(expected)[4800:-4800]).max() < 0.01


def test_channels_are_mixed_and_doubled(tmp_path: Path) -> None:
    one, other = chirp(48_000), -0.5 * chirp(48_000)
    stereo = write(tmp_path / "s.wav", np.concatenate([one, other], axis=1))
    assert np.abs(read(stereo, 1) - 0.25 * one).max() < 1e-4
    assert np.abs(read(stereo, 2) - np.concatenate([one, other], axis=1)).max() < 1e-4
    mono = write(tmp_path / "m.wav", one)
    assert np.array_equal(read(mono, 2), np.repeat(read(mono, 1), 2, axis=1))
    surround = write(tmp_path / "six.wav", np.repeat(one, 6, axis=1))
    assert read(surround, 2).shape == (48_000, 2)
    assert sound.probe(surround).channels == 6


def test_a_fifth_of_a_second_is_enough(tmp_path: Path) -> None:
    assert sound.probe(write(tmp_path / "a.wav", chirp(9_600))).duration == 200


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of 10 s with a part missing: the second half, or some bytes in the middle."""
    folder = tmp_path_factory.mktemp("damaged")
    noise = np.random.default_rng(8).standard_normal((480_000, 1)).astype(np.float32) * 0.1
    flac = write(folder / "whole.flac", noise, codec="flac").read_bytes()
    opus = write(folder / "whole.opus", noise, codec="libopus").read_bytes()
    webm = write(folder / "whole.mka", noise, codec="libopus").read_bytes()
    pcm = write(folder / "whole.wav", noise).read_bytes()
    long = struct.pack("<4sI4s4sIQQQI", b"RF64", 0xFFFFFFFF, b"WAVE", b"ds64", 28, 960_072, 960_000, 480_000, 0)
    rf64 = long + pcm[12:36] + b"data\xff\xff\xff\xff" + pcm[-960_000:]
    stale = pcm[: len(pcm) - 960_000 - 4] + struct.pack("<I", 96_000) + pcm[-960_000:]
    mp4 = write(folder / "whole.m4a", noise, codec="aac", form="fltp").read_bytes()
    halves = {"rf64": rf64, "opus": opus, "matroska": webm, "m4a": mp4}
    for name, data in halves.items():
        (folder / f"whole-{name}.x").write_bytes(data)
        assert sound.probe(folder / f"whole-{name}.x").samples >= 479_000
    middle = {"hole in flac": flac, "hole in opus": opus}
    return (
        {"stale wav": stale}
        | {f"half {name}": data[: len(data) // 2] for name, data in halves.items()}
        | {name: data[: len(data) // 2] + bytes(9000) + data[len(data) // 2 + 9000 :] for name, data in middle.items()}
    )


DAMAGED = {
    "half rf64": r"header promises 0:10, but there are 5.00 s less",
    "half opus": r"bytes or more are not there: the file is cut off",
    "half matroska": r"bytes or more are not there: the file is cut off",
    "half m4a": r"its index is damaged or not there: the file is cut off",
    "stale wav": r"behind the end that its header tells of lies 0:09 more",
    "hole in flac": r"header promises 0:10, but there are 0.\d\d s less",
    "hole in opus": r"s are lost behind 0:0\d: the file is damaged",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_sound_that_is_not_all_there_is_refused(tmp_path: Path, damaged: dict[str, bytes], name: str) -> None:
    path = tmp_path / "damaged.wav"
    path.write_bytes(damaged[name])
    with pytest.raises(InputError, match=DAMAGED[name]):
        sound.probe(path)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    other = write(tmp_path / "other.aac", chirp(), codec="aac", form="fltp")
    lists = {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{other}\n#EXT-X-ENDLIST\n",
        "a.wav": f"ffconcat version 1.0\nfile '{other.name}'\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text, "utf-8")
        with pytest.raises(InputError, match="not a sound file"):
            sound.probe(tmp_path / name)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files that cannot be used, by what is wrong with them."""
    folder = tmp_path_factory.mktemp("bad")
    whole = write(folder / "whole.mp3", chirp(480_000), codec="libmp3lame", form="s16p").read_bytes()
    flac = write(folder / "whole.flac", chirp(480_000), codec="flac").read_bytes()
    nan = chirp(96_000)
    nan[50_000] = np.nan
    files = {"empty": b"", "text": b"1. Hola\n2. Mundo\n" * 99, "mp3": whole[: len(whole) // 2], "flac": flac[:-9000]}
    for name, data in files.items():
        (folder / f"{name}.wav").write_bytes(data)
    write(folder / "nan.wav", nan, codec="pcm_f32le", form="flt")
    with wave.open(str(folder / "none.wav"), "wb") as none:
        none.setparams((1, 2, 48_000, 0, "NONE", ""))
    header = (folder / "none.wav").read_bytes()
    for name, channels, rate in (("deaf", 0, 48_000), ("slow", 1, 1)):
        told = struct.pack("<HI", channels, rate)
        (folder / f"{name}.wav").write_bytes(header[:22] + told + header[28:40] + b"\x80\x25\0\0" + bytes(9600))
    (folder / "cover.wav").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    return {path.stem: path for path in folder.glob("*.wav")}


FAULTS = {
    "missing": "no such file",
    "empty": "empty",
    "text": "not a sound file",
    "cover": "not a sound file",
    "mp3": "cut off",
    "flac": "cannot be decoded after 0:0",
    "nan": "0:01 is not a number",
    "none": "not one sample",
    "deaf": "not a sound file",
    "slow": "a rate of 1 Hz is too low",
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_used_is_named(tmp_path: Path, bad: dict[str, Path], name: str) -> None:
    path = bad.get(name, tmp_path / "missing.wav")
    with pytest.raises(InputError, match=FAULTS[name]) as caught:
        sound.probe(path)
    assert caught.value.where == str(path)
    assert caught.value.todo


def test_what_opening_a_file_tells(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("# Not a sound\n" * 100)
    (tmp_path / "none.wav").touch()
    said = [container.refused(tmp_path / name) for name in ("notes", "none.wav", "lost.wav")]
    told = ["this is not a sound file, whatever it is called", "the file is empty", "there is no such file"]
    assert [error and error.what for error in said] == told
    assert container.refused(write(tmp_path / "a.wav", chirp())) is None
