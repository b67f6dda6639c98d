"""Exported files in a real browser: exactly as long as they should be, and a film that can be sought and played."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from pipeline.formats.containers import CONTAINERS
from pipeline.formats.tags import Tag
from pipeline.model import Chapter
from pipeline.tools import muxer

SECOND = 48_000
SAMPLES = 70 * SECOND + 12_345
COLOUR = (200, 120, 40)

DECODED = """async url => {
  const data = await (await fetch(url)).arrayBuffer();
  return (await new OfflineAudioContext(1, 1, 48000).decodeAudioData(data)).length;
}"""
SHOWN = """async ([url, times]) => {
  const video = document.createElement('video'), canvas = document.createElement('canvas');
  const happens = name => new Promise((done, fail) => {
    video.addEventListener(name, done, {once: true});
    video.addEventListener('error', () => fail(new Error(video.error.message)), {once: true});
  });
  // A browser may say that it has sought before there is a frame to draw: then nothing is drawn, not even black.
  const drawn = async () => {
    const pen = canvas.getContext('2d');
    pen.clearRect(0, 0, 16, 9);
    for (let frame = 0; frame < 600; frame++) {
      pen.drawImage(video, 0, 0, 16, 9);
      const [red, green, blue, opaque] = pen.getImageData(8, 4, 1, 1).data;
      if (opaque) return [red, green, blue];
      await new Promise(requestAnimationFrame);
    }
    return null;
  };
  video.src = url;
  await happens('loadeddata');
  const shown = [];
  for (const time of times) {
    video.currentTime = time;
    await happens('seeked');
    shown.push(await drawn());
  }
  return [video.videoWidth, video.videoHeight, video.duration, shown];
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of each kind; the cover has one colour."""
    folder = tmp_path_factory.mktemp("exported")
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 100, 100, "rgb24", Fraction(1)
    frame = av.VideoFrame.from_ndarray(np.full((100, 100, 3), COLOUR, np.uint8), format="rgb24")
    (folder / "cover.png").write_bytes(b"".join(map(bytes, (*encoder.encode(frame), *encoder.encode(None)))))
    chapters = tuple(Chapter(f"Capítulo {n}", n * 10_000, n * 10_000 + 10_000, 0) for n in range(7))
    tag = Tag("T", "A", "P", date(2023, 4, 12), "es", "x", chapters=chapters)
    for suffix, container in CONTAINERS.items():
        silence = (np.zeros((min(SECOND, SAMPLES - at), 1), np.float32) for at in range(0, SAMPLES, SECOND))
        path, cover = folder / f"x{suffix}", folder / "cover.png"
        muxer.write(path, container, silence, channels=1, samples=SAMPLES, tag=tag, cover=cover)
    return folder


@pytest.mark.parametrize("suffix", sorted(CONTAINERS))
def test_a_browser_decodes_exactly_the_programmes_samples(
    visitor: BrowserContext, served: Callable[..., str], folder: Path, suffix: str
) -> None:
    address = served(folder)
    page = visitor.new_page()
    page.goto(address)
    assert page.evaluate(DECODED, f"{address}x{suffix}") == SAMPLES
    page.close()


def test_a_film_shows_the_cover_wherever_it_is_sought(
    visitor: BrowserContext, served: Callable[..., str], folder: Path
) -> None:
    address = served(folder)
    page = visitor.new_page()
    page.goto(address)
    width, height, duration, shown = page.evaluate(SHOWN, [f"{address}x.mp4", [0.5, 29.5, 30.5, 61, 70]])
    assert (width, height, duration) == (1920, 1080, pytest.approx(SAMPLES / SECOND, abs=1e-4))
    assert shown == [pytest.approx(COLOUR, abs=8)] * 5
    page.close()
