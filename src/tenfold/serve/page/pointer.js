// Drawing with a mouse, a finger or a pen.

import { PEN, SHEET } from "./drawing.js";

/**
 * Draws with one pointer at a time.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 */
export function drawWithPointer(canvas, drawing) {
  /** @type {?{id: number, stroke: import("./drawing.js").Stroke}} */
  let active = null;

  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SHEET.width,
      y: ((event.clientY - box.top) / box.height) * SHEET.height,
      width: penWidth(event),
    };
  };
  const on = (type, handle) =>
    canvas.addEventListener(type, (event) => {
      if (event.pointerId === active?.id) handle(event);
    });

  canvas.addEventListener("pointerdown", (event) => {
    if (active !== null || event.button !== 0) return; // a second finger, or another button
    canvas.setPointerCapture(event.pointerId);
    active = { id: event.pointerId, stroke: drawing.begin(point(event)) };
  });
  on("pointermove", (event) => {
    const events = event.getCoalescedEvents?.() ?? [];
    drawing.extend(active.stroke, (events.length > 0 ? events : [event]).map(point));
  });
  on("pointerup", () => (active = null));
  on("pointercancel", () => {
    drawing.remove(active.stroke);
    active = null;
  });
  on("lostpointercapture", () => (active = null));
}

/** Only pens report pressure; 0.5 is usual. @param {PointerEvent} event */
function penWidth({ pointerType, pressure }) {
  return pointerType === "pen" && pressure > 0 ? PEN * (0.5 + pressure) : PEN;
}
