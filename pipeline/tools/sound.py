"""Ears: any sound file to float32 blocks at 48 kHz, by PyAV and soxr, in bounded memory.

Samples are counted as decoded, never taken from a container's word. Encoder delay and padding are left out, as a
player leaves them out (libavcodec applies the Info header's and Opus's figures).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.audio.streams import SECOND, Block, Facts, windows
from pipeline.errors import InputError
from pipeline.timecode import SAMPLE_RATE, sample_clock, to_short_clock
from pipeline.tools.container import at_48k, check_end, check_samples, missing, opened

_GAP = SECOND // 100
"""More samples than this between two frames that follow each other, and what was there is lost."""

_GAPLESS = {("ogg", "opus"), ("ogg", "libopus"), ("ogg", "flac")}
"""Formats and codecs whose positions are exact to the sample: they tell where a damaged part was passed over."""

_STRETCH = 5
"""Seconds that are resampled at a time."""

_KERNEL = 4096
"""Samples, more than soxr's longest filter, that a resampled one can depend on before and after it."""

_SEEK_TO_THE_SAMPLE = {"wav", "flac", "mp3", "ogg"}
"""Formats in which decoding from the middle gives the very samples that decoding from the start gives."""


def probe(path: Path) -> Facts:
    """Decode all of `path` and count.

    Raises InputError: missing, empty, not sound, no sound in it, cut off, damaged where that can be told, or with
    samples that are not numbers.
    """
    with opened(path) as container:
        stream = container.streams.audio[0]
        rate, channels = stream.rate, stream.codec_context.channels
        check_end(path, container)
        samples = at_48k(sum(len(block) for _, block in _native(container, path, min(channels, 2))), rate)
        if not samples:
            raise InputError("there is not one sample of sound in it", where=str(path), todo="give another recording")
        check_samples(path, container, samples)
    return Facts(samples, rate, channels)


