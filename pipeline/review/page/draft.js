// The editor's word as values: every change makes a new draft, so undoing is going back to the one before.
import { written, toProgramme, toRecording } from "./time.js";

const FIELDS = ["section", "title", "start", "url", "image", "drop", "merge"];
const SWITCHES = ["drop", "merge"];
const bare = (entry) => JSON.stringify(FIELDS.map((name) => entry[name] || null));
const startOf = (entry) => entry.start_ms;

/** The draft that an episode's files hold, and the view that it was read from: one that is undone may be older than the page's. */
export function fromView(view) {
  return named({ entries: view.entries, words: view.words, cuts: view.cuts, cue: view.cue_at, read: view });
}

/** A draft whose entries are called as those of the same draft are that comes back from the server: by what they speak of. */
export function named(draft) {
  const seen = new Map();
  const entries = draft.entries.map((entry) => {
    const id = entry.section !== null ? `s:${entry.key ?? `?${entry.section}`}` : `o:${entry.title}@${entry.start_ms}`;
    const count = seen.get(id) ?? 0;
    seen.set(id, count + 1);
    return { ...entry, id: count ? `${id}#${count}` : id };
  });
  return { ...draft, entries };
}

/** The section of a key in the running order of `view`. */
const sectionOf = (view, key) => view.sections.find((section) => section.key === key);

/** Whether an entry speaks of a section that was taken out of the running order: it waits, and is written when that is back. */
const left = (entry, view) => Boolean(entry.key) && !sectionOf(view, entry.key);

/** What the server is to write: only the files that differ from what it told. */
export function corrections(draft, view) {
  const before = fromView(view), made = { base: view.versions }, entries = draft.entries.filter((entry) => !left(entry, view));
  if (!sameEntries(entries, before.entries)) {
    made.chapters = entries.map((entry) => Object.fromEntries(FIELDS.map((n) => [n, entry[n] || (SWITCHES.includes(n) ? false : null)])));
  }
  const words = draft.words.map(({ at, heard, say }) => ({ at, heard, say }));
  if (JSON.stringify(words) !== JSON.stringify(before.words)) made.words = words;
  if (JSON.stringify(draft.cuts) !== JSON.stringify(before.cuts)) made.cuts = draft.cuts.map(({ start, end, keep }) => ({ start, end, keep }));
  if (draft.cue !== before.cue) made.cue = { at: draft.cue };
  return Object.keys(made).length > 1 ? made : null;
}

const sameEntries = (a, b) => a.length === b.length && a.every((entry, n) => bare(entry) === bare(b[n]));

/** The chapters as they will be: those that the server told of when the draft was read, under the entries that changed since. */
export function chapters(draft, view) {
  const before = fromView(draft.read).entries, old = new Map(before.map((entry) => [entry.id, entry]));
  const kept = new Set(draft.entries.map((entry) => entry.id));
  let list = draft.read.chapters.map((c) => ({ ...c, entry: c.entry === null ? null : before[c.entry].id }));
  for (const gone of before.filter((entry) => !kept.has(entry.id))) {
    list = gone.section === null ? list.filter((c) => c.entry !== gone.id)
      : list.map((c) => (c.key === gone.key ? { ...c, entry: null, pending: true } : c));
  }
  const changed = draft.entries.filter((entry) => !old.has(entry.id) || bare(old.get(entry.id)) !== bare(entry));
  for (const entry of changed) list = under(list, entry, view);
  list.sort((a, b) => a.recorded_at - b.recorded_at);
  for (const entry of changed.filter((one) => one.merge)) list = joined(list, entry);
  list.forEach((c, n) => { c.start = n ? toProgramme(view.stretches, c.recorded_at) : 0; });
  list.forEach((c, n) => { c.end = list[n + 1]?.start ?? view.duration; });
  return list;
}

