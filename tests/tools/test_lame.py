"""MP3 frames in pieces are, byte for byte, those of one go."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.mp3 import frame_bytes
from pipeline.audio.pieces import POST_ROLL, PRE_ROLL
from pipeline.audio.streams import MP3_FRAME, Block
from pipeline.errors import InputError
from pipeline.tools import lame


def bursts(channels: int, frames: int) -> Block:
    """Noise that starts and stops within frames, which makes LAME change its blocks."""
    random = np.random.default_rng(5)
    level = np.repeat(random.random(4 * frames) ** 4, MP3_FRAME // 4)
    return (0.3 * level[:, None] * random.standard_normal((frames * MP3_FRAME, channels))).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bitrate", [96, 192, 320])
def test_a_frame_hears_no_further_back_than_the_pre_roll(channels: int, bitrate: int) -> None:
    samples, size = bursts(channels, 150), frame_bytes(bitrate)
    whole, before = lame.encode(samples, bitrate), PRE_ROLL // MP3_FRAME
    for first in range(before, 140, 3):
        heard = samples[first * MP3_FRAME - PRE_ROLL : (first + 1) * MP3_FRAME + POST_ROLL]
        made = lame.encode(heard, bitrate)[before * size :][:size]
        assert made == whole[first * size :][:size], f"frame {first}"


def test_the_treble_that_is_kept_and_bitrates_that_there_are_not() -> None:
    assert lame.lowpass(1, 96) > 15_000
    with pytest.raises(InputError, match="97"):
        lame.encode(bursts(1, 1), 97)
