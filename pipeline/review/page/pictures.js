// The two pictures, drawn with the next frame whenever something in them changed.
import { colours, drawDetail, drawWhole } from "./drawing.js";
import { $ } from "./page.js";
import { state, tell } from "./state.js";

let colour = colours();
let waiting = false;

/** Both pictures, and what lies on them, with the next frame. */
export function redraw() {
  if (waiting || !state.view) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    drawWhole($("whole"), state, colour);
    drawDetail($("detail"), state, colour);
    tell("drawn");
  });
}

addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colour = colours(); redraw(); });
