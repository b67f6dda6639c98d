// The waveform's columns, fetched as they come into view: level n has a column every 5 · 8ⁿ ms.
import { bytes } from "./server.js";

const TILE = 8192;
const COLUMN = 5, STEP = 8;

export class Waveform {
  constructor(counts, redraw) {
    this.counts = counts;
    this.redraw = redraw;
    this.tiles = new Map();
    this.close = null;
    this.asked = null;
  }

  /** Draw from..to ms into x = 0..width around `middle`; `half` is the height of full scale. */
  draw(context, from, to, width, middle, half) {
    const perPixel = (to - from) / width;
    if (perPixel < 1.2 && this.samples(context, from, to, width, middle, half)) return;
    let level = 0;
    while (level + 1 < this.counts.length && COLUMN * STEP ** (level + 1) <= perPixel) level++;
    const column = COLUMN * STEP ** level;
    context.beginPath();
    for (let x = 0; x < width; x++) {
      const first = Math.floor((from + x * perPixel) / column), last = Math.max(Math.floor((from + (x + 1) * perPixel) / column), first + 1);
      let low = 127, high = -127;
      for (let n = Math.max(first, 0); n < Math.min(last, this.counts[level]); n++) {
        const tile = this.tile(level, Math.floor(n / TILE));
        if (!tile) continue;
        const i = (n % TILE) * 2;
        if (tile[i] < low) low = tile[i];
        if (tile[i + 1] > high) high = tile[i + 1];
      }
      if (high < low) continue;
      const top = middle - (high / 127) * half, bottom = middle - (low / 127) * half;
      context.rect(x, top, 1, Math.max(bottom - top, 1));
    }
    context.fill();
  }

  tile(level, number) {
    const key = `${level}/${number}`;
    const held = this.tiles.get(key);
    if (held === undefined) {
      this.tiles.set(key, null);
      bytes(`api/columns/${level}?first=${number * TILE}&count=${TILE}`)
        .then((data) => { this.tiles.set(key, new Int8Array(data)); this.redraw(); })
        .catch(() => this.tiles.delete(key));
    }
    return held;
  }

  /** Single samples, once they are here. */
  samples(context, from, to, width, middle, half) {
    const held = this.close;
    if (!held || from < held.from || to > held.to) {
      this.ask(Math.max(Math.floor(from - (to - from)), 0), Math.ceil(to + (to - from)));
      return false;
    }
    const perPixel = (to - from) / width;
    const first = Math.max(Math.floor((from - held.from) * 48), 0), last = Math.min(Math.ceil((to - held.from) * 48), held.data.length - 1);
    const loudest = held.data.subarray(first, last + 1).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const zoom = Math.min(Math.max(2 ** Math.floor(Math.log2(29000 / loudest)), 1), 1024);
    context.beginPath();
    for (let n = first; n <= last; n++) {
      const x = (held.from + n / 48 - from) / perPixel, y = middle - ((held.data[n] * zoom) / 32768) * half;
      if (n === first) context.moveTo(x, y); else context.lineTo(x, y);
      if (perPixel < 0.004) context.rect(x - 1.5, y - 1.5, 3, 3);
    }
    context.stroke();
    if (zoom > 1) { context.font = "11px system-ui, sans-serif"; context.fillText(`× ${zoom}`, width - 40, middle + half - 6); }
    return true;
  }

  ask(from, to) {
    if (this.asked && this.asked.from <= from && this.asked.to >= to) return;
    this.asked = { from, to };
    bytes(`api/samples?start=${from}&end=${to}`)
      .then((data) => { this.close = { from, to, data: new Int16Array(data) }; this.redraw(); })
      .catch(() => {}) // it is asked for again when it is drawn again
      .finally(() => { this.asked = null; });
  }
}
