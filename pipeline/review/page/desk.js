// The desk: its parts put together, and its beginning.
import { grips } from "./boundaries.js";
import { listCaptions, showWords } from "./captions.js";
import { listCuts } from "./cutlist.js";
import * as drafts from "./draft.js";
import { inspect, inspectAnew } from "./inspector.js";
import "./keys.js";
import { listOrder, markChosen } from "./order.js";
import { complain } from "./page.js";
import { showTime } from "./place.js";
import "./pointer.js";
import { show } from "./saving.js";
import { get } from "./server.js";
import { on, state } from "./state.js";
import "./tabs.js";

on("arranged", listOrder);
on("arranged", listCuts);
on("arranged", showWords);
on("arranged", inspect);
on("chosen", inspectAnew);
on("chosen", markChosen);
on("drawn", grips);
on("shown", () => setTimeout(() => { listCaptions(); showTime(); performance.mark("captions"); }));

try {
  const view = await get("api/episode");
  state.draft = drafts.fromView(view);
  state.window = { from: 0, span: Math.min(view.duration, 180000) };
  show(view, true);
  requestAnimationFrame(() => requestAnimationFrame(() => { performance.mark("desk"); document.body.dataset.ready = "true"; }));
} catch (error) {
  complain(error.message);
}
