"""The page's modules import one way only, and the browser fetches all of them at once."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from importlib import resources

PAGE = resources.files("pipeline.review") / "page"
VALUES = {"cuts.js", "draft.js", "rewording.js", "time.js"}


def imports() -> dict[str, set[str]]:
    """What each module imports."""
    texts = {file.name: file.read_text("utf-8") for file in PAGE.iterdir() if file.name.endswith(".js")}
    return {name: set(re.findall(r'^import .*?"\./(.+?)";', text, re.MULTILINE)) for name, text in texts.items()}


def test_no_module_imports_what_imports_it() -> None:
    found = imports()
    order = list(TopologicalSorter(found).static_order())  # raises CycleError
    assert set(order) == set(found)
    assert order[-1] == "desk.js"


def test_values_know_nothing_of_the_page() -> None:
    found = imports()
    assert {other for name in VALUES for other in found[name]} <= VALUES


def test_all_are_fetched_at_once() -> None:
    preloaded = re.findall(r'rel="modulepreload" href="(.+?)"', (PAGE / "index.html").read_text("utf-8"))
    assert sorted(preloaded) == sorted(imports().keys() - {"desk.js"})
