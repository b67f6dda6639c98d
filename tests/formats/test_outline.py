"""The running order's grammar: golden folders, single rules, and whatever Hypothesis can think of."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import EscaletaError, InputError
from pipeline.formats import outline_links
from pipeline.formats.outline import parse
from pipeline.model import Link, Outline, Section

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "data" / "outlines").glob("*/outline.md"))


def told(value: Outline | Section) -> dict[str, Any]:
    """What of `value` is not the default, as JSON holds it."""
    defaults = {field.name: field.default for field in fields(value) if field.default is not MISSING}
    pairs = {name: part for name, part in asdict(value).items() if name not in defaults or part != defaults[name]}
    if isinstance(value, Outline):
        pairs["sections"] = [told(section) for section in value.sections]
    return json.loads(json.dumps(pairs, default=str))


def only_section(markdown: str, **settings: Any) -> Section:
    outline = parse(f"# T\n\n## S\n\n{markdown}", **settings)
    assert [section.title for section in outline.sections] == ["T", "S"]
    return outline.sections[1]


def test_there_are_golden_cases() -> None:
    assert len(CASES) >= 7
    assert "mlops" in {case.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden(case: Path) -> None:
    text = (case / "outline.md").read_bytes().decode("utf-8")
    assert told(parse(text)) == json.loads((case / "expected.json").read_text(encoding="utf-8"))


def test_nothing_hidden_leaks() -> None:
    text = (CASES[0].parent / "nothing-hidden-leaks" / "outline.md").read_text(encoding="utf-8")
    assert text.count("SECRETO") > 10
    assert "SECRETO" not in str(parse(text)).upper()


def test_line_ends_and_byte_order_mark_change_nothing() -> None:
    text = (CASES[0].parent / "mlops" / "outline.md").read_text(encoding="utf-8")
    assert parse("\ufeff" + text.replace("\n", "\r\n")) == parse(text.replace("\n", "\r")) == parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "   \n\n", "- solo una lista\n- sin títulos", "```\n# code\n```", "<!--\n# hidden\n-->", "#\n\n## TBD\n"],
)
def test_no_heading_is_an_error_that_names_file_and_remedy(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, file="episodes/x/outline.md")
    assert caught.value.where == "episodes/x/outline.md"
    assert "## Section" in caught.value.todo


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("_12/04/2023_", date(2023, 4, 12)),
        ("2023-04-12", date(2023, 4, 12)),
        ("12.4.23", date(2023, 4, 12)),
        ("04/23/2023", date(2023, 4, 23)),
        ("Fecha de grabación: miércoles, 12 de abril de 2023", date(2023, 4, 12)),
        ("Grabado el 1º de mayo del 2024", date(2024, 5, 1)),
        ("**Recorded on** Wednesday, April 12th, 2023", date(2023, 4, 12)),
        ("12 Sept 2023", date(2023, 9, 12)),
        ("31/02/2023", None),
        ("El 12 de abril de 2023 salió GPT-4", None),
        ("_TBD_", None),
    ],
)
def test_recording_date(line: str, expected: date | None) -> None:
    assert parse(f"# T\n\n{line}\n\n## S").recorded_on == expected


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("Charla de longitud de 1h.", 60),
        ("Charla de longitud de 1h. 12 invitados.", 60),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("Duración: 1 hora y 15 minutos", 75),
        ("Duración: 1 hora y media", 90),
        ("Dura 2 horas y media", 150),
        ("Una hora y media de charla", 90),
        ("Programa de media hora", 30),
        ("1,5 horas", 90),
        ("Length: 1:05 h", 65),
        ("90 min", 90),
        ("90'", 90),
        ("1 hour", 60),
        ("A 45-minute talk", 45),
        ("Planned length: an hour and a half", 90),
        ("About 8 min", 8),
        ("Duration: 45 minutes", 45),
        ("Unos 50 minutos", 50),
        ("unos 50 min.", 50),
        ("~1h", 60),
        ("Charla de 1 h 30", 90),
        ("1 h 30", 90),
        ("Talk of 1 h 30 with Ana", 90),
        ("Aprox. 45 min", 45),
        ("45 minutes or so", 45),
        ("Around half an hour", 30),
        ("Cerca de una hora", 60),
        ("Una hora y cuarto, más o menos", 75),
        ("Duration: an hour and a quarter", 75),
        ("Una hora y media", 90),
        ("Tiempo total: 45 min", 45),
        ("Máx. 45'", 45),
        ("Llevamos unos 50 minutos esperando", None),
        ("About 8 min of silence", None),
        ("Sobre las 2 horas de Ana", None),
        ("1 h 30 personas", None),
        ("1 h 75", None),
        ("45 of 60 min", None),
        ("Hace 2 horas que llueve", None),
        ("Charla de 90000 minutos", None),
        ("Charla de 0 min", None),
        ("_TBD_", None),
    ],
)
def test_planned_length(line: str, minutes: int | None) -> None:
    planned = parse(f"# T\n\n{line}\n\n## S").planned_ms
    assert planned == (None if minutes is None else minutes * 60_000)


def test_facts_are_told_around_the_title_only() -> None:
    outline = parse("# T\n\n## S\n\n12/04/2023\n\n1h\n")
    assert (outline.recorded_on, outline.planned_ms) == (None, None)
    assert outline.sections[1].body == ("12/04/2023", "1h")


@pytest.mark.parametrize(
    "text",
    ["WIP", "tbd", "_TBD_", "**TODO:**", "_completar_", "(por completar)", "[pendiente]", "…", "-", "---", "&nbsp;"],
)
def test_placeholders_are_nobodys_text(text: str) -> None:
    assert only_section(text).body == ()
    assert only_section(f"- {text}\n- algo").body == ("algo",)
    assert parse(f"# T\n\n## Resumen\n\n{text}").summary is None


@pytest.mark.parametrize("title", ["Resumen", "SUMMARY", "Descripción:", "**Sinopsis**", "Show notes"])
def test_a_summary_is_not_spoken_and_neither_is_what_stands_in_it(title: str) -> None:
    outline = parse(f"# T\n\n## {title}\n\nUno.\n\n### Más\n\nDos.\n\n## Resumen y despedida\n\nTres.")
    assert [section.role for section in outline.sections] == ["title", "summary", "summary", "talk"]
    assert outline.summary == "Uno.\n\nDos."


def test_a_section_without_a_title_is_called_by_its_first_point() -> None:
    outline = parse("# T\n\n## WIP\n\n- la nube\n- otra\n\n### Debate\n\n## Fin\n")
    assert [outline.called(index) for index in (1, 2, 3)] == ["la nube", "la nube › Debate", "Fin"]


def test_sections_of_one_name_stay_apart() -> None:
    outline = parse("# T\n## A\n### Debate\n## B\n### Debate")
    assert [(s.index, s.path, s.parent) for s in outline.sections if s.title == "Debate"] == [
        (2, ("T", "A", "Debate"), 1),
        (4, ("T", "B", "Debate"), 3),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Gracias a Veridas (meter cuña publicitaria)",
        "Gracias a Veridas (METER CUNA PUBLICITARIA de Veridas, 25 s)",
        "Gracias a **Veridas** [insert ad here]",
        "Gracias a Veridas (meter cuña\n  publicitaria)",
        "Gracias a Veridas — cuña publicitaria",
        "Gracias a Veridas -> ad break",
        "Gracias a Veridas (advert)",
        "Gracias a Veridas [insert advert here]",
        "Gracias a Veridas\n- SPONSOR MESSAGE: 25 s",
        "(cuña) Gracias a Veridas",
        "Gracias a Veridas\n  - (meter cuña publicitaria)",
        "Gracias a Veridas\n- CUÑA PUBLICITARIA",
        'Gracias a Veridas\n\n!!! info "Cuña publicitaria"\n    WIP\n',
        '¡Hola!\n\n!!! info "Cuña publicitaria"\n    Gracias a *Veridas*\n',
        "¡Hola!\n\n??? cuña\n    - Gracias a Veridas\n",
    ],
)
def test_the_cue_is_the_line_without_its_mark(line: str) -> None:
    section = only_section(f"- Hola\n- {line}")
    assert section.cue == "Gracias a Veridas"
    assert "Gracias a Veridas" in section.body
    assert not any("cuña" in text.lower() for text in section.body)


@pytest.mark.parametrize(
    "line",
    [
        "(la cuña publicitaria nos da de comer)",
        "El cuñado (y su cuñada)",
        "Cuña de mercado",
        "Publicidad",
        "Why nobody skips an advert",
        "Adverts (advertising, ad hoc)",
    ],
)
def test_what_is_no_cue(line: str) -> None:
    assert only_section(f"- Hola\n- {line}").cue is None


@pytest.mark.parametrize(
    ("line", "cue"),
    [
        ('"Thanks to Acme" (insert ad)', "Thanks to Acme"),
        ("“Thanks to Acme” (insert ad)", "Thanks to Acme"),
        ("«Gracias a Acme» (cuña)", "Gracias a Acme"),
        ("“Hello,” says Ann, “thanks to Acme” (insert ad)", "“Hello,” says Ann, “thanks to Acme”"),
        ("Thanks to “Acme” (insert ad)", "Thanks to “Acme”"),
    ],
)
def test_quotation_marks_around_the_cue_are_not_read_out(line: str, cue: str) -> None:
    assert only_section(f"- Hello\n- {line}").cue == cue


def test_a_show_has_its_own_cue_phrases() -> None:
    line = "Amb el suport de Veridas [FALCA!]"
    assert only_section(line).cue is None
    assert only_section(line, cue_phrases=("Falca",)).cue == "Amb el suport de Veridas"
    assert only_section("Gracias (meter cuña publicitaria)", cue_phrases=("Falca",)).cue is None


def test_a_heading_may_be_the_cue() -> None:
    outline = parse("# T\n\n## A\n\n- gracias a Veridas\n\n## Cuña publicitaria\n\n## B")
    assert [(section.role, section.cue) for section in outline.sections[1:]] == [
        ("talk", None),
        ("summary", "gracias a Veridas"),
        ("talk", None),
    ]
    assert outline.summary is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<https://www.google.com/url?q=https://a.es/b%3Fc%3Dd&sa=D>", "https://a.es/b?c=d"),
        ("<https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fa.es%2F>", "https://a.es/"),
        ("<https://l.facebook.com/l.php?u=https%3A%2F%2Fa.es%2F%3Fx%3D1%26y%3D2&h=A>", "https://a.es/?x=1&y=2"),
        ("<https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.es&data=0>", "https://a.es"),
        (
            "<https://www.google.com/url?q=https://www.youtube.com/redirect%3Fq%3Dhttps%253A%252F%252Fa.es>",
            "https://a.es",
        ),
        ("<https://www.google.com/url?q=https://a.es/caf%C3%A9%20solo>", "https://a.es/caf%C3%A9%20solo"),
        ("<a href='https://á.es/ñ'></a>", "https://xn--1ca.es/%C3%B1"),
        ("<https://www.google.com/url?q=javascript:alert(1)>", "https://www.google.com/url?q=javascript:alert(1)"),
        ("<https://google.com.evil.example/url?q=https://a.es>", "https://google.com.evil.example/url?q=https://a.es"),
        ("<https://notfacebook.com/l.php?u=https://a.es>", "https://notfacebook.com/l.php?u=https://a.es"),
    ],
)
def test_redirectors_are_unwrapped(written: str, expected: str) -> None:
    assert only_section(f"- Referencia: {written}").links == (Link("", expected),)


@pytest.mark.parametrize(
    "written",
    [
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "<mailto:a@b.es>",
        "[x](res/a.pdf)",
        "[x](//a.es)",
        "<http://[>",
        "[x]()",
    ],
)
def test_only_web_addresses_are_links(written: str) -> None:
    assert only_section(written).links == ()


def test_an_address_is_no_evidence_but_a_links_words_are() -> None:
    section = only_section(
        "- Reference: https://a.es/x\n- [el informe](https://b.es) y <https://c.es>\n- [spotify](https://spotify.com)"
    )
    assert section.body == ("el informe y", "spotify")
    assert section.links == (
        Link("", "https://a.es/x"),
        Link("el informe", "https://b.es"),
        Link("", "https://c.es"),
        Link("spotify", "https://spotify.com"),
    )


HOSTILE = {
    "one line of a megabyte": "# T\n\n" + "palabra " * 131_072,
    "deep list": "# T\n\n" + "\n".join(" " * 2 * depth + "- a" for depth in range(45)),
    "many brackets": "# T\n\n" + "(" * 100_000 + "[" * 2_000,
    "many comment openings": "# T\n\na" + "<!--" * 20_000,
    "many tag openings": "# T\n\n<div>" + "<a " * 50_000,
    "many headings": "# T\n\n" + "## a\n" * 3_000,
    "many links": "# T\n\n" + "".join(f"- <https://a.es/{n}>\n" for n in range(3_000)),
    "many dashes": "# T\n\n" + "a — " * 50_000,
    "long indent": "# T\n\n" + " " * 500_000 + "- a",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_read_to_their_end(text: str) -> None:
    outline = parse(f"{text}\n\n## Fin")
    assert outline.title == "T"
    assert outline.sections[-1].title == "Fin"


@pytest.mark.parametrize(
    "text", ["- " * 50_000 + "a", "> " * 50_000, "\n".join(" " * 2 * depth + "- a" for depth in range(1500))]
)
def test_what_is_nested_too_deeply_is_not_left_out_silently(text: str) -> None:
    with pytest.raises(InputError, match="nested") as caught:
        parse(f"# T\n\n{text}\n\n# Fin", file="o.md")
    assert caught.value.where.startswith("o.md:")


BLOCKS = (
    "# ",
    "## ",
    "### ",
    "- ",
    "1. ",
    "> ",
    "    ",
    "\t",
    "```",
    "===",
    "---",
    "|-|",
    "!!! info ",
    "??? ",
    "\n",
    "\n\n",
)
INLINES = (
    "*",
    "_",
    "`",
    "~",
    "|",
    "[",
    "](",
    "]: ",
    ")",
    "(",
    "[^1]",
    '"',
    "\\",
    "&#0;",
    "&lt;",
    "https://",
    "www.a.es",
)
TAGS = ("<!--", "-->", "<details>", "</details>", "<a href='", "<https://www.google.com/url?q=")
WORDS = ("WIP", "Resumen", "(meter cuña publicitaria)", "1h", "12/04/2023")
MARKS = st.sampled_from((*BLOCKS, *INLINES, *TAGS, *WORDS))
MARKDOWN = st.lists(MARKS | st.text(max_size=8), max_size=60).map("".join)


@settings(deadline=None)
@given(text=MARKDOWN | st.text(), phrases=st.lists(st.text(max_size=8), max_size=2))
@example(text="# \x00\n<http://[::1>", phrases=[])
@example(text="# a\n[x](http://a:b/)\n", phrases=["("])
def test_any_text_is_an_outline_or_a_clear_error(text: str, phrases: list[str]) -> None:
    try:
        outline = parse(text, cue_phrases=phrases)
    except EscaletaError as error:
        assert error.where
        assert error.todo
        return
    assert [section.index for section in outline.sections] == list(range(len(outline.sections)))
    for section in outline.sections:
        parent = None if section.parent is None else outline.sections[section.parent]
        assert section.path == (*(parent.path if parent else ()), section.title)
        assert parent is None or (parent.index < section.index and parent.level < section.level)
        assert all(text and text == " ".join(text.split()) for text in section.body)
        assert all(link.url.isascii() and link.url.startswith(("http://", "https://")) for link in section.links)
    assert sum(section.role == "title" for section in outline.sections) <= 1


@pytest.mark.parametrize("before", ["", "- ", "<div>\n"])
@pytest.mark.parametrize("mark", [":", "["])
def test_what_would_take_the_parser_minutes_is_refused(before: str, mark: str) -> None:
    with pytest.raises(InputError, match="more than 2000 brackets and colons") as caught:
        parse(f"# T\n\n## A\n\n{before}{mark * 2_001}\n", file="x.md")
    assert (caught.value.where, caught.value.todo) == ("x.md", "part it with empty lines")


def test_a_text_without_end_is_no_running_order() -> None:
    with pytest.raises(InputError, match="not a file that a person wrote"):
        parse("# T\n\n## A\n\n" + "a " * 1_500_000)


def test_an_address_that_many_links_share_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    outline_links.web_address.cache_clear()
    read = list[str]()
    monkeypatch.setattr(outline_links, "normalizeLink", lambda url: read.append(url) or url)
    section = only_section("[a]: https://many.example.org/\n\n" + "[a] " * 500)
    assert [link.url for link in section.links] == read == ["https://many.example.org/"]
