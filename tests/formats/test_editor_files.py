"""What the desk writes into files that people write too: nothing of theirs is lost."""

from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import chapter_edits, load_edits
from pipeline.formats import chapters_yaml, words_yaml
from pipeline.formats.yaml_field import with_field
from pipeline.model import ChapterEdit, WordEdit

BEFORE = """\
# Ours. Koldo listened to all of it.

- {section: Preguntas, start: 0:30.5, title: Cartas}  # he insisted
# the long one
- section: Experimentación / Debate
  start: "1:02:03"   # after the cough

- title: El café
  start: 0:59
# end of the list
"""
PREGUNTAS = ChapterEdit("Preguntas", "Cartas", "0:30.5")
DEBATE = ChapterEdit("Experimentación / Debate", None, "1:02:03")
CAFE = ChapterEdit(None, "El café", "0:59")


def read(text: str, folder: Path) -> tuple[ChapterEdit, ...]:
    path = folder / "chapters.yaml"
    path.write_text(text, "utf-8")
    return load_edits(path, "chapters.yaml", chapter_edits)


def test_what_did_not_change_keeps_its_text() -> None:
    assert chapters_yaml.render((PREGUNTAS, DEBATE, CAFE), BEFORE) == BEFORE


def test_one_nudge_is_one_line_of_difference(tmp_path: Path) -> None:
    moved = ChapterEdit("Experimentación / Debate", None, "1:02:04.500")
    text = chapters_yaml.render((PREGUNTAS, moved, CAFE), BEFORE)
    assert read(text, tmp_path) == (PREGUNTAS, moved, CAFE)
    assert text == BEFORE.replace('  start: "1:02:03"   # after the cough', "  start: '1:02:04.500'").replace(
        "# the long one\n", "# the long one\n# after the cough\n"
    )


def test_a_flow_entry_stays_on_its_line(tmp_path: Path) -> None:
    renamed = ChapterEdit("Preguntas", "Cartas, muchas", "0:30.5")
    text = chapters_yaml.render((renamed, DEBATE, CAFE), BEFORE)
    assert read(text, tmp_path) == (renamed, DEBATE, CAFE)
    assert next(line for line in text.splitlines() if "Cartas" in line).startswith("- {section: Preguntas")
    assert "# he insisted" in text


def test_dropped_added_and_emptied(tmp_path: Path) -> None:
    new = ChapterEdit(None, "Nuevo", "0:10", url="https://example.org/")
    gone = ChapterEdit("Despedida", drop=True)
    text = chapters_yaml.render((DEBATE, new, gone), BEFORE)
    assert read(text, tmp_path) == (DEBATE, new, gone)
    for remark in ("# Ours.", "# he insisted", "# the long one", "# after the cough", "# end of the list"):
        assert remark in text
    assert read(chapters_yaml.render((), text), tmp_path) == ()
    assert "# he insisted" in chapters_yaml.render((), text)


def test_a_new_file_says_what_it_is(tmp_path: Path) -> None:
    text = chapters_yaml.render((CAFE,))
    assert text.startswith("# The editor's word")
    assert read(text, tmp_path) == (CAFE,)


_texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.strip)
_entries = st.lists(
    st.builds(ChapterEdit, section=_texts, title=st.none() | _texts, drop=st.booleans()),
    max_size=6,
    unique_by=lambda edit: edit.section,
)


@given(_entries, _entries)
def test_whatever_stands_there_is_read_back(first: list[ChapterEdit], second: list[ChapterEdit]) -> None:
    text = chapters_yaml.render(second, chapters_yaml.render(first))
    wanted = [{"section": e.section} | ({"title": e.title} if e.title else {}) for e in second]
    found = yaml.safe_load(text) or []
    assert [{k: v for k, v in item.items() if k != "drop"} for item in found] == wanted
    assert [item.get("drop", False) for item in found] == [edit.drop for edit in second]


def test_words() -> None:
    edit = WordEdit("0:12.340", "béridas", "Veridas")
    assert yaml.safe_load(words_yaml.render((edit,))) == [{"at": "0:12.340", "heard": "béridas", "say": "Veridas"}]


EPISODE = """\
title: "MLOps"   # long
cue_at: 1:08.5  # by ear
summary: >-
  Two
  lines.

people:
  - name: Koldo   # guest
"""


def test_one_field_changes_and_nothing_else() -> None:
    assert with_field(EPISODE, "cue_at", "0:01:09.000") == EPISODE.replace(
        "cue_at: 1:08.5  # by ear", "cue_at: '0:01:09.000'  # by ear"
    )
    assert with_field(EPISODE, "cue_at", None) == EPISODE.replace("cue_at: 1:08.5  # by ear\n", "")
    assert with_field(EPISODE, "season", "2") == EPISODE + "season: '2'\n"
    assert with_field(EPISODE, "season", None) == EPISODE
    assert with_field("", "cue_at", "0:01") == "cue_at: 0:01\n"


def test_a_list_takes_the_place_of_a_list() -> None:
    block = "title: T\nspots:\n  - spring\n  - 'autumn'  # both\n\n# people\nnumber: 2\n"
    assert with_field(block, "spots", ["summer"]) == "title: T\nspots: [summer]  # both\n\n# people\nnumber: 2\n"
    assert with_field("spots: [a, b]\nnumber: 2\n", "spots", ["c"]) == "spots: [c]\nnumber: 2\n"
    assert with_field("title: T\n", "spots", ["c"]) == "title: T\nspots: [c]\n"