/** A list of chapters with one entry applied. */
function under(list, entry, view) {
  const own = entry.section === null;
  const place = list.findIndex((c) => (own ? c.entry === entry.id : c.key !== null && c.key === entry.key));
  if (entry.drop) return list.flatMap((c, n) => (n === place ? promoted(c) : [c]));
  if (place < 0) {
    const together = (c) => c.recorded_at === startOf(entry) && c.includes.some((one) => one.key === entry.key);
    if (!own && list.some(together)) return list;
    list = list.map((c) => ({ ...c, includes: c.includes.filter((one) => one.key !== entry.key) }));
    const section = sectionOf(view, entry.key);
    if (startOf(entry) === null || (!own && !section)) return list;
    return [...list, {
      title: entry.title || section?.title, recorded_at: startOf(entry), key: entry.key,
      confidence: 1, why: "set by hand", review: false, url: entry.url, image: entry.image, includes: [], elsewhere: [], entry: entry.id,
    }];
  }
  const c = list[place], next = {
    ...c, entry: entry.id, title: entry.title || c.title, url: entry.url || c.url, image: entry.image || c.image, review: false,
    ...(startOf(entry) === null ? {} : { recorded_at: startOf(entry), why: "set by hand", confidence: 1, elsewhere: [] }),
  };
  return list.map((one, n) => (n === place ? next : one));
}

/** A list, in order, with the chapter of a merged section as a part of the one before it. */
function joined(list, entry) {
  const place = list.findIndex((c) => c.key === entry.key);
  if (place < 1) return list;
  const c = list[place], above = list[place - 1], part = { key: c.key, title: c.title, path: c.path, confidence: c.confidence };
  return list.toSpliced(place - 1, 2, { ...above, includes: [...above.includes, part, ...c.includes] });
}

/** What is left of a dropped chapter: the first of those listed under it. */
function promoted(c) {
  const [first, ...rest] = c.includes;
  return first ? [{ ...c, ...first, why: "was listed under another", includes: rest, entry: null }] : [];
}

// ── changes ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The draft with an entry on a section changed, or begun. */
function onSection(draft, view, key, change) {
  const old = draft.entries.find((entry) => entry.section !== null && entry.key === key);
  const base = old ?? { id: `s:${key}`, section: sectionOf(view, key).name, key, title: null, start: null, start_ms: null, url: null, image: null, drop: false, merge: false };
  return put(draft, { ...base, ...change });
}

function put(draft, entry) {
  const known = draft.entries.some((one) => one.id === entry.id);
  const entries = known ? draft.entries.map((one) => (one.id === entry.id ? entry : one)) : [...draft.entries, entry];
  return { ...draft, entries };
}

const at = (ms) => ({ start: written(ms), start_ms: Math.round(ms), drop: false, merge: false });

/** One chapter changed: title, url, image, or recorded (ms of the recording), which takes along what is listed under it. */
export function change(draft, view, chapter, { recorded, ...fields }) {
  const made = { ...fields, ...(recorded === undefined ? {} : at(recorded)), drop: false, merge: false };
  if (chapter.key !== null) {
    const parts = recorded === undefined ? [] : chapter.includes.map((one) => one.key);
    return parts.reduce((d, key) => onSection(d, view, key, at(recorded)), onSection(draft, view, chapter.key, made));
  }
  const entry = draft.entries.find((one) => one.id === chapter.entry);
  if (entry) return put(draft, { ...entry, ...made });
  return add(draft, recorded ?? chapter.recorded_at, fields.title ?? chapter.title, fields);
}

/** A chapter of the editor's own. */
export function add(draft, recorded, title, fields = {}) {
  let id = `o:${title}@${Math.round(recorded)}`;
  while (draft.entries.some((entry) => entry.id === id)) id += "'";
  return put(draft, { id, section: null, key: null, url: null, image: null, ...fields, title, ...at(recorded) });
}

/** A section that was not found, or was dropped, placed. */
export const place = (draft, view, key, recorded) => onSection(draft, view, key, at(recorded));

/** A chapter that is right where it is. */
export const confirm = (draft, view, chapter) => onSection(draft, view, chapter.key, at(chapter.recorded_at));

