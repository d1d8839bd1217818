// Shows the drawing on the canvas: sharp on every display, in the colours of the colour scheme, once per frame.

import { SHEET } from "./drawing.js";
import { paint } from "./paint.js";

/**
 * Keeps a canvas up to date with a drawing.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 */
export function showDrawing(canvas, drawing) {
  const context = canvas.getContext("2d");
  let planned = 0;

  function repaint() {
    planned = 0;
    fit(canvas);
    context.setTransform(canvas.width / SHEET.width, 0, 0, canvas.height / SHEET.height, 0, 0);
    context.clearRect(0, 0, SHEET.width, SHEET.height);
    paint(context, drawing.view, getComputedStyle(canvas).color);
  }

  function plan() {
    planned ||= requestAnimationFrame(repaint);
  }

  drawing.addEventListener("change", plan);
  new ResizeObserver(plan).observe(canvas);
  window.addEventListener("resize", plan); // the window moved to another display, or was zoomed
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", plan);
  }
}

/** Gives the canvas as many pixels as the display has there. @param {HTMLCanvasElement} canvas */
function fit(canvas) {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}
