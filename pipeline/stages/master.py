"""The edit list made a master: rendered, set to its loudness, limited, encoded on all cores, and measured as decoded.

The programme without its spots sets the gain, so that another spot changes nothing but itself. What the encoder wrote
is decoded and measured; only a miss makes it go again, corrected by the miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeVar

from pipeline.audio import kept_levels
from pipeline.audio.edits import inserts, length, without_spots
from pipeline.audio.loudness import PIECE, RUN_UP, SILENCE, Levels, gain_to, joined, levels, report, without
from pipeline.audio.mp3 import crc16, frame_bytes, info_frame
from pipeline.audio.pieces import AFTER, BEFORE, Encoder, Levelling, Press, in_parallel
from pipeline.audio.render import render
from pipeline.audio.streams import Block, windows
from pipeline.audio.true_peak import BEHIND
from pipeline.errors import InputError
from pipeline.model import Master
from pipeline.stages.material import Material, Target, same_sources, told

TOLERANCE = 0.1
"""LU by which a master may miss its loudness."""

_BITRATE = {1: 96, 2: 128}

_HEADROOM = 1.5
"""dB that the limiter first leaves for what the encoder adds to peaks."""

_ATTEMPTS = 6

_Way = TypeVar("_Way", bound=Levelling)


@dataclass(frozen=True, slots=True)
class Mastering(Material):
    """A programme to be made an MP3 of."""

    encoder: Encoder

    @property
    def bitrate(self) -> int:
        """kbit/s: 96 in mono, 128 in stereo, where the show says nothing."""
        return self.sound.bitrate or _BITRATE[self.edit_list.channels]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that meets its target: how, what it measures, and whether other spots would have led there too."""

    press: Press
    heard: Levels
    samples: int
    for_any_spot: bool


def master(job: Mastering, *, out: Path, relative: str) -> Master:
    """Render the programme into the MP3 `out`, called `relative` in the workspace: constant bitrate, no tags.

    It meets its target, the loudness within 0.1 LU, as measured on the decoded file. `out` appears whole or not at
    all; beside it, `out.levels.npz` keeps the levels. Raises InputError: a source is gone or is no longer what it was;
    the programme is silent; its levels cannot be met.
    """
    with job.whole_file(out) as path, path.open("w+b") as scratch, same_sources(job):
        made = anew(job, scratch)
    return finished(job, made, out, relative)


def finished(job: Mastering, made: Made, out: Path, relative: str) -> Master:
    """The word on a file that is in its place; its levels are kept beside it."""
    digest = job.ears.digest(out)
    _keep_levels(job, out, made, digest)
    job.progress(1.0, "done")
    channels, press = job.edit_list.channels, made.press
    return Master(relative, digest, made.samples, channels, job.bitrate, report(made.heard), press.gain, press.ceiling)


# ── anew ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def anew(job: Mastering, scratch: BinaryIO) -> Made:
    """Everything rendered, encoded and measured. Raises InputError where the target cannot be met."""
    target, press, for_any_spot = job.target, _first_press(job), True
    for attempt in range(_ATTEMPTS):
        write(job, scratch, _frames(job, press, attempt))
        heard, samples = _heard(job, scratch, attempt)
        if for_any_spot and (better := corrected(press, without(heard, inserts(job.edit_list)), target)):
            press = better
        elif better := corrected(press, heard, target):
            press, for_any_spot = better, False
        else:
            return Made(press, heard, samples, for_any_spot)
    loudness = report(heard)
    raise InputError(
        f"after {_ATTEMPTS} attempts the master measures {loudness.integrated} LUFS and {loudness.true_peak} dBTP,"
        f" not {target.loudness} LUFS and {target.true_peak} dBTP",
        todo="ask for less loudness in show.yaml",
    )


def _first_press(job: Mastering) -> Press:
    """The gain from the programme without its spots to the loudness that is wanted."""
    bare, ceiling = without_spots(job.edit_list), job.target.true_peak - _HEADROOM
    blocks = told(job, render(bare, job.open_source), length(bare.clips), "measure", (0.0, 0.25))
    heard = joined(in_parallel(windows(blocks, PIECE, RUN_UP, BEHIND), levels))
    gain = gain_to(job.target.loudness, heard, ceiling)
    if gain == SILENCE:
        raise InputError("the programme is silent", where=job.edit_list.sources[0].path, todo="check the recording")
    return Press(gain, ceiling, job.encoder, job.bitrate)


