// Arrays of numbers as pictures: filters, maps and images.

import { element } from "./element.js";

/** @typedef {{shape: number[], low: number, high: number, bytes: string}} Picture  0 is low, 255 is high */

/** @type {Map<HTMLCanvasElement, () => void>} */
const painted = new Map();

/** The values of a picture. @param {Picture} picture */
export function values({ bytes, low, high }) {
  return Float64Array.from(atob(bytes), (c) => low + ((high - low) * c.charCodeAt(0)) / 255);
}

/**
 * Paints a picture on a canvas, in the colours of the page: negative values orange, positive ones blue; an image
 * in the colour of ink.
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 * @param {"signed" | "ink"} kind
 */
export function paint(canvas, picture, kind) {
  const numbers = values(picture);
  const repaint = () => colour(canvas, picture, numbers, kind);
  painted.set(canvas, repaint);
  repaint();
}

/** @param {Picture} picture @param {"signed" | "ink"} kind @param {string} [label] */
export function canvasOf(picture, kind, label) {
  const canvas = element("canvas");
  if (label) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
  } else canvas.setAttribute("aria-hidden", "true");
  paint(canvas, picture, kind);
  return canvas;
}

function colour(canvas, { shape: [height, width], low, high }, numbers, kind) {
  const style = getComputedStyle(document.documentElement);
  const [paper, ink, blue, orange] = ["--card", "--ink", "--blue", "--orange"].map((name) =>
    rgb(style.getPropertyValue(name)),
  );
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const most = kind === "ink" ? 1 : Math.max(Math.abs(low), Math.abs(high)) || 1;
  numbers.forEach((value, i) => {
    const share = Math.min(1, Math.abs(value) / most);
    const target = kind === "ink" ? ink : value < 0 ? orange : blue;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = paper[c] + (target[c] - paper[c]) * share;
    image.data[4 * i + 3] = 255;
  });
  context.putImageData(image, 0, 0);
}

/** @param {string} hex */
function rgb(hex) {
  const digits = hex.trim().slice(1);
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const [canvas, repaint] of painted) {
    if (canvas.isConnected) repaint();
    else painted.delete(canvas);
  }
});
