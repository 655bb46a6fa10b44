/* A group's chat: many people, one of whom speaks now, live. */

import { drawn, pause, recalled } from "./group_bubbles.js";
import * as list from "./group_list.js";
import * as panel from "./group_panel.js";
import { byId, element, get, phrase, post } from "./wire.js";

const WAIT_SECONDS = 25;
const RETRY_MS = 2000;
const CHAIN = /^#接龙/;

const chat = byId("chat");
const written = byId("words");
const speaker = byId("speaker");
const mention = byId("at-bot");
let group = null;
let newest = null;
let chain = null;
let feed = 0;
let offline = false;
let waiting = 0;

const path = (id) => `/groups/${encodeURIComponent(id)}/messages`;

function toTheEnd() {
  chat.scrollTop = chat.scrollHeight;
}

function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

function expect(more) {
  waiting += more;
  byId("waiting").hidden = waiting === 0;
}

function takeBack(said) {
  const gone = chat.querySelector(`[data-number="${said.recalls}"]`);
  gone?.replaceWith(recalled(said.name));
}

function show(said) {
  if (said.kind === "recall") return takeBack(said);
  if (chat.querySelector(`[data-seq="${said.seq}"]`)) return;
  chat.querySelector(".hint.empty")?.remove();
  const time = pause(said, newest);
  if (time) chat.append(time);
  chat.append(drawn(said, group.members, said.by === speaker.value));
  newest = said;
  if (CHAIN.test(said.text)) chain = said.text;
  list.look(group.group_id, said.seq);
  toTheEnd();
}

/** Draw everything anew, as whoever speaks now sees it. */
async function redraw() {
  const shown = group;
  const { messages } = await get(`${path(shown.group_id)}?after=0`);
  if (group !== shown) return;
  newest = null;
  chain = null;
  chat.replaceChildren(element("li", "hint empty", phrase("nothing")));
  messages.forEach(show);
}

function fillSpeakers() {
  const before = speaker.value;
  speaker.replaceChildren(
    ...group.members.map((one) => new Option([one.name, one.card].filter(Boolean).join(" · "), one.id)),
  );
  if (group.members.some((one) => one.id === before)) speaker.value = before;
}

function enable() {
  const mute = group.members.length === 0;
  for (const id of ["words", "send", "speaker", "chain"]) byId(id).disabled = mute;
  mention.disabled = mute || !group.bot;
  mention.textContent = `@${group.bot_name || phrase("robot")}`;
}

async function pick(id) {
  const picked = list.groups.get(id);
  if (!picked) return;
  if (group !== picked) written.value = "";
  group = picked;
  window.history.replaceState(null, "", `#${id}`);
  document.body.dataset.view = "chat";
  byId("group-name").textContent = group.name;
  const robots = group.robots.map((robot) => `${phrase(robot.platform)}${phrase("robot")}`);
  const about = [phrase(group.platform), phrase("people", { n: group.members.length }), ...robots];
  byId("about").textContent = about.join(" · ");
  trouble("");
  mention.setAttribute("aria-pressed", "false");
  fillSpeakers();
  enable();
  await redraw();
  list.mark(id);
}

/** Say what came of it where nothing shows it in the chat. */
function report({ outcome, reason }) {
  if (outcome === "rejected") trouble(phrase("rejected", { why: reason }));
  else if (outcome === "broken") trouble(phrase("broken", { why: reason }));
  else if (outcome === "unreachable") trouble(phrase("unreachable"));
}

async function submit(event) {
  event.preventDefault();
  const text = written.value.trim();
  if (!text || !group) return;
  const said = { member: speaker.value, text, at_bot: mention.getAttribute("aria-pressed") === "true" };
  written.value = "";
  mention.setAttribute("aria-pressed", "false");
  trouble("");
  expect(1);
  try {
    report(await post(path(group.group_id), said));
  } catch (error) {
    trouble(phrase("refused", { why: error.message }));
  }
  expect(-1);
}

/** A sign-up as the apps compose it: the newest list with a line of one's own, or a new one. */
function compose() {
  const name = group.members.find((one) => one.id === speaker.value)?.name || "";
  if (!chain) {
    written.value = `#接龙\n${phrase("chainTitle")}\n\n1. ${name}`;
  } else {
    const last = Math.max(0, ...[...chain.matchAll(/^(\d+)[.．、]/gm)].map((found) => Number(found[1])));
    written.value = `${chain.trimEnd()}\n${last + 1}. ${name}`;
  }
  written.focus();
}

async function listen() {
  for (;;) {
    try {
      const { messages, last } = await get(`/group-messages?after=${feed}&wait=${WAIT_SECONDS}`);
      feed = last;
      if (offline) trouble("");
      offline = false;
      if (messages.some((said) => !list.groups.has(said.group))) await list.refresh();
      for (const said of messages) {
        list.heard(said);
        if (said.group === group?.group_id) show(said);
      }
      if (messages.length) list.draw();
      await panel.refresh();
    } catch (error) {
      offline = true;
      trouble(phrase("offline"));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function bind() {
  byId("composer").addEventListener("submit", submit);
  written.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    submit(event);
  });
  mention.addEventListener("click", () => {
    const pressed = mention.getAttribute("aria-pressed") === "true";
    mention.setAttribute("aria-pressed", String(!pressed));
    written.focus();
  });
  byId("chain").addEventListener("click", compose);
  speaker.addEventListener("change", redraw);
  const view = (id, name) =>
    byId(id).addEventListener("click", () => {
      document.body.dataset.view = name;
    });
  view("to-people", "people");
  view("to-panel", "panel");
  view("from-panel", "chat");
}

async function begin() {
  bind();
  feed = await list.start(pick);
  await pick(decodeURIComponent(window.location.hash.slice(1)));
  panel.start((error) => trouble(phrase("refused", { why: error.message })));
  listen();
}

begin();
