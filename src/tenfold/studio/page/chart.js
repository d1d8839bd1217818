// A chart of lines, drawn as SVG in the colours of the style sheet.

import { drawn } from "./element.js";
import { short } from "./numbers.js";

/** @typedef {{name: string, kind: string, points: [number, ?number][]}} Line  kind: a class of the style sheet */

const LEAST = 260; // of the width, in pixels
const LEFT = 52;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;
const MOST = 400; // points of a line that are drawn; of more, some are left out

/**
 * @param {SVGElement} svg  is filled
 * @param {Line[]} lines
 * @param {object} options
 * @param {[number, number]} [options.range]  of the vertical axis; by default that of the points
 * @param {string} options.below  what the horizontal axis shows
 * @param {boolean} [options.percent]
 */
export function chart(svg, lines, { range, below, percent = false }) {
  const all = lines.flatMap(({ points }) => points.filter(([, y]) => y != null));
  const width = Math.max(LEAST, Math.round(svg.getBoundingClientRect().width)); // a unit is a pixel: texts stay legible
  const height = Math.round(Math.min(260, Math.max(190, 0.5 * width)));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  if (all.length === 0) return svg.replaceChildren();
  const right = Math.max(...all.map(([x]) => x), 1e-9);
  const heights = all.map(([, y]) => y);
  const vertical = range ? linear(...range) : scaleOf(heights);
  const x = (value) => LEFT + ((width - LEFT - RIGHT) * value) / right;
  const y = (value) => height - BOTTOM - (height - TOP - BOTTOM) * clamp(vertical.place(value));
  const text = (value) => (percent ? `${Math.round(100 * value)} %` : short(value));
  const grid = vertical.ticks.flatMap((value) => [
    drawn("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
    drawn("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, text(value)),
  ]);
  const marks = linear(0, right).ticks.map((value) =>
    drawn("text", { class: "tick", x: x(value), y: height - BOTTOM + 16, "text-anchor": "middle" }, short(value)),
  );
  const title = drawn(
    "text",
    { class: "tick", x: width - RIGHT, y: height - 3, "text-anchor": "end" },
    below + (vertical.log ? "; logarithmic scale" : ""),
  );
  svg.replaceChildren(...grid, ...marks, title, ...lines.flatMap((line) => path(line, x, y)));
}

/** @param {Line} line */
function path({ points, kind }, x, y) {
  const seen = points.filter(([, value]) => value != null);
  if (seen.length === 0) return [];
  const every = Math.ceil(seen.length / MOST);
  const kept = seen.filter((_, i) => i % every === 0 || i === seen.length - 1);
  const places = kept.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const [last] = kept.slice(-1);
  return [
    drawn("polyline", { class: `line ${kind}`, points: places.join(" ") }),
    drawn("circle", { class: `end ${kind}`, cx: x(last[0]), cy: y(last[1]), r: 3 }),
  ];
}

const clamp = (value) => Math.min(1, Math.max(0, value));

/** A linear scale, or a logarithmic one where numbers are of very different size. @param {number[]} numbers */
function scaleOf(numbers) {
  const high = Math.max(...numbers);
  const low = Math.min(...numbers);
  if (low > 0 && high / low > 100) return logarithmic(low, high);
  return linear(Math.min(0, low), high * 1.05 || 1);
}

function linear(low, high) {
  const step = stepOf(high - low);
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) ticks.push(Number(at.toPrecision(12)));
  return { place: (value) => (value - low) / (high - low || 1), ticks, log: false };
}

function logarithmic(low, high) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.ceil((last - first) / 6);
  const ticks = [];
  for (let at = first; at <= last; at += every) ticks.push(10 ** at);
  const place = (value) => (Math.log10(Math.max(value, 10 ** first)) - first) / (last - first || 1);
  return { place, ticks, log: true };
}

function stepOf(length) {
  const power = 10 ** Math.floor(Math.log10(length / 4 || 1));
  const times = length / 4 / power;
  return power * (times > 5 ? 10 : times > 2 ? 5 : times > 1 ? 2 : 1);
}
