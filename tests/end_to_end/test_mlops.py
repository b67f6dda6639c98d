"""The example episode from its recording to the feed: the real model, the real recording, against the exact truth."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from scipy.signal import correlate

pytestmark = pytest.mark.slow

TRUTH = json.loads((Path(__file__).parents[1] / "data" / "mlops" / "truth.json").read_text("utf-8"))
RATE = 48_000

Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def told(produced: Path, run: Any) -> dict[str, Any]:
    return dict(json.loads(run("produce", "mlops", "--json", cwd=produced).stdout))


def decoded(path: Path) -> Samples:
    """All of a file as one channel at 48 kHz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


@pytest.fixture(scope="module")
def master(told: dict[str, Any]) -> Samples:
    return decoded(Path(told["files"]["audio"]))


@pytest.fixture(scope="module")
def recording(produced: Path) -> Samples:
    return decoded(produced / "episodes" / "mlops" / "recording.mp3")


def plain(text: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.findall(r"\w+", bare)


def test_words(told: dict[str, Any]) -> None:
    said = plain(" ".join(utterance["text"] for utterance in TRUTH["utterances"]))
    cues = json.loads(Path(told["files"]["transcript"]).read_text("utf-8"))["segments"]
    (spot,) = told["spots"]
    advert = [cue for cue in cues if spot["start_ms"] <= cue["startTime"] * 1000 < spot["end_ms"]]
    assert advert[0]["body"] == "(Publicidad: Veridas) ¿Cuántas contraseñas has olvidado este año?"
    assert advert[-1]["body"] == "Veridas, la identidad de verdad."
    heard = plain(" ".join(cue["body"] for cue in cues if cue not in advert))
    errors = Levenshtein.distance(said, heard) / len(said)
    print(f"word error rate {errors:.1%} (numbers as written)")
    assert 0 < errors < 0.06
    assert told["lost_speech"] == []


def test_the_spot_is_in_the_pause_behind_its_cue(told: dict[str, Any]) -> None:
    (spot,) = told["spots"]
    assert TRUTH["ad"]["cue_end"] < spot["recording_ms"] < TRUTH["ad"]["next_speech_start"]
    assert "posible gracias a" in spot["why"]


def lag(part: Samples, whole: Samples, at: int, reach: int = 480) -> int:
    """By how many samples `part` lies beside `at` in `whole`, by the peak of their correlation."""
    around = whole[at - reach : at + len(part) + reach]
    return int(np.argmax(np.correlate(around, part, mode="valid"))) - reach


def test_every_sample_is_where_the_report_says(
    told: dict[str, Any], master: Samples, recording: Samples, produced: Path
) -> None:
    (spot,) = told["spots"]
    introduction = told["chapters"][1]["start_ms"] - told["chapters"][1]["recording_start_ms"]
    length = spot["end_ms"] - spot["start_ms"]
    before = introduction if told["chapters"][1]["start_ms"] <= spot["start_ms"] else introduction - length
    for recording_ms, shift in ((40_000, before), (150_000, before + length), (640_000, before + length)):
        part = recording[recording_ms * 48 : (recording_ms + 2000) * 48]
        assert lag(part, master, (recording_ms + shift) * 48) == 0
    for chapter in told["chapters"][1:]:
        after = chapter["recording_start_ms"] >= spot["recording_ms"]
        assert chapter["start_ms"] == chapter["recording_start_ms"] + before + (length if after else 0)
    advert = decoded(produced / "feed" / "spots" / "veridas.opus")
    middle = advert[10 * RATE : 12 * RATE]
    around = master[spot["start_ms"] * 48 : spot["end_ms"] * 48]
    found = np.argmax(np.abs(correlate(around, middle, mode="valid", method="fft")))
    assert 0 <= found / RATE < length / 1000 - 2
    assert told["durations"]["recording_ms"] == pytest.approx(TRUTH["duration"], abs=30)


def test_room_tone_not_silence_around_the_spot(told: dict[str, Any], master: Samples) -> None:
    (spot,) = told["spots"]
    for edge in (spot["start_ms"], spot["end_ms"]):
        around = master[(edge - 200) * 48 : (edge + 200) * 48].reshape(-1, 480)
        level = 20 * np.log10(np.sqrt((around.astype(np.float64) ** 2).mean(axis=1)) + 1e-12)
        assert level.min() > -100
        assert level.max() < -30


def test_loudness_as_another_meter_hears_it(told: dict[str, Any]) -> None:
    """FFmpeg's ebur128 filter, on the published file."""
    with av.open(told["files"]["audio"]) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=stream)
        meter = graph.add("ebur128", "peak=true:metadata=1")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        for frame in container.decode(stream):
            graph.push(frame)
            with contextlib.suppress(BlockingIOError):
                last = graph.pull()
    assert float(last.metadata["lavfi.r128.I"]) == pytest.approx(-19.0, abs=0.15)
    assert told["loudness"]["integrated"] == pytest.approx(-19.0, abs=0.1)
    assert told["loudness"]["true_peak"] <= -1.0


def test_chapters_stand_where_the_topics_start(told: dict[str, Any]) -> None:
    marks = {
        section["section_index"]: chapter["recording_start_ms"]
        for chapter in told["chapters"]
        for section in (chapter, *chapter["includes"])
    }
    discussed = [section for section in TRUTH["sections"][1:] if section["start"] is not None]
    errors = {s["index"]: abs(marks[s["index"]] - s["start"]) if s["index"] in marks else None for s in discussed}
    for section in discussed:
        print(f"{' › '.join(section['path'][1:]):60} {errors[section['index']]} ms")
    near = [error for error in errors.values() if error is not None]
    assert sum(error <= 15_000 for error in near) / len(discussed) >= 0.7
    assert sum(error <= 30_000 for error in near) / len(discussed) >= 0.75
    assert 1 not in marks


def test_chapters_agree_in_tag_and_json(told: dict[str, Any]) -> None:
    starts = [chapter["start_ms"] for chapter in told["chapters"]]
    frames = ID3(told["files"]["audio"]).getall("CHAP")
    assert sorted(frame.start_time for frame in frames) == starts
    chapters = json.loads(Path(told["files"]["chapters"]).read_text("utf-8"))["chapters"]
    assert [round(chapter["startTime"] * 1000) for chapter in chapters] == starts
    assert starts[0] == 0


def test_the_audio_is_called_after_its_bytes(told: dict[str, Any]) -> None:
    path = Path(told["files"]["audio"])
    assert path.name == f"mlops-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.mp3"
    assert MP3(path).info.length * 1000 == pytest.approx(told["durations"]["programme_ms"], abs=60)


def test_what_is_published_holds(produced: Path, run: Any) -> None:
    checked = run("check", "--json", cwd=produced)
    assert checked.returncode == 0, checked.stdout
    assert [one for one in json.loads(checked.stdout) if one["severity"] != "advice"] == []


def test_nothing_changed_nothing_done(produced: Path, run: Any, told: dict[str, Any]) -> None:
    files = [path for path in (produced / "feed" / "public").rglob("*") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}
    again = json.loads(run("produce", "mlops", "--json", cwd=produced).stdout)
    assert again["ran"] == []
    assert {path: path.stat().st_mtime_ns for path in files} == before
