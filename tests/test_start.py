"""What `escaleta --help` and `escaleta status` wait for: no library that only some commands need."""

from __future__ import annotations

import subprocess
import sys

LATER = {
    *("av", "faster_whisper", "lameenc", "numpy", "pydub", "scipy", "soxr"),
    *("fsspec", "paramiko", "rapidfuzz", "simplemma", "snowballstemmer", "starlette", "uvicorn"),
    *("feedgen", "jinja2", "lxml", "mutagen"),
}


def test_the_command_line_loads_no_library_that_only_some_commands_need():
    told = subprocess.run(
        [sys.executable, "-c", "import sys, pipeline.cli; print(*{name.partition('.')[0] for name in sys.modules})"],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = set(told.stdout.split())
    assert {"pipeline", "typer", "rich"} <= loaded
    assert loaded & LATER == set()
