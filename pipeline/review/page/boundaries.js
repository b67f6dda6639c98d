// The boundaries up close, to be dragged and nudged.
import * as drafts from "./draft.js";
import { arrange, edit, moveTo } from "./editing.js";
import { leave } from "./focus.js";
import { $, make, say } from "./page.js";
import { bounded, choose, fromX, inside, snapped } from "./place.js";
import { same, state } from "./state.js";
import { clock, toRecording } from "./time.js";

/** The boundaries in view as things that can be grabbed, focused and nudged. */
export function grips() {
  const box = $("handles"), width = $("detail").clientWidth, { from, span } = state.window, wanted = new Set();
  state.chapters.forEach((chapter, n) => {
    if (n === 0 || chapter.start < from || chapter.start > from + span) return;
    wanted.add(String(n));
    const grip = box.querySelector(`[data-n="${n}"]`) ?? box.appendChild(newGrip(n));
    grip.style.left = `${((chapter.start - from) / span) * width}px`;
    grip.setAttribute("aria-valuenow", Math.round(chapter.start));
    grip.setAttribute("aria-valuetext", `${chapter.title} starts at ${clock(chapter.start, 1)}`);
    grip.classList.toggle("chosen", n === state.chosen);
    grip.tabIndex = n === state.chosen ? 0 : -1;
  });
  for (const grip of [...box.children]) if (!wanted.has(grip.dataset.n)) grip.remove();
}

function newGrip(n) {
  const grip = make("button", { className: "grip", type: "button" });
  grip.dataset.n = n;
  grip.setAttribute("role", "slider");
  grip.setAttribute("aria-label", "Chapter boundary");
  grip.setAttribute("aria-valuemin", 0);
  grip.setAttribute("aria-valuemax", state.view.duration);
  grip.addEventListener("pointerdown", (event) => drag(event, grip, +grip.dataset.n));
  grip.addEventListener("focus", () => choose(+grip.dataset.n));
  grip.addEventListener("keydown", nudgedByArrow);
  return grip;
}

function drag(event, grip, number) {
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const grabbed = state.chapters[number];
  leave();
  const n = Math.max(state.chapters.findIndex((c) => same(c, grabbed)), 0);
  choose(n);
  const before = state.draft, chapter = state.chapters[n], beside = fromX(event.clientX) - chapter.start;
  let left = false;
  const move = (e) => {
    const target = bounded(n, snapped(fromX(e.clientX) - beside, e.altKey));
    if (!left && Math.abs(e.clientX - event.clientX) < 3) return;
    left = true;
    state.draft = drafts.change(before, state.view, chapter, { recorded: toRecording(state.view.stretches, target) });
    arrange();
  };
  const up = () => {
    grip.removeEventListener("pointermove", move);
    if (!left) return;
    const made = state.draft;
    state.draft = before;
    edit(() => made, `${chapter.title} now starts at ${clock(state.chapters[n].start, 1)}`);
  };
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", up, { once: true });
  grip.addEventListener("pointercancel", up, { once: true });
}

export function nudge(by, fine) {
  const n = state.chosen, now = state.chapters[n].start, snaps = $("snap").checked && !fine;
  const to = snaps ? pauseBeside(n, by) : bounded(n, now + by * (fine ? 10 : 100));
  if (to === undefined && n > 0) say(state.waveform ? NO_PAUSE[by] : "The pauses are not known yet: the sound is still being drawn");
  else moveTo(n, to);
}

/** On a boundary itself arrows move it, as they do any slider. */
function nudgedByArrow(event) {
  const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  nudge(by, event.shiftKey);
}

const NO_PAUSE = { [-1]: "No pause between the chapter before and here", 1: "No pause between here and the end of the chapter" };

/** Where chapter `n` may start in the pause after its boundary, or the one before; undefined where its neighbours leave none. */
function pauseBeside(n, by) {
  const now = state.chapters[n].start;
  const places = state.pauses.map(inside).filter((ms) => (ms - now) * by > 20 && bounded(n, ms) === ms);
  return by > 0 ? places[0] : places.at(-1);
}