/** Without a chapter. */
export function drop(draft, view, chapter) {
  return chapter.key === null ? without(draft, chapter) : leave(draft, view, chapter.key);
}

/** Without a section, wherever it was found. */
export const leave = (draft, view, key) => onSection(draft, view, key, { title: null, start: null, start_ms: null, url: null, image: null, drop: true, merge: false });

/** A chapter, with what is listed under it, made a part of the one before it. */
export function merge(draft, view, chapter) {
  return chapter.key === null ? without(draft, chapter) : onSection(draft, view, chapter.key, { drop: false, merge: true });
}

const without = (draft, chapter) => ({ ...draft, entries: draft.entries.filter((one) => one.id !== chapter.entry) });

/** What the editor said of a section taken back. */
export const revert = (draft, key) => ({ ...draft, entries: draft.entries.filter((e) => e.section === null || e.key !== key) });

/** What two views call the same sentence. */
export const sentence = (view, caption) => `${toRecording(view.stretches, caption.start)}|${caption.speaker}`;

/** What sentences read in a draft where `view` may have them otherwise: corrected in it, or saved since it was left. */
export function sentences(draft, view) {
  const left = draft.read === view ? [] : draft.read.captions.map((one) => [sentence(draft.read, one), one.text]);
  return new Map([...left, ...draft.words.filter((word) => word.sentence).map((word) => [word.sentence, word.text])]);
}

/** The words of a sentence corrected, which reads `text` then; what was corrected in it since it was read makes way. */
export function reword(draft, view, made, sentence, text) {
  if (!made.length && !draft.words.some((word) => word.sentence === sentence)) return draft;
  const key = (word) => `${word.at}|${word.heard}`;
  const read = new Map(view.words.map((word) => [key(word), word])), replaced = new Set(made.map(key));
  const before = draft.words.flatMap((word) => (word.sentence === sentence ? read.get(key(word)) ?? [] : word));
  return { ...draft, words: [...before.filter((word) => !replaced.has(key(word))), ...made.map((word) => ({ ...word, sentence, text }))] };
}

/** What two writers made of `base`: mine where I changed something, theirs elsewhere; what both changed; and whose section they took out. */
export function merged(base, mine, theirs) {
  const parts = [
    ["entries", (entry) => entry.id, bare, (entry) => entry.section ?? entry.title],
    ["words", (word) => `${word.at}|${word.heard}`, (word) => word.say, (word) => `“${word.heard}”`],
    ["cuts", (cut) => `${cut.start}–${cut.end}`, (cut) => (cut.keep ? "kept" : "cut"), (cut) => `the cut ${cut.start}–${cut.end}`],
  ];
  const result = { ...theirs, cue: mine.cue !== base.cue ? mine.cue : theirs.cue }, clashes = [];
  for (const [name, key, say, called] of parts) {
    const [was, own, now] = [base, mine, theirs].map((draft) => new Map(draft[name].map((one) => [key(one), one])));
    for (const id of new Set([...was.keys(), ...own.keys()])) {
      const [before, here, there] = [was, own, now].map((map) => (map.has(id) ? say(map.get(id)) : null));
      const one = own.get(id);
      if (before === here && !(one && left(one, base.read))) continue;
      if (there !== before && there !== here && !(one && left(one, theirs.read))) clashes.push(called(one ?? was.get(id)));
      if (here === null) now.delete(id); else now.set(id, one.key ? onward(one, now.get(id), theirs.read) : one);
    }
    result[name] = [...now.values()];
  }
  const waiting = result.entries.filter((entry) => left(entry, theirs.read) && !left(entry, base.read)).map((entry) => entry.section);
  return { draft: result, clashes, waiting };
}

/** An entry under the name that means its section now; where others speak of that, too, under the name that they gave it. */
const onward = (entry, theirs, view) => ({ ...entry, section: theirs?.section ?? sectionOf(view, entry.key)?.name ?? entry.section });
