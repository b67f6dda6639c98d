from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.errors import InputError
from pipeline.formats import pictures
from pipeline.tools.pictures import letterboxed, small_jpeg


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(1400, 1400, (600, 600)), (300, 200, (300, 200)), (3000, 1500, (600, 300))]
)
def test_a_cover_fits_into_a_tag(
    tmp_path: Path, picture: Callable[[int, int], bytes], width: int, height: int, expected: tuple[int, int]
) -> None:
    path = tmp_path / "cover.png"
    path.write_bytes(picture(width, height))
    small = small_jpeg(path)
    assert pictures.size(small) == expected
    assert len(small) < 100_000
    with av.open(io.BytesIO(small), format="jpeg_pipe") as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == expected
    assert small == small_jpeg(path)


def encoded(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (height, width, 3) as a PNG."""
    encoder = av.CodecContext.create("png", "w")
    encoder.height, encoder.width, encoder.pix_fmt = pixels.shape[0], pixels.shape[1], "rgb24"
    encoder.time_base = Fraction(1)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


def test_the_worst_of_pictures_is_small_enough_for_every_player(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    path.write_bytes(encoded(np.random.default_rng(1).integers(0, 256, (600, 600, 3)).astype(np.uint8)))
    assert len(small_jpeg(path)) <= 100_000
    assert pictures.size(small_jpeg(path)) == (600, 600)


@pytest.mark.parametrize(("width", "height"), [(1400, 1400), (2000, 500), (100, 300), (1, 1)])
def test_a_picture_fills_a_films_frame_but_keeps_its_shape(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "red.png"
    path.write_bytes(encoded(np.full((height, width, 3), (200, 30, 30), np.uint8)))
    frame = letterboxed(path, 1920, 1080)
    assert (frame.width, frame.height, frame.format.name) == (1920, 1080, "yuv420p")
    shown = frame.to_ndarray(format="rgb24")[:, :, 0] > 100
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    assert len(columns) / len(rows) == pytest.approx(width / height, rel=0.01)
    assert len(columns) >= 1918 or len(rows) >= 1078
    assert rows[0] == pytest.approx(1079 - rows[-1], abs=2)
    assert columns[0] == pytest.approx(1919 - columns[-1], abs=2)


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cover.png"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        small_jpeg(path)
    assert caught.value.where == str(path)
    with pytest.raises(InputError):
        small_jpeg(tmp_path / "absent.png")


def test_a_picture_that_may_not_be_read_is_not_called_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, **_: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(av, "open", refuse)
    with pytest.raises(InputError, match="may not be read"):
        small_jpeg(tmp_path / "cover.png")


@given(st.binary(max_size=60).map(lambda data: b"\xff\xd8" + data) | st.binary(max_size=60))
def test_any_bytes_have_a_size_or_none(data: bytes) -> None:
    try:
        width, height = pictures.size(data)
    except ValueError:
        return
    assert width >= 0 <= height
