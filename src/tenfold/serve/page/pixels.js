// Small images from the network: one canvas pixel for each number, enlarged by the style sheet.

import { element } from "./element.js";

const EMPTY = 8; // squares

/**
 * Shows numbers as the opacity of the canvas's colour.
 * @param {HTMLCanvasElement} canvas
 * @param {number[][]} rows
 * @param {number} most  the number that is shown opaque
 */
export function showPixels(canvas, rows, most) {
  const [height, width] = [rows.length, rows[0].length];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const [red, green, blue] = getComputedStyle(canvas).color.match(/\d+/g).map(Number);
  rows.flat().forEach((value, i) => {
    image.data.set([red, green, blue, Math.round((255 * value) / most)], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

/**
 * Shows numbers of -1 to 1: blue above 0, orange below.
 * @param {HTMLCanvasElement} canvas
 * @param {number[][]} rows
 */
export function showSigned(canvas, rows) {
  const [height, width] = [rows.length, rows[0].length];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const [plus, minus] = ["--blue", "--orange"].map((name) => style.getPropertyValue(name));
  rows.forEach((row, y) =>
    row.forEach((value, x) => {
      context.globalAlpha = Math.abs(value);
      context.fillStyle = value > 0 ? plus : minus;
      context.fillRect(x, y, 1, 1);
    }),
  );
}

/**
 * The feature maps of one layer; empty squares if there are none.
 * @param {HTMLElement} figure
 * @param {?import("./api.js").Feature} feature
 */
export function showMaps(figure, feature) {
  const count = feature?.maps.length ?? EMPTY;
  const grid = figure.querySelector(".maps");
  while (grid.children.length > count) grid.lastChild.remove();
  while (grid.children.length < count) grid.append(element("button", { type: "button" }, element("canvas")));
  for (const [i, button] of [...grid.children].entries()) {
    const canvas = button.firstChild;
    button.disabled = !feature;
    button.setAttribute("aria-label", feature ? `Map ${feature.channels[i] + 1} of ${feature.count}` : "No map yet");
    if (feature) {
      showPixels(canvas, feature.maps[i], 1);
      button.onpointerenter = button.onfocus = () => showOne(figure, feature, i);
      button.onpointerleave = button.onblur = () => showOne(figure, feature, null);
    } else canvas.width = canvas.height = 1; // which blanks it
  }
  figure.classList.toggle("empty", !feature);
  if (!feature) return showOne(figure, feature, null);
  figure.querySelector(".size").textContent = described(feature);
  const looked = [...grid.children].findIndex((button) => button.matches(":hover, :focus"));
  showOne(figure, feature, looked < 0 ? null : looked);
}

/**
 * Says which map is looked at, and shows its filter.
 * @param {HTMLElement} figure
 * @param {?import("./api.js").Feature} feature
 * @param {?number} i  null for none of them
 */
function showOne(figure, feature, i) {
  const [size, one, about, filter] = [".size", ".one", ".about", ".filter"].map((name) => figure.querySelector(name));
  size.hidden = i !== null;
  one.hidden = i === null;
  if (i === null) return;
  const weights = feature.filters?.[i];
  filter.hidden = !weights;
  if (weights) showSigned(filter, weights);
  const from = weights ? `; its filter of ${weights.length} × ${weights[0].length} weights, blue above 0, orange below` : "";
  about.textContent = `${feature.name}, map ${feature.channels[i] + 1} of ${feature.count}${from}`;
}

/** @param {import("./api.js").Feature} feature */
function described({ name, maps, count }) {
  const which = count > maps.length ? `the ${maps.length} most active of ${count} maps` : `${count} maps`;
  return `${name}: ${which} of ${maps[0].length} × ${maps[0][0].length}`;
}
