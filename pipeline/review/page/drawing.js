// The two pictures of the programme: all of it, and the part that is looked at.
import { clock } from "./time.js";

const BAND = 24, LANE = 7, AXIS = 18;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 18e5, 36e5];

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["paper", "raised", "ink", "quiet", "line", "accent", "wave", "heard", "spot", "music", "doubt", "lost", "chapter", "cut"];
  return { ...Object.fromEntries(names.map((n) => [n, read(n)])), voices: [1, 2, 3, 4, 5, 6].map((n) => read(`voice${n}`)) };
}

function prepared(canvas) {
  const ratio = devicePixelRatio || 1, { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function hatched(context, colour, x, y, width, height) {
  if (width <= 0) return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let n = x - height - ((x - height) % 7); n < x + width; n += 7) { context.moveTo(n, y + height); context.lineTo(n + height, y); }
  context.stroke();
  context.restore();
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let n = text.length;
  while (n > 1 && context.measureText(text.slice(0, n) + "…").width > width) n--;
  return n > 1 ? text.slice(0, n).trimEnd() + "…" : "";
}

/** Everything but the close picture's grips. `state` is the page's. */
export function drawWhole(canvas, state, c) {
  const { context, width, height } = prepared(canvas), { view, chapters, window, waveform } = state;
  const x = (ms) => (ms / view.duration) * width;
  context.fillStyle = c.raised;
  context.fillRect(0, 0, width, height);
  areas(context, state, c, x, 0, height);
  context.fillStyle = c.wave;
  waveform?.draw(context, 0, view.duration, width, height / 2 + 2, height / 2 - 6);
  chapters.forEach((chapter, n) => {
    context.fillStyle = n === state.chosen ? c.accent : chapter.review ? c.doubt : c.chapter;
    context.fillRect(Math.round(x(chapter.start)), 0, n === state.chosen ? 2 : 1, height);
    context.fillRect(x(chapter.start) + 1, 0, Math.max(x(chapter.end) - x(chapter.start) - 2, 1), 3);
  });
  context.fillStyle = c.ink;
  context.globalAlpha = 0.09;
  context.fillRect(x(window.from), 0, Math.max(x(window.from + window.span) - x(window.from), 2), height);
  context.globalAlpha = 1;
  context.strokeStyle = c.quiet;
  context.strokeRect(x(window.from) + 0.5, 0.5, Math.max(x(window.from + window.span) - x(window.from) - 1, 2), height - 1);
  context.fillStyle = c.heard;
  context.fillRect(x(state.time) - 0.75, 0, 1.5, height);
}

/** Spots, music, doubt and lost speech, as areas behind a waveform. */
function areas(context, { view, cueGhost, cuts, range }, c, x, top, height) {
  const area = (from, to, colour, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.fillRect(x(from), top, Math.max(x(to) - x(from), 1), height);
    context.globalAlpha = 1;
  };
  for (const one of view.music) area(one.start, one.end, c.music, 0.16);
  for (const spot of view.spots) area(spot.start, spot.end, c.spot, 0.22);
  for (const chapter of view.chapters) if (chapter.review && chapter.start) hatched(context, c.doubt, x(chapter.start - 15000), top, x(chapter.start + 15000) - x(chapter.start - 15000), height);
  for (const lost of view.lost) hatched(context, c.lost, x(lost.start), top, Math.max(x(lost.end) - x(lost.start), 3), height);
  for (const row of cuts) drawCut(context, row, c, x, top, height, area);
  if (range.from !== null && range.to !== null) area(Math.min(range.from, range.to), Math.max(range.from, range.to), c.accent, 0.2);
  if (cueGhost !== null) { context.fillStyle = c.spot; context.fillRect(x(cueGhost) - 1.5, top, 3, height); }
}

/** An offer hatched, what will be cut covered, and where something was cut a dashed line. */
function drawCut(context, row, c, x, top, height, area) {
  if (row.gone) {
    if (row.state !== "cut") return;
    context.save();
    context.strokeStyle = c.cut;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(x(row.from), top);
    context.lineTo(x(row.from), top + height);
    context.stroke();
    context.restore();
  } else if (row.state === "cut") area(row.from, row.to, c.cut, 0.45);
  else if (row.state === "offered") hatched(context, c.cut, x(row.from), top, Math.max(x(row.to) - x(row.from), 3), height);
}

export function drawDetail(canvas, state, c) {
  const { context, width, height } = prepared(canvas), { window, waveform } = state;
  const x = (ms) => ((ms - window.from) / window.span) * width, end = window.from + window.span;
  const top = BAND, bottom = height - AXIS - LANE - 4, middle = (top + bottom) / 2;
  context.fillStyle = c.raised;
  context.fillRect(0, 0, width, height);
  areas(context, state, c, x, top, bottom - top);
  context.fillStyle = context.strokeStyle = c.wave;
  waveform?.draw(context, window.from, end, width, middle, (bottom - top) / 2 - 4);
  labels(context, state, c, x, width);
  names(context, state, c, x, top);
  speakers(context, state, c, x, bottom + 2, end);
  axis(context, window, c, x, width, height);
  for (const chapter of state.chapters) {
    if (chapter.start < window.from || chapter.start > end) continue;
    context.fillStyle = chapter === state.chapters[state.chosen] ? c.accent : c.chapter;
    context.fillRect(Math.round(x(chapter.start)) - 0.5, 0, chapter === state.chapters[state.chosen] ? 2 : 1.2, bottom);
  }
  context.fillStyle = c.heard;
  context.fillRect(x(state.time) - 0.75, 0, 1.5, height - AXIS);
}

function labels(context, { chapters, chosen }, c, x, width) {
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "middle";
  chapters.forEach((chapter, n) => {
    const from = Math.max(x(chapter.start), 0), to = Math.min(x(chapter.end), width);
    if (to < 0 || from > width || to - from < 3) return;
    context.globalAlpha = n === chosen ? 0.24 : n % 2 ? 0.06 : 0.11;
    context.fillStyle = n === chosen ? c.accent : chapter.review ? c.doubt : c.ink;
    context.fillRect(from, 0, to - from, BAND - 3);
    context.globalAlpha = 1;
    context.fillStyle = n === chosen ? c.accent : c.ink;
    context.fillText(fitted(context, chapter.title, to - from - 16), from + 8, (BAND - 3) / 2 + 1);
  });
}

function names(context, { view, cuts }, c, x, top) {
  context.font = "11px system-ui, sans-serif";
  const write = (one, colour, text) => {
    const room = x(one.end) - Math.max(x(one.start), 0);
    context.fillStyle = colour;
    context.fillText(fitted(context, text, room - 10), Math.max(x(one.start), 0) + 6, top + 10);
  };
  for (const spot of view.spots) write(spot, c.spot, `spot · ${spot.name}`);
  for (const one of view.music) write(one, c.music, one.name);
  for (const row of cuts) {
    if (row.gone && row.state === "cut") { context.fillStyle = c.cut; context.fillText(`✂ ${clock(row.end - row.start, 1)}`, x(row.from) + 4, top + 10); }
    else if (!row.gone && row.state !== "kept") write({ start: row.from, end: row.to }, c.cut, row.state === "cut" ? "will be cut" : "cut?");
  }
}

function speakers(context, { view, window, voices }, c, x, y, end) {
  let low = 0, high = view.captions.length;
  while (low < high) { const m = (low + high) >> 1; if (view.captions[m].end < window.from) low = m + 1; else high = m; }
  for (let n = low; n < view.captions.length && view.captions[n].start < end; n++) {
    const one = view.captions[n];
    context.fillStyle = one.speaker ? c.voices[voices.indexOf(one.speaker) % c.voices.length] : c.wave;
    context.fillRect(x(one.start), y, Math.max(x(one.end) - x(one.start) - 0.5, 0.5), LANE);
    if (one.doubtful) { context.fillStyle = c.doubt; context.fillRect(x(one.start), y - 3, Math.max(x(one.end) - x(one.start), 1), 2); }
  }
}

function axis(context, window, c, x, width, height) {
  const step = STEPS.find((one) => (one / window.span) * width > 76) ?? STEPS.at(-1), digits = step < 10 ? 3 : step < 1000 ? 2 : 0;
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = c.quiet;
  for (let ms = Math.ceil(window.from / step) * step; ms < window.from + window.span; ms += step) {
    context.fillRect(Math.round(x(ms)), height - AXIS, 1, 4);
    context.fillText(clock(ms, digits), x(ms) + 4, height - AXIS / 2);
  }
}
