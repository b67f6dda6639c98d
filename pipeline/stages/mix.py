"""From what was recorded to one recording: here, a single file that is taken as it is."""

from __future__ import annotations

from pathlib import Path

from pipeline.audio.streams import Ears
from pipeline.model import Recording


def mix(path: Path, relative: str, ears: Ears) -> Recording:
    """The recording at `path`, called `relative` in the workspace; every sample decoded and counted.

    Raises InputError for a file that cannot be used, with the reason.
    """
    facts = ears.probe(path)
    return Recording(relative, ears.digest(path), facts.duration, facts.sample_rate, facts.channels, facts.samples)
