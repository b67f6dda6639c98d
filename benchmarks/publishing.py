"""How long it takes to publish a show of many episodes when one is new, and how much memory an episode takes.

    python benchmarks/publishing.py [EPISODES …]

For a show of each length it prints seconds and megabytes of three runs: everything new, one new, nothing new; and then
what an episode more takes when one is new. Each release has ten chapters and seven small files as `escaleta produce`
leaves them; media are a few bytes, since what counts is what a run does for the episodes that did not change. Every
run is a process of its own and does what `escaleta publish` does.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.model import Chapter, Enclosure, Item, Person, PublishedFile, Release, TranscriptLink
from pipeline.publishing import publish_show
from pipeline.store import to_json
from pipeline.tools.pictures import plain_cover
from pipeline.workspace import Workspace

SIZES = (100, 1_000, 5_000, 20_000)
SHOW = """\
title: Un programa
description: Muchos episodios.
language: es
link: https://tertulia.example.org/
feed_url: https://tertulia.example.org/feed.xml
author: A
owner: {name: A, email: a@example.org}
cover: cover.png
"""
BASE = "https://tertulia.example.org/"
START = datetime(2000, 1, 1, 6, tzinfo=UTC)
KINDS = {
    "audio": ("{slug}-{digest}.mp3", "audio/mpeg"),
    "chapters": ("chapters.json", "application/json+chapters"),
    "vtt": ("transcript.vtt", "text/vtt"),
    "srt": ("transcript.srt", "application/x-subrip"),
    "transcript": ("transcript.json", "application/json"),
    "description": ("description.txt", "text/plain"),
    "page": ("index.html", "text/html"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("episodes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--now", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(_run(arguments.run, datetime.fromisoformat(arguments.now))))
        return
    peaks = [(episodes, _measured(episodes)["one new"]["peak MB"]) for episodes in sorted(arguments.episodes)]
    for (few, less), (many, more) in itertools.pairwise(peaks):
        print(f"from {few} to {many} episodes: {(more - less) * 1e3 / (many - few):.2f} KB an episode")


def _measured(episodes: int) -> dict[str, Any]:
    """The three runs of a show."""
    last = START + timedelta(days=7 * (episodes - 1))
    moments = {"all but one new": last - timedelta(1), "one new": last, "nothing new": last + timedelta(1)}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), episodes)
        for name, now in moments.items():
            command = [sys.executable, __file__, "--run", folder, "--now", now.isoformat()]
            found[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            print(f"{episodes:6} {name:16}", json.dumps(found[name]), flush=True)
    return found


def _fill(root: Path, episodes: int) -> None:
    """A workspace whose episodes were all produced."""
    (root / "feed").mkdir()
    (root / "feed" / "show.yaml").write_text(SHOW)
    (root / "feed" / "cover.png").write_bytes(plain_cover())
    for number in range(episodes):
        release, files = _release(number)
        folder = root / "episodes" / release.slug
        made = folder / "build" / "release"
        made.mkdir(parents=True)
        (folder / "outline.md").write_text("# Episodio\n\n## Resumen\n\nDe qué hablamos esta semana.\n")
        (folder / "episode.yaml").write_text(f"publish_at: {release.item.published.isoformat()}\n")
        (folder / "build" / "release.json").write_bytes(to_json(Release, release))
        for name, data in files.items():
            (made / name).write_bytes(data)


def _release(number: int) -> tuple[Release, dict[str, bytes]]:
    slug = f"episodio-{number:04d}"
    files, made = {}, []
    for kind, (pattern, type_) in KINDS.items():
        data = f"{kind} of {slug}\n".encode() * 20
        digest = hashlib.sha256(data).hexdigest()
        name = pattern.format(slug=slug, digest=digest[:8])
        files[name] = data
        made.append(PublishedFile(kind, f"{slug}/{name}", type_, len(data), digest))
    chapters = tuple(
        Chapter(f"Capítulo {n} de {number}", n * 300_000, (n + 1) * 300_000, n * 300_000) for n in range(10)
    )
    listed = "\n".join(f"00:{5 * n:02d}:00 {chapter.title}" for n, chapter in enumerate(chapters))
    item = Item(
        guid=slug,
        title=f"Episodio {number}",
        link=f"{BASE}{slug}/index.html",
        summary="De qué hablamos esta semana. " * 10,
        description="De qué hablamos esta semana. " * 10 + f"\n\nCapítulos:\n{listed}\n\nPatrocina Veridas\n",
        published=START + timedelta(days=7 * number),
        enclosure=Enclosure(f"{BASE}{made[0].name}", made[0].length, "audio/mpeg"),
        duration=3_000_000,
        chapters=chapters,
        chapters_url=f"{BASE}{slug}/chapters.json",
        transcripts=(TranscriptLink(f"{BASE}{slug}/transcript.vtt", "text/vtt", "es", "captions"),),
        people=(Person("Andrés", "host"),),
        number=number,
    )
    return Release(slug, item, tuple(made)), files


def _run(root: Path, now: datetime) -> dict[str, Any]:
    """One publication, timed from after the imports that it makes itself."""
    importlib.import_module("pipeline.stages.publish")
    begun, worked = time.perf_counter(), time.process_time()
    publication = publish_show(Workspace(root), now).publication
    return {
        "seconds": round(time.perf_counter() - begun, 2),
        "CPU seconds": round(time.process_time() - worked, 2),
        "written": len(publication.written),
        "feed MB": round((root / "feed" / "public" / "feed.xml").stat().st_size / 1e6, 2),
        "peak MB": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3), 1
        ),
    }


if __name__ == "__main__":
    main()
