"""`escaleta cuts` says what the desk says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.edits import INTRO, OUTRO, TALK
from pipeline.commands.work import work_on
from pipeline.config import cut_edits
from pipeline.errors import InputError
from pipeline.formats import cuts_yaml, yaml_text
from pipeline.model import Clip, CutEdit, CutMark, EditList, Span
from pipeline.review import cutting
from pipeline.review.corrections import OvertakenError
from pipeline.runner import job_for
from pipeline.timecode import to_clock
from pipeline.workspace import Workspace

from .conftest import Say, typed
from .conftest import given as given_to

OFFERS = (
    CutMark(8_000, 12_000, "between two knocks"),
    CutMark(61_000, 66_500, "“repito desde el principio”"),
)


@pytest.fixture
def offered(show: Path) -> Path:
    """The show, with two stretches offered."""
    given_to(job_for(Workspace(show).episode("mlops")), offers=OFFERS)
    return show


@pytest.fixture
def say(show: Path) -> Say:
    return typed(show, "cuts")


def entries(show: Path) -> list[dict[str, object]]:
    return list(yaml.safe_load((show / "episodes" / "mlops" / "cuts.yaml").read_text("utf-8")) or [])


def test_the_list(offered: Path, say: Say) -> None:
    heading, *table = say().splitlines()
    assert heading == "Times of the recording; to cut by them: escaleta cuts mlops add START END --recording"
    lines = [line.split() for line in table]
    assert lines[1][:5] == ["1", "00:00:08.000", "00:00:12.000", "4.0", "offered"]
    assert lines[2][:5] == ["2", "00:01:01.000", "00:01:06.500", "5.5", "offered"]


def test_nothing_offered(say: Say) -> None:
    assert "Nothing is offered" in say()


def test_accept_refuse_change_of_mind_and_taking_back(offered: Path, say: Say) -> None:
    say("accept", "1")
    say("refuse", "2")
    first, second = {"start": "00:00:08.000", "end": "00:00:12.000"}, {"start": "00:01:01.000", "end": "00:01:06.500"}
    assert entries(offered) == [first, second | {"keep": True}]
    assert [line.split()[4] for line in say().splitlines()[2:]] == ["cut", "kept"]
    say("refuse", "1")
    say("drop", "2")
    assert entries(offered) == [first | {"keep": True}]
    assert "Nothing to change" in say("refuse", "1")


def test_times_by_hand_are_the_programmes_unless_said_otherwise(offered: Path, say: Say) -> None:
    """The spot of six seconds stands at 0:19.5 of the recording."""
    say("add", "0:30", "0:32.5", "--recording")
    say("add", "0:10", "1:00")
    first, second = entries(offered)
    assert first == {"start": "00:00:30.000", "end": "00:00:32.500"}
    assert second["start"] == "00:00:10.000"
    assert second["end"] < "00:00:54.000"
    assert [line.split()[1] for line in say().splitlines()[2:]] == ["00:00:10.000", "00:00:30.000", "00:01:01.000"]
    say("drop", "2")
    assert entries(offered) == [second]


def test_what_makes_no_sense_is_refused(offered: Path, say: Say) -> None:
    say("accept", "3", code=2)
    say("accept", "0", code=2)
    say("add", "soon", "0:10", code=2)
    with pytest.raises(InputError, match="a cut from 0:10 to 0:10 is none"):
        say("add", "0:10", "0:10")
    with pytest.raises(InputError, match="nobody has decided"):
        say("drop", "1")
    say("add", "1:30", "1:31", "--recording")
    with pytest.raises(InputError, match="by hand"):
        say("accept", "3")


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("0:20", "0:21.5", "only the spot is heard there"),
        ("2:30", "2:31", "it ends at 00:02:06.600"),
        ("2:06.6", "9:00", "it ends at 00:02:06.600"),
    ],
)
def test_where_nobody_talks_there_is_nothing_to_cut(show: Path, say: Say, start: str, end: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        say("add", start, end)
    assert caught.value.what == f"there is no talk to cut from {start} to {end} of the programme: {why}"
    assert "--recording" in caught.value.todo
    assert not (show / "episodes" / "mlops" / "cuts.yaml").exists()


def test_music_alone_is_named() -> None:
    clips = (Clip(INTRO, 0, 96_000), Clip(TALK, 0, 480_000), Clip(OUTRO, 0, 96_000))
    for at, name in ((500, "the intro"), (12_500, "the outro")):
        with pytest.raises(InputError, match=f"only {name} is heard there"):
            cutting.add((), Span(at, at + 1000), "here to there", EditList((), clips))


MARKS = st.lists(st.integers(0, 400), min_size=2, max_size=12, unique=True).map(
    lambda points: tuple(
        CutMark(low * 100, high * 100, "") for low, high in zip(sorted(points)[::2], sorted(points)[1::2], strict=False)
    )
)


@given(marks=MARKS, choices=st.lists(st.sampled_from(["accept", "refuse", "drop"]), max_size=8), data=st.data())
def test_whatever_is_decided_is_one_row_a_mark_and_can_be_taken_back(
    marks: tuple[CutMark, ...], choices: list[str], data: st.DataObject
) -> None:
    edits: tuple[CutEdit, ...] = ()
    for choice in choices:
        row = data.draw(st.sampled_from(cuts_yaml.rows(marks, edits)))
        if choice == "drop":
            edits = cutting.drop(edits, row) if row.edit else edits
        else:
            edits = cutting.decide(edits, row, keep=choice == "refuse")
    found = cuts_yaml.rows(marks, edits)
    assert [row.mark for row in found] == list(marks)
    assert {row.mark for row in found if row.edit is None} == set(cuts_yaml.undecided(marks, edits))
    for row in found:
        edits = cutting.drop(edits, row) if row.edit else edits
    assert edits == ()


@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.integers(1, 10**6), st.booleans()), unique_by=lambda one: one[0], max_size=6
    )
)
def test_what_is_written_is_read_back(stretches: list[tuple[int, int, bool]]) -> None:
    edits = tuple(CutEdit(to_clock(at), to_clock(at + long), keep) for at, long, keep in stretches)
    text = cuts_yaml.render(edits)
    assert cut_edits(yaml_text.parse(text.encode(), "cuts.yaml")) == edits
    assert cuts_yaml.render(edits, text) == text


def test_an_offer_that_moved_a_little_stays_decided() -> None:
    word = CutEdit("0:08", "0:12", keep=True)
    assert cuts_yaml.word_on(CutMark(7_700, 12_100, ""), (word,)) is word
    assert cuts_yaml.word_on(CutMark(11_000, 15_000, ""), (word,)) is None


def test_what_somebody_else_wrote_meanwhile_is_not_written_over(offered: Path) -> None:
    work = work_on("mlops", offered)
    theirs = offered / "episodes" / "mlops" / "cuts.yaml"
    theirs.write_text("- {start: 0:30, end: 0:31}\n", "utf-8")
    with pytest.raises(OvertakenError, match=r"cuts\.yaml changed"):
        work.save_cuts((CutEdit("0:01", "0:02"),))
    assert entries(offered) == [{"start": "0:30", "end": "0:31"}]


def test_a_folder_where_the_file_should_lie_is_said_to_be_one(offered: Path, say: Say) -> None:
    (offered / "episodes" / "mlops" / "cuts.yaml").mkdir()
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        say("add", "0:10", "0:20")
