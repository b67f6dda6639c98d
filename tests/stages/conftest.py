"""A loudness meter that is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np


def by_ffmpeg(path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak as FFmpeg's ebur128 filter measures a file."""
    graph, said = av.filter.Graph(), {}
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
        graph.link_nodes(graph.add_abuffer(template=stream), meter, sink).configure()
        for frame in container.decode(stream):
            graph.push(frame)
            said.update(pulled(graph))
        graph.push(None)
        said.update(pulled(graph))
    peaks = [float(value) for key, value in said.items() if key.startswith("lavfi.r128.true_peaks_ch")]
    return float(said["lavfi.r128.I"]), float(20 * np.log10(max(peaks)))


def pulled(graph: Any) -> dict[str, str]:
    said: dict[str, str] = {}
    while True:
        try:
            said.update(graph.pull().metadata)
        except (av.error.BlockingIOError, av.error.EOFError):
            return said
