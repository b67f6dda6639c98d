// What is said, sentence by sentence, and its words to be corrected.
import * as drafts from "./draft.js";
import { edit } from "./editing.js";
import { $, complain, make, say } from "./page.js";
import { goTo } from "./place.js";
import { rewritten } from "./rewording.js";
import { catchUp } from "./saving.js";
import { get } from "./server.js";
import { state } from "./state.js";
import { clock } from "./time.js";

let listed = null;

export function listCaptions() {
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
export function showWords() {
  const said = drafts.sentences(state.draft, state.view);
  if (listed !== state.view || !said.size && !$("captions").querySelector(".changed")) return;
  state.view.captions.forEach((one, n) => {
    const item = $("captions").children[n], text = said.get(drafts.sentence(state.view, one)) ?? one.text;
    if (text === one.text && !item.matches(".changed")) return;
    item.classList.toggle("changed", text !== one.text);
    item.querySelector(".text").textContent = text;
  });
}

export let coming = false;

export async function correctWords(n) {
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
    const made = keep ? rewritten(words, text, words.map((w) => w.word.trim()).join("") !== one.text) : [];
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

$("captions").addEventListener("click", (event) => {
  const item = event.target.closest("li");
  if (!item || event.target.matches("textarea")) return;
  if (event.target.matches(".fix")) { correctWords(+item.dataset.n); return; }
  goTo(state.view.captions[+item.dataset.n].start);
});

$("captions").addEventListener("dblclick", (event) => { const item = event.target.closest("li"); if (item) correctWords(+item.dataset.n); });
