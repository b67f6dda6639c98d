"""Where a check looks at the files that a feed names: in the public folder, before a server has them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from pipeline.formats.findings import Answer


@dataclass(frozen=True, slots=True)
class LocalSite:
    """The folder `root` as it would be served at `base`, an address that ends with a slash."""

    root: Path
    base: str

    def ask(self, url: str) -> Answer:
        """Whether the file is there, and how long; `unknown` for other people's addresses."""
        path = self._path(url)
        if path is None:
            return Answer("unknown")
        if not path.is_file():
            return Answer("absent", why=f"in {self.root}")
        return Answer("there", path.stat().st_size)

    def read(self, url: str, start: int, length: int) -> bytes:
        """Bytes `start` to `start + length` of it. Raises OSError where they cannot be had."""
        path = self._path(url)
        if path is None:
            raise FileNotFoundError(f"{url} lies elsewhere")
        with path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def _path(self, url: str) -> Path | None:
        if not url.startswith(self.base):
            return None
        name = unquote(url.removeprefix(self.base).split("?")[0].split("#")[0])
        path = (self.root / name).resolve()
        return path if path.is_relative_to(self.root.resolve()) else None
