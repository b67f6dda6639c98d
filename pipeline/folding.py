"""Letters without their accents, as recognisers and people in a hurry write them."""

from __future__ import annotations

import unicodedata


def unaccented(text: str) -> str:
    """`text` in compatibility form (NFKD) without combining marks; case is the caller's to choose."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
