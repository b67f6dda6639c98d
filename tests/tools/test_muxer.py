"""Containers as others read them: PyAV's demuxers and decoders, mutagen, and the text track byte by byte."""

from __future__ import annotations

import base64
import io
import resource
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from mutagen.flac import Picture
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from numpy.typing import NDArray

from pipeline.audio.streams import Block
from pipeline.errors import InputError
from pipeline.formats.containers import CONTAINERS, container_of
from pipeline.formats.tags import Tag
from pipeline.model import Chapter
from pipeline.tools import muxer
from pipeline.tools.pictures import letterboxed, small_jpeg

SECOND = 48_000
SAMPLES = 65 * SECOND + 12_345
TITLES = (
    "Introducción",
    "Comillas \"dobles\", 'simples' y = ; # \\",
    "Dos\nlíneas\r\ny\x00un\x1bmando",
    "x" * 10_000,
    "ñ" * 300,
    "🎙 emoji 👩‍👩‍👧",
    "עברית \u202eal revés",
    "<script>alert(1)</script>",
)
SHOWN = (
    "Introducción",
    "Comillas \"dobles\", 'simples' y = ; # \\",
    "Dos líneas yunmando",
    "x" * 254 + "…",
    "ñ" * 254 + "…",
    "🎙 emoji 👩‍👩‍👧",
    "עברית al revés",
    "<script>alert(1)</script>",
)
STARTS = (0, 1417, 2834, 5668, 8502, 20_999, 33_999, 61_500)


def chapters() -> tuple[Chapter, ...]:
    ends = (*STARTS[1:], SAMPLES // 48)
    return tuple(
        Chapter(title, start, end, start, url="https://e.org/a+b" if start else None)
        for title, start, end in zip(TITLES, STARTS, ends, strict=True)
    )


TAG = Tag(
    title='Título "con" comillas\ny dos líneas',
    artist="La TERTULia",
    album="Programa",
    day=date(2023, 4, 12),
    language="es-ES",
    comment="Uno.\n\nDos: 00:00:00 ñ 🎙",
    number=12,
    chapters=chapters(),
)


def blocks() -> Iterator[Block]:
    """Silence, a block a second: what is heard is `tests/stages/test_export.py`'s."""
    for start in range(0, SAMPLES, SECOND):
        yield np.zeros((min(SECOND, SAMPLES - start), 1), np.float32)


def cover_in(folder: Path) -> Path:
    """A picture with slopes and edges."""
    across, down = np.meshgrid(np.arange(1400), np.arange(1400))
    pixels = np.stack([across * 255 // 1400, down * 255 // 1400, (across // 100 + down // 100) % 2 * 200], axis=-1)
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 1400, 1400, "rgb24", Fraction(1)
    frame = av.VideoFrame.from_ndarray(pixels.astype(np.uint8), format="rgb24")
    path = folder / "cover.png"
    path.write_bytes(b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))))
    return path


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(name: str, tag: Tag = TAG) -> Path:
        path, cover = tmp_path / name, cover_in(tmp_path)
        muxer.write(path, container_of(name), blocks(), channels=1, samples=SAMPLES, tag=tag, cover=cover)
        return path

    return make


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One file of each kind, with chapters and cover."""
    folder = tmp_path_factory.mktemp("files")
    cover = cover_in(folder)
    tag = replace(TAG, picture=small_jpeg(cover))
    for suffix, container in CONTAINERS.items():
        path = folder / f"x{suffix}"
        muxer.write(path, container, blocks(), channels=1, samples=SAMPLES, tag=tag, cover=cover)
    return {suffix: folder / f"x{suffix}" for suffix in CONTAINERS}


def read_by_ffmpeg(path: Path) -> list[tuple[int, str]]:
    """Start in ms and title of each chapter."""
    with av.open(str(path)) as container:
        return [
            (round(1000 * chapter["start"] * chapter["time_base"]), chapter["metadata"].get("title", ""))
            for chapter in container.chapters()
        ]


def fitted(title: str) -> str:
    """As Nero's atom holds it, in 255 bytes."""
    return title if len(title.encode()) <= 255 else title.encode()[:252].decode(errors="ignore") + "…"


def text_track(path: Path) -> list[tuple[int, int, str]]:
    """Start and end in ms, and the text, of every sample of a QuickTime text track."""
    with av.open(str(path), options={"ignore_chapters": "1"}) as container:
        (stream,) = container.streams.subtitles
        ms = 1000 * stream.time_base
        return [
            (round(packet.pts * ms), round((packet.pts + packet.duration) * ms), said(bytes(packet)))
            for packet in container.demux(stream)
            if packet.size
        ]


