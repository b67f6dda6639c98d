"""How long it takes to publish a show of many episodes when one is new, and how much memory.

    python benchmarks/publishing.py [EPISODES]

Prints seconds and megabytes for three runs: everything new, one new, nothing new. Each release has ten chapters and
eight small files as `escaleta produce` leaves them; media are a few bytes, since what counts is what a run does for the
episodes that did not change. Releases are loaded from their JSON artefacts and the ledger from its YAML, as the command
does; every run is a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.formats import ledger
from pipeline.model import Chapter, Enclosure, Item, Owner, Person, PublishedFile, Release, Show, TranscriptLink
from pipeline.stages.publish import Ready, publish
from pipeline.store import from_json, to_json, whole_file, write
from pipeline.tools.storage import LocalFolder

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
    parser.add_argument("episodes", type=int, nargs="?", default=1000)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--now", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        _run(arguments.run, datetime.fromisoformat(arguments.now))
        return
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), arguments.episodes)
        last = START + timedelta(days=7 * (arguments.episodes - 1))
        moments = {"all but one new": last - timedelta(1), "one new": last, "nothing new": last + timedelta(1)}
        for name, now in moments.items():
            command = [sys.executable, __file__, "--run", folder, "--now", now.isoformat()]
            print(f"{name:16}", subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def _fill(root: Path, episodes: int) -> None:
    """The releases of a show, as artefacts and files."""
    (root / "cover.jpg").write_bytes(b"cover" * 100_000)
    for number in range(episodes):
        release, files = _release(number)
        folder = root / "episodes" / release.slug
        folder.mkdir(parents=True)
        (folder / "release.json").write_bytes(to_json(Release, release))
        for name, data in files.items():
            (folder / name).write_bytes(data)


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


def _run(root: Path, now: datetime) -> None:
    """One publication, timed from after the imports."""
    show = Show(
        "Un programa", "Muchos episodios.", "es", BASE, f"{BASE}feed.xml", "A", Owner("A", "a@example.org"), "cover.jpg"
    )
    begun, worked = time.perf_counter(), time.process_time()
    ready = [
        Ready(from_json(Release, (folder / "release.json").read_bytes()), folder)
        for folder in (root / "episodes").iterdir()
    ]
    loaded = time.perf_counter()
    book = root / "ledger.yaml"
    done = publish(
        show,
        ready,
        ledger.parse(book.read_text() if book.exists() else ""),
        now=now,
        cover=root / "cover.jpg",
        storage=LocalFolder(root / "public", whole_file),
        record=lambda kept: write(book, ledger.render(kept).encode()),
    )
    report = {
        "seconds": round(time.perf_counter() - begun, 2),
        "CPU seconds": round(time.process_time() - worked, 2),
        "of which loading": round(loaded - begun, 2),
        "written": len(done.written),
        "feed MB": round((root / "public" / "feed.xml").stat().st_size / 1e6, 2),
        "peak MB": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
        ),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
