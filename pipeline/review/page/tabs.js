// The panels at the side.
import { $ } from "./page.js";

const TABS = [["tab-order", "order-panel"], ["tab-cuts", "cuts-panel"], ["tab-plots", "plots"]];

for (const [tab, panel] of TABS) {
  $(tab).addEventListener("click", () => {
    for (const [t, p] of TABS) { $(t).setAttribute("aria-selected", t === tab); $(t).tabIndex = t === tab ? 0 : -1; $(p).hidden = p !== panel; }
    if (panel === "plots") plots();
  });
}

const TAB_KEYS = { ArrowLeft: (n) => n - 1, ArrowRight: (n) => n + 1, Home: () => 0, End: () => -1 };

$("tabs").addEventListener("keydown", (event) => {
  const there = TAB_KEYS[event.key]?.(TABS.findIndex(([tab]) => tab === event.target.id));
  if (there === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  const tab = $(TABS.at(there % TABS.length)[0]);
  tab.click();
  tab.focus();
});

async function plots() {
  const text = await (await fetch("api/plots")).text();
  $("plots").replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
}
