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
from pathlib import Path
from typing import Any

import av
import mastering_ways
import numpy as np
from mastering_material import MARK, RATE, build
from scipy import signal

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
    command = [sys.executable, mastering_ways.__file__, name, str(folder)]
    if name == "ours, one core":
        command = ["taskset", "-c", "0", *command]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    *said, last = done.stdout.strip().splitlines()
    spot, peak = json.loads(last)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    loudness, top, samples = heard(folder / mastering_ways.WAYS[name][1])
    splice, duration = errors(samples, json.loads((folder / "facts.json").read_text()), spot)
    print(
        f"{name:16} {cpu:8.1f} {wall:8.1f} {peak:8.0f} {loudness:8.2f} {top:8.2f} {splice:8d} {duration:9d}", flush=True
    )
    for line in said:
        print(line)
    return {"cpu": cpu, "wall": wall, "peak": peak}


def compare(folder: Path, long: bool) -> None:
    print(f"{'way':16} {'CPU s':>8} {'wall s':>8} {'peak MB':>8} {'LUFS':>8} {'dBTP':>8} {'splice':>8} {'duration':>9}")
    names = [name for name in mastering_ways.WAYS if name != "ours, one core" or shutil.which("taskset")]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        build(folder, asked.minutes)
        compare(folder, asked.long)


if __name__ == "__main__":
    main()
