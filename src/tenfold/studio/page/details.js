// Filters, activations, mistakes and distributions of the network as it is now.

import { byId, drawn, element } from "./element.js";
import { canvasOf } from "./picture.js";
import { count, percent, short, sizes } from "./numbers.js";

/** @param {object} details */
export function showDetails({ filters, activations, mistakes, distributions }) {
  showFilters(filters);
  showActivations(activations);
  showMistakes(mistakes);
  showDistributions(distributions);
}

/** Whether an image can be chosen: only a training that goes on can show another one. @param {boolean} can */
export function allowChoice(can) {
  byId("choose").textContent = can
    ? "Choose one of the held-out images."
    : "The image that was followed; another one can be chosen only while the training goes on.";
  for (const button of document.querySelectorAll(".sample")) button.disabled = !can;
}

/** Shows images of which one can be chosen. @param {object[]} samples @param {(image: number) => void} choose */
export function showSamples(samples, choose) {
  const buttons = samples.map(({ index, label, image }) => {
    const button = element("button", { type: "button", className: "sample" }, canvasOf(image, "ink"));
    button.setAttribute("aria-label", `Image ${index + 1}: ${label}`);
    button.dataset.index = index;
    button.addEventListener("click", () => choose(index));
    return button;
  });
  byId("samples").replaceChildren(...buttons);
}

function showFilters(filters) {
  byId("filters").hidden = filters === null;
  if (filters === null) return;
  const { layer, count, pictures } = filters;
  const shown = pictures.length < count ? `, ${pictures.length} of ${count}` : "";
  byId("filters-about").textContent = `${layer}${shown}. Blue weights are positive, orange ones negative.`;
  byId("filters")
    .querySelector(".pictures")
    .replaceChildren(...pictures.map((one, i) => canvasOf(one, "signed", `Filter ${i + 1}`)));
}

function showActivations({ index, label, image, layers, probabilities }) {
  for (const button of document.querySelectorAll(".sample")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.index) === index));
  }
  const input = stage("input", sizes(image.shape), [canvasOf(image, "ink", `The image, a ${label}`)]);
  const stages = layers.map(({ name, count, units, maps }) => {
    const size = units ? `${units} values` : `${count} of ${sizes(maps[0].shape)}`;
    const pictures = maps.map((map) => canvasOf(units ? folded(map) : map, "signed"));
    return stage(name, size, pictures);
  });
  const names = [...document.querySelectorAll("#confusion thead th[data-class]")].map((one) => one.textContent);
  byId("activations").replaceChildren(input, ...stages, bars(probabilities, names, label));
}

/** @param {string} name @param {string} size @param {HTMLCanvasElement[]} pictures */
function stage(name, size, pictures) {
  const maps = element("div", { className: pictures.length > 1 ? "maps" : "map" }, ...pictures);
  const caption = element("p", { className: "stage-name" }, name, " ", element("span", { className: "soft" }, size));
  return element("div", { className: "stage" }, maps, caption);
}

/** A row of values as a rectangle that is about as high as wide. */
function folded(map) {
  const [, length] = map.shape;
  const width = length <= 12 ? Math.ceil(length / 2) : Math.ceil(Math.sqrt(length));
  const height = Math.ceil(length / width);
  const bytes = atob(map.bytes);
  const zero = map.high === map.low ? 0 : Math.round((255 * (0 - map.low)) / (map.high - map.low));
  const rest = String.fromCharCode(Math.min(255, Math.max(0, zero))).repeat(width * height - length);
  return { ...map, shape: [height, width], bytes: btoa(bytes + rest) };
}

function bars(probabilities, names, label) {
  const best = probabilities.indexOf(Math.max(...probabilities.map((p) => p ?? 0)));
  const rows = probabilities.map((p, i) => {
    const bar = element("span", { className: "bar" });
    bar.style.setProperty("--p", p ?? 0);
    const name = names[i] ?? String(i);
    const row = element(
      "tr",
      { className: i === best ? "best" : "" },
      element("th", { scope: "row", textContent: name }),
      element("td", {}, bar),
      element("td", { className: "share", textContent: percent(p) }),
    );
    if (name === label) row.classList.add("true");
    return row;
  });
  const table = element("table", { className: "answer" }, element("tbody", {}, ...rows));
  table.setAttribute("aria-label", "Probability of each class");
  const caption = element("p", { className: "stage-name" }, "answer ", element("span", { className: "soft" }, `${names[best] ?? best}; the label is ${label}`));
  return element("div", { className: "stage" }, table, caption);
}

function showMistakes(mistakes) {
  byId("mistakes").hidden = mistakes === null;
  if (mistakes === null) return;
  const { epoch, classes, images, confusion, worst } = mistakes;
  const right = confusion?.reduce((sum, row, i) => sum + row[i], 0);
  byId("mistakes-about").textContent =
    confusion === undefined
      ? `After epoch ${epoch}.`
      : `After epoch ${epoch}: ${count(images - right)} of ${count(images)} are wrong.`;
  matrix(byId("confusion"), classes, confusion ?? []);
  byId("worst").replaceChildren(
    ...worst.map(({ image, label, answer, probability }) =>
      element(
        "li",
        {},
        canvasOf(image, "ink", `A ${label}`),
        element("span", {}, `${label} read as `, element("b", { textContent: answer })),
        element("span", { className: "soft", textContent: percent(probability) }),
      ),
    ),
  );
}

/** @param {HTMLTableElement} table @param {string[]} classes @param {number[][]} counts */
function matrix(table, classes, counts) {
  const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => j !== i)));
  const head = classes.map((name) => {
    const cell = element("th", { scope: "col", textContent: name });
    cell.dataset.class = name;
    return cell;
  });
  const rows = counts.map((row, i) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", textContent: classes[i] }),
      ...row.map((value, j) => {
        const cell = element("td", { textContent: value || "", className: i === j ? "right" : "" });
        if (i !== j) cell.style.setProperty("--share", (value / most).toFixed(3));
        cell.title = `${classes[i]} read as ${classes[j]}: ${value}`;
        return cell;
      }),
    ),
  );
  const corner = element("th", { scope: "col" }, element("span", { className: "unseen" }, "True class; answers in columns"));
  table.replaceChildren(
    element("caption", { className: "soft", textContent: "Rows: the true class. Columns: the answer." }),
    element("thead", {}, element("tr", {}, corner, ...head)),
    element("tbody", {}, ...rows),
  );
}

function showDistributions(distributions) {
  const place = byId("distributions").querySelector(".histograms");
  place.replaceChildren(
    ...distributions.map(({ name, weights, gradients }) =>
      element(
        "div",
        { className: "histogram-pair" },
        element("p", { className: "stage-name", textContent: name }),
        histogram(weights, "train", `Weights ${name}`),
        histogram(gradients, "held", `Gradients ${name}`),
      ),
    ),
  );
}

function histogram({ counts, low, high }, kind, label) {
  const [width, height] = [160, 46];
  const most = Math.max(1, ...counts);
  const step = width / counts.length;
  const boxes = counts.map((value, i) => {
    const tall = (height * value) / most;
    return drawn("rect", { x: i * step, y: height - tall, width: step * 0.85, height: tall });
  });
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height + 14}`, class: `histogram ${kind}`, role: "img" }, ...boxes);
  svg.setAttribute("aria-label", `${label}: from ${short(low)} to ${short(high)}`);
  svg.append(
    drawn("text", { class: "tick", x: 0, y: height + 12 }, short(low)),
    drawn("text", { class: "tick", x: width, y: height + 12, "text-anchor": "end" }, short(high)),
  );
  return svg;
}
