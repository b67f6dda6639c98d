"""Release: everything of an episode that is published, in one folder, without encoding a sample again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.formats import addresses, chapters_json, id3, page, srt, transcript_json, webvtt
from pipeline.formats.captions import captions
from pipeline.model import (
    Enclosure,
    Episode,
    Item,
    Master,
    Outline,
    Programme,
    PublishedFile,
    Release,
    Show,
)
from pipeline.stages.artwork import artwork
from pipeline.stages.item import Work, item_of, tag_of
from pipeline.timecode import from_samples

_CHUNK = 1 << 20
_CAPTIONS = (("vtt", webvtt), ("srt", srt))


class Folder(Protocol):
    """Where the release is written; `pipeline.tools.storage.LocalFolder` is one."""

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Writes a file, whole or not at all."""

    def sizes(self) -> Iterable[tuple[str, int]]:
        """The name and the length of every file that lies there."""

    def delete(self, name: str) -> None:
        """Removes a file."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be: its kind, its name in the episode's folder, its media type, and where its bytes come from."""

    kind: str
    name: str
    type: str
    head: bytes
    tail: Path | None = None

    def chunks(self) -> Iterator[bytes]:
        yield self.head
        if self.tail:
            with self.tail.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk


def release(
    show: Show,
    episode: Episode,
    outline: Outline,
    programme: Programme,
    master: Master,
    *,
    audio: Path,
    published: datetime,
    cover: Path,
    folder: Folder,
    picture: bytes | None = None,
    pictures: Mapping[str, Path] | None = None,
    thumbnails: Mapping[str, bytes] | None = None,
    templates: Path | None = None,
) -> Release:
    """Writes the episode's files into `folder` and says what they are.

    audio: the untagged master; its bytes follow the tag unchanged.
    published: when it goes out; aware.
    cover: the show's artwork, for its public name; picture: a small JPEG of it for the tag.
    pictures: by the name that episode.yaml or chapters.yaml calls them, the files of pictures that are no addresses.
    thumbnails: by the same names, a small JPEG of each, for the chapters of the tag that show it.
    templates: a folder whose `episode.html` replaces the page's template.

    Files of an earlier release go away last, when every new one is there. Raises InputError where nobody wrote a
    summary, or a picture is not there.
    """
    art = {name: _picture(path) for name, path in (pictures or {}).items()}
    work = Work(show, episode, outline, programme, {name: file.name for name, file in art.items()})
    draft = item_of(work, published, from_samples(master.samples))
    sound, made = _sound(work, draft, audio, picture, thumbnails or {})
    item = replace(draft, enclosure=Enclosure(work.base + sound.name, made.length, made.type))
    texts = (*_texts(work, item), _page(work, item, sound.name, cover, templates))
    files = {file.name: file for file in (*art.values(), *texts)}
    for file in (sound, *files.values()):
        folder.put(file.name, file.chunks())
    there = {name for name, _ in folder.sizes()}
    for name in sorted(there - {sound.name, *files}):
        folder.delete(name)
    return Release(episode.slug, item, (made, *(_made(episode, file) for file in files.values())))


def _made(episode: Episode, file: _File) -> PublishedFile:
    digest, length = hashlib.sha256(), 0
    for chunk in file.chunks():
        digest.update(chunk)
        length += len(chunk)
    return PublishedFile(file.kind, f"{episode.slug}/{file.name}", file.type, length, digest.hexdigest())


# ── the files ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _picture(path: Path) -> _File:
    file, data = artwork("image", path)
    return _File(file.kind, file.name, file.type, data)


def _sound(
    work: Work, item: Item, audio: Path, picture: bytes | None, thumbnails: Mapping[str, bytes]
) -> tuple[_File, PublishedFile]:
    """The tagged sound under the name that its bytes give it, and what it is, hashed once."""
    shown = {address: data for name, data in thumbnails.items() if (address := work.image(name))}
    tag = tag_of(work, item.published, picture, shown)
    name = f"{work.episode.slug}.mp3"
    nameless = _File("audio", name, addresses.media_type(name), id3.render(tag), audio)
    made = _made(work.episode, nameless)
    named = replace(nameless, name=addresses.hashed(name, made.sha256))
    return named, replace(made, name=f"{work.episode.slug}/{named.name}")


def _texts(work: Work, item: Item) -> Iterator[_File]:
    transcript, show = work.transcript, work.show
    if item.chapters:
        chapters = chapters_json.render(item.chapters, episode=item.title, show=show.title, author=show.author)
        yield _text("chapters", "chapters.json", chapters_json.TYPE, chapters)
    for kind, form in _CAPTIONS:
        lines = captions(transcript, width=form.WIDTH, duration=item.duration, named=form.NAMED)
        yield _text(kind, f"transcript.{kind}", form.TYPE, form.render(lines))
    yield _text("transcript", "transcript.json", transcript_json.TYPE, transcript_json.render(transcript))
    yield _text("description", "description.txt", "text/plain; charset=utf-8", item.description)


def _page(work: Work, item: Item, sound: str, cover: Path, templates: Path | None) -> _File:
    shown = page.EpisodePage(
        show=work.show,
        item=item,
        transcript=work.transcript,
        links=work.links,
        sponsors=work.sponsors,
        spots=work.programme.spots,
        audio=sound,
        cover=addresses.in_address(artwork("cover", cover)[0].name),
    )
    return _text("page", "index.html", page.TYPE, page.episode(shown, templates))


def _text(kind: str, name: str, type: str, text: str) -> _File:
    return _File(kind, name, type, text.encode())
