"""How well the aligner places sections, on folders of cases (`alignment_cases.read` says what a case is).

python benchmarks/alignment.py predict CASES_DIR OUT.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from alignment_cases import Case, read_all

from pipeline.alignment import Embedder, place
from pipeline.timecode import to_seconds
from pipeline.tools.embedding import sentence_model

Prediction = list[dict[str, float]]


def predicted(case: Case, embed: Embedder | None) -> Prediction:
    """A case as the product aligns it."""
    marks = place(case.sections, case.segments, language=case.language, embed=embed)
    return [
        {"section_index": mark.section_index, "start": to_seconds(mark.start), "confidence": mark.confidence}
        for mark in marks
    ]


def predict(folder: Path, out: Path) -> None:
    """Write `{case id: [{section_index, start, confidence}]}`, seconds, for every case of a folder."""
    embed = sentence_model()
    predictions = {case.id: predicted(case, embed) for case in read_all(folder)}
    out.write_text(json.dumps(predictions, indent=1), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("predict", help="align every case of a folder")
    command.add_argument("folder", type=Path)
    command.add_argument("out", type=Path)
    command.set_defaults(run=lambda given: predict(given.folder, given.out))
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
