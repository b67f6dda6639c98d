"""Single samples are those of the whole master, wherever they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.streams import gather
from pipeline.model import Master
from pipeline.review.listening import CLOSEST, Listening, samples
from pipeline.runner import job_for
from pipeline.steps import Job
from pipeline.tools import sound
from pipeline.workspace import Workspace


@pytest.fixture(scope="module")
def job(finished: Path) -> Job:
    return job_for(Workspace(finished).episode("mlops"))


@pytest.fixture(scope="module")
def whole(job: Job) -> np.ndarray:
    """The master from end to end, as a player hears it."""
    return np.rint(gather(sound.blocks(job.master, channels=1), 1)[:, 0] * 32767).astype(np.int16)


@pytest.mark.parametrize("start", [0, 1, 24, 40, 61_234, 126_000])
def test_a_neighbourhood_is_what_the_whole_has_there(job: Job, whole: np.ndarray, start: int) -> None:
    heard = samples(job.master, job.store.load("master", Master), start, start + 250)
    assert len(heard) == 12_000
    np.testing.assert_array_equal(heard, whole[start * 48 : start * 48 + 12_000])
    assert np.ptp(heard) > 0


def test_at_the_end_and_behind_it(job: Job, whole: np.ndarray) -> None:
    master = job.store.load("master", Master)
    end = master.samples // 48
    np.testing.assert_array_equal(samples(job.master, master, end - 30, end + 500), whole[(end - 30) * 48 :])
    assert len(samples(job.master, master, end + 1, end + 500)) == 0
    assert len(samples(job.master, master, 500, 400)) == 0


def test_no_more_than_is_drawn_at_once(job: Job) -> None:
    assert len(samples(job.master, job.store.load("master", Master), 0, 10**9)) == CLOSEST * 48


def test_only_the_frames_around_are_read(job: Job, tmp_path: Path) -> None:
    """Hour four costs what the first minute does: what lies before may be anything."""
    master, data = job.store.load("master", Master), bytearray(job.master.read_bytes())
    damaged = tmp_path / "master.mp3"
    data[1_000 : len(data) // 2] = bytes(len(data) // 2 - 1_000)
    damaged.write_bytes(data)
    np.testing.assert_array_equal(
        samples(damaged, master, 100_000, 100_100), samples(job.master, master, 100_000, 100_100)
    )


@pytest.mark.parametrize("data", [b"", b"scribble", b"PK\x03\x04 half of a"])
def test_a_damaged_drawing_is_drawn_anew(job: Job, tmp_path: Path, data: bytes) -> None:
    kept = tmp_path / "desk" / f"waveform-{job.store.load('master', Master).sha256[:12]}.npz"
    kept.parent.mkdir()
    kept.write_bytes(data)
    listening = Listening(tmp_path)
    listening.begin(job)
    drawn = listening.wait()
    assert drawn is not None
    assert len(drawn.levels[0]) == 25_320
    with np.load(kept) as written:
        np.testing.assert_array_equal(written["level0"], drawn.levels[0])


def test_what_cannot_be_kept_is_drawn_all_the_same(job: Job, tmp_path: Path) -> None:
    (tmp_path / "desk").write_text("a file where a folder belongs", "utf-8")
    listening = Listening(tmp_path)
    listening.begin(job)
    drawn = listening.wait()
    assert drawn is not None
    assert len(drawn.levels[0]) == 25_320
