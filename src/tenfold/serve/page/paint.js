// Paints a drawing, for the screen and for the picture that is sent.

import { frame } from "./drawing.js";

/** @typedef {import("./drawing.js").Point} Point */

/**
 * Paints the visible marks, in units of the sheet.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./drawing.js").View} view
 * @param {string} ink  the colour of strokes on the empty sheet
 */
export function paint(context, view, ink) {
  const { picture, strokes } = view;
  if (picture !== null) {
    const { x, y, width, height } = frame(view);
    context.fillStyle = "white"; // behind what is transparent
    context.fillRect(x, y, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(picture.image, x, y, width, height);
  }
  context.strokeStyle = context.fillStyle = picture?.ink ?? ink;
  context.lineCap = "round";
  for (const { points } of strokes) paintStroke(context, points);
}

/** A smooth curve with the width of the pen: quadratic arcs between the middles of the segments. */
function paintStroke(context, points) {
  if (points.length === 1) return dot(context, points[0]);
  let from = points[0];
  for (let i = 1; i < points.length; i++) {
    const [control, next] = [points[i - 1], points[i]];
    const to = i === points.length - 1 ? next : middle(control, next);
    context.lineWidth = (from.width + to.width) / 2;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.quadraticCurveTo(control.x, control.y, to.x, to.y);
    context.stroke();
    from = to;
  }
}

/** @param {CanvasRenderingContext2D} context @param {Point} point */
function dot(context, { x, y, width }) {
  context.beginPath();
  context.arc(x, y, width / 2, 0, 2 * Math.PI);
  context.fill();
}

/** @param {Point} a @param {Point} b @returns {Point} */
function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, width: (a.width + b.width) / 2 };
}
