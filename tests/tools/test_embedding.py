from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.tools.embedding import SentenceModel, sentence_model


def test_meaning_not_spelling_decides() -> None:
    model = sentence_model()
    assert model is not None
    vectors = model(
        ["¿Cuánto cuesta comprar un piso?", "el precio de la vivienda", "me gusta el jazz de los años cincuenta"]
    )
    assert vectors.shape == (3, 512)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_no_sentences_no_vectors() -> None:
    model = sentence_model()
    assert model is not None
    assert len(model([])) == 0


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.npz").write_bytes(b"something else")
    with pytest.raises(InputError, match="not as it was published") as error:
        SentenceModel(tmp_path)(["hola"])
    assert "pip install" in error.value.todo
