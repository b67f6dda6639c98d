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
    folder = tmp_path / "episodes" / "one"
    folder.mkdir(parents=True)
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "show.yaml").write_text(SHOW + CAMPAIGN, "utf-8")
    (folder / "episode.yaml").write_text(f"publish_at: {publish_at}\n", "utf-8")
    job = Job(Workspace(tmp_path).episode("one"), Store(folder / "build"))
    assert [campaign.name for campaign in job.campaigns] == running
