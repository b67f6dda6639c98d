"""How well the aligner places sections, on folders of cases (`alignment_cases.read` says what a case is).

python benchmarks/alignment.py predict CASES_DIR OUT.json   what the product does, for others to score
python benchmarks/alignment.py report CASES_DIR...          each folder beside the baselines
python benchmarks/alignment.py cost                         CPU time by length and number of sections

A folder of scripts (`alignment_talks` says what one is) is read as cases too: nobody has trained on `talks/es-aside`
and `talks/en-aside`.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from alignment_baselines import BASELINES
from alignment_cases import Case, read_all
from alignment_scores import Guess, quintiles, row
from alignment_talks import scripts

from pipeline.alignment import Embedder, place
from pipeline.model import Section, Segment
from pipeline.timecode import to_seconds
from pipeline.tools.embedding import sentence_model


def cases_of(folder: Path) -> list[Case]:
    """Every case or script of a folder."""
    return list(scripts(folder) if any(folder.glob("*.txt")) else read_all(folder))


def aligned(case: Case, embed: Embedder | None) -> dict[int, Guess]:
    """A case as the product aligns it."""
    marks = place(case.sections, case.segments, language=case.language, embed=embed)
    return {mark.section_index: Guess(mark.start, mark.confidence) for mark in marks if mark.start is not None}


def predict(folder: Path, out: Path) -> None:
    """Write `{case id: [{section_index, start, confidence}]}`, seconds, for every case of a folder."""
    embed = sentence_model()
    predictions = {
        case.id: [
            {"section_index": section, "start": to_seconds(guess.start), "confidence": guess.confidence}
            for section, guess in aligned(case, embed).items()
        ]
        for case in cases_of(folder)
    }
    out.write_text(json.dumps(predictions, indent=1), "utf-8")


def report(folders: Sequence[Path]) -> None:
    """A Markdown table for each folder."""
    for folder in folders:
        cases = cases_of(folder)
        methods = {
            name: [{section: Guess(start) for section, start in method(case).items()} for case in cases]
            for name, method in BASELINES.items()
        }
        methods["the aligner, by words"] = [aligned(case, None) for case in cases]
        embed = sentence_model()
        methods["the aligner"] = [aligned(case, embed) for case in cases]
        rows = {name: row(cases, guesses) for name, guesses in methods.items()}
        columns = list(next(iter(rows.values())))
        print(f"\n{folder}\n\n| method | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
        for name, values in rows.items():
            print(f"| {name} | {' | '.join(_figure(column, values[column]) for column in columns)} |")
        fifths = [
            f"{sure:.0f}/{near:.0f}/{about:.0f}" for sure, near, about in quintiles(cases, methods["the aligner"])
        ]
        print(f"\nby fifths, the surest first: confidence/within 15 s/within 30 s: {', '.join(fifths)}", flush=True)


def _figure(column: str, value: float) -> str:
    return "" if math.isnan(value) else f"{value:.0f}" if column == "boundaries" else f"{value:.1f}"


def cost() -> None:
    """CPU seconds of made-up talks, with and without meaning, in a language that has two sets of weights."""
    models: dict[str, Embedder | None] = {"by words": None}
    if embed := sentence_model():
        embed(["warm"])
        models["by words and meaning"] = embed
    print("| hours | sections | evidence | CPU s |\n|---:|---:|---|---:|")
    for hours, sections in ((1, 20), (1, 50), (2, 50), (2, 100), (4, 100), (4, 200)):
        case = made_up(hours, sections)
        for name, model in models.items():
            began = time.process_time()
            place(case.sections, case.segments, language="en", embed=model)
            print(f"| {hours} | {sections} | {name} | {time.process_time() - began:.1f} |", flush=True)


def made_up(hours: int, count: int) -> Case:
    """A talk of so many hours and sections: words of each section's own among words of all, 800 sentences an hour."""
    random = Random(count)
    words = [
        "".join(random.choices("aeiou", k=1)[0] + random.choice("bdlmnrst") for _ in range(3)) for _ in range(4000)
    ]
    topics = [random.sample(words, 12) for _ in range(count)]
    segments = []
    for n in range(800 * hours):
        topic = topics[n * count // (800 * hours)]
        said = " ".join(random.choices(topic, k=4) + random.choices(words, k=8))
        segments.append(Segment(n * 4500, n * 4500 + 4300, f"{said}{random.choice('.....?')}"))
    plain = Section(0, 2, "", ())
    sections = (
        replace(plain, index=n, title=" ".join(topic[:2]), body=(" ".join(topic[2:7]),))
        for n, topic in enumerate(topics)
    )
    return Case("made up", "es", tuple(sections), tuple(segments), {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("predict", help="align every case of a folder")
    command.add_argument("folder", type=Path)
    command.add_argument("out", type=Path)
    command.set_defaults(run=lambda given: predict(given.folder, given.out))
    command = commands.add_parser("report", help="score folders beside the baselines")
    command.add_argument("folders", type=Path, nargs="+")
    command.set_defaults(run=lambda given: report(given.folders))
    command = commands.add_parser("cost", help="CPU time by length and number of sections")
    command.set_defaults(run=lambda given: cost())
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
