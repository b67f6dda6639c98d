// What the page asks of its server. Every address is relative: the secret in the page's own goes along.

const ask = (path, options) => fetch(path, options).catch(() => {
  throw new Error("The desk's server no longer answers; start `escaleta review` again.");
});

async function answer(response) {
  const told = await response.json();
  if (!response.ok) throw Object.assign(new Error(told.error || response.statusText), told);
  return told;
}

export const get = async (path) => answer(await ask(path));

export const post = async (path, value = {}) =>
  answer(await ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) }));

export const bytes = async (path) => {
  const response = await ask(path);
  if (!response.ok) throw new Error(response.statusText);
  return response.arrayBuffer();
};
