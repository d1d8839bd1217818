// Drawing with the keyboard: arrows move the pen (two together diagonally), Space lowers and lifts it.

import { PEN, SHEET } from "./drawing.js";

const STEP = 12; // units of the sheet
const FINE = 3; // with Shift

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Draws with the keys while the canvas has the focus.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 * @param {HTMLElement} cursor  shows where the pen is
 * @param {(text: string) => void} announce
 */
export function drawWithKeys(canvas, drawing, cursor, announce) {
  const pen = { x: SHEET.width / 2, y: SHEET.height / 4, width: PEN };
  const held = new Set();
  /** @type {?import("./drawing.js").Stroke} */
  let stroke = null;

  function show() {
    cursor.style.left = `${(100 * pen.x) / SHEET.width}%`;
    cursor.style.top = `${(100 * pen.y) / SHEET.height}%`;
    cursor.classList.toggle("down", stroke !== null);
  }

  function move(step) {
    for (const key of held) {
      pen.x = clamp(pen.x + step * ARROWS[key][0], SHEET.width);
      pen.y = clamp(pen.y + step * ARROWS[key][1], SHEET.height);
    }
    if (stroke !== null) drawing.extend(stroke, [{ ...pen }]);
  }

  function lift() {
    stroke = null;
    held.clear();
    show();
  }

  function toggle() {
    stroke = stroke === null ? drawing.begin({ ...pen }) : null;
    announce(`Pen ${stroke === null ? "up" : "down"}, ${place(pen)}.`);
  }

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) {
      held.add(event.key);
      move(event.shiftKey ? FINE : STEP);
    } else if (event.key === " ") {
      if (!event.repeat) toggle();
    } else if (event.key === "Escape") {
      stroke = null;
    } else if (event.key === "Delete") {
      stroke = null;
      drawing.clear();
    } else {
      return;
    }
    event.preventDefault();
    show();
  });
  canvas.addEventListener("keyup", (event) => held.delete(event.key));
  canvas.addEventListener("blur", lift);
  show();
}

const clamp = (value, most) => Math.min(Math.max(value, PEN / 2), most - PEN / 2);

/** The pen's position in words, for screen readers. */
function place({ x, y }) {
  const percent = (part, whole) => Math.round((100 * part) / whole);
  return `${percent(x, SHEET.width)} per cent from the left, ${percent(y, SHEET.height)} from the top`;
}
