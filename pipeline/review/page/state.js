// What the page knows, and who is told when it changes: what shows it is not known to what changes it.

export const state = {
  view: null, draft: null, past: [], future: [], chapters: [], chosen: 0, time: 0, window: { from: 0, span: 60000 },
  waveform: null, pauses: [], voices: [], cueGhost: null, cuts: [], cutChosen: -1,
  range: { from: null, to: null }, looked: null, sentence: -1, saving: false, question: null,
};

/** Whether two are one chapter: that of a section, or one of the editor's own. */
export const same = (a, b) => a.key === b.key && (a.key !== null || (a.entry === b.entry && a.title === b.title));

const acts = { arranged: [], chosen: [], drawn: [], shown: [] };

/** Have something done whenever the draft was arranged, a chapter chosen, the pictures drawn, or the server's word shown. */
export const on = (event, act) => acts[event].push(act);

/** Have it done now. */
export const tell = (event) => acts[event].forEach((act) => act());
