// The pointer over the two pictures.
import { mark } from "./cutlist.js";
import { leave } from "./focus.js";
import { $, say } from "./page.js";
import { redraw } from "./pictures.js";
import { choose, fromX, scroll, seek, snapped, zoom } from "./place.js";
import { state } from "./state.js";
import { clock } from "./time.js";

$("whole").addEventListener("pointerdown", (event) => {
  const go = (e) => {
    const box = $("whole").getBoundingClientRect();
    const ms = Math.min(Math.max((e.clientX - box.left) / box.width, 0), 1) * state.view.duration;
    scroll(ms - state.window.span / 2);
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
  else { scroll(state.window.from + (event.deltaX / $("detail").clientWidth) * state.window.span); redraw(); }
}, { passive: false });
