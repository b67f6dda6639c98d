"""The edit list made a master: rendered, set to its loudness, limited, encoded on all cores, and measured as decoded.

The programme without its spots sets the gain, so that another spot changes nothing but itself. What the encoder wrote
is decoded and measured; only a miss makes it go again, corrected by the miss.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from pipeline.audio.edits import length, without_spots
from pipeline.audio.limiter import CONTEXT, limited
from pipeline.audio.loudness import SILENCE, Meter, PeakMeter, gain_to, report
from pipeline.audio.mp3 import crc16, frame_bytes, info_frame
from pipeline.audio.render import render
from pipeline.audio.streams import MP3_FRAME, Block, Ears, Window, windows
from pipeline.errors import InputError, WorkspaceError
from pipeline.model import EditList, Loudness, Master, Progress, Sound

TOLERANCE = 0.1
"""LU by which a master may miss its loudness."""

_LOUDNESS = {1: -19.0, 2: -16.0}
_BITRATE = {1: 96, 2: 128}

_HEADROOM = 1.0
"""dB that the limiter first leaves for what the encoder adds to peaks."""

_ATTEMPTS = 4

_PIECE = 600
"""MP3 frames that one core encodes at a time, 14.4 s."""
_PRE_ROLL = 10
"""Frames encoded before a piece and thrown away: LAME, set as ours is, remembers two."""
_POST_ROLL = 3
"""Frames of sound after a piece that its last frames look ahead into."""


class Encoder(Protocol):
    """Makes MP3 frames that need no neighbours. `pipeline.tools.lame` is one."""

    def encode(self, samples: Block, bitrate: int) -> bytes:
        """Every frame for the samples, flushed, without an Info header; from any thread."""

    def lowpass(self, channels: int, bitrate: int) -> int:
        """Where it cuts the treble, Hz."""


@dataclass(frozen=True, slots=True)
class _Job:
    edit_list: EditList
    workspace: Path
    ears: Ears
    encoder: Encoder
    bitrate: int
    progress: Progress

    def open_source(self, name: str, start: int, stop: int) -> Iterator[Block]:
        source = next(one for one in self.edit_list.sources if one.name == name)
        path = self.workspace / source.path
        return self.ears.blocks(path, channels=self.edit_list.channels, start=start, stop=stop)


def master(
    edit_list: EditList,
    sound: Sound,
    *,
    workspace: Path,
    out: Path,
    relative: str,
    ears: Ears,
    encoder: Encoder,
    progress: Progress,
) -> Master:
    """Render `edit_list` into the MP3 `out`, called `relative` in the workspace: constant bitrate, no tags.

    Loudness meets `sound` (−16 LUFS stereo, −19 mono where it says nothing) within 0.1 LU and its true peak, both
    measured on the decoded file. `out` appears whole or not at all.
    Raises InputError: a source is gone or is no longer what it was; the programme is silent; its levels cannot be met.
    """
    channels = edit_list.channels
    job = _Job(edit_list, workspace, ears, encoder, sound.bitrate or _BITRATE[channels], progress)
    _check_sources(job)
    wanted = _LOUDNESS[channels] if sound.loudness is None else sound.loudness
    ceiling = sound.true_peak - _HEADROOM
    gain = _first_gain(job, wanted, ceiling)
    with _replacing(out) as scratch:
        for attempt in range(_ATTEMPTS):
            _encode(job, scratch, gain, ceiling, attempt)
            loudness, samples = _heard(job, scratch, attempt)
            if abs(miss := wanted - loudness.integrated) > TOLERANCE:
                gain = round(gain + miss, 2)
            elif (excess := loudness.true_peak - sound.true_peak) > 0:
                ceiling = round(ceiling - excess - 0.1, 2)
            else:
                _check_sources(job)
                _check_sources(job)
                break
        else:
            raise InputError(
                f"after {_ATTEMPTS} attempts the master measures {loudness.integrated} LUFS and {loudness.true_peak}"
                f" dBTP, not {wanted} LUFS and {sound.true_peak} dBTP",
                todo="ask for less loudness in show.yaml",
            )
    progress(1.0, "done")
    return Master(relative, ears.digest(out), samples, channels, job.bitrate, loudness, gain, ceiling)


def _check_sources(job: _Job) -> None:
    for source in job.edit_list.sources:
        if job.ears.digest(job.workspace / source.path) != source.sha256:
            raise InputError(
                "the file changed since the programme was put together",
                where=source.path,
                todo="run again: the stages before will take it as it is now",
            )


def _first_gain(job: _Job, wanted: float, ceiling: float) -> float:
    """dB from the programme without its spots to the loudness that is wanted."""
    talk, meter = without_spots(job.edit_list), Meter(job.edit_list.channels)
    for block in _told(job, render(talk, job.open_source), length(talk.clips), "measure", (0.0, 0.25)):
        meter.feed(block)
    gain = gain_to(wanted, meter.energies, meter.peaks, ceiling)
    if gain == SILENCE:
        raise InputError("the programme is silent", where=job.edit_list.sources[0].path, todo="check the recording")
    return gain


def _told(job: _Job, blocks: Iterable[Block], total: int, words: str, span: tuple[float, float]) -> Iterator[Block]:
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        job.progress(span[0] + (span[1] - span[0]) * min(done / max(total, 1), 1.0), words)


def _span(attempt: int, start: float, end: float) -> tuple[float, float]:
    """Which part of the progress is `start` to `end` of an attempt: each has four fifths of what is left."""
    low, high = 1 - 0.75 * 0.2**attempt, 1 - 0.75 * 0.2 ** (attempt + 1)
    return low + start * (high - low), low + end * (high - low)


# ── encoding ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _encode(job: _Job, scratch: BinaryIO, gain: float, ceiling: float, attempt: int) -> None:
    """The whole MP3 into `scratch`."""
    samples = length(job.edit_list.clips)
    words = "encode" if not attempt else f"encode, correction {attempt}"
    blocks = _told(job, render(job.edit_list, job.open_source), samples, words, _span(attempt, 0.0, 0.9))
    before, after = _PRE_ROLL * MP3_FRAME, _POST_ROLL * MP3_FRAME + CONTEXT
    pieces = windows(blocks, _PIECE * MP3_FRAME, before + CONTEXT, after)
    scratch.seek(0)
    scratch.truncate()
    scratch.write(_info(job, frames=1, samples=0, crc=0))
    frames = crc = 0
    for piece in _in_parallel(job, pieces, gain, ceiling):
        scratch.write(piece)
        frames += len(piece) // frame_bytes(job.bitrate)
        crc = crc16(piece, crc)
    scratch.seek(0)
    scratch.write(_info(job, frames=frames, samples=samples, crc=crc))
    scratch.flush()


def _info(job: _Job, *, frames: int, samples: int, crc: int) -> bytes:
    channels = job.edit_list.channels
    return info_frame(
        frames=frames,
        samples=samples,
        bitrate=job.bitrate,
        channels=channels,
        lowpass=job.encoder.lowpass(channels, job.bitrate),
        music_crc=crc,
    )


def _in_parallel(job: _Job, pieces: Iterable[Window], gain: float, ceiling: float) -> Iterator[bytes]:
    """Encoded pieces in order, a core on each, no more rendered ahead than cores can take."""
    cores = os.cpu_count() or 1
    waiting: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for piece in pieces:
            waiting.append(pool.submit(_piece, job, piece, gain, ceiling))
            if len(waiting) > cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _piece(job: _Job, piece: Window, gain: float, ceiling: float) -> bytes:
    """The frames of one piece: limited and encoded with its surroundings, which are then cut away."""
    loud = limited(piece.samples, gain, ceiling)
    pre_roll = min(piece.before, _PRE_ROLL * MP3_FRAME)
    post_roll = min(piece.after, _POST_ROLL * MP3_FRAME)
    heard = loud[piece.before - pre_roll : len(loud) - piece.after + post_roll]
    size = frame_bytes(job.bitrate)
    first = pre_roll // MP3_FRAME * size
    last = first + _PIECE * size if piece.after else None
    return job.encoder.encode(heard, job.bitrate)[first:last]


# ── the proof ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _heard(job: _Job, scratch: BinaryIO, attempt: int) -> tuple[Loudness, int]:
    """What a listener gets: the file decoded, measured and counted."""
    channels = job.edit_list.channels
    expected = length(job.edit_list.clips)
    meter, peaks, samples = Meter(channels), PeakMeter(), 0
    decoded = job.ears.blocks(Path(scratch.name), channels=channels)
    for block in _told(job, decoded, expected, "check", _span(attempt, 0.9, 1.0)):
        meter.feed(block)
        peaks.feed(block)
        samples += len(block)
    return report(meter.energies, peaks.true_peak), samples


@contextmanager
def _replacing(out: Path) -> Iterator[BinaryIO]:
    """A scratch file beside `out` that takes its place when all went well, and is gone otherwise."""
    scratch = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(out)
    except OSError as error:
        raise WorkspaceError(
            f"the master cannot be written: {error.strerror or error}",
            where=str(out),
            todo="make room on the disk, or make the folder writable, and run again",
        ) from error
    finally:
        scratch.unlink(missing_ok=True)
