"""What runs again, why, and what is never lost."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline import runner
from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Outline, Progress, Span
from pipeline.steps import STAGES, Job, Stage, stages_for
from pipeline.store import Store
from pipeline.workspace import Workspace

SHOW = (Path(__file__).parent / "data" / "show.yaml").read_text("utf-8")


@contextlib.contextmanager
def unseen(stage: Stage) -> Iterator[Progress]:
    yield lambda fraction, note: None


class Bench:
    """Two stages that count how often they run: `first` from a file, `second` from the first and the title."""

    def __init__(self, folder: Path) -> None:
        (folder / "feed").mkdir()
        (folder / "feed" / "show.yaml").write_text(SHOW)
        self.episode = folder / "episodes" / "mlops"
        self.episode.mkdir(parents=True)
        (self.episode / "outline.md").write_text("# T\n\n## A\n")
        (self.episode / "recording.wav").write_text("1000")
        self.root, self.runs, self.broken = folder, list[str](), False
        self.meanwhile: dict[str, Callable[[], object]] = {}

    @property
    def job(self) -> Job:
        return runner.job_for(Workspace(self.root).episode("mlops"))

    @property
    def stages(self) -> tuple[Stage, ...]:
        recording = {"the recording": lambda job: job.store.file_digest(job.folder.recorded.recording)}
        title = {"the title": lambda job: job.folder.outline.title}
        return (
            Stage("first", "First", recording, (), {"span": Span}, self._first),
            Stage("second", "Second", title, ("span",), {"outline": Outline}, self._second, self._files),
        )

    def _first(self, job: Job, progress: Progress) -> tuple[object, ...]:
        self.runs.append("first")
        self.meanwhile.pop("first", int)()
        return (Span(0, len(job.folder.recorded.recording.read_text())),)

    def _second(self, job: Job, progress: Progress) -> tuple[object, ...]:
        self.runs.append("second")
        self.meanwhile.pop("second", int)()
        if self.broken:
            raise InputError("broken", where="cuts.yaml")
        span = job.store.load("span", Span)
        (job.folder.build / "big").write_text(str(span.end))
        return (Outline(f"{job.folder.outline.title} {span.end}", ()),)

    def _files(self, job: Job) -> dict[Path, str]:
        big = job.folder.build / "big"
        return {big: str(Store(job.folder.build / "elsewhere").file_digest(big))} if big.exists() else {big: "gone"}

    def run(self) -> list[str]:
        self.runs.clear()
        runner.run(self.job, unseen, self.stages)
        return list(self.runs)

    def why(self) -> list[tuple[str, ...]]:
        return [state.why for state in runner.states(self.job, self.stages)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("at_work", ["first", "second"])
def test_a_recording_that_is_replaced_while_it_is_worked_on_and_put_back_leaves_nothing_of_the_other(
    bench: Bench, at_work: str
) -> None:
    recording = bench.episode / "recording.wav"
    bench.meanwhile[at_work] = lambda: recording.write_text("another one")
    with pytest.raises(WorkspaceError, match="the recording changed, while it was being worked on") as caught:
        bench.run()
    assert caught.value.where == "episodes/mlops"
    recording.write_text("1000")
    assert bench.run() == (["first", "second"] if at_work == "first" else ["second"])
    assert bench.job.store.load("span", Span) == Span(0, 4)
    assert bench.why() == [(), ()]


@pytest.mark.parametrize(
    ("lost", "said"),
    [("", "what was made of the episode was removed, while it"), ("span.json", "span was changed or lost, while it")],
)
def test_what_fails_because_something_of_the_build_folder_is_removed_says_so(
    bench: Bench, lost: str, said: str
) -> None:
    gone = bench.episode / "build" / lost
    bench.meanwhile["second"] = lambda: gone.unlink() if lost else shutil.rmtree(gone)
    with pytest.raises(WorkspaceError, match=said):
        bench.run()
    assert bench.run() == ["first", "second"]


def test_only_what_changed_runs(bench: Bench) -> None:
    assert bench.why() == [("never ran",), ("never ran",)]
    assert bench.run() == ["first", "second"]
    assert bench.run() == []
    (bench.episode / "outline.md").write_text("# Other\n\n## A\n")
    assert bench.why() == [(), ("the title changed",)]
    assert bench.run() == ["second"]
    assert bench.why() == [(), ()]


def test_a_change_that_makes_no_difference_stops_there(bench: Bench) -> None:
    bench.run()
    (bench.episode / "recording.wav").write_text("2000")
    assert bench.why() == [("the recording changed",), ("after first",)]
    assert bench.run() == ["first"]
    (bench.episode / "recording.wav").write_text("20000")
    assert bench.run() == ["first", "second"]


def test_what_was_lost_is_made_again(bench: Bench) -> None:
    bench.run()
    (bench.episode / "build" / "big").unlink()
    assert bench.why() == [(), ("big was changed or lost",)]
    assert bench.run() == ["second"]
    bench.job.store.path("span").write_text("{}")
    assert bench.why()[0] == ("span was changed or lost",)
    assert bench.run() == ["first"]


def test_a_failure_leaves_what_was_there(bench: Bench) -> None:
    bench.run()
    kept = bench.job.store.path("outline").read_bytes()
    (bench.episode / "outline.md").write_text("# Other\n\n## A\n")
    bench.broken = True
    with pytest.raises(InputError) as caught:
        bench.run()
    assert caught.value.where == "episodes/mlops/cuts.yaml"
    assert bench.job.store.path("outline").read_bytes() == kept
    bench.broken = False
    assert bench.run() == ["second"]


def test_another_version_of_a_stage_runs_again(bench: Bench) -> None:
    bench.run()
    first, second = bench.stages
    newer = Stage("first", "", first.given, first.needs, first.makes, first.run, version=2)
    assert runner.states(bench.job, (newer, second))[0].why == ("Escaleta itself changed",)


def test_one_run_at_a_time(bench: Bench) -> None:
    held = FileLock(bench.episode / "build" / "lock")
    held.lock_file and Path(held.lock_file).parent.mkdir()
    with held, pytest.raises(WorkspaceError, match="another run is at work on episode mlops"):
        bench.run()
    assert bench.run() == ["first", "second"]


def test_what_a_killed_run_left_is_swept_away(bench: Bench) -> None:
    left = bench.episode / "build" / "release" / ".mlops.mp3.x1.part.mp3"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    bench.run()
    assert not left.exists()


def test_what_a_killed_export_left_is_swept_away_by_the_next(bench: Bench) -> None:
    left = bench.episode / "build" / "export" / ".mlops.mp4.x1.part.mp4"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    with pytest.raises(WorkspaceError, match="not as it would be made now"):
        runner.export(bench.job, ".mp4", ad_free=False, progress=lambda fraction, note: None)
    assert not left.exists()


@pytest.mark.parametrize("missing", ["publish_at", "summary", "both"])
def test_what_is_not_ready_to_go_out_is_made_and_not_released(bench: Bench, missing: str) -> None:
    with (bench.root / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write("ad_free: {feed_url: https://free.example.org/feed.xml}\n")
    said = {"publish_at": "publish_at: 2026-01-01T07:00\n", "summary": "summary: Hola.\n"}
    (bench.episode / "episode.yaml").write_text("".join(said.values()))
    whole = [stage.name for stage in stages_for(bench.job)]
    assert whole[-1] == "release-ad-free"
    kept = [text for name, text in said.items() if missing not in (name, "both")]
    (bench.episode / "episode.yaml").write_text("".join(kept))
    some = [stage.name for stage in stages_for(bench.job)]
    assert some == [name for name in whole if name not in {"release", "release-ad-free"}]
    assert [state.stage for state in runner.states(bench.job)] == some


def test_the_table_is_whole() -> None:
    """Every stage needs only what an earlier one makes, and nothing is made twice."""
    made: list[str] = []
    for stage in STAGES:
        assert set(stage.needs) <= set(made), stage.name
        made += stage.makes
    assert len(made) == len(set(made))
