"""The page that tells what became of an episode."""

from __future__ import annotations

import pytest
from lxml import html

from pipeline.formats.outline import parse
from pipeline.model import Absent, Chapter, Chapters, Loudness, Master, Place, Programme, Recording, Sound, Transcript
from pipeline.stages.report import report

MINUTE = 60_000


def page(order: str, *absent: Absent, elsewhere: tuple[Place, ...] = ()) -> html.HtmlElement:
    one = Chapter("Uno", 0, MINUTE, 0, 0, confidence=0.3, review=True, elsewhere=elsewhere)
    found = Chapters((one,), absent)
    text = report(
        "a",
        "A",
        outline=parse(order),
        recording=Recording("r.wav", "", MINUTE, 48_000, 1),
        programme=Programme(MINUTE, found, Transcript("es", ())),
        master=Master("m.mp3", "", MINUTE * 48, 1, 96, Loudness(-19.0, -2.0, 5.0)),
        sound=Sound(),
        curve=(),
        published=None,
    )
    return html.document_fromstring(text)


@pytest.mark.parametrize(
    ("order", "absent"),
    [
        ("# Uno\n\nHola.\n\n# Dos\n\n# Tres\n\n## Debate\n", (1, 3)),
        ("# El título\n\n## Uno\n\nHola.\n\n## Dos\n\n## Tres\n\n### Debate\n", (2, 4)),
    ],
)
def test_what_was_not_talked_about_is_named_with_or_without_a_title(order: str, absent: tuple[int, ...]) -> None:
    left_out = [Absent(index, 0.9, review=False) for index in absent]
    (told,) = page(order, *left_out).xpath("//p[starts-with(text(), 'Not talked about')]/text()")
    assert told == "Not talked about: Dos; Tres › Debate"


def test_what_was_left_out_in_doubt_wants_a_look() -> None:
    root = page("# Uno\n\nHola.\n\n# Dos\n\n# Tres\n", Absent(1, 0.4, review=True), Absent(2, 0.9, review=False))
    told = root.xpath("//li/text()")
    assert "“Dos” was left out, which is only 40% right" in told
    assert not [line for line in told if "Tres" in line]


def test_where_else_a_doubtful_chapter_may_start_is_told() -> None:
    places = (Place(12_300, "Vamos <allá>.", 0.45), Place(44_000, "Uno.", 0.2))
    root = page("# Uno\n\nHola.\n\n# Dos\n", Absent(1, 0.4, review=True, elsewhere=places[1:]), elsewhere=places)
    told = root.xpath("//li/text()")
    assert (
        "“Uno” at 0:00 of the recording is only 30% sure; "
        "or it starts at 0:12 of the recording (45%), at “Vamos <allá>.”; "
        "or it starts at 0:44 of the recording (20%), at “Uno.”"
    ) in told
    assert "“Dos” was left out, which is only 40% right; or it starts at 0:44 of the recording (20%), at “Uno.”" in told
