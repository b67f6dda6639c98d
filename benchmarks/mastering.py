"""What a master costs, and whether it is right: ours beside what people write today.

    python benchmarks/mastering.py [--minutes 60] [--long] [--keep DIR]

Builds a speech-like talk with markers, puts a spot in, and brings it to −19 LUFS as 96 kbit/s MP3, every way in a
process of its own, one after the other. CPU is user + system seconds of that process, memory its peak resident size.
Loudness and true peak are measured by FFmpeg's ebur128 on the decoded file, splice and duration errors by correlation
with the markers. No way reads through an ffmpeg program unless one is on the path: pydub reads WAV by itself, and
loudnorm, ebur128 and alimiter are FFmpeg's own, run through PyAV. All ways encode with the same LAME at quality 5.
`--long` adds a talk four times as long, for memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import lameenc
import numpy as np
from scipy import signal

from pipeline.audio.edits import inserts
from pipeline.audio.mp3 import info_frame
from pipeline.audio.splice import AudioSegment
from pipeline.model import Cue, Loudness, Master, Recording, Segment, Sound, Transcript
from pipeline.stages.edit import SpotOrder, edit
from pipeline.stages.master import master
from pipeline.stages.respot import Previous, respot
from pipeline.tools import lame, sound

RATE = 48_000
SPOT = 25 * RATE
CUE = 0.4
"""Where the cue is, as a part of the talk."""
MARK = signal.chirp(np.arange(960) / RATE, 500, 0.02, 8000) * np.hanning(960) * 0.5


# ── what is worked on ───────────────────────────────────────────────────────────────────────────────────────────────


def minute(seed: int) -> np.ndarray:
    """A minute that behaves like speech: a voice of changing pitch and vowels, syllables, sentences, pauses, room."""
    random = np.random.default_rng(seed)
    count = 60 * RATE
    pitch = np.interp(np.arange(count), np.arange(0, count, 9600), random.uniform(85, 220, 300))
    pulses = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0)
    breath = 0.02 * random.standard_normal(count)
    voiced = sum(
        signal.sosfilt(signal.butter(2, [hz * 0.9, hz * 1.1], "bandpass", fs=RATE, output="sos"), pulses + breath)
        for hz in random.uniform((300, 900, 2200, 3300), (800, 2000, 3200, 4500))
    )
    syllables = np.interp(np.arange(count), np.arange(0, count, 4800), random.random(600) ** 1.5)
    sentences = np.repeat(random.random(24) > 0.15, count // 24)
    talk = voiced * syllables * sentences
    return talk / np.abs(talk).max() * random.uniform(0.3, 0.8) + 3e-4 * random.standard_normal(count)


def build(folder: Path, minutes: int) -> None:
    """talk.wav with a marker every ten minutes and ten seconds on either side of the cue; a.wav and b.wav, spots."""
    cue = round(minutes * 60 * CUE) * RATE
    kinds = [minute(seed) for seed in range(4)]
    marks = {cue - 10 * RATE, cue + 10 * RATE, *range(5 * RATE, minutes * 60 * RATE, 600 * RATE)}
    with wave.open(str(folder / "talk.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        for number in range(minutes):
            piece, start = kinds[number % 4].copy(), number * 60 * RATE
            if start <= cue < start + 60 * RATE:
                piece[max(cue - start - RATE, 0) : cue - start + RATE] *= 0.001
            for mark in marks:
                if start <= mark < start + 59 * RATE:
                    piece[mark - start : mark - start + 960] = MARK
            file.writeframes(pcm(piece))
    for name, seconds, seed in (("a", 25, 11), ("b", 31, 12)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(pcm(minute(seed)[: seconds * RATE]))
    facts = {"cue": cue, "marks": sorted(marks), "samples": minutes * 60 * RATE}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def pcm(samples: np.ndarray) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


# ── the ways ────────────────────────────────────────────────────────────────────────────────────────────────────────


def ours(folder: Path, spot: str = "a", out: str = "ours.mp3") -> int:
    """Our edit and master; the samples that went in."""
    plan, made = edited(folder, spot), folder / out
    facts = master(
        plan,
        Sound(),
        workspace=folder,
        out=made,
        relative=out,
        ears=sound,
        encoder=lame,
        progress=lambda done, words: None,
    )
    (folder / f"{out}.json").write_text(json.dumps([facts.gain, facts.ceiling, facts.samples]), encoding="utf-8")
    return inserted(plan)


def edited(folder: Path, spot: str) -> Any:
    facts = json.loads((folder / "facts.json").read_text())
    digest = sound.digest(folder / "talk.wav")
    recording = Recording("talk.wav", digest, facts["samples"] // 48, RATE, 1, facts["samples"])
    cue = facts["cue"] // 48
    words = Transcript("es", (Segment(0, cue - 900, "x"), Segment(cue + 1000, facts["samples"] // 48, "y")))
    orders = [SpotOrder(spot, "cue", f"{spot}.wav")]
    exact = Cue(cue, "the cue", exact=True)
    return edit(recording, words, exact, orders, intro=None, outro=None, workspace=folder, ears=sound)[0]


def inserted(plan: Any) -> int:
    return sum(end - start for start, end in inserts(plan))


def swap(folder: Path) -> int:
    """Spot b for spot a in our finished master."""
    gain, ceiling, samples = json.loads((folder / "ours.mp3.json").read_text())
    digest = sound.digest(folder / "ours.mp3")
    old = Master("ours.mp3", digest, samples, 1, 96, Loudness(0, 0, 0), gain, ceiling)
    plan, before = edited(folder, "b"), edited(folder, "a")
    started = time.process_time(), time.perf_counter()
    respot(
        plan,
        Sound(),
        Previous(folder / "ours.mp3", before, old),
        workspace=folder,
        out=folder / "swap.mp3",
        relative="swap.mp3",
        ears=sound,
        encoder=lame,
        progress=lambda done, words: None,
    )
    spent = time.process_time() - started[0], time.perf_counter() - started[1]
    print(f"  the swap itself: {spent[0]:.2f} CPU s, {spent[1]:.2f} s wall")
    return inserted(plan)


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
    for part in [*[None] * 0, *parts_and_end(parts)]:
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


WAYS: dict[str, tuple[Callable[[Path], int], str]] = {
    "pydub": (pydub_alone, "pydub.mp3"),
    "pydub+loudnorm": (pydub_loudnorm, "loudnorm.mp3"),
    "ffmpeg filters": (ffmpeg_graph, "graph.mp3"),
    "ours": (ours, "ours.mp3"),
    "ours, one core": (ours, "ours.mp3"),
    "ours, spot b": (lambda folder: ours(folder, "b", "full.mp3"), "full.mp3"),
    "swap a for b": (swap, "swap.mp3"),
}


# ── measuring ───────────────────────────────────────────────────────────────────────────────────────────────────────


def heard(path: Path) -> tuple[float, float, np.ndarray]:
    """Loudness, true peak, and the decoded samples at a quarter of a byte's precision, in float32."""
    graph, said, parts, top = av.filter.Graph(), {}, [], 0.0
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
        graph.link_nodes(graph.add_abuffer(template=stream), meter, sink).configure()
        for frame in [*container.decode(stream), None]:
            if frame is not None:
                parts.append(frame.to_ndarray()[0])
            graph.push(frame)
            while True:
                try:
                    said.update(graph.pull().metadata)
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
    top = max(float(value) for key, value in said.items() if key.startswith("lavfi.r128.true_peaks_ch"))
    return float(said["lavfi.r128.I"]), 20 * float(np.log10(top)), np.concatenate(parts)


