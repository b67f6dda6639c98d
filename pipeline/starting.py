"""A new show, a new episode: files that run as they are and say what to write in them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from pipeline.errors import InputError
from pipeline.formats.planned import uncounted, unplanned
from pipeline.formats.sound_names import sorted_out
from pipeline.formats.yaml_field import with_field
from pipeline.model import Outline
from pipeline.rules import check_slug
from pipeline.store import whole_file, write
from pipeline.tools.pictures import plain_cover
from pipeline.workspace import SHOW, EpisodeFolder, Workspace

_SHOW = """\
# What the feed says of the show. Everything here can be read by anyone.
title: {title}
description: {title}
language: {language}             # of the talk: es, en, en-GB …
timezone: {timezone}             # in which publication times are written
link: https://example.org/       # the show's page
feed_url: https://example.org/feed.xml   # where feed/public/feed.xml is served; everything else lies beside it
author: {title}
owner: {{name: {title}, email: podcast@example.org}}
category: Technology
explicit: false
cover: cover.png                 # 1400 to 3000 pixels square, JPEG or PNG

# music: {{intro: music/intro.flac, outro: music/outro.flac}}
# sponsors:
#   - {{name: Veridas, url: https://veridas.com/}}
# campaigns:                     # spots, and the days on which they run
#   - {{name: spring, sponsor: Veridas, audio: spots/spring.flac, first: "2026-03-01", last: "2026-06-30"}}
# people:
#   - {{name: Andrés, role: host}}
# glossary: [MLOps, Kubeflow]    # words that the recogniser should know how to write
# model: base                    # any faster-whisper model or folder
"""

_EPISODE = """\
title: {title}
summary: {summary}
# Nothing of the episode is public before this moment.
publish_at: {publish_at}
# season: 1
# number: 1
# people:
#   - {{name: Lucía, role: guest}}
"""

_SUMMARY = {"es": "En este episodio: {}.", "en": "In this episode: {}."}
_IGNORED = (b"episodes/*/build/", b"feed/public/", b"feed/ad-free/")


def init(folder: Path, *, title: str, language: str, timezone: str) -> None:
    """Start a workspace in `folder`, beside what lies there. Raises InputError where one is there already."""
    if (folder / SHOW).exists():
        raise InputError("there is a show here already", where=str(folder / SHOW), todo="edit that file")
    text = _SHOW.format(title=_quoted(title), language=language, timezone=timezone)
    if not (cover := folder / "feed" / "cover.png").exists():
        write(cover, plain_cover())
    _ignore_generated(folder / ".gitignore")
    (folder / "episodes").mkdir(exist_ok=True)
    write(folder / SHOW, text.encode())


def _ignore_generated(file: Path) -> None:
    """Add what is generated to a .gitignore, which may say a lot already."""
    said = file.read_bytes() if file.exists() else b""
    missing = [line for line in _IGNORED if line not in said.splitlines()]
    if missing:
        last = b"" if not said or said.endswith(b"\n") else b"\n"
        write(file, said + last + b"\n".join(missing) + b"\n")


Refused = Callable[[Path], InputError | None]
"""Why a file cannot be sound, as far as opening it tells; None where it may be. `pipeline.tools.container` tells."""


def new(
    workspace: Workspace, slug: str, outline: Path, recording: Path, *, publish_at: str | None, refused: Refused
) -> Path:
    """Make `episodes/<slug>` from a running order and a recording, whole or not at all; return the folder.

    recording: a file, or a folder that holds a track a person.
    publish_at: as in episode.yaml; None for now, in the show's zone.
    Raises InputError where one of the files is not what it is given for.
    """
    check_slug(slug)
    folder = workspace.root / "episodes" / slug
    if folder.exists():
        raise InputError("there is an episode of that name", where=str(folder), todo="choose another slug")
    sounds = _sounds(recording)
    for file in (outline, *sounds.values()):
        if not file.is_file():
            raise InputError("there is no such file", where=str(file), todo="check the name")
    for sound in sounds.values():
        if error := refused(sound):
            raise error
    said = _episode(workspace, workspace.outline(outline, str(outline)), slug, publish_at)
    with _whole_folder(folder) as scratch:
        _copy(outline, scratch / "outline.md")
        for name, sound in sounds.items():
            _copy(sound, scratch / name)
        write(scratch / "episode.yaml", said.encode())
    return folder


def _sounds(recording: Path) -> dict[str, Path]:
    """What to copy, by what it is called in the episode's folder. Raises InputError for a folder without tracks."""
    if not recording.is_dir():
        return {f"recording{recording.suffix.lower()}": recording}
    tracks, _ = sorted_out(recording.iterdir())
    if not tracks:
        raise InputError("this folder holds no tracks", where=str(recording), todo="put a file a person into it")
    if len(tracks) == 1:
        todo = f"give that file, {tracks[0].name}, if it holds everyone; or put a file a person into the folder"
        raise InputError("this folder holds one track, which is no conversation", where=str(recording), todo=todo)
    return {f"tracks/{file.name}": file for file in tracks}


def left_out(recording: Path) -> tuple[str, ...]:
    """What lies in a folder of tracks, is no sound by its name, and is not copied."""
    return tuple(file.name for file in sorted_out(recording.iterdir())[1]) if recording.is_dir() else ()


def with_campaign(folder: EpisodeFolder, campaign: str) -> EpisodeFolder:
    """The episode with `spots` in its episode.yaml set to one campaign. Raises InputError for an unknown one."""
    known = [one.name for one in folder.workspace.show.campaigns]
    if campaign not in known:
        todo = f"describe it there, or take one of: {', '.join(known) or 'none yet'}"
        raise InputError(f"there is no campaign {campaign!r}", where=f"{SHOW}: campaigns", todo=todo)
    path = folder.path / "episode.yaml"
    before = path.read_text("utf-8") if path.exists() else ""
    write(path, with_field(before, "spots", [campaign]).encode())
    return folder.workspace.episode(folder.slug)


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder that takes its place when the block ends well, and vanishes when it does not."""
    scratch = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        yield scratch
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    with whole_file(target) as temporary:
        shutil.copyfile(source, temporary)


def _episode(workspace: Workspace, outline: Outline, slug: str, publish_at: str | None) -> str:
    zone = workspace.show.timezone
    now = datetime.now(ZoneInfo(zone)).isoformat(timespec="seconds")
    return _EPISODE.format(
        title=_quoted(outline.title or slug),
        summary=_quoted(outline.summary or _summary(workspace, outline)),
        publish_at=_quoted(publish_at or now),
    )


def _summary(workspace: Workspace, outline: Outline) -> str:
    """A first summary from the sections' titles, for the editor to better."""
    talk = [section for section in uncounted(outline.sections) if section.role == "talk" and section.title]
    titles = dict.fromkeys(unplanned(section.title) for section in talk)
    form = _SUMMARY.get(workspace.show.language.partition("-")[0], _SUMMARY["en"])
    return form.format(", ".join(titles))


def _quoted(text: str) -> str:
    """Text as one line of YAML, whatever it holds; as JSON where that reads the same, which writes 🎤 as it is."""
    if text.replace("\n", "").isprintable():
        return json.dumps(text, ensure_ascii=False)
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**6).strip()
