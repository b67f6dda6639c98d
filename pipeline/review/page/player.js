// The sound, and where it is: the exact moment while paused, the element's own while it plays.
import { bytes } from "./server.js";

const AROUND = 2000, FADE = 240;

export class Player {
  constructor(element, moved) {
    this.element = element;
    this.wanted = 0;
    element.addEventListener("timeupdate", moved);
    element.addEventListener("seeked", moved);
    element.addEventListener("play", () => { this.follow(moved); });
    element.addEventListener("pause", () => { this.wanted = element.currentTime * 1000; moved(); });
  }

  load(address) {
    const at = this.time, playing = !this.element.paused;
    this.element.src = address;
    this.time = at;
    if (playing) this.play();
  }

  get playing() { return !this.element.paused; }
  get time() { return this.playing ? this.element.currentTime * 1000 : this.wanted; }
  set time(ms) {
    this.wanted = Math.max(ms, 0);
    this.element.currentTime = this.wanted / 1000;
  }

  /** What is heard around a cut of from..to ms, to the sample: two seconds before it and two behind, faded as Escaleta fades. */
  async around(from, to) {
    this.element.pause();
    this.hush();
    const ask = async (start, end) => new Int16Array(end > start ? await bytes(`api/samples?start=${start}&end=${end}`) : 0);
    const [end, begin] = [Math.round(from), Math.round(to)];
    const [before, after] = await Promise.all([ask(Math.max(end - AROUND, 0), end), ask(begin, begin + AROUND)]);
    const length = before.length + after.length;
    if (!length) return;
    this.context ??= new AudioContext({ sampleRate: 48000 });
    const buffer = this.context.createBuffer(1, length, 48000), data = buffer.getChannelData(0);
    before.forEach((value, n) => { data[n] = (value / 32768) * Math.min((before.length - n) / FADE, 1); });
    after.forEach((value, n) => { data[before.length + n] = (value / 32768) * Math.min(n / FADE, 1); });
    this.joined = this.context.createBufferSource();
    this.joined.buffer = buffer;
    this.joined.connect(this.context.destination);
    this.joined.start();
  }

  hush() { this.joined?.stop(); this.joined = null; }

  toggle() { this.hush(); if (this.playing) this.element.pause(); else this.play(); }

  /** What is stopped before it has begun rejects its promise, and is no fault. */
  play() { this.element.play().catch((error) => { if (error.name !== "AbortError") throw error; }); }

  follow(moved) {
    const step = () => { if (this.playing) { moved(); requestAnimationFrame(step); } };
    requestAnimationFrame(step);
  }
}
