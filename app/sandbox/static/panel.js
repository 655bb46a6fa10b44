/* The side panel: faults to switch on, and what passed between platform and service. */

import { byId, clock, element, get, phrase, put, remove } from "./wire.js";

const SHOWN = 14;

function ruleOf() {
  const [kind, errcode] = byId("fault-kind").value.split(":");
  const rule = { kind, times: Number(byId("fault-times").value) };
  rule.seconds = Number(byId("fault-seconds").value);
  if (errcode) rule.errcode = Number(errcode);
  if (kind !== "lost_reply") rule.path = byId("fault-path").value;
  return rule;
}

const label = (select, value) =>
  [...byId(select).options].find((option) => option.value === value)?.text || value;

function described(rule) {
  const kind = rule.kind === "errcode" ? `errcode:${rule.errcode}` : rule.kind;
  const left = rule.times === null ? phrase("always") : phrase("left", { n: rule.times });
  const where = rule.kind === "lost_reply" ? "" : ` · ${label("fault-path", rule.path)}`;
  return element("li", "", `${label("fault-kind", kind)}${where} · ${left}`);
}

function list({ api, callback }) {
  const rules = [...api, ...callback].map(described);
  byId("fault-list").replaceChildren(...(rules.length ? rules : [element("li", "none", phrase("noFaults"))]));
}

async function switchOn(event) {
  event.preventDefault();
  const faults = await get("/faults");
  const rule = ruleOf();
  faults[rule.kind === "lost_reply" ? "callback" : "api"].push(rule);
  list(await put("/faults", faults));
}

function called(row) {
  const fault = row.fault ? ` · ${label("fault-kind", row.fault)}` : "";
  const outcome = row.errcode === 0 ? phrase("ok") : row.errcode ?? phrase("unanswered");
  return { at: row.at, way: "outbound", what: row.path, how: `${outcome}${fault}` };
}

function delivered(row) {
  const tries = phrase("tries", { n: row.attempts.length });
  const spent = Math.round(row.attempts[row.attempts.length - 1].latency_ms);
  const how = `${phrase(row.reply)} · ${tries} · ${spent} ms`;
  return { at: row.at, way: "inbound", what: row.event || row.msg_type, how };
}

function line(entry) {
  return element(
    "li",
    entry.way,
    element("span", "way", phrase(entry.way)),
    element("time", "", clock(entry.at * 1000)),
    element("code", "", entry.what),
    element("span", "how", entry.how),
  );
}

/** Read the log and the faults anew. */
export async function refresh() {
  const [log, faults] = await Promise.all([get(`/log?limit=${SHOWN}`), get("/faults")]);
  const rows = [...log.calls.map(called), ...log.callbacks.map(delivered)];
  rows.sort((a, b) => b.at - a.at);
  byId("log").replaceChildren(...rows.slice(0, SHOWN).map(line));
  list(faults);
}

/** Make the panel work. */
export function start() {
  byId("faults").addEventListener("submit", switchOn);
  byId("fault-clear").addEventListener("click", async () => list(await remove("/faults")));
  byId("fault-kind").addEventListener("change", () => {
    byId("fault-path-row").hidden = byId("fault-kind").value === "lost_reply";
  });
  return refresh();
}
