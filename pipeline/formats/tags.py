"""What a published or exported sound file says of itself, whatever it is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pipeline.model import Chapter

GENRE = "Podcast"

_LANGUAGES = {
    "es": "spa",
    "en": "eng",
    "ca": "cat",
    "gl": "glg",
    "eu": "eus",
    "pt": "por",
    "fr": "fra",
    "it": "ita",
    "de": "deu",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """What a listener's player shows.

    day: of publication, None for a draft. language: of the talk, as in `es` or `es-ES`. comment: the description.
    link: the episode's page. picture: a JPEG. pictures: JPEGs of chapters, by what `Chapter.image` calls them.
    """

    title: str
    artist: str
    album: str
    day: date | None
    language: str
    comment: str
    link: str | None = None
    number: int | None = None
    picture: bytes | None = None
    chapters: tuple[Chapter, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def iso_language(self) -> str | None:
        """The language by ISO 639-2's three letters, None for one that nobody has asked for yet."""
        return _LANGUAGES.get(self.language[:2].lower())