def digest(path: Path) -> str:
    """SHA-256 of the file, read in pieces. Raises InputError where there is none."""
    if not path.is_file():
        raise missing(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def blocks(path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
    """Samples `start` to `stop` (48 kHz) of `path` in `channels` 1 or 2, in blocks of about a second.

    Stereo to mono is the mean; mono to stereo is the same on both sides. Ends early where the file does.
    Raises InputError as `probe` does, but for a file that is cut off.
    """
    with opened(path) as container:
        rate = container.streams.audio[0].rate
        if rate == SAMPLE_RATE:
            native = _native(container, path, channels, start)
            yield from _between(((at, _as_channels(block, channels)) for at, block in native), start, stop)
        else:
            first = start // (_STRETCH * SECOND) * _STRETCH * rate
            native = _native(container, path, channels, max(first - _margin(rate), 0))
            whole = ((at, _as_channels(block, channels)) for at, block in native)
            yield from _between(_resampled(whole, rate, first), start, stop)


def _native(container: Any, path: Path, channels: int, start: int = 0) -> Iterator[tuple[int, Block]]:
    """Decoded sound by the second, at the file's own rate, each with its position; from `start` or somewhat before.

    More than two channels are mixed to `channels`.
    """
    import av

    layouts = {1: "mono", 2: "stereo"}
    stream = container.streams.audio[0]
    many = stream.codec_context.channels > 2
    planar = av.AudioResampler(format="fltp", layout=layouts[channels] if many else None)
    position = 0
    try:
        position, frames = _frames(container, stream, start)
        if (container.format.name, stream.codec_context.name) in _GAPLESS:
            frames = _unbroken(frames, stream, path)
        for second in _joined(frames, stream.rate):
            for part in planar.resample(second):
                block = part.to_ndarray().T
                _check_numbers(block, position, stream.rate, path)
                yield position, block
                position += len(block)
    except (av.error.FFmpegError, ValueError) as error:
        raise InputError(
            f"the sound cannot be decoded after {to_short_clock(round(position * 1000 / stream.rate))}",
            where=str(path),
            todo="copy it again, or repair it with an audio editor",
        ) from error


def _frames(container: Any, stream: Any, start: int) -> tuple[int, Iterator[Any]]:
    """Decoded frames and the first one's position: a second before `start` where the format can be trusted to seek."""
    frames = container.decode(stream)
    ahead = start - SECOND
    if ahead < SECOND or container.format.name not in _SEEK_TO_THE_SAMPLE:
        return 0, frames
    first = next(frames)
    container.seek(first.pts + int(ahead / stream.rate / stream.time_base), stream=stream)
    frames = container.decode(stream)
    landed = next(frames, None)
    if landed is None:
        return start, frames
    return round((landed.pts - first.pts) * stream.time_base * stream.rate), chain([landed], frames)


def _unbroken(frames: Iterable[Any], stream: Any, path: Path) -> Iterator[Any]:
    """The frames, if each begins where the one before it ends. Raises InputError where sound between two is lost."""
    due = None
    for frame in frames:
        at = round(frame.pts * stream.time_base * SAMPLE_RATE)
        if due is not None and at - due > _GAP:
            raise InputError(
                f"{(at - due) / SAMPLE_RATE:.2f} s are lost behind {sample_clock(due)}: the file is damaged",
                where=str(path),
                todo="copy it again from where it was recorded",
            )
        due = at + at_48k(frame.samples, stream.rate)
        yield frame


def _joined(frames: Iterable[Any], size: int) -> Iterator[Any]:
    """Frames joined to `size` samples or a few more: a codec's own are too small to handle one by one in Python."""
    import av

    fifo = av.AudioFifo()
    for frame in frames:
        frame.pts = None
        fifo.write(frame)
        if fifo.samples >= size:
            yield fifo.read()
    if fifo.samples:
        yield fifo.read()


def _check_numbers(block: Block, position: int, rate: int, path: Path) -> None:
    if np.isfinite(block).all():
        return
    first = position + int(np.argmin(np.isfinite(block).all(axis=1)))
    raise InputError(
        f"a sample at {to_short_clock(first * 1000 // rate)} is not a number",
        where=str(path),
        todo="export it again from the audio editor, as 16 or 24 bit",
    )


def _as_channels(block: Block, channels: int) -> Block:
    if block.shape[1] == channels:
        return block
    if channels == 1:
        return np.asarray(block.mean(axis=1, keepdims=True), np.float32)
    return np.repeat(block, 2, axis=1)


def _resampled(native: Iterator[tuple[int, Block]], rate: int, first: int) -> Iterator[tuple[int, Block]]:
    """At 48 kHz from sample `first` of `native` on, to as many samples as `at_48k` says.

    Each stretch is resampled by itself, between what surrounds it: its samples are the same wherever reading began.
    """
    import soxr

    margin = _margin(rate)
    at, head = next(native, (first, None))
    if head is None:
        return
    following = chain([head], (block for _, block in native))
    for window in windows(following, _STRETCH * rate, margin, margin, start=first - at):
        made = soxr.resample(window.samples, rate, SAMPLE_RATE, quality="VHQ")
        before, wanted = window.before * SAMPLE_RATE // rate, at_48k(len(window.inner), rate)
        yield (at + window.start) * SAMPLE_RATE // rate, made[before : before + wanted]


def _margin(rate: int) -> int:
    """What surrounds a stretch while it is resampled: at the file's rate, a whole number of samples at 48 kHz too."""
    step = rate // gcd(rate, SAMPLE_RATE)
    return -(-_KERNEL // step) * step


def _between(parts: Iterable[tuple[int, Block]], start: int, stop: int | None) -> Iterator[Block]:
    for position, part in parts:
        if stop is not None and position >= stop:
            return
        low = max(start - position, 0)
        high = len(part) if stop is None else min(stop - position, len(part))
        if low < high:
            yield part[low:high]
