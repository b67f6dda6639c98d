"""The aligner: where each section of a running order starts in a talk, how surely, and why.

Evidence (`boundary`, `matching`, `evidence`) becomes scores by learned weights (`model`), a sum over every way the talk
can have followed the plan (`lattice`, `order`), one start for each section (`decoding`) and its `confidence`.
"""

from pipeline.alignment.explanation import Clue, Explanation
from pipeline.alignment.language import Phrases
from pipeline.alignment.marks import explain, place
from pipeline.alignment.snapping import snap
from pipeline.alignment.talk import Embedder

__all__ = ["Clue", "Embedder", "Explanation", "Phrases", "explain", "place", "snap"]
