from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.formats import plain

ANYTHING = st.text(st.characters(), max_size=400)


@given(ANYTHING)
def test_text_is_always_fit_for_xml(value: str) -> None:
    root = etree.Element("a")
    root.text = plain.text(value)
    assert etree.fromstring(etree.tostring(root, encoding="utf-8")).text in (root.text, None)


@given(ANYTHING)
def test_cleaning_twice_changes_nothing(value: str) -> None:
    assert plain.text(plain.text(value)) == plain.text(value)
    assert plain.title(plain.title(value)) == plain.title(value)


@given(ANYTHING)
def test_a_title_is_one_short_line_without_edge_spaces(value: str) -> None:
    title = plain.title(value)
    assert len(title) <= 255
    assert title == title.strip()
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in title)


@given(ANYTHING, st.integers(3, 200))
def test_fit_bytes_holds_its_limit(value: str, limit: int) -> None:
    value = value.encode("utf-8", "ignore").decode()
    fitted = plain.fit_bytes(value, limit)
    assert len(fitted.encode()) <= limit
    assert fitted == value or fitted.endswith("…")


def test_direction_is_not_left_open() -> None:
    assert plain.line("uno \u202egpj.exe\u2067 dos\u200f") == "uno gpj.exe dos\u200f"


def test_what_people_write_stays() -> None:
    assert (
        plain.text("¿Qué? — “sí” 👩\u200d🔬\r\n\tdos\n\n\n\ntres  cuatro")
        == "¿Qué? — “sí” 👩\u200d🔬\ndos\n\ntres cuatro"
    )


def test_fit_cuts_at_a_space() -> None:
    assert plain.fit("Llevando modelos a producción, siempre", 31) == "Llevando modelos a producción…"
    assert plain.fit("a" * 50, 10) == "a" * 9 + "…"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://example.org/a+b?c=d+e#f", "https://example.org/a%2Bb?c=d%2Be#f"),
        ("HTTPS://Example.ORG/", "https://example.org/"),
        ("https://españa.example/año?q=ñ", "https://xn--espaa-rta.example/a%C3%B1o?q=%C3%B1"),
        ("https://example.org/100%25 seguro", "https://example.org/100%25%20seguro"),
        ("https://user:pw@example.org:8080/x", "https://example.org:8080/x"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org/x", None),
        ("http://[::1", None),
        ("https://example.org:port/", None),
        ("https:///x", None),
        ("", None),
        (None, None),
    ],
)
def test_url(given: str | None, expected: str | None) -> None:
    assert plain.url(given) == expected


@given(ANYTHING)
def test_any_text_gives_a_safe_address_or_none(value: str) -> None:
    for candidate in (value, f"https://{value}", f"https://example.org/{value}"):
        url = plain.url(candidate)
        assert url is None or (
            url.isascii() and url.startswith(("http://", "https://")) and not set(url) & set(' <>"\n')
        )
