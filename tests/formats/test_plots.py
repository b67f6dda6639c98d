"""Figures hold what they were given, whatever it is called."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from pipeline.formats.plots import Figures, Length, draw

SVG = "{http://www.w3.org/2000/svg}"
FIGURES = Figures(
    curve=(-19.0,) * 3000,
    target=-19,
    starts=(0, 60_000, 1_500_000),
    sections=(Length("<b>Uno</b>", 60_000, 90_000), Length("Dos", 30_000, 30_000), Length("Tres", 0, 15_000)),
    plan="planned 2:15, shared out by points",
    spoken=(("A & B", 5), ("C", 9)),
)


def parsed(figures: Figures) -> etree._Element:
    return etree.fromstring(f"<all>{draw(figures)}</all>")


def texts(root: etree._Element) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter(SVG + "text")]


def test_figures_are_xml_with_every_row() -> None:
    root = parsed(FIGURES)
    assert [caption.text for caption in root.iter("figcaption")] == [
        "Loudness over time, and its target",
        "Length of each section, in a box of its plan",
        "Who spoke how much",
    ]
    assert {"<b>Uno</b>", "Dos", "Tres", "1:00", "0:30", "target -19 LUFS"} <= set(texts(root))
    assert "1:30 in all; planned 2:15, shared out by points" in texts(root)
    assert [word for word in texts(root) if "%" in word] == ["C · 64%", "A & B · 36%"]


def test_bars_and_boxes_are_to_one_scale() -> None:
    root = parsed(FIGURES)
    bars = [float(bar.get("width")) for bar in root.iter(SVG + "rect") if bar.get("class") == "bar"][:3]
    boxes = [float(box.get("width")) for box in root.iter(SVG + "rect") if box.get("class") == "plan"]
    assert [round(bars[0] / box, 2) for box in boxes] == [0.67, 2.0, 4.0]
    assert bars[2] == 0.5, "what nobody talked about is still a row"
    titles = [title.text for title in root.iter(SVG + "title")]
    assert titles[0] == "<b>Uno</b>: 1:00, planned 1:30"


def test_a_line_where_each_chapter_starts() -> None:
    lines = [line for line in parsed(FIGURES).iter(SVG + "line") if line.get("x1") == line.get("x2")]
    assert [float(line.get("x1")) for line in lines] == [7.2, 180.0]


def test_nothing_known_draws_nothing_of_it() -> None:
    bare = replace(FIGURES, curve=(), spoken=(), sections=(Length("Uno", 1),), plan="")
    assert draw(bare).count("<figure>") == 1
    assert 'class="plan"' not in draw(bare)
