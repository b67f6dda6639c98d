"""A small finished episode, made by the real stages from a talk that nobody needed to transcribe."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from typer.testing import CliRunner

from pipeline import publishing, runner
from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.model import CutMark, Mark, Progress, Segment, Transcript, Word
from pipeline.review.listening import Listening
from pipeline.review.server import Desk
from pipeline.review.serving import listen, prepare
from pipeline.steps import STAGES, Job, Stage
from pipeline.store import Receipt
from pipeline.tools.pictures import plain_cover
from pipeline.workspace import Workspace

SECONDS = 120
SENTENCE = 5_000
"""ms from one sentence's start to the next; the last fifth of it is a pause."""

SHOW = """\
title: La TERTULia
description: Una tertulia.
language: es
link: https://a.example.org/
feed_url: https://a.example.org/feed.xml
author: La TERTULia
owner: {name: A, email: a@example.org}
cover: cover.png
timezone: Europe/Madrid
campaigns:
  - {name: veridas, audio: spots/veridas.wav}
"""
EPISODE = """\
title: MLOps   # the short one
summary: De qué hablamos cuando hablamos de MLOps.
publish_at: 2023-05-04T07:00
cue_at: 0:19.5
"""
OUTLINE = """\
# MLOps

Charla de 2 minutos.

## Introducción

- Este programa es posible gracias a Veridas (meter cuña publicitaria)

## Preguntas

- ¿Hace falta un máster?

## Experimentación

### Debate

## Producción

### Debate

## Despedida
"""
STARTS = {1: 0, 2: 25_000, 3: 50_000, 4: 50_000, 5: 75_000, 6: 90_000}
"""Where each section was found; the last was not."""
DESPEDIDA = 7


def voice(seconds: int, period: int = SENTENCE) -> np.ndarray:
    """A hum that stops like somebody who speaks: 16 bit, mono, 48 kHz."""
    time = np.arange(seconds * 48_000) / 48_000
    wave = np.sin(2 * np.pi * 180 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)) * 6000
    wave[(time * 1000) % period > period * 0.8] *= 0.001
    return wave.astype(np.int16)


def sound(path: Path, samples: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])


def talk(seconds: int = SECONDS) -> Transcript:
    """A sentence every five seconds, by two people."""
    texts = ("Gracias a béridas por el apoyo.", "Esto es la frase que sigue a la otra.")
    segments = []
    for number, start in enumerate(range(0, seconds * 1000, SENTENCE)):
        parts = texts[number % 2].split()
        step = SENTENCE * 4 // 5 // len(parts)
        words = tuple(Word(start + n * step, start + n * step + step - 20, w, 0.9) for n, w in enumerate(parts))
        segments.append(Segment(start, words[-1].end, " ".join(parts), words, ("Andrés", "Lucía")[number % 2]))
    return Transcript("es", tuple(segments))


@contextlib.contextmanager
def unseen(stage: Stage) -> Iterator[Progress]:
    yield lambda fraction, note: None


def given(job: Job, **values: object) -> None:
    """Artefacts as if their stages had made them."""
    for stage in STAGES:
        if set(stage.makes) <= set(values):
            for name, kind in stage.makes.items():
                job.store.save(name, kind, values[name])
            inputs, outputs = runner._inputs(job, stage), runner._outputs(job, stage)
            job.store.sign(Receipt(stage.name, stage.version, inputs, outputs))


def finish(root: Path, transcript: Transcript, marks: tuple[Mark, ...]) -> None:
    """Everything that needs no ears for speech."""
    job = runner.job_for(Workspace(root).episode("mlops"))
    runner.run(job, unseen, STAGES[:1])
    given(job, heard=transcript, transcript=transcript, marks=marks)
    assert "transcribe" not in runner.run(job, unseen)
    publishing.publish_show(Workspace(root), datetime.now(UTC))


def begin(root: Path, seconds: int = SECONDS) -> Path:
    """A show with one episode, nothing made of it yet."""
    folder = root / "episodes" / "mlops"
    folder.mkdir(parents=True)
    (folder / "outline.md").write_text(OUTLINE, "utf-8")
    (folder / "episode.yaml").write_text(EPISODE, "utf-8")
    sound(folder / "recording.wav", voice(seconds))
    sound(root / "feed" / "spots" / "veridas.wav", voice(6, 10_000))
    (root / "feed" / "show.yaml").write_text(SHOW, "utf-8")
    (root / "feed" / "cover.png").write_bytes(plain_cover())
    return root


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The episode, for tests that only look."""
    root = begin(tmp_path_factory.mktemp("finished") / "show")
    placed = [Mark(n, start, 0.4 if n == 5 else 0.9, "because") for n, start in STARTS.items()]
    finish(root, talk(), (*placed, Mark(DESPEDIDA, None, 0.9)))
    job = runner.job_for(Workspace(root).episode("mlops"))
    drawing = Listening(job.folder.build)  # once, and not on every copy's desk
    drawing.begin(job)
    assert drawing.wait()
    return root


@pytest.fixture
def show(finished: Path, tmp_path: Path) -> Path:
    """The episode, to be changed."""
    return shutil.copytree(finished, tmp_path / "show")


@pytest.fixture
def offered(show: Path) -> Path:
    """The show, with two stretches offered."""
    offers = (CutMark(64_000, 70_000, "between two knocks"), CutMark(100_000, 105_000, "“repito desde el principio”"))
    given(runner.job_for(Workspace(show).episode("mlops")), offers=offers)
    return show


@contextlib.contextmanager
def opened(root: Path) -> Iterator[str]:
    """The desk of that show's episode, served; its address."""
    desk = Desk(Workspace(root), "mlops")
    desk.view()
    with listen(0) as door:
        address, server = prepare(desk, door)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()
            desk.republisher.wait()
            desk.listening.wait()


@pytest.fixture
def desk(show: Path) -> Iterator[str]:
    """The address of a desk on which everything may be changed."""
    with opened(show) as address:
        yield address


@pytest.fixture(scope="session")
def looked_at(finished: Path) -> Iterator[str]:
    """The address of a desk for tests that change nothing."""
    with opened(finished) as address:
        yield address


# ── a real browser ───────────────────────────────────────────────────────────────────────────────────────────────────

expect.set_options(timeout=20_000)


@contextlib.contextmanager
def window(whose: Browser | BrowserContext) -> Iterator[Page]:
    """A page in which no script may fail, closed whatever becomes of the test."""
    page = whose.new_page()
    page.set_viewport_size({"width": 1440, "height": 860})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    page.set_default_timeout(15_000)
    yield page
    page.unroute_all(behavior="wait")  # a request still being answered would fail the test after this one
    page.close(run_before_unload=False)
    assert faults == []


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    with window(visitor) as page:
        yield page


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """A second window on the same desk, in a browser of its own."""
    with window(browser) as page:
        yield page


def open_desk(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector("body[data-waveform]")
    return page


@pytest.fixture(scope="module")
def asked(visitor: BrowserContext, looked_at: str) -> Iterator[Page]:
    """A desk for tests that ask what it makes of values, and edit nothing."""
    with window(visitor) as page:
        yield open_desk(page, looked_at)


def saved(page: Page) -> None:
    page.keyboard.press("w")
    expect(page.locator("#say")).to_contain_text("Up to date in")


Say = Callable[..., str]


def typed(show: Path, command: str) -> Say:
    """`escaleta COMMAND … mlops`, with the words behind it: what it prints, once its exit code is `code`."""

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [command, "--workspace", str(show), "mlops", *words])
        if isinstance(done.exception, InputError):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    return run
