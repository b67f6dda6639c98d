"""A single file is taken as it is."""

from __future__ import annotations

import hashlib
import wave
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.model import Recording
from pipeline.stages.mix import mix
from pipeline.tools import sound


def test_a_recording_is_counted_and_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        file.writeframes(bytes(4 * 44_100))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert mix(path, "episodes/x/a.wav", sound) == Recording("episodes/x/a.wav", digest, 1000, 44_100, 2, 48_000)


def test_no_recording_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        mix(tmp_path / "a.wav", "a.wav", sound)
