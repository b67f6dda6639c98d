"""Sound that may be louder than full scale, on its way to what brings it down: WAV of floats, by PyAV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.audio.streams import Mono
from pipeline.timecode import SAMPLE_RATE


@contextmanager
def float_wav(path: Path) -> Iterator[Callable[[Mono], None]]:
    """A mono WAV at 48 kHz while the block runs: what to call with samples, shape (samples,), as they come.

    The same samples give the same bytes. Beyond 4 GB, six hours, it is an RF64 (EBU Tech 3306).
    Raises OSError where the file cannot be written.
    """
    import av

    with av.open(str(path), "w", format="wav", options={"fflags": "+bitexact", "rf64": "auto"}) as out:
        stream = out.add_stream("pcm_f32le", rate=SAMPLE_RATE, layout="mono")

        def write(samples: Mono) -> None:
            frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            out.mux(stream.encode(frame))

        yield write
        out.mux(stream.encode(None))
