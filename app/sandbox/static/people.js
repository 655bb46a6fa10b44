/* The list of people whose phones can be picked up. */

import { byId, element, get, phrase } from "./wire.js";

const MOST_SHOWN = 80;
const SEEN = "sandbox-seen";

export const people = new Map();
export const accounts = new Map();

let chosen = null;
let pick = () => {};

const seen = () => JSON.parse(localStorage.getItem(SEEN) || "{}");

/** Remember that everything up to a number has been looked at on a phone. */
export function look(openid, seq) {
  localStorage.setItem(SEEN, JSON.stringify({ ...seen(), [openid]: seq }));
}

/** Take note of the newest thing on somebody's phone. */
export function heard(bubble) {
  const person = people.get(bubble.openid);
  if (person) person.latest = bubble;
}

function preview(latest) {
  if (!latest) return "";
  const kinds = { image: phrase("image"), location: phrase("location"), voice: phrase("voice") };
  const kind = kinds[latest.type];
  const text = latest.title || latest.text.replace(/<[^>]*>/g, "").split("\n")[0];
  return kind ? `[${kind}] ${text}` : text;
}

function row(person, read) {
  const button = element("button", "person");
  button.type = "button";
  const unread = person.latest?.direction === "in" && person.latest.seq > (read[person.openid] || 0);
  if (person.openid === chosen) button.setAttribute("aria-current", "true");
  const face = element("span", "face", person.name.slice(-1));
  face.setAttribute("aria-hidden", "true");
  const role = person.role || phrase("resident");
  const name = element("span", "line", element("strong", "", person.name));
  name.append(element("span", person.role ? "role staff" : "role", role));
  const where = element("span", "where", preview(person.latest) || person.home);
  button.append(face, element("span", "who", name, where));
  if (unread && person.openid !== chosen) {
    const dot = element("span", "dot");
    dot.setAttribute("role", "img");
    dot.setAttribute("aria-label", phrase("unread"));
    button.append(dot);
  }
  button.title = person.home;
  button.addEventListener("click", () => pick(person.openid));
  return element("li", "", button);
}

/** Draw the list: who has something on the phone first, newest on top, then as registered. */
export function draw() {
  const wanted = byId("search").value.trim().toLowerCase();
  const account = byId("account").value;
  const matching = [...people.values()].filter(
    (one) =>
      one.app_id === account &&
      `${one.name} ${one.role || phrase("resident")} ${one.home}`.toLowerCase().includes(wanted),
  );
  matching.sort((a, b) => (b.latest?.seq || 0) - (a.latest?.seq || 0));
  const read = seen();
  byId("people").replaceChildren(...matching.slice(0, MOST_SHOWN).map((one) => row(one, read)));
  const rest = matching.length - MOST_SHOWN;
  byId("more-people").hidden = rest <= 0 && matching.length > 0;
  byId("more-people").textContent = matching.length
    ? phrase("more", { n: rest })
    : phrase("nobody");
}

/** Mark who holds the phone now. */
export function mark(openid) {
  chosen = openid;
  const account = people.get(openid)?.app_id;
  if (account) byId("account").value = account;
  draw();
}

async function readAccounts() {
  const chooser = byId("account");
  for (const account of (await get("/accounts")).accounts) {
    if (!accounts.has(account.app_id)) chooser.append(new Option(account.name, account.app_id));
    accounts.set(account.app_id, account);
  }
  chooser.hidden = accounts.size < 2;
}

/** Read everybody anew; the number of the newest thing on any phone. */
export async function refresh() {
  await readAccounts();
  const { users, last } = await get("/users");
  for (const user of users) people.set(user.openid, user);
  draw();
  return last;
}

/** Fill the list; `chosenBy(openid)` is called when somebody is picked. */
export async function start(chosenBy) {
  pick = chosenBy;
  byId("search").addEventListener("input", draw);
  byId("account").addEventListener("change", draw);
  return refresh();
}
