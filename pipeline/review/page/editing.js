// The draft at work: every change of it, undoing and redoing, and what of it is refused.
import * as cutting from "./cuts.js";
import * as drafts from "./draft.js";
import { leave } from "./focus.js";
import { $, fault, say } from "./page.js";
import { redraw } from "./pictures.js";
import { choose, near, showTime } from "./place.js";
import { same, state, tell } from "./state.js";
import { clock, parse, toProgramme, toRecording, written } from "./time.js";

/** Everything as the draft has it, with `chosen` chosen if it is still there. */
export function arrange(chosen = state.chapters[state.chosen]) {
  state.chapters = drafts.chapters(state.draft, state.view);
  if (chosen) {
    const found = state.chapters.findIndex((c) => same(c, chosen));
    state.chosen = Math.min(found >= 0 ? found : state.chosen, state.chapters.length - 1);
  }
  const at = state.draft.cue === null ? null : parse(state.draft.cue);
  state.cueGhost = at !== null && state.draft.cue !== state.view.cue_at ? toProgramme(state.view.stretches, at) : null;
  state.cuts = cutting.rows(state.draft, state.view);
  const dirty = drafts.corrections(state.draft, state.view) !== null;
  document.body.classList.toggle("dirty", dirty);
  $("save").disabled = !dirty || state.saving;
  $("undo").disabled = !state.past.length;
  $("redo").disabled = !state.future.length;
  tell("arranged");
  showTime();
  redraw();
}

/** The draft changed; `next` finds the chapter that is to be chosen then, if it is not the one of now. */
export function edit(change, told, next = null) {
  const made = change(state.draft);
  if (made === state.draft) return;
  const moment = remember(told);
  state.draft = made;
  arrange();
  if (next) choose(next());
  moment.after = state.chapters[state.chosen];
  say(told);
}

/** What undoing goes back to: the draft to go to, what was said of it, and the chapter that keys spoke of before and after. */
export function remember(told) {
  const moment = { draft: state.draft, told, before: state.chapters[state.chosen], after: null };
  state.past.push(moment);
  state.future.length = 0;
  return moment;
}

export const undo = () => travel(state.past, state.future, { verb: "undo", done: "Undone", chosen: "before" });
export const redo = () => travel(state.future, state.past, { verb: "redo", done: "Done again", chosen: "after" });

function travel(from, to, { verb, done, chosen }) {
  if (state.saving) { say(`Saving: ${verb} again when it is done`); return; }
  leave(); // what is still being typed is a change, too: that of the chapter of now
  const moment = from.pop();
  if (moment === undefined) { say(`Nothing to ${verb}`); return; }
  to.push({ ...moment, draft: state.draft });
  state.draft = moment.draft;
  arrange(moment[chosen]);
  choose(state.chosen);
  say(`${done}: ${moment.told}`);
}

/** What others wrote meanwhile is in every draft that undoing and redoing go to: neither takes it back. */
export function rebase(base, view) {
  const order = "outline.md", same = base.read.versions[order] === view.versions[order];
  if (same && drafts.corrections(base, view) === null) return;
  const theirs = drafts.fromView(view);
  for (const moment of [...state.past, ...state.future]) moment.draft = drafts.merged(base, moment.draft, theirs).draft;
}

/** Why chapter `n` cannot start at `ms` of the programme; "" where it can, whatever chapters stand between. */
export function refusal(n, ms) {
  if (n === 0) return "The first chapter starts with the programme";
  const end = toProgramme(state.view.stretches, Infinity);
  return ms < end ? "" : `The talk ends at ${clock(end, 1)}`;
}

export function moveTo(n, ms) {
  const refused = refusal(n, ms);
  if (refused) { say(refused); return; }
  const { view, chapters } = state, recorded = toRecording(view.stretches, ms), at = toProgramme(view.stretches, recorded);
  fault("f-start", "");
  edit((d) => drafts.change(d, view, chapters[n], { recorded }), `${chapters[n].title} now starts at ${clock(at, 1)}`);
  near(state.chapters[state.chosen].start);
}

export function removeChapter(all) {
  const n = state.chosen, chapter = state.chapters[n];
  if (n === 0 && all) { say("There is nothing above the first chapter"); return; }
  if (chapter.key === null && chapter.entry === null) { say(`${chapter.title} goes by itself: it is ${chapter.why}`); return; }
  const change = all ? drafts.merge : drafts.drop;
  edit((d) => change(d, state.view, chapter), `${chapter.title} ${all ? "is part of the chapter before it now" : "dropped"}`, () => (all ? n - 1 : n));
}

export function moveSpot() {
  const spot = state.view.spots[0];
  if (!spot) { say("No spot runs in this episode"); return; }
  const free = state.pauses.find(([low, high]) => state.time >= low && state.time <= high);
  const at = $("snap").checked && free ? (free[0] + free[1]) / 2 : state.time;
  edit((d) => ({ ...d, cue: written(toRecording(state.view.stretches, at)) }), `The spot will stand at ${clock(at, 1)}; saving makes the sound anew`);
}
