// Where one is: the moment that is heard, the stretch that is looked at, the chapter that is chosen.
import { $, say } from "./page.js";
import { redraw } from "./pictures.js";
import { Player } from "./player.js";
import { state, tell } from "./state.js";
import { clock, toRecording } from "./time.js";

export const player = new Player($("audio"), moved);

// ── where one may go ─────────────────────────────────────────────────────────────────────────────────────────────────

/** The moment under the pointer in the close picture. */
export function fromX(clientX) {
  const box = $("detail").getBoundingClientRect();
  return state.window.from + ((clientX - box.left) / box.width) * state.window.span;
}

/** `ms`, or as near to it as chapter `n` gets a second from its neighbours; one that is nearer already stays free to leave. */
export function bounded(n, ms) {
  const { start } = state.chapters[n];
  const low = Math.min((state.chapters[n - 1]?.start ?? 0) + 1000, start);
  const high = Math.max((state.chapters[n + 1]?.start ?? state.view.duration) - 1000, start);
  return Math.min(Math.max(ms, low), high);
}

/** The best place to start near `ms`: 200 ms before the words, inside the pause, as Escaleta places its own. */
export const inside = ([low, high]) => Math.max(Math.min(low + 120, high), high - 200);

/** `ms`, or the pause near it where boundaries snap to them. */
export function snapped(ms, free) {
  if (!$("snap").checked || free) return ms;
  let best = ms, least = Math.max(state.window.span * 0.04, 400);
  for (const pause of state.pauses) {
    const far = Math.abs(inside(pause) - ms);
    if (far < least) { best = inside(pause); least = far; }
  }
  return best;
}

export const recordedNow = () => toRecording(state.view.stretches, snapped(state.time));

// ── where one is ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The close picture from `from` on, as far as the programme goes. */
export function scroll(from) {
  state.window.from = Math.max(Math.min(from, state.view.duration - state.window.span), 0);
}

function moved() {
  state.time = player.time;
  if (player.playing && (state.time > state.window.from + state.window.span * 0.92 || state.time < state.window.from)) {
    scroll(state.time - state.window.span * 0.1);
  }
  showTime();
  redraw();
}

export function showTime() {
  if (!state.view) return;
  $("clock").textContent = clock(state.time, state.window.span < 5000 ? 3 : 1);
  $("play").textContent = player.playing ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", player.playing ? "Pause" : "Play");
  const here = state.chapters.findLastIndex((c) => c.start <= state.time + 1);
  $("now").textContent = state.chapters[here]?.title ?? "";
  const sentence = sentenceAt(state.time);
  if (sentence !== state.sentence) {
    $("captions").children[state.sentence]?.removeAttribute("aria-current");
    state.sentence = sentence;
    const item = $("captions").children[sentence];
    item?.setAttribute("aria-current", "true");
    if (item && !$("captions").contains(document.activeElement)) follow(item);
  }
}

/** A sentence brought into view. */
function follow(item) {
  const box = $("captions").parentElement, there = () => { box.scrollTop = item.offsetTop - box.clientHeight * 0.35; };
  there();
  // How high the sentences around it are is known only once they are drawn.
  requestAnimationFrame(() => requestAnimationFrame(() => { if (item.matches("[aria-current]")) there(); }));
}

/** The sentence that is heard at `ms`, or was last; -1 before the first. */
function sentenceAt(ms) {
  const { captions } = state.view;
  let low = 0, high = captions.length;
  while (low < high) { const m = (low + high) >> 1; if (captions[m].start <= ms) low = m + 1; else high = m; }
  return low - 1;
}

export function seek(ms) {
  player.time = Math.min(Math.max(ms, 0), state.view.duration);
  moved();
}

/** By so many ms; where nothing is heard that tells how far one got, it is said. */
export function wind(by) {
  seek(state.time + by);
  if (!player.playing) say(clock(state.time, 1));
}

/** `ms` in the close picture, moved there if it must. */
export function near(ms) {
  const { window } = state;
  if (ms < window.from + window.span * 0.1 || ms > window.from + window.span * 0.9) {
    scroll(ms - window.span / 2);
  }
  redraw();
}

/** To a moment, and what is around it in view. */
export function goTo(ms) {
  seek(ms);
  near(ms);
}

export function zoom(factor, around = state.time) {
  const { window, view } = state;
  const span = Math.min(Math.max(window.span * factor, 10), view.duration);
  const inside = around >= window.from && around <= window.from + window.span ? around : window.from + window.span / 2;
  const share = (inside - window.from) / window.span;
  window.span = span;
  scroll(inside - share * span);
  showTime();
  redraw();
}

export function choose(n) {
  state.chosen = Math.min(Math.max(n, 0), state.chapters.length - 1);
  state.looked = null;
  tell("chosen");
  redraw();
}

export function step(by) {
  const here = state.chapters.findLastIndex((c) => c.start <= state.time + 50);
  const n = Math.min(Math.max((Math.abs(state.time - state.chapters[here]?.start) > 1500 && by < 0 ? here + 1 : here) + by, 0), state.chapters.length - 1);
  choose(n);
  goTo(state.chapters[n].start);
  say(`${state.chapters[n].title}, ${clock(state.chapters[n].start)}`);
}

/** To the next sentence; back to the beginning of this one, and from there to the one before. */
export function stepSentence(by) {
  const { captions } = state.view, here = sentenceAt(state.time + 1), inside = by < 0 && state.time - captions[here]?.start > 1000;
  const n = Math.min(Math.max(inside ? here : here + by, 0), captions.length - 1);
  if (n < 0) { say("Nothing is said"); return; }
  goTo(captions[n].start);
  if (!player.playing) say(`${clock(captions[n].start, 1)}: ${$("captions").children[n]?.querySelector(".text").textContent ?? ""}`);
}

let edge = -1;

/** To the edges of the spots, one after the other, sample by sample. */
export function splice() {
  const edges = state.view.spots.flatMap((spot) => [spot.start, spot.end]);
  if (!edges.length) { say("No spot runs in this episode"); return; }
  edge = (edge + 1) % edges.length;
  state.window = { from: Math.max(edges[edge] - 25, 0), span: 50 };
  seek(edges[edge]);
  say(`${edge % 2 ? "End" : "Start"} of the spot, ${clock(edges[edge], 3)}`);
}
