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
        try:
            path = self._path(url)
            if path is None:
                return Answer("unknown")
            if path.is_file():
                return Answer("there", path.stat().st_size)
        except OSError:
            pass  # a name that no file can have
        return Answer("absent", why=f"in {self.root}")

    def read(self, url: str, start: int, length: int) -> bytes:
        """Bytes `start` to `start + length` of it. Raises OSError where they cannot be had."""
        path = self._path(url)
        if path is None:
            raise FileNotFoundError(f"{url} lies elsewhere")
        with path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def _path(self, url: str) -> Path | None:
        """Where it would be, None for other people's. Raises OSError for a name that no file can have."""
        if not url.startswith(self.base):
            return None
        name = unquote(url.removeprefix(self.base).split("?")[0].split("#")[0])
        try:
            path = (self.root / name).resolve()
        except (ValueError, RuntimeError) as error:  # a null byte; before Python 3.13, a link that leads to itself
            raise OSError(str(error)) from error
        return path if path.is_relative_to(self.root.resolve()) else None
