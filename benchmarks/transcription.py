"""Transcription measured against the truth of every word, beside plain faster-whisper, in one run.

    python benchmarks/transcription.py AUDIO TRUTH.json [--outline OUTLINE.md] [--names Ana,Veridas] [--memory]

TRUTH.json holds `utterances`, each with `words` of `w`, `start`, `end` in seconds. Word errors are counted after both
sides are folded: case, accents and punctuation away, Spanish numbers in words. A lost run is four or more words of the
truth in a row that the transcript lacks. Terms are what `terms_of` takes from the running order and the names; a false
correction is a word that was right before. Memory is the peak of the program and of its largest worker, for ten
minutes and for an hour made by repeating the audio; it takes a while.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from rapidfuzz.distance import Levenshtein

from pipeline.formats.outline import parse
from pipeline.formats.outline_words import fold
from pipeline.model import Outline, Segment, Transcript, Word
from pipeline.stages.correct import correct, terms_of
from pipeline.stages.transcribe import Hearing, transcribe
from pipeline.tools import sound
from pipeline.tools.embedded_model import embedded_model
from pipeline.tools.lexicon import Lexicon
from pipeline.tools.whisper import Whisper
from pipeline.tools.workers import local_workers

UNITS = re.findall(
    r"\w+",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve",
)
TENS = re.findall(r"\S+", "- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
HUNDREDS = re.findall(
    r"\S+",
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
)


class Nowhere:
    """Keeps no pieces: every run is a first run."""

    def get(self, key: str) -> None:
        return None

    def put(self, key: str, data: bytes) -> None:
        return None


def in_words(number: int) -> str:
    """A Spanish number below a million, without accents."""
    if number < 30:
        return UNITS[number]
    if number < 100:
        return TENS[number // 10] + (f" y {UNITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        return (
            "cien" if number == 100 else f"{HUNDREDS[number // 100]} {in_words(number % 100) if number % 100 else ''}"
        )
    thousands = "mil" if number < 2000 else f"{in_words(number // 1000)} mil"
    return f"{thousands} {in_words(number % 1000) if number % 1000 else ''}"


def plain(text: str) -> list[str]:
    """What is compared."""
    text = re.sub(r"(\d)\.(\d{3})\b", r"\1\2", fold(text)).replace("%", " por ciento ")
    text = re.sub(
        r"(\d+)[,.](\d+)", lambda m: f"{in_words(int(m[1]))} coma {' '.join(in_words(int(d)) for d in m[2])}", text
    )
    text = re.sub(r"\d{1,6}", lambda m: f" {in_words(int(m[0]))} ", text)
    return re.findall(r"[^\W_]+", text)


def word_errors(said: list[str], heard: list[str]) -> tuple[float, int, int]:
    """Word error rate, how many runs of four or more words are lost, and how many words are in those."""
    changes = Levenshtein.editops(said, heard)
    lost, run = [], 0
    missing = {change.src_pos for change in changes if change.tag == "delete"}
    for position in range(len(said) + 1):
        if position in missing:
            run += 1
            continue
        lost += [run] if run >= 4 else []
        run = 0
    return len(changes) / len(said), len(lost), sum(lost)


def pairs(truth: list[dict[str, Any]], heard: list[Word]) -> list[tuple[dict[str, Any], Word]]:
    """Words that are the same on both sides."""
    codes = Levenshtein.opcodes(["".join(plain(w["w"])) for w in truth], ["".join(plain(w.word)) for w in heard])
    same = [code for code in codes if code.tag == "equal"]
    return [(truth[c.src_start + k], heard[c.dest_start + k]) for c in same for k in range(c.src_end - c.src_start)]


def count(term: str, words: list[str]) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(fold(term))}(?!\w)", fold(" ".join(words))))


# ── the two ways, each in a process of its own ──────────────────────────────────────────────────────────────────────


def ours(audio: Path) -> list[list[Any]]:
    with local_workers() as workers:
        hearing = Hearing(sound, Whisper(), workers, Nowhere(), lambda fraction, note: None)
        transcript = transcribe(hearing, audio, language="es")
    return [[w.start, w.end, w.word, w.probability] for segment in transcript.segments for w in segment.words]


def theirs(audio: Path) -> list[list[Any]]:
    model = WhisperModel(str(embedded_model()), compute_type="int8", cpu_threads=os.cpu_count() or 1)
    segments, _ = model.transcribe(
        str(audio), language="es", beam_size=5, vad_filter=True, word_timestamps=True, condition_on_previous_text=False
    )
    words = chain.from_iterable(segment.words for segment in segments)
    return [[round(1000 * w.start), round(1000 * w.end), w.word.strip(), w.probability] for w in words]


def run_apart(way: str, audio: Path) -> dict[str, Any]:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, __file__, "--way", way, audio], capture_output=True, check=True, text=True)
    return {"wall": time.perf_counter() - started, **json.loads(done.stdout)}


def report_way(way: str, audio: Path) -> None:
    words = {"ours": ours, "theirs": theirs}[way](audio)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    kilobyte = 1024 if sys.platform == "darwin" else 1
    peaks = [one.ru_maxrss / kilobyte / 1024 for one in usage]
    print(json.dumps({"words": words, "cpu": sum(u.ru_utime + u.ru_stime for u in usage), "peaks": peaks}))


def repeated(audio: Path, seconds: int, folder: Path) -> Path:
    path = folder / f"{seconds}.wav"
    endless = chain.from_iterable(sound.blocks(audio, channels=1) for _ in iter(int, 1))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        left = seconds * 48_000
        for block in islice(endless, seconds * 2):
            part = block[:left]
            file.writeframes(np.rint(part * 32_767).astype("<i2").tobytes())
            left -= len(part)
            if not left:
                break
    return path


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def measure(label: str, run: dict[str, Any], truth: list[dict[str, Any]], seconds: float) -> None:
    words = [Word(*word) for word in run["words"]]
    rate, lost, gone = word_errors(plain(" ".join(w["w"] for w in truth)), plain(" ".join(w.word for w in words)))
    errors = [word.start - 1000 * said["start"] for said, word in pairs(truth, words)]
    late = statistics.quantiles(map(abs, errors), n=20)[-1]
    print(f"{label:15} WER {rate:.2%}, lost runs {lost} ({gone} words)")
    print(f"{'':15} words start {statistics.median(errors):+.0f} ms off in the median, p95 {late:.0f} ms")
    print(f"{'':15} {seconds / run['cpu']:.1f} s of audio a CPU second, {run['wall']:.1f} s in all")


def measure_terms(run: dict[str, Any], truth: list[dict[str, Any]], outline: Outline, names: list[str]) -> None:
    words = tuple(Word(*word) for word in run["words"])
    lexicon = Lexicon("es")
    terms = terms_of(outline, names, lexicon)
    before = Transcript("es", (Segment(0, words[-1].end, "", words),))
    after = list(correct(before, terms, lexicon).segments[0].words)
    said = [word["w"] for word in truth]
    counts = {term.text: count(term.text, said) for term in terms}
    found = [{t: min(n, count(t, [w.word for w in text])) for t, n in counts.items()} for text in (words, after)]
    rate, *_ = word_errors(plain(" ".join(said)), plain(" ".join(w.word for w in after)))
    right = {word.start for _, word in pairs(truth, list(words))}
    spoilt = [w for w in after if w.heard and w.start in right and fold(w.heard) != fold(w.word)]
    good = [sum(one.values()) for one in found]
    print(f"{'corrected':15} WER {rate:.2%}, terms {good[0]} → {good[1]} of {sum(counts.values())}")
    print(f"{'':15} {sum(bool(w.heard) for w in after)} words changed, {len(spoilt)} falsely")
    print(f"{'':15} {', '.join(f'{t} {found[1][t]}/{n}' for t, n in counts.items() if n)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=Path)
    parser.add_argument("truth", type=Path, nargs="?")
    parser.add_argument("--outline", type=Path)
    parser.add_argument("--names", default="")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--way", choices=["ours", "theirs"], help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.way:
        report_way(told.way, told.audio)
        return
    utterances = sorted(json.loads(told.truth.read_text("utf-8"))["utterances"], key=lambda one: one["start"])
    truth = [word for utterance in utterances for word in utterance["words"]]
    seconds = sum(len(block) for block in sound.blocks(told.audio, channels=1)) / 48_000
    mine, other = run_apart("ours", told.audio), run_apart("theirs", told.audio)
    measure("ours", mine, truth, seconds)
    measure("faster-whisper", other, truth, seconds)
    print(f"{'wall':15} {mine['wall'] / other['wall']:.2f} of one process with all {os.cpu_count()} threads")
    outline = parse(told.outline.read_text("utf-8")) if told.outline else Outline("", ())
    measure_terms(mine, truth, outline, [name for name in told.names.split(",") if name])
    if told.memory:
        with tempfile.TemporaryDirectory() as folder:
            for length in (600, 3600):
                main_peak, worker_peak = run_apart("ours", repeated(told.audio, length, Path(folder)))["peaks"]
                print(f"{'memory':15} {length // 60} min: {main_peak:.0f} MB, and {worker_peak:.0f} MB a worker")


if __name__ == "__main__":
    main()
