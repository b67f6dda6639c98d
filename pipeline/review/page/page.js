// The page's nodes, and what is said on it.

export const $ = (id) => document.getElementById(id);

export const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

/** A button that reads `text` and does `act`; `label` is what it is called where nothing beside it is seen. */
export function button(text, label, act, className = "small") {
  const node = make("button", { type: "button", className, textContent: text });
  node.setAttribute("aria-label", label);
  node.addEventListener("click", act);
  return node;
}

/** What a row of a list reads: when, what, and how sure or why. */
export const cells = (time, name, sure, tag = "span") =>
  [make("time", { textContent: time }), make(tag, { className: "name", textContent: name }), make("span", { className: "sure", textContent: sure })];

/** A row that is a button; `label` as of any. */
export function rowButton(parts, title, label, act) {
  const node = button("", label, act, "row");
  node.title = title;
  node.append(...parts);
  return node;
}

/** What is wrong with what was typed, by its field; "" for nothing. */
export function fault(id, wrong) {
  $(id).setAttribute("aria-invalid", wrong !== "");
  $(`${id}-wrong`).textContent = wrong;
}

let quiet = 0;

export function say(text) {
  $("say").textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => { $("say").textContent = ""; }, 8000);
}

export function complain(text) {
  if ([...$("alerts").children].some((one) => one.firstChild.data === `${text} `)) return; // it is said already
  const alert = make("p", { className: "conflict", role: "alert" }, `${text} `, make("button", { textContent: "Close", onclick: () => alert.remove() }));
  $("alerts").prepend(alert);
}