def errors(samples: np.ndarray, facts: dict[str, Any], spot: int) -> tuple[int, int]:
    """The worst marker's and the duration's error in samples."""
    wrong = []
    for mark in facts["marks"]:
        at = mark + (spot if mark >= facts["cue"] else 0)
        near = samples[max(at - 4800, 0) : at + 4800 + len(MARK)]
        found = int(np.abs(signal.correlate(near, MARK, "valid")).argmax()) + max(at - 4800, 0)
        wrong.append(found - at)
    return max(wrong, key=abs), len(samples) - facts["samples"] - spot


def run(name: str, folder: Path) -> dict[str, float]:
    """One way in a process of its own."""
    command = [sys.executable, __file__, "--way", name, "--keep", str(folder)]
    if name == "ours, one core":
        command = ["taskset", "-c", "0", *command]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    *said, last = done.stdout.strip().splitlines()
    spot, peak = json.loads(last)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    loudness, top, samples = heard(folder / WAYS[name][1])
    splice, duration = errors(samples, json.loads((folder / "facts.json").read_text()), spot)
    print(
        f"{name:16} {cpu:8.1f} {wall:8.1f} {peak:8.0f} {loudness:8.2f} {top:8.2f} {splice:8d} {duration:9d}", flush=True
    )
    for line in said:
        print(line)
    return {"cpu": cpu, "wall": wall, "peak": peak}


def compare(folder: Path, long: bool) -> None:
    print(f"{'way':16} {'CPU s':>8} {'wall s':>8} {'peak MB':>8} {'LUFS':>8} {'dBTP':>8} {'splice':>8} {'duration':>9}")
    names = [name for name in WAYS if name != "ours, one core" or shutil.which("taskset")]
    cost = {name: run(name, folder) for name in names}
    ours_, naive, smart = (cost[name] for name in ("ours", "pydub+loudnorm", "ffmpeg filters"))
    print(f"CPU, ours / pydub+loudnorm: {ours_['cpu'] / naive['cpu']:.3f}")
    print(f"CPU, ours / ffmpeg filters: {ours_['cpu'] / smart['cpu']:.3f}")
    if "ours, one core" in cost:
        print(f"wall, one core / all cores: {cost['ours, one core']['wall'] / ours_['wall']:.2f}")
    same = (folder / "swap.mp3").read_bytes() == (folder / "full.mp3").read_bytes()
    print(f"the swap is {'' if same else 'NOT '}the full render, bit for bit")
    if long:
        minutes = json.loads((folder / "facts.json").read_text())["samples"] // RATE // 60
        build(folder, 4 * minutes)
        print(f"memory, {4 * minutes} min / {minutes} min: {run('ours', folder)['peak'] / ours_['peak']:.3f}")


def peak_memory() -> float:
    """MB. Linux counts what the parent held into ru_maxrss, so its own word is better there."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        spot = WAYS[asked.way][0](asked.keep)
        print(json.dumps([spot, peak_memory()]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        build(folder, asked.minutes)
        compare(folder, asked.long)


if __name__ == "__main__":
    main()
