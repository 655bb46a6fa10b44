/* Talking to the sandbox: JSON in, JSON out, and an Error that says what was refused. */

async function ask(method, path, body) {
  const form = body instanceof FormData;
  const response = await fetch(`/sandbox${path}`, {
    method,
    body: body === undefined || form ? body : JSON.stringify(body),
    headers: body === undefined || form ? {} : { "Content-Type": "application/json" },
    cache: "no-store",
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

export const get = (path) => ask("GET", path);
export const post = (path, body) => ask("POST", path, body);
export const put = (path, body) => ask("PUT", path, body);
export const remove = (path) => ask("DELETE", path);

export const byId = (id) => document.getElementById(id);

const phrases = byId("phrases").dataset;

/** A phrase of the page, with its {places} filled. */
export function phrase(name, values = {}) {
  return Object.entries(values).reduce(
    (text, [key, value]) => text.split(`{${key}}`).join(value),
    phrases[name] || name,
  );
}

/** A new element; text is always text, never markup. */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** The time of day of an ISO moment, as the phone's owner reads it in China. */
export function clock(at, withDay = false) {
  const parts = { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai", hour12: false };
  const day = { month: "numeric", day: "numeric" };
  return new Date(at).toLocaleString("zh-CN", withDay ? { ...day, ...parts } : parts);
}
