"""A small show with one episode: everything that releasing and publishing need, made here and now."""

from __future__ import annotations

import errno
import math
import os
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pipeline.formats import addresses
from pipeline.formats import ledger as ledgers
from pipeline.formats.ledger import Ledger
from pipeline.model import (
    Absent,
    Chapter,
    Chapters,
    Episode,
    Link,
    Loudness,
    Master,
    Outline,
    Owner,
    Person,
    Programme,
    Release,
    Section,
    Segment,
    Show,
    Sponsor,
    Spot,
    Transcript,
    Word,
)
from pipeline.stages.cards import card
from pipeline.stages.look import look
from pipeline.stages.plan import plan
from pipeline.stages.publish import Publication, publish
from pipeline.stages.release import release
from pipeline.store import Store, whole_file, write
from pipeline.tools.storage import LocalFolder
from pipeline.workspace import Workspace

settings.register_profile("no wall time", deadline=None)
settings.load_profile("no wall time")

SECONDS = 150
_OPTIONS = ("picture", "pictures", "thumbnails", "templates")
SHOW = Show(
    title="La TERTULia de la Inteligencia Artificial",
    description="Una tertulia sobre inteligencia artificial.",
    language="es",
    link="https://tertulia.example.org/",
    feed_url="https://tertulia.example.org/feed.xml",
    author="La TERTULia",
    owner=Owner("La TERTULia", "hola@tertulia.example.org"),
    cover="cover.png",
    timezone="Europe/Madrid",
    copyright="© La TERTULia",
    license="cc-by-4.0",
    funding=(Link("Invítanos a un café", "https://tertulia.example.org/cafe"),),
    update_frequency="monthly",
    people=(Person("Andrés", "host"),),
    sponsors=(Sponsor("Veridas", "https://veridas.com/", "Identidad digital"),),
)
EPISODE = Episode(
    "mlops",
    title="MLOps: del cuaderno a producción",
    summary="De qué hablamos cuando hablamos de MLOps.\n\nY cuánto cuesta.",
    season=1,
    number=12,
    people=(Person("Lucía", "guest", href="https://example.org/lucia"),),
)
OUTLINE = Outline(
    "MLOPS",
    (
        Section(0, 1, "MLOPS", ("MLOPS",), role="title"),
        Section(
            1, 2, "Introducción", ("MLOPS", "Introducción"), 0, links=(Link("Informe", "https://example.org/a+b"),)
        ),
        Section(2, 2, "Oculta", ("MLOPS", "Oculta"), 0, links=(Link("No se habló", "https://example.org/oculta"),)),
    ),
)
TITLES = ("Introducción", "Experimentación · Debate", "¿Sale rentable entrenar en la nube?", "Despedida")
STARTS = (0, 31_417, 70_003, 121_999)


def programme(titles: tuple[str, ...] = TITLES) -> Programme:
    """Four chapters and a sentence every five seconds, by two speakers, with the words' times."""
    ends = (*STARTS[1:], SECONDS * 1000)
    chapters = tuple(
        Chapter(title, start, end, start, number, url="https://example.org/notes?q=a+b" if number == 1 else None)
        for number, (title, start, end) in enumerate(zip(titles, STARTS, ends, strict=True))
    )
    sentences = ("Esto es MLOps, y no es tan difícil.", "A mí dame a alguien que escriba pruebas.")
    segments = tuple(
        segment(start, sentences[number % 2], ("Andrés", "Lucía")[number % 2])
        for number, start in enumerate(range(2000, SECONDS * 1000 - 5000, 5000))
    )
    return Programme(
        SECONDS * 1000,
        Chapters(chapters, absent=(Absent(2, 0.9, review=False),)),
        Transcript("es", segments),
        (Spot("veridas", 0, 1, 2, ""),),
    )


def segment(start: int, text: str, speaker: str | None = None, step: int = 350) -> Segment:
    """A sentence whose words follow each other every `step` ms."""
    words = tuple(
        Word(start + n * step, start + n * step + step - 50, f" {word}", 0.9) for n, word in enumerate(text.split())
    )
    return Segment(start, words[-1].end, text, words, speaker)


