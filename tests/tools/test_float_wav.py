"""Floats on disk, louder than full scale, as our own ears and the standard's chunks have them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.streams import gather
from pipeline.tools import sound
from pipeline.tools.float_wav import float_wav


def written(path: Path) -> np.ndarray:
    samples = np.random.default_rng(1).normal(scale=3, size=100_000).astype(np.float32)
    with float_wav(path) as write:
        for part in np.array_split(samples, 7):
            write(part)
    return samples


def test_every_sample_comes_back_however_loud(tmp_path: Path) -> None:
    samples = written(tmp_path / "mix.wav")
    assert np.abs(samples).max() > 10
    assert sound.probe(tmp_path / "mix.wav").samples == len(samples)
    assert np.array_equal(gather(sound.blocks(tmp_path / "mix.wav", channels=1), 1)[:, 0], samples)


def test_the_same_sound_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        written(tmp_path / name)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="No space left"):
        written(Path("/dev/full"))
