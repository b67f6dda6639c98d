// The form of the chosen chapter, and what its buttons do.
import * as drafts from "./draft.js";
import { edit, moveTo, refusal, removeChapter } from "./editing.js";
import { leave } from "./focus.js";
import { placeList } from "./order.js";
import { $, fault, say } from "./page.js";
import { recordedNow, snapped } from "./place.js";
import { state } from "./state.js";
import { clock, parse } from "./time.js";

const TEXTS = [["f-title", (c) => c.title], ["f-start", (c) => clock(c.start, 3)], ["f-url", (c) => c.url ?? ""], ["f-image", (c) => c.image ?? ""]];
const CHECKED = ["f-start", "f-url"];

export function inspect() {
  const chapter = state.chapters[state.chosen];
  $("inspector").hidden = !chapter;
  if (!chapter || $("inspector").contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
  // What was refused stays, to be mended.
  for (const [id, text] of TEXTS) if (!$(id).matches("[aria-invalid=true]")) $(id).value = text(chapter);
  $("f-start").disabled = state.chosen === 0;
  $("f-rec").textContent = `${clock(chapter.recorded_at, 3)} in the recording`;
  $("f-why").textContent = chapter.why;
  $("f-why").className = chapter.review ? "review" : "";
  $("f-right").hidden = !chapter.review;
  $("f-elsewhere").replaceChildren(...(chapter.elsewhere?.length && state.chosen > 0
    ? [placeList(chapter.elsewhere, chapter.title, (one, ms) => moveTo(state.chosen, ms))] : []));
}

export function addHere() {
  const recorded = recordedNow();
  const used = new Set(state.chapters.map((c) => c.title));
  let title = "New chapter";
  for (let n = 2; used.has(title); n++) title = `New chapter ${n}`;
  edit((d) => drafts.add(d, recorded, title), `New chapter at ${clock(state.time, 1)}`, () => state.chapters.findIndex((c) => c.title === title));
  $("f-title").focus();
  $("f-title").select();
}

function field(id, name, read = (text) => text.trim()) {
  $(id).addEventListener("change", () => {
    const value = read($(id).value), n = state.chosen, chapter = state.chapters[n];
    if (value === null || (chapter[name] ?? "") === value) return;
    edit((d) => drafts.change(d, state.view, chapter, { [name]: value }), `${name} of ${chapter.title} changed`);
  });
}

field("f-title", "title", (text) => text.trim() || null);

/** An address that chapters.yaml takes, or none. */
const addressed = (text) => text === "" || (/^https?:\/\/(?![/?#:@])[!-~]+$/i.test(text) && URL.canParse(text));

const link = (text) => {
  const good = addressed(text.trim());
  fault("f-url", good ? "" : "Write a web address as in https://example.org/page, in ASCII and without spaces");
  return good ? text.trim() : null;
};

field("f-url", "url", link);
field("f-image", "image");

$("f-start").addEventListener("change", () => {
  const ms = parse($("f-start").value);
  const wrong = ms === null ? "Write a time as in 1:02:03.5" : refusal(state.chosen, ms);
  fault("f-start", wrong);
  if (!wrong) moveTo(state.chosen, ms);
});

$("inspector").addEventListener("submit", (event) => event.preventDefault());
$("inspector").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing && event.target.matches("input")) { event.preventDefault(); leave(); } });
$("inspector").addEventListener("click", (event) => ACTS[event.target.closest("button")?.dataset.do]?.());

export const ACTS = {
  right: () => {
    const chapter = state.chapters[state.chosen];
    if (chapter.review) edit((d) => drafts.confirm(d, state.view, chapter), `${chapter.title} is right where it is`);
    else say(`${chapter.title} needs no look`);
  },
  here: () => moveTo(state.chosen, snapped(state.time)),
  merge: () => removeChapter(true),
  drop: () => removeChapter(false),
  revert: () => {
    const chapter = state.chapters[state.chosen];
    if (chapter.key === null) removeChapter(false);
    else edit((d) => drafts.revert(d, chapter.key), `${chapter.title} goes back to where it was found`);
  },
};

/** What one looks at is right as it is: a chapter where it stands, or a section that was left out. */
export function right() {
  const out = state.looked && $("order").querySelector(`.absent[data-key="${CSS.escape(state.looked)}"] [data-do=leave]`);
  if (out) out.click(); else ACTS.right();
}

/** Another chapter in the form: what was refused of the last one is no longer there to be mended. */
export function inspectAnew() {
  CHECKED.forEach((id) => fault(id, ""));
  inspect();
}
