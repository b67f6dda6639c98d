// A sentence corrected, as the corrections of words that make it so.
import { written } from "./time.js";

/** The smallest corrections that make one sentence of another: words replaced where they differ. `spaced`: spaces stand between them. */
export function rewritten(words, text, spaced = true) {
  const old = words.map((word) => word.word.trim());
  if (!spaced) return replaced(words, old, text.trim());
  const now = text.trim().split(/\s+/).filter(Boolean);
  const long = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      long[i][j] = old[i] === now[j] ? long[i + 1][j + 1] + 1 : Math.max(long[i + 1][j], long[i][j + 1]);
  const made = [];
  let i = 0, j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) { i++; j++; continue; }
    let [a, b] = [i, j];
    while ((i < old.length || j < now.length) && !(i < old.length && j < now.length && old[i] === now[j])) {
      if (j >= now.length || (i < old.length && long[i + 1][j] >= long[i][j + 1])) i++; else j++;
    }
    if (a === i) { // words put in: they go with a word beside them
      if (a > 0) { a--; b--; } else { i++; j++; }
    }
    made.push(...word(words.slice(a, i), now.slice(b, j).join(" ")));
  }
  return made;
}

/** The same where no spaces tell words apart: what lies between the words that both begin with, and those that both end with. */
function replaced(words, old, text) {
  let low = 0, high = old.length, rest = text;
  while (low < high && rest.startsWith(old[low])) rest = rest.slice(old[low++].length);
  while (low < high && rest.endsWith(old[high - 1])) rest = rest.slice(0, rest.length - old[--high].length);
  if (low === high && rest === "") return [];
  if (low === high && low > 0) rest = old[--low] + rest; // put in: it goes with a word beside it
  else if (low === high) rest += old[high++];
  return word(words.slice(low, high), rest);
}

/** The correction that makes `say` of a run of words, if the recording has them. */
const word = (run, say) =>
  run.length && run[0].recorded_at !== null ? [{ at: written(run[0].recorded_at), heard: run.map((w) => (w.heard ?? w.word).trim()).join(" "), say }] : [];
