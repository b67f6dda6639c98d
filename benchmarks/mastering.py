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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from mastering_baselines import ffmpeg_graph, pydub_alone, pydub_loudnorm
from mastering_material import MARK, RATE, build
from scipy import signal

from pipeline.audio.edits import inserts
from pipeline.model import Cue, Loudness, Master, Recording, Segment, Sound, Transcript
from pipeline.stages.edit import SpotOrder, edit
from pipeline.stages.master import master
from pipeline.stages.respot import Previous, respot
from pipeline.tools import lame, sound

# ── our way ───────────────────────────────────────────────────────────────────────────────────────────────────────────


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
