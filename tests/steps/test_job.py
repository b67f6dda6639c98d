"""What an episode at work knows of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.steps import Job
from pipeline.store import Store
from pipeline.workspace import Workspace

SHOW = (Path(__file__).parent.parent / "data" / "show.yaml").read_text("utf-8")
CAMPAIGN = 'campaigns: [{name: spring, audio: spots/spring.flac, place: post, first: "2026-03-01"}]\n'


@pytest.mark.parametrize(
    ("publish_at", "running"),
    [
        ("2026-02-28T23:59", []),
        ("2026-03-01T00:00", ["spring"]),
        ("2026-02-28T20:00-05:00", ["spring"]),
        ("2026-03-01T05:00 Asia/Tokyo", []),
    ],
)
def test_a_campaign_s_days_are_the_show_s_own(tmp_path: Path, publish_at: str, running: list[str]) -> None:
    job = job_of(tmp_path, CAMPAIGN, f"publish_at: {publish_at}\n")
    assert [campaign.name for campaign in job.campaigns] == running


@pytest.mark.parametrize(
    ("place", "episode", "line", "told"),
    [
        ("cue", "", "Thanks to Acme", ["campaign spring runs, but no line of the running order is marked for it"]),
        ("cue", "spots: [spring]", "Thanks (ad)", ["campaign spring runs, but no line of the running order is marked"]),
        ("cue", "spots: []", "Thanks to Acme", []),
        ("cue", "cue_at: 0:10", "Thanks to Acme", []),
        ("cue", "", "Thanks to Acme (insert ad)", []),
        ("post", "", "Thanks to Acme", []),
        ("cue", "spots: []", "Thanks (insert ad)", ["the running order asks for a spot after “Thanks”, but"]),
    ],
)
def test_a_spot_that_is_not_heard_is_told_of(
    tmp_path: Path, place: str, episode: str, line: str, told: list[str]
) -> None:
    job = job_of(tmp_path, CAMPAIGN.replace("post", place), f"publish_at: 2026-03-02T07:00\n{episode}\n", line)
    assert [why[: len(start)] for why, start in zip(job.without_spot, told, strict=True)] == told


def job_of(root: Path, campaign: str, episode: str, line: str = "Hello") -> Job:
    folder = root / "episodes" / "one"
    folder.mkdir(parents=True)
    (root / "feed").mkdir()
    (root / "feed" / "show.yaml").write_text(SHOW + campaign, "utf-8")
    (folder / "episode.yaml").write_text(episode, "utf-8")
    (folder / "outline.md").write_text(f"# One\n\n## Start\n\n- {line}\n", "utf-8")
    return Job(Workspace(root).episode("one"), Store(folder / "build"))
