"""An episode's figures for the desk, from what its stages left."""

from __future__ import annotations

from dataclasses import replace

from pipeline.formats.naming import followed
from pipeline.formats.plots import draw
from pipeline.model import Master, Programme
from pipeline.stages.report import figures
from pipeline.steps import Job
from pipeline.steps.telling import curve_of


def figures_of(job: Job) -> str:
    """Loudness, lengths and people as HTML with SVG in it."""
    programme, master = job.store.load("programme", Programme), job.store.load("master", Master)
    # Of another running order nothing was found yet: what was made of the last one is what there is.
    programme = replace(programme, chapters=followed(programme.chapters, job.folder.outline.sections))
    target = job.folder.workspace.show.sound.target(master.channels)
    return draw(figures(job.folder.outline, programme, target, curve_of(job, master)))
