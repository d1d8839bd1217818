// The page on which a digit is drawn, and several networks read it.

import { RequestError, ask, get } from "./api.js";
import { byId, element, fill } from "./element.js";
import { percent } from "./numbers.js";
import { canvasOf } from "./picture.js";
import { Drawing } from "./sheet/drawing.js";
import { encode } from "./sheet/encode.js";
import { drawWithKeys } from "./sheet/keyboard.js";
import { live } from "./sheet/live.js";
import { drawWithPointer } from "./sheet/pointer.js";
import { showDrawing } from "./sheet/screen.js";
import { announcer } from "./sheet/speech.js";
import "./sheet/started.js";

const AT_ONCE = 3;
const NONE = ["", "none"];
const BUILT_IN = "zoo:shipped";

const drawing = new Drawing();
const speech = announcer(byId("speech"));
const canvas = byId("canvas");
const cards = [];

const reading = live(
  async (signal) => ask(await encode(drawing.view), chosen(), signal),
  ({ answers }) => {
    byId("message").textContent = "";
    show(answers);
  },
  (error) => {
    if (!(error instanceof RequestError)) throw error;
    byId("message").textContent = error.message;
  },
);

const chosen = () => cards.map(({ select }) => select.value).filter((name) => name !== "");

/** One network: which, and what it reads. @param {string[][]} options @param {string} name @param {number} i */
function card(options, name, i) {
  const id = `network-${i + 1}`;
  const select = element("select", { id });
  fill(select, options);
  select.value = name;
  select.addEventListener("change", changed);
  const digit = element("p", { className: "read-digit", textContent: "–" });
  const sure = element("p", { className: "soft" });
  const body = element("tbody");
  const table = element("table", { className: "answer" }, body);
  table.setAttribute("aria-label", `Probability of each digit, network ${i + 1}`);
  const seen = element("div", { className: "seen" });
  const node = element(
    "article",
    {},
    element("label", { htmlFor: id }, `Network ${i + 1}`, select),
    element("div", { className: "verdict" }, digit, sure, seen),
    table,
  );
  return { node, select, digit, sure, body, seen };
}

/** @param {object[]} answers  of the chosen networks, in their order */
function show(answers) {
  const left = [...answers];
  const words = [];
  for (const one of cards) {
    const answer = one.select.value === "" ? null : left.shift();
    one.node.classList.toggle("off", one.select.value === "");
    const best = answer?.probabilities.length ? Math.max(...answer.probabilities) : null;
    const likeliest = best === null ? null : answer.probabilities.indexOf(best);
    one.digit.textContent = answer?.digit ?? (likeliest === null ? "–" : "?");
    one.sure.textContent = sureness(answer, likeliest, best);
    one.body.replaceChildren(...(answer?.probabilities ?? Array(10).fill(null)).map((p, i) => bar(p, i, likeliest)));
    one.seen.replaceChildren(...(answer?.image ? [input(answer.image)] : []));
    if (answer) words.push(answer.digit ?? "not sure");
  }
  if (answers.length > 0) speech.later(`Read: ${words.join(", ")}`);
}

function sureness(answer, likeliest, best) {
  if (!answer) return "";
  if (likeliest === null) return "Nothing to read";
  return answer.digit === null ? `Not sure; if a digit, a ${likeliest}` : `${percent(best)} certain`;
}

function bar(p, i, likeliest) {
  const made = element("span", { className: "bar" });
  made.style.setProperty("--p", p ?? 0);
  return element(
    "tr",
    { className: p !== null && i === likeliest ? "best" : "" },
    element("th", { scope: "row", textContent: String(i) }),
    element("td", {}, made),
    element("td", { className: "share", textContent: p === null ? "" : percent(p) }),
  );
}

/** @param {number[][]} image */
function input(image) {
  const bytes = btoa(String.fromCharCode(...image.flat()));
  return canvasOf({ shape: [28, 28], low: 0, high: 1, bytes }, "ink", "The digit in 28 by 28 pixels");
}

/** The drawing or the choice of networks has changed. */
function changed() {
  byId("sheet").classList.toggle("blank", drawing.isBlank);
  speech.wait();
  if (!drawing.isBlank && chosen().length > 0) return reading.changed();
  reading.stop();
  byId("message").textContent = "";
  show([]);
}

/** Offers the networks; at first the two of the runs that are right most often, and one that is built in. */
async function offer() {
  const { built_in: builtIn, runs, accuracies } = await get("api/readers");
  const named = (name) => (name === BUILT_IN ? "built-in network" : name);
  const exact = (name) => (accuracies[name] == null ? "" : `, ${percent(accuracies[name])}`);
  const options = [NONE, ...[...runs, ...builtIn].map((name) => [name, named(name) + exact(name)])];
  if (cards.length === 0) {
    const best = runs.toSorted((a, b) => (accuracies[b] ?? 0) - (accuracies[a] ?? 0));
    const first = [...best.slice(0, 2), ...builtIn].slice(0, AT_ONCE);
    cards.push(...first.map((name, i) => card(options, name, i)));
    byId("answers").replaceChildren(...cards.map(({ node }) => node));
    return;
  }
  for (const { select } of cards) {
    const { value } = select; // what was chosen stays
    fill(select, options);
    select.value = value;
  }
}

/** Offers them, and says in one line what went wrong. */
async function prepare() {
  try {
    await offer();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    byId("message").textContent = error.message;
  }
}

showDrawing(canvas, drawing);
drawWithPointer(canvas, drawing);
drawWithKeys(canvas, drawing, byId("pen"), speech.now);
drawing.addEventListener("change", changed);
byId("undo").addEventListener("click", () => drawing.undo());
byId("clear").addEventListener("click", () => drawing.clear());
document.addEventListener("visibilitychange", () => document.hidden || prepare()); // a training may have finished
await prepare();
changed();
document.body.dataset.ready = "true";