def said(sample: bytes) -> str:
    """QuickTime File Format, text sample data: a length in 16 bits, then the text."""
    return sample[2 : 2 + int.from_bytes(sample[:2], "big")].decode()


# ── chapters ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", [".m4a", ".mp4"])
def test_chapters_of_an_mp4_for_apple_and_for_the_rest(files: dict[str, Path], suffix: str) -> None:
    expected = [(start, fitted(title)) for start, title in zip(STARTS, SHOWN, strict=True)]
    assert read_by_ffmpeg(files[suffix]) == expected
    nero = MP4(files[suffix]).chapters
    assert [(round(1000 * chapter.start), chapter.title) for chapter in nero] == expected
    track = text_track(files[suffix])
    assert [(start, title) for start, _, title in track] == expected
    assert [end for _, end, _ in track] == [*STARTS[1:], SAMPLES // 48]
    assert b"chap" in files[suffix].read_bytes()[:200_000].partition(b"tref")[2][:8]


def test_chapters_of_an_opus_file(files: dict[str, Path]) -> None:
    assert read_by_ffmpeg(files[".opus"]) == list(zip(STARTS, SHOWN, strict=True))
    tags = OggOpus(files[".opus"]).tags
    assert [tags[f"CHAPTER{n:03d}"] for n in range(4)] == [
        ["00:00:00.000"],
        ["00:00:01.417"],
        ["00:00:02.834"],
        ["00:00:05.668"],
    ]
    assert tags["CHAPTER001URL"] == ["https://e.org/a%2Bb"]
    assert "CHAPTER000URL" not in tags


@pytest.mark.parametrize("suffix", sorted(CONTAINERS))
def test_no_chapters_and_no_cover(write: Write, suffix: str) -> None:
    path = write(f"bare{suffix}", replace(TAG, chapters=(), number=None))
    assert read_by_ffmpeg(path) == []
    with av.open(str(path)) as container:
        kinds = [stream.type for stream in container.streams]
    assert kinds == (["audio", "video"] if suffix == ".mp4" else ["audio"])


def many(count: int) -> tuple[Chapter, ...]:
    return tuple(Chapter(f"Capítulo {n}", n * 90, n * 90 + 90, 0) for n in range(count))


def test_more_chapters_than_nero_counts(write: Write) -> None:
    """A list cut short would contradict the text track: then there is the text track alone."""
    assert len(MP4(write("255.m4a", replace(TAG, chapters=many(255)))).chapters) == 255
    path = write("300.m4a", replace(TAG, chapters=many(300)))
    assert not MP4(path).chapters
    assert read_by_ffmpeg(path) == [(n * 90, f"Capítulo {n}") for n in range(300)]


def test_more_chapters_than_vorbis_comments_number(write: Write) -> None:
    path = write("1000.opus", replace(TAG, chapters=many(1000)))
    assert read_by_ffmpeg(path) == [(n * 90, f"Capítulo {n}") for n in range(1000)]
    with pytest.raises(InputError, match="1001 chapters"):
        write("1001.opus", replace(TAG, chapters=many(1001)))


# ── tags ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_of_an_m4a(files: dict[str, Path]) -> None:
    data = files[".m4a"].read_bytes()
    tags = MP4(files[".m4a"]).tags
    assert data[4:12] == b"ftypM4A "
    assert {key: tags[key] for key in tags if key not in {"covr", "©too"}} == {
        "©nam": ['Título "con" comillas y dos líneas'],
        "©ART": ["La TERTULia"],
        "©alb": ["Programa"],
        "©day": ["2023-04-12"],
        "©gen": ["Podcast"],
        "©cmt": ["Uno.\n\nDos: 00:00:00 ñ 🎙"],
        "desc": ["Uno.\n\nDos: 00:00:00 ñ 🎙"],
        "trkn": [(12, 0)],
    }
    (cover,) = tags["covr"]
    assert cover.imageformat == MP4Cover.FORMAT_JPEG
    assert bytes(cover) == small_jpeg(files[".m4a"].with_name("cover.png"))
    with av.open(str(files[".m4a"])) as container:
        assert container.streams.audio[0].language == "spa"


def test_words_of_an_opus_file(files: dict[str, Path]) -> None:
    tags = OggOpus(files[".opus"]).tags
    plain = {key.lower(): values for key, values in tags.as_dict().items() if not key.lower().startswith("chapter")}
    (block,) = plain.pop("metadata_block_picture")
    assert plain == {
        "title": ['Título "con" comillas y dos líneas'],
        "artist": ["La TERTULia"],
        "album": ["Programa"],
        "date": ["2023-04-12"],
        "genre": ["Podcast"],
        "description": ["Uno.\n\nDos: 00:00:00 ñ 🎙"],
        "tracknumber": ["12"],
        "language": ["spa"],
    }
    cover = Picture(base64.b64decode(block))
    assert (cover.type, cover.mime, cover.width, cover.height) == (3, "image/jpeg", 600, 600)
    assert cover.data == small_jpeg(files[".opus"].with_name("cover.png"))


@pytest.mark.parametrize("suffix", [".m4a", ".mp4"])
def test_players_need_not_have_the_whole_file(files: dict[str, Path], suffix: str) -> None:
    data = files[suffix].read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", sorted(CONTAINERS))
def test_a_file_that_cannot_grow_is_an_error(files: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    """As on a full disk; at the latest when the last bytes are written."""
    cover = files[suffix].with_name("cover.png")
    tag, before = replace(TAG, picture=small_jpeg(cover)), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (files[suffix].stat().st_size - 1000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            muxer.write(tmp_path / "x", CONTAINERS[suffix], blocks(), channels=1, samples=SAMPLES, tag=tag, cover=cover)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# ── film ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_film_is_one_picture_as_long_as_the_sound(files: dict[str, Path]) -> None:
    with av.open(str(files[".mp4"])) as container:
        (video,), (audio,) = container.streams.video, container.streams.audio
        codec = video.codec_context
        assert (codec.name, codec.pix_fmt, codec.profile) == ("h264", "yuv420p", "High")
        assert (codec.width, codec.height) == (1920, 1080)
        assert video.duration * video.time_base == audio.duration * audio.time_base == Fraction(SAMPLES, SECOND)
        packets = [packet for packet in container.demux(video) if packet.size]
    assert [packet.pts for packet in packets] == [n * SECOND for n in range(65)]
    assert [n for n, packet in enumerate(packets) if packet.is_keyframe] == [0, 30, 60]
    assert sum(packet.size for packet in packets) < 200_000


def test_every_frame_of_a_film_decodes_to_the_cover(files: dict[str, Path]) -> None:
    """From the start, and from a key frame; by a decoder that forgives nothing."""
    wanted = letterboxed(files[".mp4"].with_name("cover.png"), 1920, 1080).to_ndarray()
    with av.open(str(files[".mp4"]), options={"err_detect": "explode"}) as container:
        frames = {frame.pts // SECOND: likeness(frame.to_ndarray(), wanted) for frame in container.decode(video=0)}
        container.seek(62 * SECOND, stream=container.streams.video[0])
        sought = next(container.decode(video=0))
    assert list(frames) == list(range(65))
    assert min(frames.values()) > 45
    assert sought.pts == 60 * SECOND
    assert likeness(sought.to_ndarray(), wanted) == frames[60] == frames[0]


def likeness(shown: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> float:
    """PSNR in dB, of every fourth row."""
    miss = shown[::4].astype(np.int16) - wanted[::4]
    return float(10 * np.log10(255**2 / np.mean(np.square(miss, dtype=np.int32))))


def test_a_film_shorter_than_a_frame(tmp_path: Path) -> None:
    path, silence = tmp_path / "x.mp4", [np.zeros((480, 2), np.float32)]
    muxer.write(path, container_of("x.mp4"), silence, channels=2, samples=480, tag=TAG, cover=cover_in(tmp_path))
    with av.open(io.BytesIO(path.read_bytes())) as container:
        video = container.streams.video[0]
        assert (video.frames, video.duration * video.time_base) == (1, Fraction(1, 100))


@pytest.mark.parametrize("suffix", [".m4a", ".opus", ".mp4"])
def test_a_draft_bears_no_date_and_nothing_that_is_empty(write: Write, suffix: str) -> None:
    with av.open(str(write(f"a{suffix}", replace(TAG, day=None, comment="\n")))) as container:
        told = container.metadata | container.streams[0].metadata
    assert told["title"].startswith("Título")
    assert not {"date", "comment", "description"} & set(told)
