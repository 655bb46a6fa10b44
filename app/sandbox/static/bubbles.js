/* Drawing what a phone shows. Everything people wrote goes in as text. */

import { byId, clock, element, phrase } from "./wire.js";

const LINK = /<a\s[^>]*?href=(["'])(.*?)\1[^>]*>(.*?)<\/a>|https?:\/\/[^\s<>"'，。；！？、）】」》]+/gis;
const PAUSE = 5 * 60 * 1000;

const opening = (openid, url) =>
  `/sandbox/phones/${encodeURIComponent(openid)}/open?url=${encodeURIComponent(url)}`;

function link(openid, url, text) {
  const anchor = element("a", "", text);
  anchor.href = opening(openid, url);
  anchor.target = "_blank";
  anchor.rel = "noopener";
  anchor.dataset.url = url;
  return anchor;
}

/** A line in a message that says something for you when tapped. */
function choice(say, text, words, menuId) {
  const button = element("button", "choice", text);
  button.type = "button";
  button.addEventListener("click", () => say(words, menuId));
  return button;
}

function anchored(bubble, say, url, text) {
  if (/^https?:\/\//i.test(url)) return link(bubble.openid, url, text);
  if (!/^weixin:\/\/bizmsgmenu\?/i.test(url)) return document.createTextNode(text);
  const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
  return choice(say, text, query.get("msgmenucontent") || text, query.get("msgmenuid") || "");
}

/** Text with its links: `<a href>` only in what the account says, bare addresses everywhere. */
function words(bubble, say) {
  const body = element("div", "words");
  let done = 0;
  for (const found of bubble.text.matchAll(LINK)) {
    const [whole, , href, label] = found;
    if (href !== undefined && bubble.direction === "out") continue;
    body.append(bubble.text.slice(done, found.index));
    const url = (href === undefined ? whole : href).replace(/&amp;/g, "&");
    body.append(anchored(bubble, say, url, href === undefined ? whole : label));
    done = found.index + whole.length;
  }
  body.append(bubble.text.slice(done));
  return body;
}

function picture(bubble) {
  const image = element("img", "picture");
  image.src = bubble.url;
  image.alt = phrase("image");
  image.addEventListener("load", () => image.closest(".chat")?.dispatchEvent(new Event("grown")));
  const frame = element("a", "framed", image);
  frame.href = bubble.url;
  frame.target = "_blank";
  return frame;
}

function card(bubble) {
  const body = element("div", "card");
  body.append(element("p", "card-title", bubble.title));
  const list = element("dl");
  for (const line of bubble.lines) {
    list.append(element("dt", "", line.label), element("dd", "", line.value));
  }
  body.append(list);
  if (bubble.url) {
    const more = link(bubble.openid, bubble.url, phrase("details"));
    more.className = "card-more";
    body.append(more);
  }
  return body;
}

function news(bubble) {
  const body = element("div", "card");
  for (const article of bubble.articles) {
    const entry = link(bubble.openid, article.url, "");
    entry.className = "article";
    if (/^https?:\/\//i.test(article.picurl)) {
      const image = element("img", "article-picture");
      image.src = article.picurl;
      image.alt = "";
      entry.append(image);
    }
    entry.append(element("strong", "", article.title), element("span", "", article.description));
    body.append(entry);
  }
  return body;
}

function choices(bubble, say) {
  const body = element("div", "words");
  if (bubble.head) body.append(element("p", "", bubble.head));
  for (const item of bubble.items) body.append(choice(say, item.content, item.content, item.id));
  if (bubble.tail) body.append(element("p", "", bubble.tail));
  return body;
}

function place(bubble) {
  const degrees = `${bubble.latitude.toFixed(5)}, ${bubble.longitude.toFixed(5)}`;
  return element(
    "div",
    "card place",
    element("p", "card-title", bubble.text || phrase("location")),
    element("p", "faint", degrees),
    element("div", "map"),
  );
}

const DRAWN = {
  text: words,
  image: picture,
  template: card,
  news,
  msgmenu: choices,
  location: place,
  voice: (bubble) => element("div", "words", `[${phrase("voice")}] ${bubble.text}`),
  video: () => element("div", "words", `[${phrase("video")}]`),
  link: (bubble) => element("div", "words", link(bubble.openid, bubble.url, bubble.text)),
};

const faces = () => byId("account-name").textContent.slice(0, 1);

/** One bubble as a list item; `say(words, menuId)` is called when a choice in it is tapped. */
export function drawn(bubble, holder, say) {
  if (bubble.type === "event" || bubble.type === "fault") {
    const text = bubble.event === "CLICK" ? phrase("tapped", { name: bubble.key }) : bubble.text;
    const line = element("li", bubble.type === "fault" ? "hint fault" : "hint", text);
    line.dataset.seq = bubble.seq;
    return line;
  }
  const draw = DRAWN[bubble.type] || ((other) => element("div", "words", other.text || other.type));
  const item = element("li", `said ${bubble.direction} ${bubble.type}`);
  const face = element("span", "face", bubble.direction === "out" ? holder.slice(-1) : faces());
  face.setAttribute("aria-hidden", "true");
  item.append(face, element("div", "bubble", draw(bubble, say)));
  item.dataset.seq = bubble.seq;
  return item;
}

/** The time above a bubble, when some has passed since the one before. */
export function pause(bubble, before) {
  if (before && new Date(bubble.at) - new Date(before.at) < PAUSE) return null;
  const today = new Date().toDateString() === new Date(bubble.at).toDateString();
  return element("li", "hint time", clock(bubble.at, !today));
}
