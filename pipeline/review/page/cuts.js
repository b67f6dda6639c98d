// Cuts: what is offered, what was decided, and what is no longer heard. Times in ms of the recording.
import { toProgramme, written } from "./time.js";

/** The entry that decides an offer: the first that holds its middle. */
const wordOn = (mark, edits) => {
  const middle = Math.floor((mark.start + mark.end) / 2);
  return edits.find((edit) => edit.start_ms <= middle && middle < edit.end_ms) ?? null;
};

/** How much of a stretch of the recording is in the programme, in ms. */
const heard = (stretches, from, to) =>
  stretches.reduce((sum, [low, high]) => sum + Math.max(Math.min(high, to) - Math.max(low, from), 0), 0);

/** Every offer and every entry, in order; with where it stands, or stood, in the programme. */
export function rows(draft, view) {
  const decided = view.offers.map((mark) => [mark, wordOn(mark, draft.cuts)]);
  const open = decided.filter(([, edit]) => !edit).map(([mark]) => row(view, mark.start, mark.end, mark, null));
  const said = draft.cuts.map((edit) => row(view, edit.start_ms, edit.end_ms, decided.find(([, e]) => e === edit)?.[0] ?? null, edit));
  return [...open, ...said].sort((a, b) => a.start - b.start || a.end - b.end);
}

function row(view, start, end, mark, edit) {
  const state = edit ? (edit.keep ? "kept" : "cut") : "offered";
  const gone = heard(view.stretches, start, end) < (end - start) / 2;
  return { start, end, mark, edit, state, gone, why: mark?.why ?? "by hand", from: toProgramme(view.stretches, start), to: toProgramme(view.stretches, end) };
}

/** What is to be said of a row: whether it is out already, or will be, or comes back. */
export const told = ({ state, gone }) =>
  state === "cut" ? (gone ? "cut" : "will be cut") : gone ? "comes back" : state === "kept" ? "kept" : "offered";

const entry = (start, end, keep) => ({ start: written(start), end: written(end), keep, start_ms: Math.round(start), end_ms: Math.round(end) });

/** The draft with an offer accepted, or refused. */
export function decide(draft, { mark, edit }, keep) {
  const word = entry(mark.start, mark.end, keep);
  return { ...draft, cuts: edit ? draft.cuts.map((one) => (one === edit ? word : one)) : [...draft.cuts, word] };
}

/** The draft with a cut of the editor's own. */
export const add = (draft, start, end) => ({ ...draft, cuts: [...draft.cuts, entry(start, end, false)] });

/** The draft without what was said of a row. */
export const drop = (draft, { edit }) => ({ ...draft, cuts: draft.cuts.filter((one) => one !== edit) });
