"""New shows and episodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import starting

GENERATED = "episodes/*/build/\nfeed/public/\nfeed/ad-free/\n"


def start(folder: Path) -> None:
    starting.init(folder, title="Prueba", language="es", timezone="Europe/Madrid")


def test_a_cover_that_is_there_stays(tmp_path: Path) -> None:
    cover = tmp_path / "feed" / "cover.png"
    cover.parent.mkdir()
    cover.write_bytes(b"the user's own")
    start(tmp_path)
    assert cover.read_bytes() == b"the user's own"


@pytest.mark.parametrize(
    ("said", "then"),
    [
        (None, GENERATED),
        ("secret.key\n", f"secret.key\n{GENERATED}"),
        ("secret.key", f"secret.key\n{GENERATED}"),
        ("feed/public/\r\n", "feed/public/\r\nepisodes/*/build/\nfeed/ad-free/\n"),
        (f"# ours\n{GENERATED}x", f"# ours\n{GENERATED}x"),
    ],
)
def test_what_git_ignores_is_added_to(tmp_path: Path, said: str | None, then: str) -> None:
    ignored = tmp_path / ".gitignore"
    if said is not None:
        ignored.write_bytes(said.encode())
    start(tmp_path)
    assert ignored.read_bytes().decode() == then
