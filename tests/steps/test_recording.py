"""What becomes of a recording's files before anybody listens to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.steps import Job, stages_for
from pipeline.store import Store
from pipeline.workspace import Workspace

SHOW = (Path(__file__).parent.parent / "data" / "show.yaml").read_text("utf-8")


def test_all_that_is_no_track_is_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "episodes" / "one"
    (folder / "tracks").mkdir(parents=True)
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "show.yaml").write_text(SHOW, "utf-8")
    (folder / "outline.md").write_text("# One\n\n## Start\n", "utf-8")
    for name in ("Ana.wav", "Leo.wav"):
        (folder / "tracks" / name).write_text("no sound\n" * 100)
    job = Job(Workspace(tmp_path).episode("one"), Store(folder / "build"))
    mix = next(stage for stage in stages_for(job) if stage.name == "mix")
    with pytest.raises(InputError, match="not a sound file") as caught:
        mix.run(job, lambda share, doing="": None)
    assert caught.value.where == f"{folder}/tracks/Ana.wav, {folder}/tracks/Leo.wav"
    assert caught.value.todo == "give WAV, FLAC, MP3, M4A or Opus; or take it out of the folder tracks"
