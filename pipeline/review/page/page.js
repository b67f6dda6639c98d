// The page's nodes, and what is said on it.

export const $ = (id) => document.getElementById(id);

export const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

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
  const close = make("button", { textContent: "Close" });
  const alert = make("p", { className: "conflict", role: "alert" }, `${text} `, close);
  close.addEventListener("click", () => alert.remove());
  $("alerts").prepend(alert);
}
