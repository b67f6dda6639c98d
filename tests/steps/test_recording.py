"""What becomes of a recording's files before anybody listens to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.model import Recording, Source
from pipeline.steps import Job, stages_for
from pipeline.store import Store
from pipeline.workspace import Workspace

SHOW = (Path(__file__).parent.parent / "data" / "show.yaml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An episode's, with a running order alone."""
    folder = tmp_path / "episodes" / "one"
    (folder / "tracks").mkdir(parents=True)
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "show.yaml").write_text(SHOW, "utf-8")
    (folder / "outline.md").write_text("# One\n\n## Start\n", "utf-8")
    return folder


def run(stage: str, folder: Path, scheduler: str | None = None) -> object:
    job = Job(Workspace(folder.parent.parent).episode("one"), Store(folder / "build"), scheduler)
    return next(one for one in stages_for(job) if one.name == stage).run(job, lambda share, doing="": None)


def test_all_that_is_no_track_is_told_at_once(folder: Path) -> None:
    for name in ("Ana.wav", "Leo.wav"):
        (folder / "tracks" / name).write_text("no sound\n" * 100)
    with pytest.raises(InputError, match="not a sound file") as caught:
        run("mix", folder)
    assert caught.value.where == f"{folder}/tracks/Ana.wav, {folder}/tracks/Leo.wav"
    assert caught.value.todo == "give WAV, FLAC, MP3, M4A or Opus; or take it out of the folder tracks"


def test_the_address_of_a_cluster_that_is_empty_is_not_this_machine(folder: Path) -> None:
    """As `--scheduler "$SCHEDULER"` is where nobody has set it."""
    (folder / "recording.wav").touch()
    (folder / "build").mkdir()
    store = Store(folder / "build")
    store.save("recording", Recording, Recording("episodes/one/recording.wav", "0" * 64, 1000, 48_000, 1, 48_000))
    store.save("voices", tuple[Source, ...], ())
    with pytest.raises(InputError, match="no Dask scheduler answers at an empty address"):
        run("transcribe", folder, scheduler="")
