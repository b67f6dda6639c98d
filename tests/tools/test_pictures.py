from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats import pictures
from pipeline.tools.pictures import small_jpeg


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


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cover.png"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        small_jpeg(path)
    assert caught.value.where == str(path)
    with pytest.raises(InputError):
        small_jpeg(tmp_path / "absent.png")


@given(st.binary(max_size=60).map(lambda data: b"\xff\xd8" + data) | st.binary(max_size=60))
def test_any_bytes_have_a_size_or_none(data: bytes) -> None:
    try:
        width, height = pictures.size(data)
    except ValueError:
        return
    assert width >= 0 <= height
