// The sound, and where it is: the exact moment while paused, the element's own while it plays.

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
    if (playing) this.element.play();
  }

  get playing() { return !this.element.paused; }
  get time() { return this.playing ? this.element.currentTime * 1000 : this.wanted; }
  set time(ms) {
    this.wanted = Math.max(ms, 0);
    this.element.currentTime = this.wanted / 1000;
  }

  toggle() { if (this.playing) this.element.pause(); else this.element.play(); }

  follow(moved) {
    const step = () => { if (this.playing) { moved(); requestAnimationFrame(step); } };
    requestAnimationFrame(step);
  }
}
