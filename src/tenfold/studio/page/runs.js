// The page with all runs: sorted, compared, reported, started again.

import { RequestError, get, post, run } from "./api.js";
import { compare } from "./compare.js";
import { byId, element } from "./element.js";
import { count, duration, percent, short } from "./numbers.js";
import "./sheet/started.js";

const EVERY = 3000; // ms between two looks at the folder

const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** @typedef {{head: string, value: (run: object) => any, text?: (value: any) => string, number?: boolean}} Column */

/** @type {Column[]} */
const COLUMNS = [
  { head: "Run", value: (one) => one.name },
  { head: "State", value: (one) => (one.state === "waiting" ? `waiting, ${one.before} before it` : one.state) },
  { head: "Network", value: (one) => one.model },
  { head: "Data", value: (one) => one.dataset },
  { head: "Seed", value: (one) => one.seed, number: true },
  { head: "Epochs", value: (one) => one.epochs, text: count, number: true },
  { head: "Optimiser", value: (one) => one.optimizer && `${one.optimizer} ${short(one.learning_rate)}` },
  { head: "Test", value: (one) => one.accuracy, text: percent, number: true },
  { head: "Held out", value: (one) => one.held_out_accuracy, text: percent, number: true },
  { head: "Training", value: (one) => one.seconds, text: duration, number: true },
  { head: "Changed", value: (one) => one.changed, text: (at) => (at ? date.format(1000 * at) : "now"), number: true },
];

let runs = [];
let sorted = { column: COLUMNS.at(-1), down: true };
const chosen = new Set();

/** Asks the studio; an error is shown in one line. @param {() => Promise<any>} question */
async function tell(question) {
  try {
    await question();
    byId("message").textContent = "";
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    byId("message").textContent = error.message;
  }
}

async function refresh() {
  const found = await get("api/runs");
  byId("folder").textContent = found.folder;
  if (JSON.stringify(found.runs) === JSON.stringify(runs)) return;
  runs = found.runs;
  for (const name of chosen) if (!runs.some((one) => one.name === name)) chosen.delete(name);
  show();
}

function show() {
  const focused = document.activeElement?.dataset?.key;
  heads();
  const { column, down } = sorted;
  const ordered = runs.toSorted((a, b) => order(column.value(a), column.value(b)) * (down ? -1 : 1));
  byId("rows").replaceChildren(...ordered.flatMap(rows));
  byId("runs").hidden = runs.length === 0;
  byId("none").hidden = runs.length > 0;
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

/** What is not known comes last when the greatest comes first. */
function order(a, b) {
  if (a == null || b == null) return (a == null ? 0 : 1) - (b == null ? 0 : 1);
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
}

function heads() {
  const made = COLUMNS.map((column) => {
    const button = element("button", { type: "button", className: "sort", textContent: column.head });
    button.dataset.key = `head ${column.head}`;
    button.addEventListener("click", () => {
      const down = sorted.column === column ? !sorted.down : Boolean(column.number);
      sorted = { column, down };
      show();
    });
    const head = element("th", { scope: "col", className: column.number ? "number" : "" }, button);
    if (sorted.column === column) head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    return head;
  });
  const first = element("th", { scope: "col" }, element("span", { className: "unseen", textContent: "Compare" }));
  const last = element("th", { scope: "col" }, element("span", { className: "unseen", textContent: "What to do" }));
  byId("heads").replaceChildren(first, ...made, last);
}

/** The row of a run, and a second one with the reason why it ended early. @param {object} one */
function rows(one) {
  if (!one.error) return [row(one)];
  const reason = element("td", { className: "reason soft", colSpan: COLUMNS.length + 1, textContent: one.error });
  return [row(one), element("tr", { className: "why" }, element("td"), reason)];
}

/** @param {object} one */
function row(one) {
  const box = element("input", { type: "checkbox", checked: chosen.has(one.name) });
  box.setAttribute("aria-label", `Compare ${one.name}`);
  box.dataset.key = `box ${one.name}`;
  box.addEventListener("change", () => {
    if (box.checked) chosen.add(one.name);
    else chosen.delete(one.name);
    tell(() => compare([...chosen]));
  });
  const cells = COLUMNS.map(({ value, text = (given) => given ?? "–", number }, i) => {
    const shown = String(text(value(one)));
    if (i === 0) return element("th", { scope: "row", title: one.folder, textContent: shown });
    return element("td", { className: number ? "number" : "", textContent: shown });
  });
  return element("tr", { className: one.error ? "ended" : "" }, element("td", {}, box), ...cells, element("td", { className: "actions" }, ...actions(one)));
}

/** What can be done with a run. @param {object} one */
function actions(one) {
  const found = [];
  const link = (text, href) => {
    const made = element("a", { textContent: text, href });
    made.setAttribute("aria-label", `${text}: ${one.name}`);
    made.dataset.key = `${text} ${one.name}`;
    found.push(made);
  };
  const button = (text, path, then = () => {}) => {
    const made = element("button", { type: "button", className: "small", textContent: text });
    made.setAttribute("aria-label", `${text}: ${one.name}`);
    made.dataset.key = `${text} ${one.name}`;
    made.addEventListener("click", () =>
      tell(async () => {
        await post(`${run(one.name)}/${path}`);
        then();
        await refresh();
      }),
    );
    found.push(made);
  };
  if (one.live) link("Watch", `.#${encodeURIComponent(one.name)}`);
  if (one.report) link("Report", `${run(one.name)}/report`);
  else if (one.busy) found.push(element("span", { className: "soft", textContent: "Writing the report …" }));
  else if (one.state === "finished") button("Write report", "report");
  if (one.state === "waiting") button("Cancel", "cancel");
  if (one.resumable) button("Resume", "resume", () => location.assign(`.#${encodeURIComponent(one.name)}`));
  if (one.again) link("Again", `.?again=${encodeURIComponent(one.name)}`);
  return found;
}

async function ledger() {
  const { columns, rows } = await get("api/ledger");
  const cell = (text, i) => element("td", { textContent: text, className: i > 0 ? "number" : "" });
  byId("ledger-heads").replaceChildren(
    ...columns.map((textContent, i) => element("th", { scope: "col", className: i > 0 ? "number" : "", textContent })),
  );
  byId("ledger").replaceChildren(
    ...rows.map(([name, ...others]) =>
      element("tr", {}, element("th", { scope: "row", textContent: name }), ...others.map((text) => cell(text, 1))),
    ),
  );
}

byId("ledger").closest("details").addEventListener("toggle", () => tell(ledger), { once: true });
await tell(refresh);
document.body.dataset.ready = "true";
setInterval(() => document.hidden || tell(refresh), EVERY);
