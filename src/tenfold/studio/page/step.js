// The page that opens one training step of a small network.

import { RequestError, post } from "./api.js";
import { byId, element } from "./element.js";
import { explainOutput, explainPixel, explainProbability, explainWeight } from "./explain.js";
import { links, outputsOf, uses } from "./links.js";
import { short } from "./numbers.js";
import { canvasOf } from "./picture.js";
import { squares } from "./squares.js";
import "./sheet/started.js";

const LAST = 200;

let step = null;
let image = 0;
let arrays = new Map(); // by id: the squares of each array
let chosen = null;
let pinned = false; // it was chosen, not only pointed at

const pass = () => document.querySelector("[name=pass]:checked").value;

/** Asks for a step and shows it. */
async function open() {
  byId("message").textContent = "";
  const asked = { network: byId("network").value, step: number("step"), learning_rate: number("learning_rate") };
  try {
    step = await post("api/step", asked);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    byId("message").textContent = error.message;
    return;
  }
  show();
}

const number = (id) => (byId(id).value === "" ? null : Number(byId(id).value));

function show() {
  byId("back").disabled = step.step === 1;
  byId("next").disabled = step.step === LAST;
  byId("loss").textContent =
    `Loss of this minibatch: ${short(step.loss)}; after the update ${short(step.loss_after)}.`;
  byId("speech").textContent = `Step ${step.step}, loss ${short(step.loss)}`;
  images();
  network();
  const small = step.network === "convolution";
  if (chosen === null) choose("output", small ? 27 : 0, false, small ? 0 : 1);
  else again();
}

function images() {
  const made = step.labels.map((label, i) => {
    const picture = canvasOf({ shape: [8, 8], low: 0, high: 1, bytes: bytes(step.input.y[i]) }, "ink");
    const button = element("button", { type: "button", className: "sample" }, picture);
    button.setAttribute("aria-label", `Image ${i + 1}: ${label}`);
    button.setAttribute("aria-pressed", String(i === image));
    button.addEventListener("click", () => {
      image = i;
      show();
      document.querySelectorAll("#images button")[i].focus();
    });
    return button;
  });
  byId("images").replaceChildren(...made);
}

const bytes = (values) => btoa(String.fromCharCode(...values.map((value) => Math.round(255 * value))));

/** Draws the layers from left to right, each with its parameters above its output. */
function network() {
  arrays = new Map();
  const key = pass();
  const { input } = step;
  const stages = [stage("input", [array("input", "input", input.shape, input[key][image], (i, pin) => choose("input", i, pin))])];
  step.layers.forEach((layer, at) => {
    const parts = Object.entries(layer.parameters).map(([part, { shape, values, gradient }]) => {
      const id = `${layer.name}.${part}`;
      return array(id, part, asImages(shape), key === "y" ? values : gradient, (i, pin) => choose("weight", i, pin, at, part));
    });
    const shown = array(layer.name, layer.name, layer.shape, layer[key][image], (i, pin) => choose("output", i, pin, at));
    stages.push(stage(layer.kind.replace("2d", "").replace("_", " "), [...parts, shown]));
  });
  const answer = array("probabilities", "probability", [10], step.probabilities[image], (i, pin) => choose("probability", i, pin));
  stages.push(stage(`softmax; it is ${step.labels[image]}`, [answer]));
  byId("stages").replaceChildren(...stages);
}

/** A weight's shape, so that the weights of all pixels are shown as the pixels are. @param {number[]} shape */
function asImages(shape) {
  if (shape.length === 4) return [shape[0], shape[1], shape[2] * shape[3]];
  return shape[0] === 64 ? [8, 8, shape[1]] : shape;
}

function array(id, label, shape, values, pick) {
  const made = squares({ id, label, shape, values }, pick);
  arrays.set(id, made.rects);
  return made.node;
}

function stage(name, nodes) {
  const arrays = element("div", { className: "arrays" }, ...nodes);
  return element("div", { className: "stage-column" }, element("p", { className: "stage-title", textContent: name }), arrays);
}

/** What a layer is computed from. */
const before = (at) => (at === 0 ? { id: "input", ...step.input } : { id: step.layers[at - 1].name, ...step.layers[at - 1] });

/** Explains a number: one that was chosen stays, until another is chosen or Escape is pressed. */
function choose(kind, index, pin, at, part) {
  if (pinned && !pin) return;
  pinned = pin;
  if (chosen?.kind === kind && chosen.index === index && chosen.at === at && chosen.part === part) return;
  chosen = { kind, index, at, part };
  again();
}

/** Explains what was chosen and frames what it is connected with; also after another step. */
function again() {
  for (const rect of document.querySelectorAll("rect.lit, rect.chosen")) rect.classList.remove("lit", "chosen");
  if (chosen === null) return;
  const { kind, index, at, part } = chosen;
  const layer = step.layers[at];
  if (at !== undefined && layer === undefined) return; // of the other network
  if (kind === "input") {
    frame("input", [index], "chosen");
    frame(step.layers[0].name, uses(step.layers[0], step.input.shape, index));
    explainPixel(step, index, image);
  } else if (kind === "output") {
    const source = before(at);
    if (layer.y[image][index] === undefined) return;
    const found = links(layer, source.shape, index);
    frame(layer.name, [index], "chosen");
    frame(source.id, found.map(({ from }) => from));
    frame(`${layer.name}.weight`, found.map(({ weight }) => weight).filter((one) => one !== null));
    frame(`${layer.name}.bias`, [index % layer.shape.at(-1)]);
    const next = step.layers[at + 1];
    if (next) frame(next.name, uses(next, layer.shape, index));
    explainOutput(step, { layer, before: source }, index, image);
  } else if (kind === "weight") {
    if (layer.parameters[part]?.values[index] === undefined) return;
    frame(`${layer.name}.${part}`, [index], "chosen");
    frame(layer.name, outputsOf(layer, index));
    explainWeight(step, layer, part, index);
  } else {
    frame("probabilities", [index], "chosen");
    frame(step.layers.at(-1).name, step.probabilities[image].map((_, i) => i));
    explainProbability(step, null, index, image);
  }
}

function frame(id, places, name = "lit") {
  for (const one of places) arrays.get(id)?.get(one)?.classList.add(name);
}

/** @param {number} by */
function move(by) {
  byId("step").value = Math.min(LAST, Math.max(1, (number("step") ?? 1) + by));
  open();
}

byId("back").addEventListener("click", () => move(-1));
byId("next").addEventListener("click", () => move(1));
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  open();
});
byId("network").addEventListener("change", () => {
  [chosen, pinned] = [null, false];
});
for (const id of ["network", "learning_rate", "step"]) byId(id).addEventListener("change", open);
for (const radio of document.querySelectorAll("[name=pass]")) radio.addEventListener("change", () => step && show());
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") pinned = false;
});
await open();
document.body.dataset.ready = "true";
