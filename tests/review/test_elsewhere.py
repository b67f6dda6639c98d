"""A show on two machines, as git passes it on: what one of them corrected is not taken back by the other."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline import runner
from pipeline.model import Progress
from pipeline.publishing import publish_show
from pipeline.steps import Stage
from pipeline.workspace import Workspace


@contextlib.contextmanager
def unseen(stage: Stage) -> Iterator[Progress]:
    yield lambda fraction, note: None


def call(show: Path, title: str) -> None:
    """As somebody writes another title."""
    path = show / "episodes" / "mlops" / "episode.yaml"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"title: {title}", *(line for line in lines if not line.startswith("title:"))]), "utf-8")


def produce(show: Path) -> tuple[str, ...]:
    return runner.run(runner.job_for(Workspace(show).episode("mlops")), unseen)


def publish(show: Path) -> tuple[str, ...]:
    return publish_show(Workspace(show), datetime.now(UTC)).publication.written


def bring(source: Path, target: Path) -> None:
    """As git does, and a storage that both publish to: all but what was made."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("build"), dirs_exist_ok=True)


def said(show: Path) -> str:
    return (show / "feed" / "public" / "feed.xml").read_text("utf-8")


def sound(feed: str) -> str:
    (found,) = re.findall("<enclosure (.*)/>", feed)
    return str(found)


def test_what_was_made_before_it_was_corrected_elsewhere_does_not_go_out_again(show: Path, tmp_path: Path) -> None:
    """Until it is made anew there, too."""
    publish(show)
    other = shutil.copytree(show, tmp_path / "other")
    call(other, "Otro")
    assert produce(other) == ("report", "release")
    assert publish(other)
    bring(other, show)
    before = said(other)
    assert "<title>Otro</title>" in before
    assert publish(show) == ()
    assert said(show) == before
    assert produce(show) == ("report", "release")
    assert publish(show) == ()
    assert said(show) == before


def test_what_is_taken_back_by_hand_goes_out_again(show: Path) -> None:
    """The very sound that was public before: nobody else's word stands against it."""
    publish(show)
    first = said(show)
    call(show, "Otro")
    produce(show)
    assert publish(show)
    call(show, "MLOps")
    assert produce(show) == ("report", "release")
    assert publish(show)
    assert "<title>Otro</title>" not in said(show)
    assert sound(said(show)) == sound(first)
