"""What people write today to put a spot into a talk and bring it to its loudness: pydub, loudnorm, FFmpeg's filters."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import lameenc
import numpy as np

from pipeline.audio.mp3 import info_frame
from pipeline.audio.splice import AudioSegment
from pipeline.timecode import SAMPLE_RATE as RATE

SPOT = 25 * RATE


def pydub_alone(folder: Path) -> int:
    """Load, slice, add, export."""
    _, joined = by_pydub(folder)
    encode(joined.raw_data, folder / "pydub.mp3")
    return SPOT


def by_pydub(folder: Path) -> tuple[int, Any]:
    cue = json.loads((folder / "facts.json").read_text())["cue"] // 48
    talk, spot = (AudioSegment.from_wav(str(folder / name)) for name in ("talk.wav", "a.wav"))
    return cue, talk[:cue] + spot + talk[cue:]


def pydub_loudnorm(folder: Path) -> int:
    """The same, and loudnorm in two passes, as a user would write it."""
    _, joined = by_pydub(folder)
    samples = np.frombuffer(joined.raw_data, np.int16)
    first = "loudnorm=I=-19:TP=-1:LRA=20:print_format=json:stats_file=" + str(folder / "loudnorm.json")
    for _ in filtered(blocks(samples), first):
        pass
    said = json.loads((folder / "loudnorm.json").read_text())
    measured = ":".join(f"measured_{key}={said[f'input_{key.lower()}']}" for key in ("I", "TP", "LRA"))
    second = f"loudnorm=I=-19:TP=-1:LRA=20:linear=true:{measured}:measured_thresh={said['input_thresh']}"
    encode(b"".join(filtered(blocks(samples), second, "aresample=48000", "aformat=s16")), folder / "loudnorm.mp3")
    return SPOT


def ffmpeg_graph(folder: Path) -> int:
    """Streamed: ebur128, then volume and alimiter. By the ffmpeg program where there is one, else the same filters."""
    cue = json.loads((folder / "facts.json").read_text())["cue"]
    said: dict[str, str] = {}
    for _ in filtered(cut(folder, cue), "ebur128=metadata=1", said=said):
        pass
    gain = -19 - float(said["lavfi.r128.I"])
    made = filtered(cut(folder, cue), f"volume={gain}dB", "alimiter=limit=0.794:level=false", "aformat=s16")
    encode(made, folder / "graph.mp3")
    return SPOT


def cut(folder: Path, cue: int) -> Iterator[np.ndarray]:
    with wave.open(str(folder / "talk.wav")) as talk, wave.open(str(folder / "a.wav")) as spot:
        for file, frames in ((talk, cue), (spot, SPOT), (talk, 2**31)):
            left = frames
            while left and (data := file.readframes(min(left, RATE))):
                left -= len(data) // 2
                yield np.frombuffer(data, np.int16)


def blocks(samples: np.ndarray) -> Iterator[np.ndarray]:
    return (samples[start : start + RATE] for start in range(0, len(samples), RATE))


def filtered(parts: Iterable[np.ndarray], *filters: str, said: dict[str, str] | None = None) -> Iterator[bytes]:
    """Mono 16-bit blocks through FFmpeg's filters."""
    graph = av.filter.Graph()
    chain = [graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono")]
    chain += [graph.add(*one.split("=", 1)) for one in filters] + [graph.add("abuffersink")]
    graph.link_nodes(*chain).configure()
    position = 0
    for part in parts_and_end(parts):
        if part is not None:
            part.pts, position = position, position + part.samples
        graph.push(part)
        while True:
            try:
                frame = graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            if said is not None:
                said.update(frame.metadata)
            yield frame.to_ndarray().tobytes()


def parts_and_end(parts: Iterable[np.ndarray]) -> Iterator[Any]:
    for part in parts:
        frame = av.AudioFrame.from_ndarray(part[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        yield frame
    yield None


def encode(data: bytes | Iterable[bytes], path: Path) -> None:
    """By lameenc, with an Info header, as the ffmpeg program would write one."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(96)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_quality(5)
    head = {"bitrate": 96, "channels": 1, "lowpass": 20_000, "music_crc": 0}
    frames = samples = 0
    with path.open("wb") as file:
        file.write(info_frame(frames=1, samples=0, **head))
        for part in [data] if isinstance(data, bytes) else data:
            samples += len(part) // 2
            frames += file.write(encoder.encode(part))
        frames += file.write(encoder.flush())
        file.seek(0)
        file.write(info_frame(frames=frames // 288, samples=samples, **head))
