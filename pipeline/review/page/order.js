// The running order: what became of each section, and what wants a look.
import * as drafts from "./draft.js";
import { edit } from "./editing.js";
import { $, button, cells, make, rowButton, say } from "./page.js";
import { choose, goTo, recordedNow } from "./place.js";
import { state } from "./state.js";
import { clock, toProgramme } from "./time.js";

export function listOrder() {
  const { view, chapters } = state, rows = [];
  const bySection = new Map(chapters.filter((c) => c.key !== null).map((c) => [c.key, c]));
  const inside = new Map(chapters.flatMap((c) => c.includes.map((one) => [one.key, c])));
  const said = (word) => new Set(state.draft.entries.filter((e) => e[word]).map((e) => e.key));
  const dropped = said("drop"), merged = said("merge"), absent = new Map(state.draft.read.absent.map((one) => [one.key, one]));
  const shallow = Math.min(...view.sections.map((section) => section.level));
  for (const section of view.sections) {
    const { key } = section, chapter = bySection.get(key);
    const how = { under: inside.get(key), dropped: dropped.has(key), merged: merged.has(key), absent: absent.get(key) };
    rows.push({ section, chapter, ...how, depth: section.level - shallow, at: chapter?.start });
  }
  for (const chapter of chapters.filter((c) => c.key === null)) {
    let place = -1;
    rows.forEach((row, n) => { if (row.at !== undefined && row.at <= chapter.start) place = n; });
    rows.splice(place + 1, 0, { chapter, depth: 0, at: chapter.start, own: true });
  }
  const focused = document.activeElement?.closest?.("#order > li"), place = [...$("order").children].indexOf(focused);
  relist($("order"), rows.map(orderRow));
  const looks = $("order").querySelectorAll("li.review").length;
  $("tab-order").textContent = looks ? `Running order (${looks})` : "Running order";
  if (!focused || $("order").contains(document.activeElement)) return;
  const now = $("order").querySelector(`[data-key="${CSS.escape(focused.dataset.key)}"] button`) ?? $("order").children[place]?.querySelector("button");
  now?.focus();
}

/** A list's rows made anew where they say something else: the others keep the focus, and a click that is half done. */
function relist(list, rows) {
  const old = [...list.children];
  rows.forEach((row, n) => { if (!old[n]) list.append(row); else if (!old[n].isEqualNode(row)) old[n].replaceWith(row); });
  for (const gone of old.slice(rows.length)) gone.remove();
}

function orderRow(row) {
  const { section, chapter, under, dropped, depth, own } = row;
  const item = make("li", { className: chapter ? "placed" : under ? "under" : dropped ? "dropped" : "absent" });
  item.dataset.key = own ? `own:${chapter.title}` : `section:${section.key}`;
  item.style.setProperty("--depth", depth);
  if (chapter) fillPlaced(item, row);
  else fillUnplaced(item, row);
  return item;
}

/** The row of a chapter. */
function fillPlaced(item, { chapter, own }) {
  const n = state.chapters.indexOf(chapter), chosen = n === state.chosen;
  const byHand = chapter.entry !== null && chapter.entry !== undefined && chapter.confidence === 1, share = percent(chapter.confidence);
  const sure = chapter.pending ? "…" : own && chapter.entry === null ? "" : byHand ? "hand" : share;
  const label = `${chapter.title}, ${clock(chapter.start)}, ${chapter.review ? "wants a look, " : ""}${byHand ? "set by hand" : `${share} sure`}`;
  const go = rowButton(cells(clock(chapter.start), chapter.title, sure), chapter.why, label, () => {
    const { start } = state.chapters[n];
    choose(n);
    goTo(start);
  });
  item.dataset.n = n;
  item.classList.toggle("review", chapter.review);
  if (chosen) for (const one of [item, go]) one.setAttribute("aria-current", "true");
  item.append(go);
}

/** The row of a section that is no chapter: what became of it, and what can be done about that. */
function fillUnplaced(item, { section, under, dropped, merged, absent }) {
  const doubtful = Boolean(!under && !dropped && absent?.review), sure = doubtful ? `, ${percent(absent.confidence)} sure` : "";
  const said = under ? `with ${under.title}` : dropped ? "dropped" : `not talked about${sure}`;
  item.classList.toggle("review", doubtful);
  item.append(make("span", { className: "row" }, ...cells("", section.title, said)));
  const act = (text, change, told) => {
    const made = button(text, `${text}: ${section.title}`, () => edit(change, told()));
    item.append(made);
    return made;
  };
  const put = (recorded) => (d) => drafts.place(d, state.view, section.key, recorded);
  const back = () => `${section.title} comes back where it was found`;
  if (under ? merged : dropped) act(under ? "split" : "restore", (d) => drafts.revert(d, section.key), back);
  if (under || dropped) return;
  if (doubtful) act("leave out", (d) => drafts.leave(d, state.view, section.key), () => `${section.title} stays left out`).dataset.do = "leave";
  act("place here", (d) => put(recordedNow())(d), () => `${section.title} placed at ${clock(state.time, 1)}`);
  if (doubtful && absent.elsewhere.length) {
    item.append(placeList(absent.elsewhere, section.title, (one, ms) => edit(put(one.start), `${section.title} placed at ${clock(ms, 1)}`)));
  }
}

const percent = (share) => `${Math.round(share * 100)} %`;

/** Where a section may start, to be heard and to be taken. */
export function placeList(places, title, take) {
  return make("ul", { className: "places" }, ...places.map((one) => {
    const ms = toProgramme(state.view.stretches, one.start), share = percent(one.probability), { text } = one;
    const label = `Go to ${clock(ms)}, where ${title} may start, ${share}: ${text}`;
    const item = make("li", {},
      rowButton(cells(clock(ms), text, share, "q"), text, label, () => goTo(ms)),
      button("start here", `${title} starts at ${clock(ms)}`, () => take(one, ms)));
    Object.assign(item.dataset, { at: ms, start: one.start });
    return item;
  }));
}

/** To the next thing in the running order that wants a look: a chapter, or a section that may have been talked about. */
export function nextLook() {
  const rows = [...$("order").children], wanting = rows.filter((row) => row.matches(".review"));
  if (!wanting.length) { say("Nothing wants a look"); return; }
  $("tab-order").click();
  const here = rows.findIndex((row) => (state.looked === null ? row.matches("[aria-current]") : row.dataset.key === state.looked));
  const next = wanting.find((row) => rows.indexOf(row) > here) ?? wanting[0], go = next.querySelector("button.row");
  next.scrollIntoView({ block: "nearest" });
  go?.click();
  if (next.matches(".absent")) (go ?? next.querySelector("button")).focus();
  state.looked = next.dataset.key;
  say(`${wanting.indexOf(next) + 1} of ${wanting.length}: ${next.querySelector(".name").textContent}`);
}

/** The row of the chosen chapter marked, and in view. */
export function markChosen() {
  document.querySelectorAll("#order [aria-current]").forEach((item) => item.removeAttribute("aria-current"));
  const item = document.querySelector(`#order [data-n="${state.chosen}"]`);
  for (const one of item ? [item, item.querySelector("button")] : []) one.setAttribute("aria-current", "true");
  item?.scrollIntoView({ block: "nearest" }); // in the room that its inspector leaves
}
