"""What an export costs, and whether it is right: every container beside the master that it is taken from.

    python benchmarks/exporting.py [--minutes 60] [--cover PICTURE]

Builds a speech-like talk, masters it, and exports it to every container, each in a process of its own, one after the
other. CPU is user + system seconds of that process, memory its peak resident size. Loudness and true peak are what the
stage measured on the decoded file, length is as the container tells it against the programme's (an Opus file counts the
312 samples that players skip). The last row is a film encoded frame by frame, one a second, without any sound.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from fractions import Fraction
from pathlib import Path

import av
from mastering_material import RATE, build

from pipeline.audio.edits import TALK
from pipeline.formats.containers import CONTAINERS
from pipeline.formats.tags import Tag
from pipeline.model import Chapter, Clip, EditList, Master, Sound, Source
from pipeline.stages.export import Exporting, export
from pipeline.stages.master import Mastering, master
from pipeline.store import from_json, to_json, whole_file
from pipeline.tools import lame, muxer, sound
from pipeline.tools.pictures import letterboxed, plain_cover, small_jpeg

MASTER = "the master"
FRAMES = "frame by frame"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--cover", type=Path)
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        _run(Path(arguments.run[0]), arguments.run[1], arguments.minutes)
        return
    with tempfile.TemporaryDirectory() as folder:
        cover = arguments.cover.read_bytes() if arguments.cover else plain_cover()
        (Path(folder) / "cover").write_bytes(cover)
        for way in (TALK, MASTER, *CONTAINERS, FRAMES):
            command = [sys.executable, __file__, "--run", folder, way, "--minutes", str(arguments.minutes)]
            print(f"{way:15}", subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def _edit_list(folder: Path) -> EditList:
    samples = json.loads((folder / "facts.json").read_text())["samples"]
    source = Source(TALK, "talk.wav", sound.digest(folder / "talk.wav"))
    return EditList((source,), (Clip(TALK, 0, samples),))


def _master(folder: Path) -> str:
    job = Mastering(_edit_list(folder), Sound(), folder, sound, whole_file, lambda done, words: None, lame)
    out = folder / "master.mp3"
    made = master(job, out=out, relative="master.mp3")
    (folder / "master.json").write_bytes(to_json(Master, made))
    return f"{made.loudness.integrated} LUFS, {made.loudness.true_peak} dBTP; {out.stat().st_size / 1e6:.1f} MB"


def _run(folder: Path, way: str, minutes: int) -> None:
    if way == TALK:
        build(folder, minutes)
        return
    cpu, clock = time.process_time(), time.monotonic()
    told = _exported(folder, way) if way in CONTAINERS else {MASTER: _master, FRAMES: _frame_by_frame}[way](folder)
    cpu, clock = time.process_time() - cpu, time.monotonic() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{cpu:6.1f} CPU s, {clock:6.1f} s, {peak:4.0f} MB; {told}")


def _exported(folder: Path, suffix: str) -> str:
    edit_list, cover, out = _edit_list(folder), folder / "cover", folder / f"x{suffix}"
    chapters = tuple(Chapter(f"Capítulo {n}", n * 60_000, n * 60_000 + 60_000, 0) for n in range(10))
    tag = Tag("T", "A", "P", date(2023, 4, 12), "es", "x", picture=small_jpeg(cover), chapters=chapters)
    passes = []
    job = Exporting(
        edit_list,
        Sound(),
        workspace=folder,
        ears=sound,
        whole_file=whole_file,
        progress=lambda done, words: passes.append(words) if passes[-1:] != [words] else None,
        muxer=muxer,
        tag=tag,
        cover=cover,
    )
    made = export(job, from_json(Master, (folder / "master.json").read_bytes()), out=out)
    with av.open(str(out)) as container:
        stream = container.streams.audio[0]
        length = round(stream.duration * stream.time_base * RATE)
    loudness = made.loudness
    return (
        f"{loudness.integrated} LUFS, {loudness.true_peak} dBTP in {passes.count('encode')} pass; "
        f"{out.stat().st_size / 1e6:.1f} MB; {length - made.samples:+} samples"
    )


def _frame_by_frame(folder: Path) -> str:
    out, picture = folder / "frames.mp4", letterboxed(folder / "cover", *muxer.FILM)
    seconds = json.loads((folder / "facts.json").read_text())["samples"] // RATE
    with av.open(str(out), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"tune": "stillimage"})
        stream.width, stream.height, stream.pix_fmt = *muxer.FILM, "yuv420p"
        for number in range(seconds):
            picture.pts, picture.time_base = number, Fraction(1)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return f"{out.stat().st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
