/* The list of groups. */

import { byId, element, get, phrase } from "./wire.js";

const SEEN = "sandbox-groups-seen";

export const groups = new Map();

let chosen = null;
let pick = () => {};

const seen = () => JSON.parse(localStorage.getItem(SEEN) || "{}");

/** Remember that everything up to a number has been looked at in a group. */
export function look(id, seq) {
  localStorage.setItem(SEEN, JSON.stringify({ ...seen(), [id]: seq }));
}

/** Take note of the newest thing said in a group. */
export function heard(said) {
  const group = groups.get(said.group);
  if (group && said.kind !== "recall") group.latest = said;
}

function preview(group) {
  if (!group.latest) return "";
  const text = group.latest.text.split("\n")[0].replace(/^[#>\s]+(?=\s)|\*\*/g, "");
  return `${group.latest.name}：${text.trim()}`;
}

function unreadDot() {
  const dot = element("span", "dot");
  dot.setAttribute("role", "img");
  dot.setAttribute("aria-label", phrase("unread"));
  return dot;
}

function row(group, read) {
  const button = element("button", "person");
  button.type = "button";
  if (group.group_id === chosen) button.setAttribute("aria-current", "true");
  const face = element("span", "face", group.name.slice(0, 1));
  face.setAttribute("aria-hidden", "true");
  const platform = element("span", "role", phrase(group.platform));
  const name = element("span", "line", element("strong", "", group.name), platform);
  const where = element("span", "where", preview(group) || phrase("people", { n: group.members.length }));
  button.append(face, element("span", "who", name, where));
  const unread = group.latest && group.latest.seq > (read[group.group_id] || 0);
  if (unread && group.group_id !== chosen) button.append(unreadDot());
  button.title = group.name;
  button.addEventListener("click", () => pick(group.group_id));
  return element("li", "", button);
}

/** Draw the list: where something was said last stands on top. */
export function draw() {
  const listed = [...groups.values()].sort((a, b) => (b.latest?.seq || 0) - (a.latest?.seq || 0));
  const read = seen();
  byId("groups").replaceChildren(...listed.map((group) => row(group, read)));
  byId("no-groups").hidden = listed.length > 0;
}

/** Mark which group is open. */
export function mark(id) {
  chosen = id;
  draw();
}

/** Read every group anew; the number of the newest thing said. */
export async function refresh() {
  const answer = await get("/groups");
  for (const group of answer.groups) groups.set(group.group_id, group);
  draw();
  return answer.last;
}

/** Fill the list; `chosenBy(id)` is called when a group is picked. */
export function start(chosenBy) {
  pick = chosenBy;
  return refresh();
}