def corrected(way: _Way, heard: Levels, target: Target, tolerance: float = TOLERANCE) -> _Way | None:
    """What to try next; None where the target is met, its loudness within `tolerance` LU."""
    loudness = report(heard)
    if abs(miss := target.loudness - loudness.integrated) > tolerance:
        return replace(way, gain=round(way.gain + miss, 2))
    if (excess := loudness.true_peak - target.true_peak) > 0:
        return replace(way, ceiling=round(way.ceiling - 1.5 * excess - 0.1, 2))
    return None


def _frames(job: Mastering, press: Press, attempt: int) -> Iterator[bytes]:
    words = "encode" if not attempt else f"encode, correction {attempt}"
    blocks = told(job, render(job.edit_list, job.open_source), job.samples, words, _span(attempt, 0.0, 0.9))
    return in_parallel(windows(blocks, PIECE, BEFORE, AFTER), press.frames)


def _heard(job: Mastering, scratch: BinaryIO, attempt: int) -> tuple[Levels, int]:
    """What a listener gets: the file decoded, measured and counted."""
    decoded = job.ears.blocks(Path(scratch.name), channels=job.edit_list.channels)
    counted = 0

    def count(blocks: Iterable[Block]) -> Iterator[Block]:
        nonlocal counted
        for block in blocks:
            counted += len(block)
            yield block

    blocks = count(told(job, decoded, job.samples, "check", _span(attempt, 0.9, 1.0)))
    return joined(in_parallel(windows(blocks, PIECE, RUN_UP, BEHIND), levels)), counted


def _span(attempt: int, start: float, end: float) -> tuple[float, float]:
    """Which part of the progress is `start` to `end` of an attempt: each has four fifths of what is left."""
    low, high = 1 - 0.75 * 0.2**attempt, 1 - 0.75 * 0.2 ** (attempt + 1)
    return low + start * (high - low), low + end * (high - low)


# ── on disk ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def write(job: Mastering, scratch: BinaryIO, pieces: Iterable[bytes | memoryview]) -> None:
    """A whole MP3 into `scratch`: Info header and the frames in `pieces`."""
    scratch.seek(0)
    scratch.truncate()
    scratch.write(_info(job, frames=1, samples=0, crc=0))
    frames = crc = 0
    for piece in pieces:
        scratch.write(piece)
        frames += len(piece) // frame_bytes(job.bitrate)
        crc = crc16(piece, crc)
    scratch.seek(0)
    scratch.write(_info(job, frames=frames, samples=job.samples, crc=crc))
    scratch.flush()


def _info(job: Mastering, *, frames: int, samples: int, crc: int) -> bytes:
    channels = job.edit_list.channels
    return info_frame(
        frames=frames,
        samples=samples,
        bitrate=job.bitrate,
        channels=channels,
        lowpass=job.encoder.lowpass(channels, job.bitrate),
        music_crc=crc,
    )


def _keep_levels(job: Mastering, out: Path, made: Made, digest: str) -> None:
    """Levels of a master, for whoever changes its spots or draws it."""
    heard, wanted = made.heard, (job.target.loudness, job.target.true_peak)
    kept = kept_levels.KeptLevels(heard.energies, heard.peaks, digest, wanted, made.for_any_spot)
    with job.whole_file(kept_levels.place(out)) as path, path.open("wb") as scratch:
        kept_levels.save(scratch, kept)


def levels_beside(out: Path, digest: str) -> kept_levels.KeptLevels | None:
    """What was kept of the master `digest` at `out`; None where nothing was."""
    try:
        with kept_levels.place(out).open("rb") as file:
            return kept_levels.load(file, digest)
    except OSError:
        return None


def levels_for(out: Path, target: Target, digest: str) -> Levels | None:
    """Levels of the master `digest` at `out`, if it was made for this target and any spots."""
    kept = levels_beside(out, digest)
    if kept is None or not kept.for_any_spot or kept.target != (target.loudness, target.true_peak):
        return None
    return Levels(kept.energies, kept.peaks)
