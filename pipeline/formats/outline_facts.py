"""The facts that lines around a running order's title tell, in Spanish and in English: its date, its planned length."""

from __future__ import annotations

import re
from datetime import date

from pipeline.formats.outline_words import fold, key

_HOUR = 3_600_000
_MINUTE = 60_000

_MONTHS = tuple(
    frozenset(names.split())
    for names in (
        "enero ene january jan",
        "febrero feb february",
        "marzo mar march",
        "abril abr april apr",
        "mayo may",
        "junio jun june",
        "julio jul july",
        "agosto ago august aug",
        "septiembre setiembre sep sept september",
        "octubre oct october",
        "noviembre nov november",
        "diciembre dic december dec",
    )
)

_DATE_LABEL = (
    r"(?:(?:fecha(?: de (?:grabacion|emision|publicacion))?|grabad[oa]|grabacion|date|recorded|recording(?: date)?) )?"
    r"(?:(?:el|on) )?(?:(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday) )?"
)
_MONTH = r"(?P<month>[a-z]{3,10})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|o)?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_DATES = tuple(
    re.compile(_DATE_LABEL + form)
    for form in (
        r"(?P<year>\d{4}) (?P<month>\d{1,2}) (?P<day>\d{1,2})",
        rf"(?P<day>\d{{1,2}}) (?P<month>\d{{1,2}}) {_YEAR}",
        rf"(?P<month>\d{{1,2}}) (?P<day>\d{{1,2}}) {_YEAR}",
        rf"{_DAY} (?:de |of )?{_MONTH} (?:de |del )?{_YEAR}",
        rf"{_MONTH} {_DAY} {_YEAR}",
    )
)
"""Over `key` forms, where every separator is a space. The day comes first unless that is no date."""

_LENGTH_LABEL = re.compile(
    r"\b(?:longitud|duracion|dura|charla|programa|episodio|tiempo"
    r"|length|duration|runtime|running time|talk|show|episode|planned)\b"
)
_ABOUT = (
    "unos|unas|aprox|aproximad[oa]s?|aproximadamente|alrededor de|cerca de|casi|mas o menos|maximo|max|como mucho"
    "|about|around|approx|approximately|roughly|ca|circa|nearly|more or less|or so|up to|maximum|at most"
)
"""Over `key` forms: words that make a length a rough one, and nothing else of it."""
_ROUGH = re.compile(rf"(?:(?:{_ABOUT})(?: |$))+")
_ROUGHLY = re.compile(
    rf"(?:(?:{_ABOUT}|alrededor|cerca|sobre|de|en|total|tiempo|estimad[oa]|previst[oa]|objetivo|largo"
    r"|time|in|estimated|expected|target|long)(?: |$))+"
)
"""Over `key` forms: words that, with a length, make a line that tells nothing else, as in `Unos 50 minutos`."""
_SPOKEN_LENGTHS = (
    (re.compile(r"\b(?:(?:una|an|one|1) )?(?:hora y cuarto|hour and a quarter)\b"), 75 * _MINUTE),
    (re.compile(r"\b(?:(?:una|an|one|1) )?(?:hora y media|hour and a half)\b"), 90 * _MINUTE),
    (re.compile(r"\b(?:tres cuartos de hora|three quarters of an hour)\b"), 45 * _MINUTE),
    (re.compile(r"\b(?:media hora|half an hour)\b"), 30 * _MINUTE),
    (re.compile(r"\b(?:una hora|an hour|one hour)\b"), _HOUR),
    (re.compile(r"\b(?:dos horas|two hours)\b"), 2 * _HOUR),
)
_MINUTE_UNIT = r"(?:m|min|mins|minutos?|minutes?|['′’])"
_LENGTH = re.compile(
    r"(?<![\w.,:])(?:"
    r"(?P<hours>\d{1,2}(?:[.,]\d{1,2})?)\s?-?(?:h|hs|hrs?|horas?|hours?)"
    rf"(?:(?P<tight>\d{{2}})|\s?(?:y|and|,)?\s?(?P<rest>\d{{1,2}})\s?{_MINUTE_UNIT}"
    r"|\s(?P<bare>[0-5]\d)(?=\s*(?:[.,;)\]]|$|(?:con|with)\b))"
    r"|(?P<half>\s(?:y media|and a half)))?"
    rf"|(?P<minutes>\d{{1,3}})\s?-?{_MINUTE_UNIT}"
    r"|(?P<clock>\d{1,2}):(?P<past>[0-5]\d)\s?(?:h|hs|hrs?|horas?|hours?)"
    r")(?!\w)"
)


def read_date(line: str) -> date | None:
    """The date that a line consists of, labelled or not; the day before the month."""
    words = key(line)
    for form in _DATES:
        if match := form.fullmatch(words):
            try:
                return date(_year(match["year"]), _month(match["month"]), int(match["day"]))
            except ValueError:
                continue
    return None


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _month(word: str) -> int:
    """1 to 12; 0 for a word that is no month."""
    if word.isdecimal():
        return int(word)
    return next((number for number, names in enumerate(_MONTHS, 1) if word in names), 0)


def read_length(line: str) -> int | None:
    """The planned length in ms that a line tells: `Charla de longitud de 1h.`, `1h30`, `Unos 90 min`, `Dura 1 hora`."""
    length, rest = _length(line)
    told = not rest or _ROUGHLY.fullmatch(rest) or _LENGTH_LABEL.search(fold(line))
    return length if length and told else None


def bare_length(line: str) -> int | None:
    """The length in ms that a line consists of: `1h30`, `90 min`, `media hora`, `unos 10 min`."""
    length, rest = _length(line)
    return length if length and (not rest or _ROUGH.fullmatch(rest)) else None


def _length(line: str) -> tuple[int, str]:
    """The length in a line, 0 for none that can be, and the words around it."""
    folded = fold(line)
    length, rest = _spoken_length(folded) or _written_length(folded) or (0, "")
    return length if length <= 24 * _HOUR else 0, key(rest)


def _spoken_length(folded: str) -> tuple[int, str] | None:
    for form, length in _SPOKEN_LENGTHS:
        if match := form.search(folded):
            return length, folded[: match.start()] + folded[match.end() :]
    return None


def _written_length(folded: str) -> tuple[int, str] | None:
    match = _LENGTH.search(folded)
    if match is None:
        return None
    hours = float((match["hours"] or match["clock"] or "0").replace(",", ".")) + (0.5 if match["half"] else 0)
    minutes = int(match["tight"] or match["rest"] or match["bare"] or match["minutes"] or match["past"] or 0)
    return round(hours * _HOUR) + minutes * _MINUTE, folded[: match.start()] + folded[match.end() :]
