"""The words that Escaleta itself puts before listeners, in the languages it speaks; English for every other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. `months` from January; `date` takes {day}, {month} and {year}; `roles` by the Podcast Taxonomy."""

    people: str
    chapters: str
    links: str
    sponsor: str
    advertisement: str
    transcript: str
    search: str
    nothing_found: str
    player: str
    keys: str
    back: str
    forward: str
    speed: str
    download: str
    episodes: str
    subscribe: str
    theme: str
    skip: str
    follow: str
    date: str
    months: tuple[str, ...]
    roles: dict[str, str] = field(default_factory=dict)


def _months(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SPANISH = Wording(
    people="Con",
    chapters="Capítulos",
    links="Enlaces",
    sponsor="Patrocina",
    advertisement="Publicidad",
    transcript="Transcripción",
    search="Buscar en la transcripción",
    nothing_found="No aparece en la transcripción",
    player="Reproductor",
    keys="Teclas: espacio, oír o parar · J y L, atrás y adelante · P y N, capítulo anterior y siguiente · /, buscar.",
    back="Retroceder 15 segundos",
    forward="Avanzar 30 segundos",
    speed="Velocidad",
    download="Para llevar",
    episodes="Episodios",
    subscribe="Suscribirse (RSS)",
    theme="Modo oscuro",
    skip="Ir a la transcripción",
    follow="Seguir el texto",
    date="{day} de {month} de {year}",
    months=_months("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    roles={
        "host": "presenta",
        "co-host": "copresenta",
        "guest": "participa",
        "guest host": "presenta",
        "producer": "producción",
        "editor": "edición",
        "audio editor": "edición de audio",
        "audio engineer": "sonido",
        "director": "dirección",
        "author": "guion",
        "narrator": "narración",
    },
)
_ENGLISH = Wording(
    people="With",
    chapters="Chapters",
    links="Links",
    sponsor="Sponsored by",
    advertisement="Advertisement",
    transcript="Transcript",
    search="Search the transcript",
    nothing_found="Not in the transcript",
    player="Player",
    keys="Keys: space, play or pause · J and L, back and forward · P and N, previous and next chapter · /, search.",
    back="Back 15 seconds",
    forward="Forward 30 seconds",
    speed="Speed",
    download="Downloads",
    episodes="Episodes",
    subscribe="Subscribe (RSS)",
    theme="Dark mode",
    skip="Skip to the transcript",
    follow="Follow the text",
    date="{day} {month} {year}",
    months=_months("January February March April May June July August September October November December"),
)
_LANGUAGES = {"es": _SPANISH, "en": _ENGLISH}

CLINGING = {
    "es": _words(
        "el la los las un una unos unas lo al del a ante bajo con contra de desde durante en entre hacia "
        "hasta para por según sin sobre tras mi mis tu tus su sus nuestro nuestra nuestros nuestras este esta "
        "estos estas ese esa esos esas cada muy más menos tan no me te se nos os le les y e o u ni que si "
        "como cuando donde porque pero aunque he ha has han hemos es son era eran está están ser qué cuál "
        "quién hay tiene tienen otro otra otros otras dos tres cuatro cinco seis siete ocho "
        "nueve diez cien mil"
    ),
    "en": _words(
        "a an the of to in on at by for from with without into onto about over under between through during "
        "and or nor but that which who whose if as than because although while when where my your his her its "
        "our their this these those each every no not very so too i you he she it we they is are was were be "
        "been am has have had do does did will would can could may might must should another two three four five "
        "six seven eight nine ten hundred thousand"
    ),
}
"""Words that no line should end with: they belong to what follows."""

CONNECTING = {
    "es": _words(
        "y e o u ni que pero porque aunque si cuando donde como mientras entonces así pues sino para por con sin "
        "desde hasta"
    ),
    "en": _words(
        "and or nor but that which who because although while when where if as so then than for with without "
        "since until"
    ),
}
"""Words before which a line may well end."""


def wording(language: str) -> Wording:
    """The words for a BCP 47 tag, by its first part."""
    return _LANGUAGES.get(language.lower().split("-")[0].split("_")[0], _ENGLISH)


def long_date(day: date, language: str) -> str:
    """A day written out, as in `12 de abril de 2023`."""
    words = wording(language)
    return words.date.format(day=day.day, month=words.months[day.month - 1], year=day.year)
