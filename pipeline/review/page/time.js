// Milliseconds, clocks, and the border between the programme's time and the recording's.

/** `M:SS` or `H:MM:SS`, with so many digits of a second; what is not shown is cut, as players and pages cut it. */
export function clock(ms, digits = 0) {
  const unit = 10 ** (3 - digits);
  const whole = Math.floor(Math.round(Math.max(ms, 0)) / unit) * unit;
  const s = Math.floor(whole / 1000), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  const head = h ? `${h}:${String(m).padStart(2, "0")}` : `${m}`;
  const rest = digits ? "." + String(Math.floor((whole % 1000) / unit)).padStart(digits, "0") : "";
  return `${head}:${String(s % 60).padStart(2, "0")}${rest}`;
}

/** As the editor's files hold it: H:MM:SS.mmm. */
export function written(ms) {
  const whole = Math.round(ms), s = Math.floor(whole / 1000);
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}.${String(whole % 1000).padStart(3, "0")}`;
}

/** `H:MM:SS.mmm`, `M:SS` or seconds to ms; null for anything else, as 1:75 is: nobody knows which of the two is meant. */
export function parse(text) {
  const match = /^(?:(?:(?:(\d+):(?=[0-5]?\d:))?(\d+):(?=[0-5]?\d(?!\d)))?(\d+))(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!match) return null;
  const [, h = 0, m = 0, s, rest = ""] = match;
  return ((+h * 60 + +m) * 60 + +s) * 1000 + +rest.padEnd(3, "0");
}

/** When the recording had what the programme has at `ms`; inside a spot or music, the next talk there is. */
export function toRecording(stretches, ms) {
  for (const [low, high, at] of stretches) {
    if (ms < at) return low;
    if (ms < at + high - low) return Math.round(low + ms - at);
  }
  const last = stretches.at(-1);
  return last ? last[1] : ms;
}

/** When the programme has what the recording had at `ms`; of what was cut away, what follows. */
export function toProgramme(stretches, ms) {
  for (const [low, high, at] of stretches) {
    if (ms < low) return at;
    if (ms < high) return at + ms - low;
  }
  const last = stretches.at(-1);
  return last ? last[2] + last[1] - last[0] : ms;
}
