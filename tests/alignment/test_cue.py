"""The cue line, as people say it and as recognisers write it."""

from __future__ import annotations

import pytest

from pipeline.alignment.cue import find_cue
from pipeline.model import Chapter, Section, Segment

LINE = "Este programa es posible gracias a Veridas"


def section(line: str = LINE) -> Section:
    return Section(2, 2, "Introducción", ("T", "Introducción"), cue=line)


def talk(*texts: str) -> list[Segment]:
    return [Segment(n * 10_000, n * 10_000 + 8_000, text) for n, text in enumerate(texts)]


CHATTER = (
    "Hola a todos y bienvenidos al programa.",
    "Gracias, es un placer estar en este programa.",
    "Hostia.",
    "¿Y es posible que baje?",
    "Donde no puedes hacerlo es en el fraude o en la verificación de identidad.",
)


@pytest.mark.parametrize(
    "said",
    [
        "Antes de meternos en faena, ya sabéis que este programa es posible gracias a Béridas, que nos apoya siempre.",
        "Este programa posible gracias a las béridas.",
        "Ah, y antes de nada, este programa lo hacemos gracias a Veridas, que si tenéis una puerta os la abre.",
        "Con la ayuda de Veridas, que son quienes ponen el dinero, seguimos aquí.",
        "ESTE PROGRAMA ES POSIBLE GRACIAS A VERIDAS",
        "Este programa es posible gracias a Elisa.",
    ],
)
def test_it_is_found_in_other_words(said: str) -> None:
    cue = find_cue(section(), talk(*CHATTER, said), ())
    assert cue is not None
    assert cue.after == 58_000
    assert said in cue.why


def test_what_nobody_says_is_not_found() -> None:
    assert find_cue(section(), talk(*CHATTER), ()) is None
    assert find_cue(section(), (), ()) is None


@pytest.mark.parametrize(
    ("line", "said", "found"),
    [
        ("Tertulianos: Lucía Gómez, Koldo y Nerea", "También está Koldo, que es el que de verdad sufre.", False),
        ("Tertulianos: Lucía Gómez, Koldo y Nerea", "Hoy nos acompañan Lucía Gómez, Nerea y Koldo.", True),
        ("Gracias a Veridas y Acme", "Seguimos aquí porque Veridas pone el dinero.", True),
    ],
)
def test_one_name_of_many_is_not_the_line(line: str, said: str, found: bool) -> None:
    assert (find_cue(section(line), talk(*CHATTER, said), ()) is not None) is found


def test_an_english_line() -> None:
    said = "Today's show is brought to you by Acme Cloud, the cloud for coyotes."
    cue = find_cue(section("This show is brought to you by Acme Cloud"), talk(*CHATTER, said), ())
    assert cue is not None
    assert cue.after == 58_000


def test_the_section_that_holds_the_line_decides_between_two() -> None:
    thanks = "Y gracias a Veridas, que hace posible este programa."
    segments = [Segment(60_000, 67_000, thanks), Segment(3_000_000, 3_008_000, f"{LINE}.")]
    chapters = (Chapter("Introducción", 0, 90_000, 0, 2), Chapter("Despedida", 90_000, 3_100_000, 90_000, 3))
    near, anywhere = find_cue(section(), segments, chapters), find_cue(section(), segments, ())
    assert near is not None
    assert anywhere is not None
    assert (near.after, anywhere.after) == (67_000, 3_008_000)