def png(width: int, height: int) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes((width + 7) // 8)) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="session")
def picture() -> Callable[[int, int], bytes]:
    """Makes a PNG of so many pixels."""
    return png


@pytest.fixture(scope="session")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP3 of exactly `SECONDS` seconds, without tags."""
    time = np.arange(SECONDS * 48_000, dtype=np.float32)
    wave = (np.sin(time * (2 * math.pi * 440 / 48_000)) * 8000).astype(np.int16)
    path = tmp_path_factory.mktemp("tone") / "master.mp3"
    with av.open(str(path), "w", format="mp3", options={"id3v2_version": "0"}) as container:
        quick = {"compression_level": "9"}  # nobody listens
        stream = container.add_stream("libmp3lame", rate=48_000, layout="mono", bit_rate=32_000, options=quick)
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16p", layout="mono")
        frame.sample_rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


@dataclass(frozen=True)
class Ready:
    """A release, and the folder where its files lie."""

    release: Release
    folder: Path


@dataclass(frozen=True)
class Shelf:
    """Releases by their slugs, and those that were put by when they went out."""

    ready: Mapping[str, Ready]
    kept: dict[str, Release] = field(default_factory=dict)

    def release(self, slug: str) -> Release:
        return self.ready[slug].release

    def folder(self, slug: str) -> Path:
        return self.ready[slug].folder

    def keep(self, release: Release) -> None:
        self.kept[release.slug] = release

    def drop_others(self, slugs: Set[str]) -> None:
        for slug in self.kept.keys() - slugs:
            del self.kept[slug]


@dataclass
class Publisher:
    """Who releases and publishes by hand: into `releases/<slug>`, into `public`, with the ledger in `ledger.yaml`."""

    root: Path
    tone: Path
    show: Show = SHOW
    now: datetime = datetime(2023, 5, 1, 12, tzinfo=UTC)
    cover_name: str = "cover.png"

    @property
    def public(self) -> Path:
        return self.root / "public"

    @property
    def ledger(self) -> Ledger:
        path = self.root / "ledger.yaml"
        return ledgers.parse(path.read_text()) if path.exists() else Ledger()

    @ledger.setter
    def ledger(self, ledger: Ledger) -> None:
        write(self.root / "ledger.yaml", "".join(ledgers.render(ledger)).encode())

    @property
    def cover(self) -> Path:
        return self.root / self.cover_name

    def release(self, slug: str = "mlops", **changes: Any) -> Ready:
        """Release an episode; `changes` are arguments of `release`, or fields of the episode."""
        arguments: dict[str, Any] = {
            "outline": OUTLINE,
            "programme": programme(),
            "published": datetime(2023, 4, 12, 5, tzinfo=UTC),
            "audio": self.tone,
            "cover": self.cover,
        }
        arguments |= {name: changes.pop(name) for name in list(changes) if name in (*arguments, *_OPTIONS)}
        folder = self.root / "releases" / slug
        master = Master("master.mp3", "", SECONDS * 48_000, 1, 32, Loudness(-19.0, -1.0, 3.0))
        made = release(
            self.show,
            replace(EPISODE, slug=slug, **changes),
            arguments.pop("outline"),
            arguments.pop("programme"),
            master,
            folder=LocalFolder(folder, whole_file),
            **arguments,
        )
        return Ready(made, folder)

    def publish(self, *ready: Ready, storage: Any = None, **options: Any) -> Publication:
        """Publish; the ledger is kept from run to run."""
        ledger, now = self.ledger, options.pop("now", self.now)
        known = {entry.guid: entry for entry in ledger.entries}
        cards = [card(one.release, known.get(one.release.item.guid), now) for one in ready]
        storage = storage or LocalFolder(self.public, whole_file)
        public = storage.read(addresses.feed_name(self.show))
        options = {"public": look(public) if public is not None else None, **options}
        planned = plan(self.show, cards, ledger, now=now, cover=self.cover, **options)
        shelf = Shelf({one.release.slug: one for one in ready})
        return publish(planned, shelf, storage=storage, record=self.record)

    def record(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def feed(self) -> bytes:
        """The public feed's bytes."""
        return (self.public / "feed.xml").read_bytes()


@pytest.fixture
def publisher(tmp_path: Path, tone: Path) -> Publisher:
    """One who has a cover, and has released nothing yet."""
    (tmp_path / "cover.png").write_bytes(png(1400, 1400))
    return Publisher(tmp_path, tone)


@pytest.fixture
def workspace(publisher: Publisher, tmp_path: Path) -> Callable[..., Workspace]:
    """Makes a show's folder by its name, without episodes. `more`: further lines of its show.yaml."""
    text = (Path(__file__).parent / "data" / "show.yaml").read_text("utf-8")

    def make(name: str, more: str = "") -> Workspace:
        root = tmp_path / name
        (root / "feed").mkdir(parents=True)
        (root / "feed" / "show.yaml").write_text(text + more, "utf-8")
        shutil.copyfile(publisher.cover, root / "feed" / "cover.jpg")
        return Workspace(root)

    return make


@pytest.fixture
def produce(publisher: Publisher) -> Callable[..., None]:
    """Produces an episode of that slug, which is its title too, in every workspace."""

    def add(slug: str, published: datetime, *workspaces: Workspace) -> None:
        for one in workspaces:
            publisher.show = one.show
            ready = publisher.release(slug, title=slug, published=published)
            folder = one.root / "episodes" / slug
            shutil.copytree(ready.folder, folder / "build" / "release", dirs_exist_ok=True)
            text = f"publish_at: {published.isoformat()}\nsummary: De qué hablamos.\n"
            (folder / "episode.yaml").write_text(text, "utf-8")
            (folder / "outline.md").write_text("# MLOps\n\n## A\n", "utf-8")
            Store(folder / "build").save("release", Release, ready.release)

    return add


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, tone: Path) -> Publisher:
    """One whose one episode is public; tests only read it."""
    root = tmp_path_factory.mktemp("published")
    (root / "cover.png").write_bytes(png(1400, 1400))
    publisher = Publisher(root, tone)
    publisher.publish(publisher.release())
    return publisher


