// Boxes around the digits that were found, if the sheet shows them.

import { frame, SHEET } from "./drawing.js";
import { element } from "./element.js";

/**
 * Draws boxes over the sheet; a single drawn digit has none.
 * @param {HTMLElement} layer  as large as the sheet
 * @param {?import("./api.js").Answer} answer
 * @param {import("./drawing.js").View} view  of the answer
 * @param {number} chosen  index of the chosen digit
 */
export function showBoxes(layer, answer, view, chosen) {
  const digits = answer?.digits ?? [];
  const visible = !view.picture?.hidden && !answer?.pages; // of several pages the boxes overlap
  const needed = visible && (digits.length > 1 || (digits.length === 1 && view.picture !== null));
  layer.replaceChildren(...(needed ? digits.map((one, i) => box(one, i === chosen, answer, frame(view))) : []));
}

/**
 * @param {import("./api.js").Digit} one
 * @param {boolean} isChosen
 * @param {import("./api.js").Answer} answer
 * @param {import("./drawing.js").Box} part  of the sheet that was sent
 */
function box(one, isChosen, answer, part) {
  const [left, top, width, height] = one.box;
  const [x, y] = [part.width / answer.width, part.height / answer.height]; // units of the sheet a pixel
  const made = element("span", { className: "box" }, element("b", {}, String(one.digit ?? "?")));
  made.classList.toggle("unsure", one.digit === null);
  made.classList.toggle("chosen", isChosen);
  Object.assign(made.style, {
    left: share(part.x + left * x, SHEET.width),
    top: share(part.y + top * y, SHEET.height),
    width: share(width * x, SHEET.width),
    height: share(height * y, SHEET.height),
  });
  return made;
}

const share = (length, whole) => `${(100 * length) / whole}%`;
