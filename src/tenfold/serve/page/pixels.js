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
 * The feature maps of one layer; empty squares if there are none.
 * @param {HTMLElement} figure
 * @param {?import("./api.js").Feature} feature
 */
export function showMaps(figure, feature) {
  const count = feature?.maps.length ?? EMPTY;
  const grid = figure.querySelector(".maps");
  while (grid.children.length > count) grid.lastChild.remove();
  while (grid.children.length < count) grid.append(element("canvas"));
  for (const [i, canvas] of [...grid.children].entries()) {
    if (feature) showPixels(canvas, feature.maps[i], 1);
    else canvas.width = canvas.height = 1; // which blanks it
  }
  figure.classList.toggle("empty", !feature);
  if (feature) figure.querySelector(".size").textContent = described(feature);
}

/** @param {import("./api.js").Feature} feature */
function described({ name, maps }) {
  return `${name}: ${maps.length} maps of ${maps[0].length} × ${maps[0][0].length}`;
}