@pytest.fixture(scope="session")
def talk() -> Callable[[], Programme]:
    """Makes the episode's programme."""
    return programme


@pytest.fixture(scope="session")
def required() -> Callable[[str | None, str], str]:
    """Gives a program's path, or skips saying what to install; ESCALETA_REQUIRE_ALL=1 makes its absence a failure."""

    def find(name: str | None, todo: str) -> str:
        path = name and shutil.which(name)
        if path:
            return path
        if os.environ.get("ESCALETA_REQUIRE_ALL") == "1":
            pytest.fail(f"{name} is not there: {todo}")
        pytest.skip(f"{name} is not there: {todo}")

    return find


FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--process-per-site"]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser(required: Callable[[str | None, str], str]) -> Iterator[Browser]:
    """Chromium, one for all tests: Playwright starts only once a process."""
    name = os.environ.get("ESCALETA_CHROMIUM") or next(filter(shutil.which, CHROMIUMS), CHROMIUMS[0])
    path = required(name, "install it with `apt-get install chromium`, or name one in ESCALETA_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody whose every page is a fresh one, for pages that remember nothing from one to the next.

    Pages of one site share a process that lives as long as one of them is open: another costs a third of the first.
    """
    context = browser.new_context()
    for address in ("http://127.0.0.1/", "file:///"):
        page = context.new_page()
        page.route("**", lambda route: route.fulfill(body=""))
        page.goto(address)
    yield context
    context.close()


@pytest.fixture(scope="session")
def barriers() -> Callable[[Page], list[str]]:
    """Tells what keeps people out of a page as it stands: WCAG 2.2, levels A and AA, as axe-core checks it."""
    axe, rules = Axe(), ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def found(page: Page) -> list[str]:
        told = axe.run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
        return [f"{one['id']}: {node['html']}" for one in told for node in one["nodes"]]

    return found


@pytest.fixture
def close(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Closes a folder; root may enter any, so what the system says to others is said for it."""
    is_file, iterdir, read_bytes = Path.is_file, Path.iterdir, Path.read_bytes

    def close(closed: Path) -> None:
        def refuse(path: Path) -> Any:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

        def ask(asked: Callable[[Path], Any]) -> Callable[[Path], Any]:
            return lambda path: refuse(path) if closed in path.parents else asked(path)

        monkeypatch.setattr(Path, "is_file", ask(is_file))
        monkeypatch.setattr(Path, "exists", ask(is_file))
        monkeypatch.setattr(Path, "read_bytes", ask(read_bytes))
        monkeypatch.setattr(Path, "iterdir", lambda path: iterdir(path) if path != closed else refuse(path))

    return close
