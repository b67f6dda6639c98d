"""Figures hold what they were given, whatever it is called."""

from __future__ import annotations

from lxml import etree

from pipeline.formats import plots


def test_figures_are_xml_with_every_row() -> None:
    text = plots.figures(
        [-19.0] * 3000, -19, [("<b>Uno</b>", 60_000), ("Dos", 30_000)], 120_000, [("A & B", 5), ("C", 9)]
    )
    root = etree.fromstring(f"<all>{text}</all>")
    assert [caption.text for caption in root.iter("figcaption")] == [
        "Loudness over time, and its target",
        "Length of each section, and its even share of the plan",
        "Who spoke how much",
    ]
    words = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"<b>Uno</b>", "Dos", "1:00", "0:30", "1:30 in all, 2:00 planned", "target -19 LUFS"} <= set(words)
    assert [word for word in words if "%" in word] == ["C · 64%", "A & B · 36%"]


def test_nothing_known_draws_nothing_of_it() -> None:
    assert plots.figures(None, -16, [("Uno", 1)], None, []).count("<figure>") == 1
    assert "<script>" not in plots.document("<script>", "")
