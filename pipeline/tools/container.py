"""A sound file as its container: opened, or refused with the reason; and held to what it says of its own length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.audio import promises
from pipeline.audio.mp3 import promised_samples
from pipeline.audio.streams import SECOND
from pipeline.errors import InputError
from pipeline.timecode import SAMPLE_RATE, sample_clock

_SHORTFALL = SECOND // 4
"""Fewer samples than a header promises, by this much, and the file was cut off."""

_SHORTFALLS = {"flac": SECOND // 100}
"""The same where the header counts samples: what a damaged frame held is passed over in silence."""

_LOWEST_RATE = 4_000
"""Hz, below which there is no speech to be had; a header that says less is wrong."""

_CONTAINERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,"
    "ogg,oma,shn,tak,truehd,tta,voc,w64,wav,wv"
)
"""What libavformat may take a file for: not a playlist, which would have other files read, whoever wrote it."""

_ENDS = {"matroska,webm": promises.matroska_end, "ogg": promises.ogg_end}
"""Formats that say how many bytes they have, and what reads that."""


def at_48k(samples: int, rate: int) -> int:
    """As many samples at 48 kHz as `samples` at `rate` become, halves upwards."""
    return (samples * SAMPLE_RATE + rate // 2) // rate


def refused(path: Path) -> InputError | None:
    """Why the file cannot be sound, as far as opening it tells; None where it may be."""
    try:
        opened(path).close()
    except InputError as error:
        return error
    return None


def opened(path: Path) -> Any:
    """An `av` container whose first stream of sound can be decoded; the caller closes it.

    Raises InputError: missing, empty, not to be read, not sound, cut off before its index.
    """
    import av

    if not path.is_file():
        raise missing(path)
    if not path.stat().st_size:
        raise InputError("the file is empty", where=str(path), todo="copy it again from where it was recorded")
    try:
        options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
        container = av.open(str(path), metadata_errors="replace", options=options)
    except PermissionError as error:
        raise InputError("the file may not be read", where=str(path), todo="change its permissions") from error
    except (av.error.FFmpegError, OSError) as error:
        raise _not_opened(path) from error
    stream = container.streams.audio[0] if container.streams.audio else None
    if stream is None or not stream.rate or not stream.codec_context.channels:
        container.close()
        raise _not_sound(path)
    if stream.rate < _LOWEST_RATE:
        container.close()
        todo = "export it again, at 44.1 or 48 kHz"
        raise InputError(f"a rate of {stream.rate} Hz is too low for speech", where=str(path), todo=todo)
    return container


def missing(path: Path) -> InputError:
    """Of a file that is not there."""
    return InputError("there is no such file", where=str(path), todo="check the name, or give another file")


def _not_opened(path: Path) -> InputError:
    """An MP4 is cut off most often before its index, which its recorder writes last of all."""
    with path.open("rb") as file:
        if file.read(8)[4:] != b"ftyp":
            return _not_sound(path)
    return InputError(
        "its index is damaged or not there: the file is cut off, or its recorder did not end it",
        where=str(path),
        todo="copy it again from where it was recorded",
    )


def _not_sound(path: Path) -> InputError:
    return InputError(
        "this is not a sound file, whatever it is called", where=str(path), todo="give WAV, FLAC, MP3, M4A or Opus"
    )


def check_samples(path: Path, container: Any, samples: int) -> None:
    """Raises InputError where `samples` at 48 kHz, as many as were decoded, are fewer than the header promises."""
    promised = _promised(path, container, container.streams.audio[0])
    if samples < promised - _SHORTFALLS.get(container.format.name, _SHORTFALL):
        raise InputError(
            f"its header promises {sample_clock(promised)}, "
            f"but there are {(promised - samples) / SECOND:.2f} s less: the file is cut off or damaged",
            where=str(path),
            todo="copy it again from where it was recorded",
        )


def _promised(path: Path, container: Any, stream: Any) -> int:
    """Samples at 48 kHz that the file's own header claims; 0 where it claims nothing."""
    if container.format.name == "mp3":
        with path.open("rb") as file:
            return at_48k(promised_samples(file), stream.rate)
    if container.format.name == "wav":
        with path.open("rb") as file:
            return int(promises.riff_sound(file) * 8 * SAMPLE_RATE // max(stream.codec_context.bit_rate, 1))
    if container.format.name in {"flac", "aiff", "au"} and stream.duration:
        return int(stream.duration * stream.time_base * SAMPLE_RATE)
    return 0


def check_end(path: Path, container: Any) -> None:
    """Raises InputError where the file ends before it would by its own word, or goes on behind that."""
    if container.format.name == "wav":
        _check_rest(path, container.streams.audio[0].codec_context.bit_rate)
    if container.format.name not in _ENDS:
        return
    with path.open("rb") as file:
        lost = _ENDS[container.format.name](file) - path.stat().st_size
    if lost > 0:
        raise InputError(
            f"its last {lost} bytes or more are not there: the file is cut off",
            where=str(path),
            todo="copy it again from where it was recorded",
        )


def _check_rest(path: Path, rate: int) -> None:
    """Raises InputError where sound lies behind what a WAV's header tells of. `rate`: bits a second."""
    with path.open("rb") as file:
        rest = promises.riff_rest(file) * 8 * SECOND // max(rate, 1)
    if rest > _SHORTFALL:
        raise InputError(
            f"behind the end that its header tells of lies {sample_clock(rest)} more: its recorder never wrote how "
            "long it became, or it is longer than a WAV can say",
            where=str(path),
            todo="import it as raw data in an audio editor, and export it as FLAC or W64",
        )
