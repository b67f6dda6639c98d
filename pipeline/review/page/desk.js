// The desk: what is shown, what keys and the pointer do, and how corrections are saved.
import * as cutting from "./cuts.js";
import * as drafts from "./draft.js";
import { colours, drawDetail, drawWhole } from "./drawing.js";
import { leave } from "./focus.js";
import { Player } from "./player.js";
import { get, post } from "./server.js";
import { clock, parse, toProgramme, toRecording, written } from "./time.js";
import { Waveform } from "./waveform.js";

const $ = (id) => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

const state = {
  view: null, draft: null, past: [], future: [], chapters: [], chosen: 0, time: 0, window: { from: 0, span: 60000 },
  waveform: null, pauses: [], voices: [], cueGhost: null, cuts: [], cutChosen: -1, range: { from: null, to: null }, looked: null, saving: false, question: null,
};
let colour = colours();
const player = new Player($("audio"), moved);

// ── drawing ────────────────────────────────────────────────────────────────────────────────────────────────────────

let waiting = false;
function redraw() {
  if (waiting || !state.view) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    drawWhole($("whole"), state, colour);
    drawDetail($("detail"), state, colour);
    grips();
  });
}

/** The boundaries in view as things that can be grabbed, focused and nudged. */
function grips() {
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

function fromX(clientX) {
  const box = $("detail").getBoundingClientRect();
  return state.window.from + ((clientX - box.left) / box.width) * state.window.span;
}

/** `ms`, or as near to it as chapter `n` gets a second from its neighbours; one that is nearer already stays free to leave. */
function bounded(n, ms) {
  const { start } = state.chapters[n];
  const low = Math.min((state.chapters[n - 1]?.start ?? 0) + 1000, start);
  const high = Math.max((state.chapters[n + 1]?.start ?? state.view.duration) - 1000, start);
  return Math.min(Math.max(ms, low), high);
}

/** The best place to start near `ms`: 200 ms before the words, inside the pause, as Escaleta places its own. */
const inside = ([low, high]) => Math.max(Math.min(low + 120, high), high - 200);

function snapped(ms, free) {
  if (!$("snap").checked || free) return ms;
  let best = ms, least = Math.max(state.window.span * 0.04, 400);
  for (const pause of state.pauses) {
    const far = Math.abs(inside(pause) - ms);
    if (far < least) { best = inside(pause); least = far; }
  }
  return best;
}

// ── what is shown ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether two are one chapter: that of a section, or one of the editor's own. */
const same = (a, b) => a.key === b.key && (a.key !== null || (a.entry === b.entry && a.title === b.title));

/** Everything as the draft has it, with `chosen` chosen if it is still there. */
function arrange(chosen = state.chapters[state.chosen]) {
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
  listOrder();
  listCuts();
  showWords();
  inspect();
  showTime();
  redraw();
}

function listOrder() {
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

function orderRow({ section, chapter, under, dropped, merged, absent, depth, own }) {
  const n = chapter ? state.chapters.indexOf(chapter) : -1;
  const item = make("li", { className: chapter ? "placed" : under ? "under" : dropped ? "dropped" : "absent" });
  item.dataset.key = own ? `own:${chapter.title}` : `section:${section.key}`;
  item.style.setProperty("--depth", depth);
  if (chapter) {
    item.dataset.n = n;
    if (n === state.chosen) item.setAttribute("aria-current", "true");
    item.classList.toggle("review", chapter.review);
    const sure = chapter.entry !== null && chapter.entry !== undefined && chapter.confidence === 1 ? "hand" : `${Math.round(chapter.confidence * 100)} %`;
    const button = make("button", { className: "row", title: chapter.why, ariaCurrent: n === state.chosen ? "true" : null },
      make("time", { textContent: clock(chapter.start) }), make("span", { className: "name", textContent: chapter.title }),
      make("span", { className: "sure", textContent: chapter.pending ? "…" : own && chapter.entry === null ? "" : sure }));
    button.setAttribute("aria-label", `${chapter.title}, ${clock(chapter.start)}, ${chapter.review ? "wants a look, " : ""}${sure === "hand" ? "set by hand" : `${sure} sure`}`);
    button.addEventListener("click", () => { const { start } = state.chapters[n]; choose(n); seek(start); near(start); });
    item.append(button);
    return item;
  }
  const doubtful = !under && !dropped && absent?.review, sure = doubtful ? `, ${Math.round(absent.confidence * 100)} % sure` : "";
  const said = under ? `with ${under.title}` : dropped ? "dropped" : `not talked about${sure}`;
  item.append(make("span", { className: "row" }, make("time", { textContent: "" }), make("span", { className: "name", textContent: section.title }), make("span", { className: "sure", textContent: said })));
  const act = (text, change, told) => {
    const button = make("button", { className: "small", textContent: text });
    button.setAttribute("aria-label", `${text}: ${section.title}`);
    button.addEventListener("click", () => edit(change, told()));
    item.append(button);
    return button;
  };
  const put = (recorded) => (d) => drafts.place(d, state.view, section.key, recorded);
  const back = () => `${section.title} comes back where it was found`;
  if (under ? merged : dropped) act(under ? "split" : "restore", (d) => drafts.revert(d, section.key), back);
  if (under || dropped) return item;
  if (doubtful) act("leave out", (d) => drafts.leave(d, state.view, section.key), () => `${section.title} stays left out`).dataset.do = "leave";
  act("place here", (d) => put(recordedNow())(d), () => `${section.title} placed at ${clock(state.time, 1)}`);
  if (doubtful && absent.elsewhere.length) {
    item.classList.add("review");
    item.append(placeList(absent.elsewhere, section.title, (one, ms) => edit(put(one.start), `${section.title} placed at ${clock(ms, 1)}`)));
  } else item.classList.toggle("review", Boolean(doubtful));
  return item;
}

/** Where a section may start, to be heard and to be taken. */
function placeList(places, title, take) {
  return make("ul", { className: "places" }, ...places.map((one) => {
    const ms = toProgramme(state.view.stretches, one.start), share = `${Math.round(one.probability * 100)} %`;
    const go = make("button", { type: "button", className: "row", title: one.text },
      make("time", { textContent: clock(ms) }), make("q", { className: "name", textContent: one.text }), make("span", { className: "sure", textContent: share }));
    go.setAttribute("aria-label", `Go to ${clock(ms)}, where ${title} may start, ${share}: ${one.text}`);
    go.addEventListener("click", () => { seek(ms); near(ms); });
    const put = make("button", { type: "button", className: "small", textContent: "start here" });
    put.setAttribute("aria-label", `${title} starts at ${clock(ms)}`);
    put.addEventListener("click", () => take(one, ms));
    const item = make("li", {}, go, put);
    Object.assign(item.dataset, { at: ms, start: one.start });
    return item;
  }));
}

/** To the next thing in the running order that wants a look: a chapter, or a section that may have been talked about. */
function nextLook() {
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

function listCuts() {
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
  const head = make("button", { className: "row", title: `${clock(row.start, 3)} to ${clock(row.end, 3)} of the recording` },
    make("time", { textContent: (row.gone ? "✂ " : "") + clock(row.from, 1) }), make("span", { className: "name", textContent: row.why }),
    make("span", { className: "sure", textContent: `${length} · ${said}` }));
  head.setAttribute("aria-label", `${row.why}, ${length} at ${clock(row.from, 1)}, ${said}`);
  head.addEventListener("click", () => chooseCut(n));
  const acts = [["Listen", () => listen(row.from, row.to)]];
  const anew = "saving makes the sound anew";
  if (row.mark && row.state !== "cut") acts.push(["Cut", () => edit((d) => cutting.decide(d, row, false), `${length} will be cut; ${anew}`)]);
  if (row.mark && row.state !== "kept") acts.push(["Keep", () => edit((d) => cutting.decide(d, row, true), `${length} kept, and offered no more${row.gone ? `; ${anew}` : ""}`)]);
  if (row.edit) acts.push(["Take back", () => edit((d) => cutting.drop(d, row), `Taken back${row.gone ? `; ${anew}` : ""}`)]);
  item.append(head, make("div", { className: "acts" }, ...acts.map(([text, act]) => {
    const button = make("button", { className: "small", textContent: text });
    button.setAttribute("aria-label", `${text}: ${row.why}, ${clock(row.from, 1)}`);
    button.addEventListener("click", act);
    return button;
  })));
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

function nextCut() {
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
function mark(edges) {
  const { from, to } = state.range = { ...state.range, ...edges };
  $("c-from").value = from === null ? "" : clock(from, 3);
  $("c-to").value = to === null ? "" : clock(to, 3);
  redraw();
}

function markHere(edge) {
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

function cutMarked() {
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

const TEXTS = [["f-title", (c) => c.title], ["f-start", (c) => clock(c.start, 3)], ["f-url", (c) => c.url ?? ""], ["f-image", (c) => c.image ?? ""]];
const CHECKED = ["f-start", "f-url"];

/** What is wrong with what was typed, by its field; "" for nothing. */
function fault(id, wrong) {
  $(id).setAttribute("aria-invalid", wrong !== "");
  $(`${id}-wrong`).textContent = wrong;
}

function inspect() {
  const chapter = state.chapters[state.chosen];
  $("inspector").hidden = !chapter;
  if (!chapter || $("inspector").contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
  // What was refused stays, to be mended.
  for (const [id, text] of TEXTS) if (!$(id).matches("[aria-invalid=true]")) $(id).value = text(chapter);
  $("f-start").disabled = state.chosen === 0;
  $("f-rec").textContent = `${clock(chapter.recorded_at, 3)} in the recording`;
  $("f-why").textContent = chapter.why;
  $("f-why").className = chapter.review ? "review" : "";
  $("f-right").hidden = !chapter.review;
  $("f-elsewhere").replaceChildren(...(chapter.elsewhere?.length && state.chosen > 0
    ? [placeList(chapter.elsewhere, chapter.title, (one, ms) => moveTo(state.chosen, ms))] : []));
}

function facts() {
  const { view } = state, d = view.loudness;
  const planned = view.planned ? `, planned ${clock(view.planned)}` : "";
  $("title").textContent = view.title;
  document.title = `${view.title} · Escaleta`;
  $("facts").textContent = `${clock(view.duration)} (talk ${clock(view.recorded)}${planned}) · ${d.integrated.toFixed(1)} LUFS, ${d.true_peak.toFixed(1)} dBTP · ` +
    (view.publish_at ? `goes out ${view.publish_at.slice(0, 16).replace("T", " ")}${view.unready.length ? ", but is not ready" : ""}` : "draft");
  $("facts").title = view.unready.map((reason) => `Before it can go out: ${reason}`).join("\n");
  const alerts = [
    ...view.conflicts.map((text) => make("p", { className: "conflict", textContent: text })),
    ...(view.stale.length && !view.run.running ? [staleAlert()] : []),
  ];
  $("alerts").replaceChildren(...alerts);
}

function staleAlert() {
  const { stage, why } = state.view.stale[0];
  const button = make("button", { textContent: "Bring up to date" });
  button.addEventListener("click", () => republish(() => post("api/republish")));
  return make("p", { className: "stale" }, `Not up to date: ${stage}, since ${why.join("; ")}. `, button);
}

let listed = null;
function listCaptions() {
  if ($("captions").querySelector("textarea")) return; // once what is being typed there is done
  listed = state.view;
  const list = document.createDocumentFragment();
  state.view.captions.forEach((one, n) => {
    const item = make("li", { className: one.doubtful ? "doubtful" : "" });
    item.dataset.n = n;
    const voice = state.voices.indexOf(one.speaker);
    const head = make("button", { className: "when", textContent: clock(one.start), title: "Go there", tabIndex: -1 });
    const who = one.speaker ? [make("b", { textContent: one.speaker, className: `voice${(voice % 6) + 1}` })] : [];
    item.append(head, make("p", {}, ...who, make("span", { className: "text", dir: "auto", textContent: one.text })),
      make("button", { className: "small fix", textContent: "correct", title: "Correct the words (c)", tabIndex: -1 }));
    list.append(item);
  });
  $("captions").replaceChildren(list);
  $("captions").lang = state.view.language;
  showWords();
}

/** The sentences that the draft has other words in than the server told. */
function showWords() {
  const said = drafts.sentences(state.draft, state.view);
  if (listed !== state.view || !said.size && !$("captions").querySelector(".changed")) return;
  state.view.captions.forEach((one, n) => {
    const item = $("captions").children[n], text = said.get(drafts.sentence(state.view, one)) ?? one.text;
    if (text === one.text && !item.matches(".changed")) return;
    item.classList.toggle("changed", text !== one.text);
    item.querySelector(".text").textContent = text;
  });
}

// ── where one is ───────────────────────────────────────────────────────────────────────────────────────────────────

let current = -1;
function moved() {
  state.time = player.time;
  if (player.playing && (state.time > state.window.from + state.window.span * 0.92 || state.time < state.window.from)) {
    state.window.from = Math.max(Math.min(state.time - state.window.span * 0.1, state.view.duration - state.window.span), 0);
  }
  showTime();
  redraw();
}

function showTime() {
  if (!state.view) return;
  $("clock").textContent = clock(state.time, state.window.span < 5000 ? 3 : 1);
  $("play").textContent = player.playing ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", player.playing ? "Pause" : "Play");
  const here = state.chapters.findLastIndex((c) => c.start <= state.time + 1);
  $("now").textContent = state.chapters[here]?.title ?? "";
  const sentence = sentenceAt(state.time);
  if (sentence !== current) {
    $("captions").children[current]?.removeAttribute("aria-current");
    current = sentence;
    const item = $("captions").children[current];
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

function seek(ms) {
  player.time = Math.min(Math.max(ms, 0), state.view.duration);
  moved();
}

/** By so many ms; where nothing is heard that tells how far one got, it is said. */
function wind(by) {
  seek(state.time + by);
  if (!player.playing) say(clock(state.time, 1));
}

function near(ms) {
  const { window } = state;
  if (ms < window.from + window.span * 0.1 || ms > window.from + window.span * 0.9) {
    window.from = Math.max(Math.min(ms - window.span / 2, state.view.duration - window.span), 0);
  }
  redraw();
}

function zoom(factor, around = state.time) {
  const { window, view } = state;
  const span = Math.min(Math.max(window.span * factor, 10), view.duration);
  const inside = around >= window.from && around <= window.from + window.span ? around : window.from + window.span / 2;
  const share = (inside - window.from) / window.span;
  state.window = { span, from: Math.max(Math.min(inside - share * span, view.duration - span), 0) };
  showTime();
  redraw();
}

function choose(n) {
  state.chosen = Math.min(Math.max(n, 0), state.chapters.length - 1);
  state.looked = null;
  document.querySelectorAll("#order [aria-current]").forEach((item) => item.removeAttribute("aria-current"));
  const item = document.querySelector(`#order [data-n="${state.chosen}"]`);
  for (const one of item ? [item, item.querySelector("button")] : []) one.setAttribute("aria-current", "true");
  CHECKED.forEach((id) => fault(id, ""));
  inspect();
  item?.scrollIntoView({ block: "nearest" }); // in the room that its inspector leaves
  redraw();
}

function step(by) {
  const here = state.chapters.findLastIndex((c) => c.start <= state.time + 50);
  const n = Math.min(Math.max((Math.abs(state.time - state.chapters[here]?.start) > 1500 && by < 0 ? here + 1 : here) + by, 0), state.chapters.length - 1);
  choose(n);
  seek(state.chapters[n].start);
  near(state.chapters[n].start);
  say(`${state.chapters[n].title}, ${clock(state.chapters[n].start)}`);
}

/** To the next sentence; back to the beginning of this one, and from there to the one before. */
function stepSentence(by) {
  const { captions } = state.view, here = sentenceAt(state.time + 1), inside = by < 0 && state.time - captions[here]?.start > 1000;
  const n = Math.min(Math.max(inside ? here : here + by, 0), captions.length - 1);
  if (n < 0) { say("Nothing is said"); return; }
  seek(captions[n].start);
  near(captions[n].start);
  if (!player.playing) say(`${clock(captions[n].start, 1)}: ${$("captions").children[n]?.querySelector(".text").textContent ?? ""}`);
}

const recordedNow = () => toRecording(state.view.stretches, snapped(state.time));

// ── corrections ────────────────────────────────────────────────────────────────────────────────────────────────────

/** The draft changed; `next` finds the chapter that is to be chosen then, if it is not the one of now. */
function edit(change, told, next = null) {
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
function remember(told) {
  const moment = { draft: state.draft, told, before: state.chapters[state.chosen], after: null };
  state.past.push(moment);
  state.future.length = 0;
  return moment;
}

const undo = () => travel(state.past, state.future, { verb: "undo", done: "Undone", chosen: "before" });
const redo = () => travel(state.future, state.past, { verb: "redo", done: "Done again", chosen: "after" });

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
function rebase(base, view) {
  const order = "outline.md", same = base.read.versions[order] === view.versions[order];
  if (same && drafts.corrections(base, view) === null) return;
  const theirs = drafts.fromView(view);
  for (const moment of [...state.past, ...state.future]) moment.draft = drafts.merged(base, moment.draft, theirs).draft;
}

/** Why chapter `n` cannot start at `ms` of the programme; "" where it can, whatever chapters stand between. */
function refusal(n, ms) {
  if (n === 0) return "The first chapter starts with the programme";
  const end = toProgramme(state.view.stretches, Infinity);
  return ms < end ? "" : `The talk ends at ${clock(end, 1)}`;
}

function moveTo(n, ms) {
  const refused = refusal(n, ms);
  if (refused) { say(refused); return; }
  const { view, chapters } = state, recorded = toRecording(view.stretches, ms), at = toProgramme(view.stretches, recorded);
  fault("f-start", "");
  edit((d) => drafts.change(d, view, chapters[n], { recorded }), `${chapters[n].title} now starts at ${clock(at, 1)}`);
  near(state.chapters[state.chosen].start);
}

function nudge(by, fine) {
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

function removeChapter(all) {
  const n = state.chosen, chapter = state.chapters[n];
  if (n === 0 && all) { say("There is nothing above the first chapter"); return; }
  if (chapter.key === null && chapter.entry === null) { say(`${chapter.title} goes by itself: it is ${chapter.why}`); return; }
  const change = all ? drafts.merge : drafts.drop;
  edit((d) => change(d, state.view, chapter), `${chapter.title} ${all ? "is part of the chapter before it now" : "dropped"}`, () => (all ? n - 1 : n));
}

function addHere() {
  const recorded = recordedNow();
  const used = new Set(state.chapters.map((c) => c.title));
  let title = "New chapter";
  for (let n = 2; used.has(title); n++) title = `New chapter ${n}`;
  edit((d) => drafts.add(d, recorded, title), `New chapter at ${clock(state.time, 1)}`, () => state.chapters.findIndex((c) => c.title === title));
  $("f-title").focus();
  $("f-title").select();
}

function field(id, name, read = (text) => text.trim()) {
  $(id).addEventListener("change", () => {
    const value = read($(id).value), n = state.chosen, chapter = state.chapters[n];
    if (value === null || (chapter[name] ?? "") === value) return;
    edit((d) => drafts.change(d, state.view, chapter, { [name]: value }), `${name} of ${chapter.title} changed`);
  });
}
field("f-title", "title", (text) => text.trim() || null);
/** An address that chapters.yaml takes, or none. */
const addressed = (text) => text === "" || (/^https?:\/\/(?![/?#:@])[!-~]+$/i.test(text) && URL.canParse(text));
const link = (text) => {
  const good = addressed(text.trim());
  fault("f-url", good ? "" : "Write a web address as in https://example.org/page, in ASCII and without spaces");
  return good ? text.trim() : null;
};
field("f-url", "url", link);
field("f-image", "image");
$("f-start").addEventListener("change", () => {
  const ms = parse($("f-start").value);
  const wrong = ms === null ? "Write a time as in 1:02:03.5" : refusal(state.chosen, ms);
  fault("f-start", wrong);
  if (!wrong) moveTo(state.chosen, ms);
});
$("inspector").addEventListener("submit", (event) => event.preventDefault());
$("inspector").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing && event.target.matches("input")) { event.preventDefault(); leave(); } });
$("inspector").addEventListener("click", (event) => ACTS[event.target.closest("button")?.dataset.do]?.());
const ACTS = {
  right: () => {
    const chapter = state.chapters[state.chosen];
    if (chapter.review) edit((d) => drafts.confirm(d, state.view, chapter), `${chapter.title} is right where it is`);
    else say(`${chapter.title} needs no look`);
  },
  here: () => moveTo(state.chosen, snapped(state.time)),
  merge: () => removeChapter(true),
  drop: () => removeChapter(false),
  revert: () => {
    const chapter = state.chapters[state.chosen];
    if (chapter.key === null) removeChapter(false);
    else edit((d) => drafts.revert(d, chapter.key), `${chapter.title} goes back to where it was found`);
  },
};

/** What one looks at is right as it is: a chapter where it stands, or a section that was left out. */
function right() {
  const out = state.looked && $("order").querySelector(`.absent[data-key="${CSS.escape(state.looked)}"] [data-do=leave]`);
  if (out) out.click(); else ACTS.right();
}

function moveSpot() {
  const spot = state.view.spots[0];
  if (!spot) { say("No spot runs in this episode"); return; }
  const free = state.pauses.find(([low, high]) => state.time >= low && state.time <= high);
  const at = $("snap").checked && free ? (free[0] + free[1]) / 2 : state.time;
  edit((d) => ({ ...d, cue: written(toRecording(state.view.stretches, at)) }), `The spot will stand at ${clock(at, 1)}; saving makes the sound anew`);
}

let coming = false;
async function correctWords(n) {
  const item = $("captions").children[n], one = state.view.captions[n];
  if (!item || coming || item.querySelector("textarea")) return;
  coming = true;
  const { view } = state, words = await get(`api/words/${n}?made=${view.made}`).catch((error) => {
    if (!error.overtaken) complain(error.message);
    else if (state.saving) say("Saving: correct again when it is done");
    else catchUp();
  });
  coming = false;
  if (!words || view !== state.view) return;
  const box = make("textarea", { dir: "auto", value: item.querySelector(".text").textContent, rows: 2 });
  box.setAttribute("aria-label", `What is said at ${clock(one.start)}`);
  item.querySelector(".text").hidden = true;
  item.querySelector("p").append(box);
  box.focus();
  let done = false;
  const close = (keep) => {
    if (done) return;
    done = true;
    const text = box.value;
    box.remove();
    item.querySelector(".text").hidden = false;
    const made = keep ? drafts.rewritten(words, text, words.map((w) => w.word.trim()).join("") !== one.text) : [];
    const told = made.map((w) => `“${w.heard}” reads “${w.say}”`).join(", ") || "It reads as it did";
    if (keep) edit((d) => drafts.reword(d, state.view, made, drafts.sentence(view, one), text.trim()), told);
    if (listed !== state.view) listCaptions();
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); close(true); }
    if (event.key === "Escape" && !event.isComposing) close(false);
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) event.stopPropagation();
  });
  box.addEventListener("blur", () => close(true));
}

// ── saving ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function save() {
  leave();
  const made = drafts.corrections(state.draft, state.view);
  if (!made && !state.saving) say("Nothing to save");
  if (!made || state.saving) return;
  const sent = state.draft = drafts.named(state.draft);
  arrange();
  await republish(() => post("api/save", made), sent);
}

async function republish(begin, sent = null) {
  state.saving = true;
  $("save").disabled = true;
  $("progress").hidden = false;
  let told = null;
  try {
    const begun = await begin();
    // However the run ends: what was written is no longer what this page read.
    try { told = await finished((begun.run ?? begun).number); } finally { await reload(sent); }
  } catch (error) {
    if (error.overtaken) await overtaken(error.message);
    else complain(error.message);
  }
  state.saving = false;
  $("progress").hidden = true;
  arrange();
  if (told) say(told);
}

/** What to say of a run once it has ended and its result is on the page. */
async function finished(number) {
  for (;;) {
    const run = await get("api/run");
    $("progress").value = run.fraction;
    if (!run.running && run.number >= number) {
      if (run.error) throw new Error(run.error);
      const files = run.written.length;
      return `Up to date in ${(run.took / 1000).toFixed(1)} s: ${files} public file${files === 1 ? "" : "s"} changed`;
    }
    const told = `${run.doing} …`;
    if ($("say").textContent !== told) say(told); // once each, for those who hear it
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

/** Take the server's word; what was changed here meanwhile stays a draft. */
async function reload(sent) {
  const view = await get("api/episode"), base = sent ?? drafts.fromView(state.view), made = drafts.merged(base, state.draft, drafts.fromView(view));
  settle(base, view, made.draft);
  const told = contested(made, "yours stands there, until you undo it");
  if (told) complain(told);
}

/** The draft that is made of this one and what others wrote. */
function settle(base, view, draft) {
  const { sound } = state.view;
  rebase(base, view);
  state.draft = draft;
  show(view, view.sound !== sound);
}

/** What to say of two who changed the same, and of changes whose section is gone; "" for neither. */
const contested = ({ clashes, waiting }, outcome) => [
  clashes.length ? `Both changed ${clashes.join(", ")}; ${outcome}.` : "",
  waiting.length ? `No longer in the running order: ${waiting.join(", ")}. What you changed there is not saved; it is kept here until the section is back.` : "",
].filter(Boolean).join(" ");

async function overtaken(message) {
  const base = drafts.fromView(state.view), view = await get("api/episode");
  const together = () => drafts.merged(base, state.draft, drafts.fromView(view));
  const both = make("button", { textContent: "Keep both" }), theirs = make("button", { textContent: "Take theirs" });
  const text = [`${message}.`, contested(together(), "keeping both takes yours there")].filter(Boolean).join(" ");
  both.addEventListener("click", () => { settle(base, view, together().draft); say("Theirs and yours; save to keep them"); });
  theirs.addEventListener("click", () => { remember("yours left for theirs"); settle(base, view, drafts.fromView(view)); say("Theirs; undo brings yours back"); });
  state.question?.remove();
  state.question = make("p", { className: "conflict" }, `${text} `, both, " ", theirs);
  $("alerts").prepend(state.question);
  say(message);
  both.focus();
}

let catching = false;
/** What was written and made elsewhere since this page read it, taken in beside what is not saved here. */
async function catchUp() {
  if (!state.view || state.saving || catching) return;
  catching = true;
  try {
    const { versions, made, run } = await get("api/standing");
    if (run.running) { await republish(async () => run); return; }
    const changed = Object.keys(versions).filter((name) => versions[name] !== state.view.versions[name]);
    if (!changed.length && made === state.view.made) return;
    await reload(null);
    const told = changed.length ? `${changed.join(" and ")} changed` : "The episode was made anew";
    say(`${told} meanwhile; this is how it is now${document.body.matches(".dirty") ? ", with yours still to be saved" : ""}`);
  } catch (error) {
    complain(error.message);
  } finally {
    catching = false;
  }
}
addEventListener("focus", catchUp);

let quiet = 0;
function say(text) {
  $("say").textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => { $("say").textContent = ""; }, 8000);
}

function complain(text) {
  if ([...$("alerts").children].some((one) => one.firstChild.data === `${text} `)) return; // it is said already
  const close = make("button", { textContent: "Close" });
  const alert = make("p", { className: "conflict", role: "alert" }, `${text} `, close);
  close.addEventListener("click", () => alert.remove());
  $("alerts").prepend(alert);
}

// ── keys and pointer ───────────────────────────────────────────────────────────────────────────────────────────────

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
  ["c", "correct the words that are heard", () => correctWords(Math.max(current, 0))],
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

let edge = -1;
function splice() {
  const edges = state.view.spots.flatMap((spot) => [spot.start, spot.end]);
  if (!edges.length) { say("No spot runs in this episode"); return; }
  edge = (edge + 1) % edges.length;
  state.window = { from: Math.max(edges[edge] - 25, 0), span: 50 };
  seek(edges[edge]);
  say(`${edge % 2 ? "End" : "Start"} of the spot, ${clock(edges[edge], 3)}`);
}

$("whole").addEventListener("pointerdown", (event) => {
  const go = (e) => {
    const box = $("whole").getBoundingClientRect();
    const ms = Math.min(Math.max((e.clientX - box.left) / box.width, 0), 1) * state.view.duration;
    state.window.from = Math.max(Math.min(ms - state.window.span / 2, state.view.duration - state.window.span), 0);
    seek(ms);
  };
  $("whole").setPointerCapture(event.pointerId);
  go(event);
  $("whole").addEventListener("pointermove", go);
  $("whole").addEventListener("pointerup", () => $("whole").removeEventListener("pointermove", go), { once: true });
});
$("detail").addEventListener("pointerdown", (event) => {
  if (event.shiftKey) { select(event); return; }
  leave();
  const ms = fromX(event.clientX), n = state.chapters.findLastIndex((c) => c.start <= ms);
  if (n >= 0) choose(n);
  seek(ms);
});
/** A stretch marked with the pointer. */
function select(event) {
  const begin = snapped(fromX(event.clientX), event.altKey);
  const move = (e) => { const end = snapped(fromX(e.clientX), e.altKey); mark({ from: Math.min(begin, end), to: Math.max(begin, end) }); };
  $("detail").setPointerCapture(event.pointerId);
  $("detail").addEventListener("pointermove", move);
  $("detail").addEventListener("pointerup", () => {
    $("detail").removeEventListener("pointermove", move);
    if (state.range.to !== null) { $("tab-cuts").click(); say(`${clock(state.range.to - state.range.from, 1)} marked; k cuts it`); }
  }, { once: true });
}
$("close").addEventListener("wheel", (event) => {
  event.preventDefault();
  if (event.ctrlKey || Math.abs(event.deltaY) > Math.abs(event.deltaX)) zoom(1.0015 ** event.deltaY, fromX(event.clientX));
  else { state.window.from = Math.max(Math.min(state.window.from + (event.deltaX / $("detail").clientWidth) * state.window.span, state.view.duration - state.window.span), 0); redraw(); }
}, { passive: false });
$("captions").addEventListener("click", (event) => {
  const item = event.target.closest("li");
  if (!item || event.target.matches("textarea")) return;
  if (event.target.matches(".fix")) { correctWords(+item.dataset.n); return; }
  seek(state.view.captions[+item.dataset.n].start);
  near(state.time);
});
$("captions").addEventListener("dblclick", (event) => { const item = event.target.closest("li"); if (item) correctWords(+item.dataset.n); });
for (const [id, act] of [["play", () => player.toggle()], ["undo", undo], ["redo", redo], ["save", save], ["in", () => zoom(0.5)], ["out", () => zoom(2)], ["fit", () => zoom(1e9)], ["helpme", () => $("help").showModal()]]) $(id).addEventListener("click", act);
$("speed").addEventListener("change", () => {
  $("audio").playbackRate = +$("speed").value;
  if (!$("speed").matches(":focus-visible")) leave();
});
const TABS = [["tab-order", "order-panel"], ["tab-cuts", "cuts-panel"], ["tab-plots", "plots"]];
for (const [tab, panel] of TABS) {
  $(tab).addEventListener("click", () => {
    for (const [t, p] of TABS) { $(t).setAttribute("aria-selected", t === tab); $(t).tabIndex = t === tab ? 0 : -1; $(p).hidden = p !== panel; }
    if (panel === "plots") plots();
  });
}
const TAB_KEYS = { ArrowLeft: (n) => n - 1, ArrowRight: (n) => n + 1, Home: () => 0, End: () => -1 };
$("tabs").addEventListener("keydown", (event) => {
  const there = TAB_KEYS[event.key]?.(TABS.findIndex(([tab]) => tab === event.target.id));
  if (there === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  const tab = $(TABS.at(there % TABS.length)[0]);
  tab.click();
  tab.focus();
});
addEventListener("resize", redraw);
addEventListener("beforeunload", (event) => { leave(); if (state.view && drafts.corrections(state.draft, state.view)) event.preventDefault(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colour = colours(); redraw(); });

async function plots() {
  const text = await (await fetch("api/plots")).text();
  $("plots").replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
}

// ── beginning ──────────────────────────────────────────────────────────────────────────────────────────────────────

function show(view, sound) {
  state.view = view;
  state.voices = [...new Set(view.captions.map((one) => one.speaker).filter(Boolean))];
  facts();
  arrange();
  current = -1;
  setTimeout(() => { listCaptions(); showTime(); performance.mark("captions"); });
  if (sound) { player.load(`audio.mp3?v=${view.sound}`); draw(); }
}

/** The waveform and the pauses, as soon as the server has drawn them; until then none, for those of another sound mislead. */
async function draw() {
  state.waveform = null;
  state.pauses = [];
  for (;;) {
    const sound = await get("api/sound").catch(() => null);
    if (sound === null) { complain("The desk's server no longer answers; start `escaleta review` again."); return; }
    if (sound.ready && sound.digest === state.view.sound) {
      state.waveform = new Waveform(sound.columns, redraw);
      state.pauses = sound.pauses;
      redraw();
      performance.mark("waveform");
      document.body.dataset.waveform = "true";
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

try {
  const view = await get("api/episode");
  state.draft = drafts.fromView(view);
  state.window = { from: 0, span: Math.min(view.duration, 180000) };
  show(view, true);
  requestAnimationFrame(() => requestAnimationFrame(() => { performance.mark("desk"); document.body.dataset.ready = "true"; }));
} catch (error) {
  complain(error.message);
}
