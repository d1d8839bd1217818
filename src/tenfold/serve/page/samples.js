// Samples for who has nothing to draw with: strokes are drawn on the sheet, a picture is placed on it.

import { byId } from "./element.js";
import { PEN, SHEET } from "./drawing.js";
import { paint } from "./paint.js";

/** Strokes of each digit: x in 0..0.6, y in 0..1; a corner is given twice. */
const SHAPES = {
  0: [[[0.32, 0], [0.1, 0.08], [0, 0.5], [0.1, 0.92], [0.3, 1], [0.5, 0.92], [0.6, 0.5], [0.5, 0.08], [0.3, 0]]],
  1: [[[0.12, 0.24], [0.34, 0], [0.34, 0], [0.32, 1]]],
  2: [[[0.03, 0.22], [0.12, 0.02], [0.42, 0], [0.56, 0.22], [0.4, 0.55], [0.02, 0.98], [0.02, 0.98], [0.6, 0.97]]],
  3: [[[0.05, 0.1], [0.3, -0.02], [0.54, 0.12], [0.46, 0.4], [0.2, 0.47], [0.2, 0.47], [0.52, 0.54], [0.58, 0.82], [0.34, 1], [0, 0.9]]],
  4: [[[0.3, 0], [0, 0.62], [0, 0.62], [0.6, 0.62]], [[0.44, 0.3], [0.42, 1]]],
  5: [[[0.55, 0.02], [0.1, 0.02], [0.1, 0.02], [0.07, 0.44], [0.07, 0.44], [0.36, 0.36], [0.58, 0.62], [0.46, 0.94], [0.16, 1], [0, 0.9]]],
  6: [[[0.45, 0], [0.14, 0.26], [0, 0.66], [0.14, 0.98], [0.42, 0.98], [0.56, 0.76], [0.4, 0.54], [0.14, 0.6], [0.04, 0.76]]],
  7: [[[0, 0.03], [0.6, 0.02], [0.6, 0.02], [0.36, 0.46], [0.2, 1]]],
  8: [[[0.5, 0.14], [0.3, 0], [0.08, 0.16], [0.22, 0.42], [0.46, 0.58], [0.54, 0.84], [0.3, 1], [0.04, 0.84], [0.14, 0.58], [0.44, 0.38], [0.5, 0.14]]],
  9: [[[0.54, 0.2], [0.3, 0], [0.06, 0.16], [0.1, 0.42], [0.34, 0.46], [0.54, 0.2], [0.54, 0.2], [0.5, 0.6], [0.42, 1]]],
};

/**
 * Digits in a row, as strokes.
 * @param {string} text
 * @param {{left: number, top: number, height: number, gap: number, width: number, slant?: number}} where
 *   in units of the sheet; the gap in heights
 * @returns {import("./drawing.js").Stroke[]}
 */
function strokesOf(text, { left, top, height, gap, width, slant = 0 }) {
  return [...text].flatMap((digit, i) =>
    SHAPES[digit].map((shape) => ({
      points: shape.map(([x, y]) => ({
        x: left + height * (i * (0.6 + gap) + x + slant * (1 - y)),
        y: top + height * (y + 0.06 * Math.sin(2 * i)), // nobody writes on a perfect line
        width,
      })),
    })),
  );
}

/** A picture like a photo: a number in ink on paper, under light from one side. @returns {Promise<File>} */
async function photo() {
  const { width, height } = SHEET;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const light = context.createLinearGradient(0, 0, width, height);
  light.addColorStop(0, "#e9e2d0");
  light.addColorStop(1, "#a2957c");
  context.fillStyle = light;
  context.fillRect(0, 0, width, height);
  context.translate(width / 2, height / 2);
  context.rotate(-0.06);
  context.translate(-width / 2, -height / 2);
  const strokes = strokesOf("1998", { left: 120, top: 175, height: 130, gap: 0.22, width: 8, slant: 0.12 });
  paint(context, { picture: null, strokes }, "#26325e");
  return new File([await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })], "sample.jpg", { type: "image/jpeg" });
}

/**
 * @param {import("./drawing.js").Drawing} drawing
 * @param {(file: File) => void} place
 */
export function connectSamples(drawing, place) {
  const draw = (strokes) => strokes.forEach(({ points: [first, ...rest] }) => drawing.extend(drawing.begin(first), rest));
  const samples = {
    digit: () => draw(strokesOf("7", { left: 230, top: 100, height: 280, gap: 0, width: PEN })),
    number: () => draw(strokesOf("2025550143", { left: 50, top: 205, height: 70, gap: 0.18, width: 8 })),
    photo: async () => place(await photo()),
  };
  const group = byId("samples");
  for (const button of group.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      samples[button.dataset.sample]();
      byId("canvas").focus({ preventScroll: true }); // the buttons are gone now
    });
  }
  const update = () => (group.hidden = !drawing.isBlank);
  drawing.addEventListener("change", update);
  update();
}
