// Arrays of numbers as squares that can be pointed at, and reached with the arrow keys.

import { drawn, element } from "./element.js";
import { short, sizes } from "./numbers.js";
import { position } from "./links.js";

const SIZE = 15; // of a square, in pixels
const GAP = 1;

let pointer = {}; // where it last chose a square

/**
 * @param {object} array
 * @param {string} array.id
 * @param {string} array.label
 * @param {number[]} array.shape  height, width, channels; or a length; or height, width, channels in, channels out
 * @param {number[]} array.values
 * @param {(index: number, pinned: boolean) => void} choose  pinned: not only pointed at
 */
export function squares({ id, label, shape, values }, choose) {
  const planes = planesOf(shape);
  const most = Math.max(...values.map((value) => Math.abs(value ?? 0)), 1e-12);
  const rects = new Map();
  const svgs = planes.map(({ height, width, index, name }) => {
    const svg = drawn("svg", {
      viewBox: `0 0 ${width * (SIZE + GAP)} ${height * (SIZE + GAP)}`,
      width: width * (SIZE + GAP),
      height: height * (SIZE + GAP),
      class: "squares",
      role: "group",
      "aria-label": `${label}${name}`,
    });
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        const at = index(r, c);
        if (at >= values.length) continue;
        const value = values[at];
        const rect = drawn("rect", {
          x: c * (SIZE + GAP),
          y: r * (SIZE + GAP),
          width: SIZE,
          height: SIZE,
          class: value < 0 ? "negative" : "positive",
          "fill-opacity": (Math.abs(value ?? 0) / most).toFixed(3),
          tabindex: -1,
          role: "img",
          "aria-label": `${label} ${position(shape, at).map((one) => one + 1).join(", ")}: ${short(value)}`,
        });
        rect.dataset.index = at;
        rect.dataset.array = id;
        rects.set(at, rect);
        svg.append(rect);
      }
    }
    const next = (from, key) => {
      const [x, y] = [Number(from.getAttribute("x")), Number(from.getAttribute("y"))];
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
      const by = SIZE + GAP;
      return svg.querySelector(`rect[x="${x + dx * by}"][y="${y + dy * by}"]`);
    };
    svg.addEventListener("keydown", (event) => {
      const to = next(event.target, event.key);
      if (!event.key.startsWith("Arrow") || to === null) return;
      event.preventDefault();
      to.focus();
    });
    svg.addEventListener("focusin", ({ target }) => {
      for (const rect of svg.children) rect.setAttribute("tabindex", rect === target ? 0 : -1);
      choose(Number(target.dataset.index), true);
    });
    svg.addEventListener("pointerover", ({ target, screenX, screenY }) => {
      if (screenX === pointer.x && screenY === pointer.y) return; // the page has moved below it
      pointer = { x: screenX, y: screenY };
      if (target.dataset.index !== undefined) choose(Number(target.dataset.index), false);
    });
    svg.firstElementChild?.setAttribute("tabindex", 0);
    return svg;
  });
  const caption = element("p", { className: "stage-name" }, label, " ", element("span", { className: "soft" }, sizes(shape)));
  const node = element("div", { className: "array" }, element("div", { className: "planes" }, ...svgs), caption);
  return { node, rects };
}

/** The rectangles that an array is shown as. @param {number[]} shape */
function planesOf(shape) {
  if (shape.length === 1) {
    const width = Math.ceil(shape[0] / 10);
    const height = Math.min(10, shape[0]);
    return [{ height, width, index: (r, c) => c * height + r, name: "" }];
  }
  if (shape.length === 2) return [{ height: shape[0], width: shape[1], index: (r, c) => r * shape[1] + c, name: "" }];
  const [height, width, ...others] = shape;
  const depth = others.reduce((product, one) => product * one, 1);
  return Array.from({ length: depth }, (_, k) => ({
    height,
    width,
    index: (r, c) => (r * width + c) * depth + k,
    name: depth > 1 ? `, ${k + 1}` : "",
  }));
}
