/* The side panel of the groups: faults of robots and groups, and what is on Weibo. */

import { byId, clock, element, get, phrase, put } from "./wire.js";

const OURS = ["robots", "groups"];
const SHOWN = 20;

function ruleOf() {
  const [kind, errcode] = byId("fault-kind").value.split(":");
  const rule = { kind, times: Number(byId("fault-times").value) };
  rule.seconds = Number(byId("fault-seconds").value);
  if (errcode) rule.errcode = Number(errcode);
  return rule;
}

const label = (select, value) =>
  [...byId(select).options].find((option) => option.value === value)?.text || value;

function described(door, rule) {
  const kind = rule.kind === "errcode" ? `errcode:${rule.errcode}` : rule.kind;
  const left = rule.times === null ? phrase("always") : phrase("left", { n: rule.times });
  return element("li", "", `${label("fault-kind", kind)} · ${label("fault-door", door)} · ${left}`);
}

function list(faults) {
  const rules = OURS.flatMap((door) => faults[door].map((rule) => described(door, rule)));
  byId("fault-list").replaceChildren(...(rules.length ? rules : [element("li", "none", phrase("noFaults"))]));
}

function status(one) {
  return element(
    "li",
    "",
    element("strong", "", `@${one.author}`),
    element("time", "", clock(one.at * 1000, true)),
    element("span", "statuses-text", one.text),
  );
}

async function readStatuses() {
  const { statuses } = await get("/weibo/statuses");
  byId("statuses").replaceChildren(...statuses.slice(-SHOWN).reverse().map(status));
  byId("no-statuses").hidden = statuses.length > 0;
}

/** Read the faults and Weibo anew. */
export async function refresh() {
  const [faults] = await Promise.all([get("/faults"), readStatuses()]);
  list(faults);
}

/** Make the panel work; `complain(error)` is told what was refused. */
export function start(complain) {
  byId("faults").addEventListener("submit", async (event) => {
    event.preventDefault();
    const faults = await get("/faults");
    faults[byId("fault-door").value].push(ruleOf());
    put("/faults", faults).then(list, complain);
  });
  byId("fault-clear").addEventListener("click", async () => {
    const faults = await get("/faults");
    for (const door of OURS) faults[door] = [];
    put("/faults", faults).then(list, complain);
  });
  // Which kinds a side can commit: only a group hears replies that can be lost.
  byId("fault-door").addEventListener("change", offer);
  offer();
  return refresh();
}

function offer() {
  const replies = [...byId("fault-kind").options].find((option) => option.value === "lost_reply");
  replies.disabled = byId("fault-door").value !== "groups";
  if (replies.disabled && replies.selected) byId("fault-kind").selectedIndex = 0;
}
