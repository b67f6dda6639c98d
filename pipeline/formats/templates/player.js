
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const audio = $("audio");
  const sentences = [...document.querySelectorAll("[data-t]")];
  const starts = sentences.map((sentence) => Number(sentence.dataset.t));
  const chapters = [...document.querySelectorAll("#chapters [data-c]")];
  const chapterStarts = chapters.map((chapter) => Number(chapter.dataset.c));
  const strip = [...document.querySelectorAll("#strip i")];
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  /* The last start at or before a time; -1 before the first. */
  const at = (list, time) => {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle] <= time + 0.01) low = middle + 1; else high = middle;
    }
    return low - 1;
  };

  /* Media fragments (W3C), normal play time: t=12.5, t=1:02, t=npt:1:02:03. */
  const fragment = (hash) => {
    const match = /(?:^#|&)t=(?:npt:)?(\d+(?::\d{1,2}){0,2}(?:\.\d+)?)/.exec(hash);
    return match ? match[1].split(":").reduce((sum, part) => sum * 60 + Number(part), 0) : null;
  };

  /* Before its length is known, a player forgets where it was sent. */
  const seek = (time, play) => {
    const go = () => { audio.currentTime = Math.max(0, time); show(); };
    if (audio.readyState >= 1) go(); else { audio.addEventListener("loadedmetadata", go, { once: true }); audio.load(); }
    if (play) audio.play().catch(() => {});
  };

  /* ── what is heard now ── */

  let sentence = -1, chapter = -1, following = true;

  const mark = (list, before, now) => {
    list[before]?.removeAttribute("aria-current");
    list[now]?.setAttribute("aria-current", "true");
    return now;
  };

  /* What stays at the top of the window, as the style has it, covers so much of it. */
  const covered = (element) => getComputedStyle(element).position === "sticky" ? element.offsetHeight : 0;

  /* What was never in sight takes its height only in the frames after a jump, and would push away what was jumped to. */
  const SETTLING = 20;

  const bring = (element, frames = 0) => {
    const box = element.getBoundingClientRect();
    const top = covered($("bar")) + covered($("search").parentElement);
    const way = box.top - top - (innerHeight - top) / 3, far = frames > 0 || Math.abs(way) > 2 * innerHeight;
    if (box.top <= top + 16 || box.bottom >= innerHeight * 0.8) {
      scrollBy({ top: way, behavior: still.matches || far ? "auto" : "smooth" });
      if (far && !frames) frames = SETTLING;
    }
    if (frames > 0) requestAnimationFrame(() => bring(element, frames - 1));
  };

  /* In a list that scrolls by itself, without moving the page. */
  const reveal = (element) => {
    for (const list of [$("chapters"), element.closest(".side")]) {
      const box = element.getBoundingClientRect(), frame = list.getBoundingClientRect();
      if (list.scrollHeight > list.clientHeight && (box.top < frame.top || box.bottom > frame.bottom))
        list.scrollTop += box.top - frame.top - list.clientHeight / 3;
    }
  };

  /* A chapter begins a breath before its first sentence: whoever goes there means that one, not the last one before. */
  const read = (time, part) => {
    const now = at(starts, time), head = document.getElementById(`t=${chapters[part]?.dataset.c}`);
    const before = head?.compareDocumentPosition(sentences[now] ?? head) & Node.DOCUMENT_POSITION_PRECEDING;
    return before ? now + 1 : now;
  };

  const show = () => {
    const time = audio.currentTime, part = at(chapterStarts, time), now = read(time, part);
    if (now !== sentence) {
      sentence = mark(sentences, sentence, now);
      if (following && now >= 0 && (!audio.paused || arriving)) bring(sentences[now], arriving ? SETTLING : 0);
      arriving = false;
    }
    if (part !== chapter) {
      chapter = mark(chapters, chapter, part);
      if (part >= 0) reveal(chapters[part]);
      $("now").textContent = chapters[part]?.querySelector("span").textContent ?? "";
    }
    strip.forEach((segment, number) => {
      const from = chapterStarts[number], to = chapterStarts[number + 1] ?? audio.duration;
      const share = Math.min(1, Math.max(0, (time - from) / Math.max(to - from, 0.001)));
      segment.style.setProperty("--heard", `${(share || 0) * 100}%`);
    });
  };

  let arriving = false;
  audio.addEventListener("timeupdate", show);
  audio.addEventListener("seeked", show);

  const follow = (value) => { following = value; $("follow").setAttribute("aria-pressed", String(value)); };
  for (const event of ["wheel", "touchmove"]) addEventListener(event, () => follow(false), { passive: true });
  const scrolling = new Set(["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End"]);
  addEventListener("keydown", (event) => { if (scrolling.has(event.key) && !event.target.closest("audio, select, input")) follow(false); });
  $("follow").addEventListener("click", () => {
    follow(!following);
    if (following && sentence >= 0) bring(sentences[sentence]);
  });

  /* ── going somewhere ── */

  const arrive = () => {
    const time = fragment(location.hash);
    if (time === null) return;
    arriving = true;
    follow(true);
    seek(time, false);
  };
  addEventListener("hashchange", arrive);

  document.addEventListener("click", (event) => {
    const place = event.target.closest('a[href^="#t="], [data-t]');
    if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
    /* Words that are being selected are for copying. */
    if (!place.hash && !getSelection().isCollapsed) return;
    event.preventDefault();
    const hash = place.hash || `#t=${place.dataset.t}`;
    history.replaceState(null, "", hash);
    follow(true);
    seek(fragment(hash), true);
  });

  $("strip").addEventListener("click", (event) => {
    const number = strip.indexOf(event.target);
    if (number < 0) return;
    const box = event.target.getBoundingClientRect();
    const from = chapterStarts[number], to = chapterStarts[number + 1] ?? audio.duration;
    seek(from + (to - from || 0) * (event.clientX - box.left) / box.width, true);
  });

  const skip = (seconds) => seek(audio.currentTime + seconds, false);
  const turn = (step) => {
    const time = chapterStarts[step > 0 || audio.currentTime - chapterStarts[chapter] < 3 ? chapter + step : chapter];
    if (time !== undefined) seek(time, false);
  };
  $("back").addEventListener("click", () => skip(-15));
  $("forward").addEventListener("click", () => skip(30));
  $("speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });

  const keys = {
    " ": () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()),
    j: () => skip(-15), l: () => skip(30), p: () => turn(-1), n: () => turn(1), "/": () => $("search").focus(),
  };
  keys.k = keys[" "];
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, select, button, a, audio, summary");
    if (event.ctrlKey || event.metaKey || event.altKey || (busy && (event.key === " " || busy.matches("input, select")))) return;
    const act = keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });

  /* On the lock screen and on headphones. */
  if (navigator.mediaSession) {
    const title = document.querySelector("h1").textContent, artist = document.querySelector(".top a").textContent;
    const artwork = location.protocol === "file:" ? [] : [{ src: document.querySelector(".head img").src }];
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist, artwork });
    const actions = { previoustrack: () => turn(-1), nexttrack: () => turn(1), seekbackward: () => skip(-15), seekforward: () => skip(30) };
    for (const [action, act] of Object.entries(actions)) navigator.mediaSession.setActionHandler(action, act);
  }

  /* ── searching ── */

  /* Letter by letter, so that places in the folded text are places in the text. */
  const fold = (text) => Array.from(text, (letter) => letter.normalize("NFD")[0].toLowerCase()[0]);
  const folded = sentences.map((element) => fold(element.textContent).join("\u0000"));
  const texts = sentences.map((element) => element.textContent);
  let hits = [], hit = -1;

  const highlight = (number, wanted) => {
    const letters = Array.from(texts[number]), pieces = [], step = wanted.length;
    let from = 0, place = find(number, wanted, 0);
    while (place >= 0) {
      const found = document.createElement("mark");
      found.textContent = letters.slice(place, place + step).join("");
      pieces.push(letters.slice(from, place).join(""), found);
      from = place + step;
      place = find(number, wanted, from);
    }
    sentences[number].replaceChildren(...pieces, letters.slice(from).join(""));
  };
  const find = (number, wanted, from) => {
    const place = folded[number].indexOf(wanted.join("\u0000"), from * 2);
    return place < 0 ? -1 : place / 2;
  };

  const search = () => {
    sentences[hits[hit]]?.classList.remove("visited");
    for (const number of hits) sentences[number].textContent = texts[number];
    const wanted = fold($("search").value.trim());
    hits = wanted.length < 2 ? [] : sentences.map((_, number) => number).filter((number) => find(number, wanted, 0) >= 0);
    for (const number of hits) highlight(number, wanted);
    hit = -1;
    if (hits.length) visit(1); else $("found").textContent = wanted.length < 2 ? "" : $("found").dataset.none;
  };

  const visit = (step) => {
    if (!hits.length) return;
    sentences[hits[hit]]?.classList.remove("visited");
    hit = (hit + step + hits.length) % hits.length;
    sentences[hits[hit]].classList.add("visited");
    $("found").textContent = `${hit + 1} / ${hits.length}`;
    follow(false);
    bring(sentences[hits[hit]]);
  };
  $("search").addEventListener("input", search);
  $("search").addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); visit(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { $("search").value = ""; search(); $("search").blur(); }
  });

  for (const element of document.querySelectorAll(".scripted")) element.hidden = false;
  $("transcript").classList.add("live");
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${$("bar").offsetHeight}px`)).observe($("bar"));
  show();
  arrive();
})();
