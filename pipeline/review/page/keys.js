// Keys, and the buttons that do the same.
import { nudge } from "./boundaries.js";
import { coming, correctWords } from "./captions.js";
import { cutMarked, markHere, nextCut } from "./cutlist.js";
import { moveSpot, redo, undo } from "./editing.js";
import { leave } from "./focus.js";
import { ACTS, addHere, right } from "./inspector.js";
import { nextLook } from "./order.js";
import { $, make, say } from "./page.js";
import { near, player, seek, splice, step, stepSentence, wind, zoom } from "./place.js";
import { save } from "./saving.js";
import { state } from "./state.js";

const KEYS = [
  [" ", "play, pause", () => player.toggle()],
  ["ArrowLeft", "back 5 s (shift: 0.5 s)", (e) => wind(e.shiftKey ? -500 : -5000)],
  ["ArrowRight", "on 5 s (shift: 0.5 s)", (e) => wind(e.shiftKey ? 500 : 5000)],
  ["n", "next chapter", () => step(1)],
  ["p", "previous chapter", () => step(-1)],
  [".", "next sentence", () => stepSentence(1)],
  [",", "this sentence again, then the one before", () => stepSentence(-1)],
  ["+", "closer", () => zoom(0.5)],
  ["-", "further away", () => zoom(2)],
  ["0", "the whole programme", () => zoom(1e9)],
  ["l", "the next that wants a look", () => nextLook()],
  ["y", "it is right where it is, or left out", () => right()],
  ["z", "this chapter's boundary up close", () => { state.window.span = 8000; state.window.from = -1; near(state.chapters[state.chosen].start); seek(state.chapters[state.chosen].start); }],
  ["x", "the spot's edges, sample by sample: next", () => splice()],
  ["[", "the boundary earlier, to the pause before (shift: 10 ms)", (e) => nudge(-1, e.shiftKey)],
  ["]", "the boundary later, to the next pause (shift: 10 ms)", (e) => nudge(1, e.shiftKey)],
  ["s", "snap to pauses, or not", () => { $("snap").click(); say($("snap").checked ? "Boundaries snap to pauses" : "Boundaries go anywhere"); }],
  ["g", "the boundary to where the sound is", () => ACTS.here()],
  ["Enter", "rename", () => { $("f-title").focus(); $("f-title").select(); }],
  ["a", "a new chapter here", () => addHere()],
  ["m", "merge with the chapter before", () => ACTS.merge()],
  ["d", "drop the section", () => ACTS.drop()],
  ["c", "correct the words that are heard", () => correctWords(Math.max(state.sentence, 0))],
  ["i", "a cut begins here", () => markHere("from")],
  ["e", "… and ends here", () => markHere("to")],
  ["k", "cut what is marked", () => cutMarked()],
  ["j", "the next stretch that is offered to be cut", () => nextCut()],
  ["o", "the spot here", () => moveSpot()],
  ["u", "undo", () => undo()],
  ["r", "redo what was undone", () => redo()],
  ["w", "save and republish", () => save()],
  ["?", "these keys", () => $("help").showModal()],
];

const bound = new Map(KEYS.map(([key, , act]) => [key, act]));
bound.set("=", bound.get("+"));
bound.set("{", () => nudge(-1, true));
bound.set("}", () => nudge(1, true));
$("keys").append(...KEYS.flatMap(([key, text]) => [make("dt", {}, make("kbd", { textContent: { " ": "space", ArrowLeft: "←", ArrowRight: "→" }[key] ?? key })), make("dd", { textContent: text })]));

/** What Ctrl, or ⌘, and a key do: as everywhere, so it works while one types. */
const CHORDS = { s: save, z: undo, "shift+z": redo, y: redo };

const chorded = (event) =>
  (event.ctrlKey || event.metaKey) && !event.altKey ? CHORDS[(event.shiftKey ? "shift+" : "") + event.key.toLowerCase()] : undefined;

// What moves goes on while its key is held; every other command acts once.
const MOVING = new Set(["ArrowLeft", "ArrowRight", "n", "p", ".", ",", "+", "=", "-", "[", "]", "{", "}", "l", "j", "x"]);

let acted = null;
addEventListener("keyup", () => { acted = null; }, true);

addEventListener("keydown", (event) => {
  if (!event.repeat) { acted = null; return; }
  // Nor is a held key typed into the field that it opened, or pressed again on the button that Enter found.
  if (event.code !== acted && !(event.key === "Enter" && event.target.matches("button"))) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

addEventListener("keydown", (event) => {
  const chord = chorded(event);
  if (chord) { event.preventDefault(); if (!event.repeat) chord(); return; }
  const target = event.target;
  if (event.key === "Escape" && target.matches("input, textarea, select")) { leave(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input:not([type=checkbox]), textarea, select") || $("help").open) return;
  if (target.matches("button, [type=checkbox]") && (event.key === " " || event.key === "Enter") && !target.matches(".grip")) return;
  const act = bound.get(event.key);
  if (!act || !state.view) return;
  event.preventDefault();
  const moving = MOVING.has(event.key);
  if (!moving) acted = event.code;
  // What is typed before a sentence's box is there is meant for it, and no command.
  if (!coming && (moving || !event.repeat)) act(event);
});

for (const [id, act] of [["play", () => player.toggle()], ["undo", undo], ["redo", redo], ["save", save], ["in", () => zoom(0.5)], ["out", () => zoom(2)], ["fit", () => zoom(1e9)], ["helpme", () => $("help").showModal()]]) $(id).addEventListener("click", act);

$("speed").addEventListener("change", () => {
  $("audio").playbackRate = +$("speed").value;
  if (!$("speed").matches(":focus-visible")) leave();
});
