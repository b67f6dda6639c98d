// Where the focus goes when what had it is gone: never to the page as such, from which a screen reader begins anew.
// A place to go to has `data-home`; keys act there as they do anywhere.

let last = null, homes = [];

addEventListener("focusin", ({ target }) => {
  last = target;
  homes = [];
  for (let node = target.parentElement; node; node = node.parentElement) if (node.matches("[data-home]")) homes.push(node);
});

const there = (node) => node.isConnected && !node.closest("[hidden]") && !node.disabled;

/** The focus to the innermost place around what had it last that is still there. */
export const goHome = () => (homes.find(there) ?? document.querySelector("main")).focus({ preventScroll: true });

/** What is being typed taken in, and its field left. */
export function leave() {
  const field = document.activeElement;
  if (!field.matches("input:not([type=checkbox]), textarea, select")) return;
  field.blur();
  goHome();
}

// Who clicked leaves the keys to the desk: space plays then, and presses nothing a second time.
addEventListener("click", () => { if (document.activeElement.matches(":is(button, [type=checkbox]):not(:focus-visible)")) goHome(); });

// The browser tells nobody that what had the focus was removed, hidden or disabled.
new MutationObserver(() => {
  if (last && !there(last) && [last, document.body].includes(document.activeElement)) goHome();
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["hidden", "disabled"] });
