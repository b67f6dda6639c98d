"""High-pass filters whose output at a sample depends on its neighbourhood alone, not on where reading began.

Each stretch of five seconds of a source's own clock is filtered from half a second before it, by which time a
filter at 10 Hz or above has forgotten its start to below one part in a million. So a piece rendered alone later is the
same, bit for bit, as in the whole.
"""

from __future__ import annotations

import numpy as np

from pipeline.audio.biquads import Biquads, highpass
from pipeline.audio.edits import TALK, TONE
from pipeline.audio.streams import SECOND, Block

STRETCH = 5 * SECOND
RUN_UP = SECOND // 2

_VOICE = Biquads(highpass(80))
_ANY = Biquads(highpass(10))


def highpassed(samples: Block, source: str, run_up: int) -> Block:
    """`samples` without rumble (80 Hz for voices) or DC (10 Hz for spots and music), the run-up cut off."""
    heard = np.empty(samples.shape, np.float32)
    for number, second in enumerate((_VOICE if source in {TALK, TONE} else _ANY).seconds(samples)):
        heard[number * SECOND :][: second.shape[1]] = second.T
    return heard[run_up:]
