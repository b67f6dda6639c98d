// The list of cuts, and a cut by hand.
import * as cutting from "./cuts.js";
import { edit } from "./editing.js";
import { $, button, cells, complain, make, rowButton, say } from "./page.js";
import { redraw } from "./pictures.js";
import { near, player, seek, snapped } from "./place.js";
import { state } from "./state.js";
import { clock, parse, toRecording } from "./time.js";

export function listCuts() {
  const open = state.cuts.filter((row) => row.state === "offered").length;
  $("tab-cuts").textContent = open ? `Cuts (${open})` : "Cuts";
  const focused = document.activeElement?.closest?.("#cuts li")?.dataset.n;
  const none = make("li", { className: "none", textContent: "Nothing is offered to be cut, and nothing was cut by hand." });
  $("cuts").replaceChildren(...(state.cuts.length ? state.cuts.map(cutRow) : [none]));
  if (focused) ($("cuts").querySelector(`[data-n="${focused}"] button`) ?? $("cuts").lastChild.querySelector("button"))?.focus();
}

function cutRow(row, n) {
  const item = make("li", { className: row.state }), length = clock(row.end - row.start, 1), said = cutting.told(row);
  item.dataset.n = n;
  if (n === state.cutChosen) item.setAttribute("aria-current", "true");
  const at = clock(row.from, 1);
  const head = rowButton(cells((row.gone ? "✂ " : "") + at, row.why, `${length} · ${said}`),
    `${clock(row.start, 3)} to ${clock(row.end, 3)} of the recording`, `${row.why}, ${length} at ${at}, ${said}`, () => chooseCut(n));
  const acts = [["Listen", () => listen(row.from, row.to)]];
  const anew = "saving makes the sound anew";
  if (row.mark && row.state !== "cut") acts.push(["Cut", () => edit((d) => cutting.decide(d, row, false), `${length} will be cut; ${anew}`)]);
  if (row.mark && row.state !== "kept") acts.push(["Keep", () => edit((d) => cutting.decide(d, row, true), `${length} kept, and offered no more${row.gone ? `; ${anew}` : ""}`)]);
  if (row.edit) acts.push(["Take back", () => edit((d) => cutting.drop(d, row), `Taken back${row.gone ? `; ${anew}` : ""}`)]);
  item.append(head, make("div", { className: "acts" }, ...acts.map(([text, act]) => button(text, `${text}: ${row.why}, ${at}`, act))));
  return item;
}

function chooseCut(n) {
  const row = state.cuts[n];
  state.cutChosen = n;
  document.querySelectorAll("#cuts [aria-current]").forEach((item) => item.removeAttribute("aria-current"));
  $("cuts").querySelector(`[data-n="${n}"]`)?.setAttribute("aria-current", "true");
  state.window.span = Math.min(Math.max(state.window.span, (row.to - row.from) * 1.5), state.view.duration);
  seek(row.from);
  near((row.from + row.to) / 2);
}

export function nextCut() {
  const open = state.cuts.map((row, n) => (row.state === "offered" ? n : -1)).filter((n) => n >= 0);
  if (!open.length) { say("Nothing more is offered to be cut"); return; }
  $("tab-cuts").click();
  chooseCut(open.find((n) => n > state.cutChosen) ?? open[0]);
  $("cuts").querySelector("[aria-current] .acts button").focus();
}

function listen(from, to) {
  const told = to > from ? `As if ${clock(to - from, 1)} were cut` : `The join at ${clock(from, 1)}`;
  player.around(from, to).then(() => say(told), (error) => complain(error.message));
}

/** The stretch that is marked to be cut, in the programme: an edge set by the pointer, a key or a field. */
export function mark(edges) {
  const { from, to } = state.range = { ...state.range, ...edges };
  $("c-from").value = from === null ? "" : clock(from, 3);
  $("c-to").value = to === null ? "" : clock(to, 3);
  redraw();
}

export function markHere(edge) {
  const ms = snapped(state.time);
  mark({ [edge]: ms });
  say(`The cut ${edge === "from" ? "begins" : "ends"} at ${clock(ms, 1)}`);
}

/** The marked stretch, earlier edge first; null, and a word on it, where there is none. */
function marked() {
  const [from, to] = [parse($("c-from").value), parse($("c-to").value)];
  if (from === null || to === null || from === to) { say("Mark where the cut begins and ends, as in 1:02:03.5"); return null; }
  return [Math.min(from, to), Math.max(from, to)];
}

export function cutMarked() {
  const stretch = marked();
  if (!stretch) return;
  const [from, to] = stretch.map((ms) => toRecording(state.view.stretches, ms));
  if (to <= from) { say("Nothing of the talk is in there"); return; }
  edit((d) => cutting.add(d, from, to), `${clock(to - from, 1)} will be cut; saving makes the sound anew`);
  mark({ from: null, to: null });
}

$("cutting").addEventListener("submit", (event) => { event.preventDefault(); cutMarked(); });

$("cutting").addEventListener("click", (event) => ({
  from: () => markHere("from"),
  to: () => markHere("to"),
  listen: () => { const stretch = marked(); if (stretch) listen(...stretch); },
})[event.target.closest("[data-do]")?.dataset.do]?.());

for (const [id, edge] of [["c-from", "from"], ["c-to", "to"]]) $(id).addEventListener("change", () => mark({ [edge]: parse($(id).value) }));
