"""High-pass filters whose output at a sample depends on its neighbourhood alone, not on where reading began.

Each stretch of five seconds of a source's own clock is filtered from half a second before it, by which time a
filter at 20 Hz or above has forgotten its start to below one part in a million. So a piece rendered alone later is the
same, bit for bit, as in the whole.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from pipeline.audio.edits import TALK, TONE
from pipeline.audio.streams import SECOND, Block
from pipeline.timecode import SAMPLE_RATE

STRETCH = 5 * SECOND
RUN_UP = SECOND // 2

_VOICE = signal.butter(2, 80, "highpass", fs=SAMPLE_RATE, output="sos")
_ANY = signal.butter(1, 10, "highpass", fs=SAMPLE_RATE, output="sos")


def highpassed(samples: Block, source: str, run_up: int) -> Block:
    """`samples` without rumble (80 Hz for voices) or DC (10 Hz for spots and music), the run-up cut off."""
    sos = _VOICE if source in {TALK, TONE} else _ANY
    heard = np.empty(samples.shape, np.float32)
    state = np.zeros((len(sos), 2, samples.shape[1]))
    for start in range(0, len(samples), SECOND):
        second = slice(start, start + SECOND)
        heard[second], state = signal.sosfilt(sos, samples[second], axis=0, zi=state)
    return heard[run_up:]
