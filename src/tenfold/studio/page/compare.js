// Some runs side by side: their curves and what they differ in.

import { get, run } from "./api.js";
import { chart } from "./chart.js";
import { byId, element } from "./element.js";
import { count, duration, percent, short } from "./numbers.js";

const KINDS = 6; // of lines; see the style sheet

/** What is compared. @type {[string, (run: object) => string][]} */
const FACTS = [
  ["Network", (one) => one.model ?? "–"],
  ["Data", (one) => one.dataset ?? "–"],
  ["Seed", (one) => String(one.seed ?? "–")],
  ["Changes", (one) => changes(one.asked)],
  ["Parameters", (one) => count(one.parameters)],
  ["Epochs", (one) => count(one.epochs)],
  ["Optimiser", (one) => one.optimizer ?? "–"],
  ["Learning rate", (one) => short(one.learning_rate)],
  ["Minibatch, at the end", (one) => count(one.batch_size)],
  ["Accuracy, test", (one) => percent(one.accuracy)],
  ["Accuracy, held out, last epoch", (one) => percent(one.held_out_accuracy)],
  ["Training", (one) => duration(one.seconds)],
  ["Folder", (one) => one.folder],
];

let latest = 0;

/** @param {string[]} names */
export async function compare(names) {
  const mine = ++latest;
  byId("comparison").hidden = names.length === 0;
  if (names.length === 0) return;
  const found = await Promise.all(names.map((name) => get(run(name))));
  if (mine !== latest) return; // others have been chosen meanwhile
  byId("chosen").replaceChildren(
    ...found.map(({ name }, i) => element("li", { className: `key ${kind(i)}`, textContent: name })),
  );
  const line = (key) => (one, i) => ({
    name: one.name,
    kind: kind(i),
    points: one.curves.map((row) => [row.epoch, row[key] ?? row[`train_${key}`]]),
  });
  chart(byId("loss-chart"), found.map(line("loss")), { below: "epochs" });
  const accuracies = found.map(line("accuracy"));
  const least = Math.min(1, ...accuracies.flatMap(({ points }) => points.map(([, y]) => y ?? 1)));
  const range = [Math.floor(20 * least) / 20 - (least === 1 ? 0.05 : 0), 1];
  chart(byId("accuracy-chart"), accuracies, { below: "epochs", range, percent: true });
  facts(found);
}

const kind = (i) => `kind-${i % KINDS}`;

/** @param {object[]} found */
function facts(found) {
  const head = element(
    "tr",
    {},
    element("th", { scope: "col", textContent: "Run" }),
    ...found.map(({ name }) => element("th", { scope: "col", textContent: name })),
  );
  const rows = FACTS.map(([title, text]) => {
    const texts = found.map(text);
    const differs = title !== "Folder" && new Set(texts).size > 1;
    return element(
      "tr",
      { className: differs ? "differs" : "" },
      element("th", { scope: "row", textContent: title }),
      ...texts.map((textContent) => element("td", { textContent })),
    );
  });
  byId("facts").replaceChildren(
    element("caption", { className: "unseen", textContent: "The chosen runs; rows in which they differ are bold" }),
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
}

/** @param {?object} asked */
function changes(asked) {
  if (asked == null) return "–";
  const { widths = {}, ...others } = asked.change;
  const found = { ...others, ...widths };
  return Object.entries(found).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ") || "none";
}
