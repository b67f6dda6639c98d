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


def correct(show: Path, words: str) -> None:
    """As the desk does where a word was misheard."""
    (show / "episodes" / "mlops" / "words.yaml").write_text(words, "utf-8")


def captions(show: Path) -> str:
    return (show / "feed" / "public" / "mlops" / "transcript.vtt").read_text("utf-8")


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


def test_words_alone_that_were_corrected_elsewhere_are_not_taken_back_either(show: Path, tmp_path: Path) -> None:
    """The sound stays as it is, the captions do not."""
    publish(show)
    other = shutil.copytree(show, tmp_path / "other")
    correct(other, "- {at: 0:11, heard: béridas, say: Veridas}\n")
    assert "release" in produce(other)
    assert "mlops/transcript.vtt" in publish(other)
    assert sound(said(other)) == sound(said(show))
    bring(other, show)
    assert publish(show) == ()
    assert "Veridas" in captions(show)


def test_words_that_are_taken_back_by_hand_go_out_again(show: Path) -> None:
    publish(show)
    first = captions(show)
    correct(show, "- {at: 0:11, heard: béridas, say: Veridas}\n")
    produce(show)
    publish(show)
    assert captions(show) != first
    correct(show, "[]\n")
    produce(show)
    publish(show)
    assert captions(show) == first
    (entry,) = Workspace(show).ledger("ledger.yaml").entries
    assert len(entry.superseded) == 1
    assert entry.content not in entry.superseded


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
