/* The phone in hand: one person's conversation, live. */

import { drawn, pause } from "./bubbles.js";
import * as menu from "./menu.js";
import * as panel from "./panel.js";
import * as list from "./people.js";
import { byId, element, get, phrase, post } from "./wire.js";

const WAIT_SECONDS = 25;
const RETRY_MS = 2000;

const chat = byId("chat");
const written = byId("words");
let holder = null;
let newest = null;
let feed = 0;
let offline = false;
let waiting = 0;

const path = (openid) => `/phones/${encodeURIComponent(openid)}/messages`;

function toTheEnd() {
  chat.scrollTop = chat.scrollHeight;
}

function show(bubble) {
  if (chat.querySelector(`[data-seq="${bubble.seq}"]`)) return;
  chat.querySelector(".hint.empty")?.remove();
  const time = pause(bubble, newest);
  if (time) chat.append(time);
  chat.append(drawn(bubble, holder.name, say));
  newest = bubble;
  list.look(holder.openid, bubble.seq);
  toTheEnd();
}

function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

/** Say in the title that the account has yet to answer. */
function expect(more) {
  waiting += more;
  byId("waiting").hidden = waiting === 0;
}

/** Do something on the phone in hand; what it shows comes back through the feed. */
async function act(action) {
  if (!holder) return;
  trouble("");
  expect(1);
  try {
    await post(path(holder.openid), action);
  } catch (error) {
    trouble(phrase("refused", { why: error.message }));
  }
  expect(-1);
  panel.refresh();
}

function say(text, menuId = "") {
  return act(menuId ? { type: "text", text, menu_id: menuId } : { type: "text", text });
}

function tap(entry) {
  if (entry.type === "view") {
    const url = `/sandbox/phones/${encodeURIComponent(holder.openid)}/open?url=`;
    window.open(url + encodeURIComponent(entry.url), "_blank", "noopener");
    return act({ type: "event", event: "VIEW", key: entry.url });
  }
  const event = entry.type === "click" ? "CLICK" : entry.type;
  return act({ type: "event", event, key: entry.key });
}

function followButton() {
  byId("follow").textContent = phrase(holder.subscribed ? "unfollow" : "follow");
}

async function follow() {
  await act({ type: "event", event: holder.subscribed ? "unsubscribe" : "subscribe" });
  await list.refresh();
  holder = list.people.get(holder.openid);
  followButton();
}

/** Pick up somebody's phone. */
async function pick(openid) {
  const person = list.people.get(openid);
  if (!person) return;
  holder = person;
  newest = null;
  window.history.replaceState(null, "", `#${openid}`);
  document.body.dataset.view = "chat";
  const account = list.accounts.get(person.app_id);
  byId("account-name").textContent = account.name;
  byId("holder").textContent = [person.name, person.role, person.home].filter(Boolean).join(" · ");
  for (const id of ["words", "send", "photo", "place", "follow"]) byId(id).disabled = false;
  byId("place-label").value = person.home;
  trouble("");
  followButton();
  menu.draw(account.menu, tap);
  const { messages } = await get(`${path(openid)}?after=0`);
  if (holder !== person) return;
  chat.replaceChildren(element("li", "hint empty", phrase("nothing")));
  messages.forEach(show);
  list.mark(openid);
}

async function submit(event) {
  event.preventDefault();
  const text = written.value.trim();
  if (!text) return;
  written.value = "";
  await say(text);
}

async function sendPhoto() {
  const [file] = byId("photo").files;
  if (!file) return;
  const form = new FormData();
  form.append("image", file);
  byId("photo").value = "";
  await act(form);
}

function sendPlace() {
  if (byId("place-dialog").returnValue !== "send") return;
  act({
    type: "location",
    label: byId("place-label").value,
    latitude: Number(byId("place-latitude").value),
    longitude: Number(byId("place-longitude").value),
  });
}

/** Take in what any phone shows anew, for as long as the page is open. */
async function listen() {
  for (;;) {
    try {
      const { messages, last } = await get(`/messages?after=${feed}&wait=${WAIT_SECONDS}`);
      feed = last;
      if (offline) trouble("");
      offline = false;
      if (messages.some((bubble) => !list.people.has(bubble.openid))) await list.refresh();
      for (const bubble of messages) {
        list.heard(bubble);
        if (bubble.openid === holder?.openid) show(bubble);
      }
      if (messages.length) {
        list.draw();
        panel.refresh();
      }
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
  chat.addEventListener("grown", toTheEnd);
  byId("photo").addEventListener("change", sendPhoto);
  byId("place").addEventListener("click", () => {
    byId("place-dialog").returnValue = "";
    byId("place-dialog").showModal();
  });
  byId("place-dialog").addEventListener("close", sendPlace);
  byId("follow").addEventListener("click", follow);
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
  panel.start();
  listen();
}

begin();
