"""An episode's figures, from what its stages left."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from pipeline.formats import plots
from pipeline.model import Master, Programme
from pipeline.steps import Job
from pipeline.store import write


def figures_of(job: Job, loudness: NDArray[np.float32] | None) -> str:
    """Loudness, lengths and people as HTML with SVG in it, kept as `build/report.html` too.

    loudness: LUFS a second, where it is known already.
    """
    programme, master = job.store.load("programme", Programme), job.store.load("master", Master)
    spoken: Counter[str] = Counter()
    for segment in programme.transcript.segments:
        if segment.speaker:
            spoken[segment.speaker] += segment.end - segment.start
    figures = plots.figures(
        None if loudness is None else [float(value) for value in loudness],
        job.folder.workspace.show.sound.target(master.channels),
        [(chapter.title, chapter.end - chapter.start) for chapter in programme.chapters.chapters],
        job.folder.outline.planned_ms,
        tuple(spoken.items()),
    )
    page = plots.document(job.folder.episode.title or job.folder.outline.title, figures)
    write(job.folder.build / "report.html", page.encode())
    return figures
