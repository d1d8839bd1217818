// One number in words: what it is computed from, its gradient, and what the update makes of a weight.

import { byId, element } from "./element.js";
import { links, position } from "./links.js";
import { short } from "./numbers.js";

const MOST = 6; // terms that are written out

/** Explains an output of a layer. */
export function explainOutput(step, stage, index, image) {
  const { layer, before } = stage;
  const value = layer.y[image][index];
  heading(`${layer.name} [${at(layer.shape, index)}] = ${short(value)}`, layer);
  const inputs = links(layer, before.shape, index).map(({ from, weight }) => ({
    x: before.y[image][from],
    w: weight === null ? null : layer.parameters.weight.values[weight],
  }));
  byId("terms").replaceChildren(...terms(layer, inputs, index, value));
  byId("gradient").textContent = `The gradient of the loss with respect to it is ${short(layer.dy[image][index])}.`;
  byId("update").textContent = "";
}

/** Explains a pixel of the image. */
export function explainPixel(step, index, image) {
  heading(`Pixel [${at([8, 8], index)}] = ${short(step.input.y[image][index])}`, null);
  byId("terms").replaceChildren(element("p", { textContent: "The ink of the image, 0 to 1." }));
  byId("gradient").textContent = `More ink here changes the loss by ${short(step.input.dy[image][index])} for each unit.`;
  byId("update").textContent = "";
}

/** Explains a weight or a bias, and its update. */
export function explainWeight(step, layer, part, index) {
  const { values, gradient, after } = layer.parameters[part];
  heading(`${layer.name}.${part} [${at(layer.parameters[part].shape, index)}] = ${short(values[index])}`, layer);
  byId("terms").replaceChildren(
    element("p", { textContent: "It is the same for all images; its gradient adds up those of all images and places." }),
  );
  byId("gradient").textContent = `Its gradient is ${short(gradient[index])}.`;
  byId("update").textContent =
    `Update: ${short(values[index])} − ${short(step.learning_rate)} × ${short(gradient[index])} = ${short(after[index])}`;
  code(step.code.update, "optim/sgd.py, update");
}

/** Explains the probability of a class. */
export function explainProbability(step, stage, index, image) {
  const last = step.layers.at(-1);
  const p = step.probabilities[image][index];
  const label = step.labels[image];
  byId("what").textContent = `Probability of ${index} = ${short(p)}`;
  [byId("formula").textContent, byId("derivative").textContent] = step.formulas;
  const sum = last.y[image].reduce((total, x) => total + Math.exp(x), 0);
  byId("terms").replaceChildren(
    element("p", { textContent: `exp(${short(last.y[image][index])}) / ${short(sum)} = ${short(p)}` }),
    element("p", { textContent: `The image is a ${label}: its loss is −log ${short(step.probabilities[image][label])}.` }),
  );
  const t = index === label ? 1 : 0;
  byId("gradient").textContent =
    `dx = (${short(p)} − ${t}) / ${step.images} = ${short(last.dy[image][index])}, where the backward pass begins.`;
  byId("update").textContent = "";
  code(step.code.loss, "nn/losses.py");
}

/** Where a number is, counted from 1. */
const at = (shape, index) => position(shape, index).map((one) => one + 1).join(", ");

function heading(text, layer) {
  byId("what").textContent = text;
  byId("formula").textContent = layer?.formula ?? "";
  byId("derivative").textContent = layer?.derivative ?? "";
  code(layer?.code ?? "", layer?.file ?? "");
}

function code(text, file) {
  byId("code").textContent = text;
  byId("file").textContent = file;
}

/** What an output is computed from, in numbers. */
function terms(layer, inputs, index, value) {
  const line = (textContent) => element("p", { textContent });
  switch (layer.kind) {
    case "relu":
      return [line(`max(${short(inputs[0].x)}, 0) = ${short(value)}`)];
    case "max_pool2d":
      return [line(`the largest of ${inputs.map(({ x }) => short(x)).join(", ")} = ${short(value)}`)];
    case "flatten":
      return [line("The same number, in one row with the others.")];
    default: {
      const bias = layer.parameters.bias.values[index % layer.parameters.bias.values.length];
      const sorted = inputs.toSorted((a, b) => Math.abs(b.x * b.w) - Math.abs(a.x * a.w));
      const rows = sorted.slice(0, MOST).map(({ x, w }) => [short(x), "×", short(w), "=", short(x * w)]);
      const rest = sorted.slice(MOST).reduce((sum, { x, w }) => sum + x * w, 0);
      if (sorted.length > MOST) rows.push(["", "", `${sorted.length - MOST} others`, "=", short(rest)]);
      rows.push(["", "", "bias", "=", short(bias)], ["", "", "sum", "=", short(value)]);
      const body = rows.map((row) => element("tr", {}, ...row.map((textContent) => element("td", { textContent }))));
      const table = element("table", { className: "sum" }, element("tbody", {}, ...body));
      table.setAttribute("aria-label", "Inputs times weights, the largest first");
      return [table];
    }
  }
}
