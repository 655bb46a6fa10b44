/* Drawing what is said in a group. Everything people and robots wrote goes in as text. */

import { clock, element, phrase } from "./wire.js";

const LINK = /\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|https?:\/\/[^\s<>"'，。；！？、）】」》]+/gi;
const BOLD = /\*\*([^*\n]+)\*\*/g;
const PAUSE = 5 * 60;

function anchor(url, text) {
  const made = element("a", "", text);
  made.href = url;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

/** The parts of a text between the matches of a pattern, and what is made of each match. */
function parted(text, pattern, made, between) {
  const parts = [];
  let done = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(...between(text.slice(done, found.index)), made(found));
    done = found.index + found[0].length;
  }
  return [...parts, ...between(text.slice(done))];
}

const bold = (text) => parted(text, BOLD, (found) => element("strong", "", found[1]), (rest) => [rest]);

function linked(text, rich) {
  const made = (found) => (found[1] && rich ? anchor(found[2], found[1]) : plainLink(found));
  return parted(text, LINK, made, rich ? bold : (rest) => [rest]);
}

function plainLink(found) {
  if (!found[1]) return anchor(found[0], found[0]);
  return document.createTextNode(found[0]);
}

function line(text) {
  const heading = /^#{1,6}\s+(.*)$/.exec(text);
  if (heading) return element("strong", "", ...linked(heading[1], true));
  const quote = /^>\s?(.*)$/.exec(text);
  if (quote) return element("span", "quote", ...linked(quote[1], true));
  return element("span", "", ...linked(text, true), text ? "" : " ");
}

function words(said) {
  if (said.type !== "markdown") return element("div", "words", ...linked(said.text, false));
  return element("div", "words", ...said.text.split("\n").map(line));
}

/** Who spoke: a robot with its platform, a member with the name borne in the group. */
function speaker(said, member) {
  if (said.kind === "robot") return `${said.name} · ${phrase(said.by.replace("robot:", ""))}`;
  return member?.card ? `${member.name} · ${member.card}` : said.name;
}

function face(said, member) {
  const name = member?.name || said.name;
  const drawn = element("span", "face", said.kind === "member" ? name.slice(-1) : name.slice(0, 1));
  drawn.setAttribute("aria-hidden", "true");
  return drawn;
}

/** One thing said as a list item; `out` when whoever speaks now said it. */
export function drawn(said, members, out) {
  const item = element("li", `said ${out ? "out" : "in"} ${said.kind} ${said.type}`);
  item.dataset.seq = said.seq;
  item.dataset.number = said.message_id;
  const member = members.find((one) => one.id === said.by);
  const spoken = element("div", "spoken", element("span", "speaker", speaker(said, member)));
  spoken.append(element("div", "bubble", words(said)));
  if (said.to) {
    item.classList.add("aside");
    const to = members.find((one) => one.id === said.to);
    spoken.append(element("span", "speaker", phrase("private", { name: to?.name || said.to })));
  }
  item.append(face(said, member), spoken);
  return item;
}

/** What stays of something that was taken back. */
export function recalled(name) {
  return element("li", "hint", phrase("recalled", { name }));
}

/** The time above something said, when some has passed since the one before. */
export function pause(said, before) {
  if (before && said.time - before.time < PAUSE) return null;
  const at = said.time * 1000;
  const today = new Date().toDateString() === new Date(at).toDateString();
  return element("li", "hint time", clock(at, !today));
}
