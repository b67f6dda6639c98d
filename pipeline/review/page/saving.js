// The server's word and the draft: what is shown of it, saving, and taking in what others wrote meanwhile.
import * as drafts from "./draft.js";
import { arrange, rebase, remember } from "./editing.js";
import { leave } from "./focus.js";
import { $, complain, make, say } from "./page.js";
import { redraw } from "./pictures.js";
import { player } from "./place.js";
import { get, post } from "./server.js";
import { state, tell } from "./state.js";
import { clock } from "./time.js";
import { Waveform } from "./waveform.js";

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
  const renew = make("button", { textContent: "Bring up to date", onclick: () => republish(() => post("api/republish")) });
  return make("p", { className: "stale" }, `Not up to date: ${stage}, since ${why.join("; ")}. `, renew);
}

/** The server's word on the page, and the draft over it; `sound`: whether that is another than before. */
export function show(view, sound) {
  state.view = view;
  state.voices = [...new Set(view.captions.map((one) => one.speaker).filter(Boolean))];
  facts();
  arrange();
  state.sentence = -1;
  tell("shown");
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

export async function save() {
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
export async function catchUp() {
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
addEventListener("beforeunload", (event) => { leave(); if (state.view && drafts.corrections(state.draft, state.view)) event.preventDefault(); });
