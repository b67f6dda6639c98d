"""The ways that `mastering.py` compares, one run of one of them: no way pays for what only others load.

    python benchmarks/mastering_ways.py WAY FOLDER

Prints, as JSON, how many samples of spot went in, and the peak resident size in MB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mastering_baselines import ffmpeg_graph, pydub_alone, pydub_loudnorm

from pipeline.audio.edits import inserts
from pipeline.model import Cue, EditList, Loudness, Master, Recording, Segment, Sound, Transcript
from pipeline.stages.edit import SpotOrder, edit
from pipeline.stages.master import Mastering, master
from pipeline.stages.respot import Previous, respot
from pipeline.store import whole_file
from pipeline.timecode import SAMPLE_RATE
from pipeline.tools import lame, sound


def ours(folder: Path, spot: str = "a", out: str = "ours.mp3") -> int:
    """Our edit and master; the samples that went in."""
    plan, made = edited(folder, spot), folder / out
    facts = master(mastering(folder, plan), out=made, relative=out)
    (folder / f"{out}.json").write_text(json.dumps([facts.gain, facts.ceiling, facts.samples]), encoding="utf-8")
    return inserted(plan)


def mastering(folder: Path, plan: EditList) -> Mastering:
    return Mastering(plan, Sound(), folder, sound, whole_file, lambda done, words: None, lame)


def edited(folder: Path, spot: str) -> EditList:
    facts = json.loads((folder / "facts.json").read_text())
    digest = sound.digest(folder / "talk.wav")
    recording = Recording("talk.wav", digest, facts["samples"] // 48, SAMPLE_RATE, 1, facts["samples"])
    cue = facts["cue"] // 48
    words = Transcript("es", (Segment(0, cue - 900, "x"), Segment(cue + 1000, facts["samples"] // 48, "y")))
    orders = [SpotOrder(spot, "cue", f"{spot}.wav")]
    exact = Cue(cue, "the cue", exact=True)
    return edit(recording, words, exact, orders, intro=None, outro=None, workspace=folder, ears=sound)[0]


def inserted(plan: EditList) -> int:
    return sum(end - start for start, end in inserts(plan))


def swap(folder: Path) -> int:
    """Spot b for spot a in our finished master."""
    gain, ceiling, samples = json.loads((folder / "ours.mp3.json").read_text())
    digest = sound.digest(folder / "ours.mp3")
    old = Master("ours.mp3", digest, samples, 1, 96, Loudness(0, 0, 0), gain, ceiling)
    plan, before = edited(folder, "b"), edited(folder, "a")
    started = time.process_time(), time.perf_counter()
    previous = Previous(folder / "ours.mp3", before, old)
    respot(mastering(folder, plan), previous, out=folder / "swap.mp3", relative="swap.mp3")
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


def peak_memory() -> float:
    """MB. Linux counts what the parent held into ru_maxrss, so its own word is better there."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


def main() -> None:
    name, folder = sys.argv[1:]
    spot = WAYS[name][0](Path(folder))
    print(json.dumps([spot, peak_memory()]))


if __name__ == "__main__":
    main()
