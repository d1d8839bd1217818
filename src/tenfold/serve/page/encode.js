// Encodes the drawing as a PNG or JPEG for the server.

import { frame } from "./drawing.js";
import { paint } from "./paint.js";

/** The largest body that the server accepts, in bytes. */
export const LIMIT = 1 << 20;

const SHRINK = 0.7; // of each side, until the file is small enough

/**
 * @param {import("./drawing.js").View} view
 * @returns {Promise<Blob>} at most `LIMIT` bytes; black on white if there is no picture
 */
export async function encode(view) {
  const { picture, strokes } = view;
  if (picture?.file && (strokes.length === 0 || picture.hidden)) return picture.file;
  const wanted = picture === null ? 1 : picture.image.width / frame(view).width;
  const type = picture === null ? "image/png" : "image/jpeg";
  for (let scale = wanted; ; scale *= SHRINK) {
    const blob = await toBlob(painted(view, scale), type);
    if (blob.size <= LIMIT) return blob;
  }
}

/** @returns {HTMLCanvasElement} the frame of the view, with `scale` pixels a unit */
function painted(view, scale) {
  const { x, y, width, height } = frame(view);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.translate(-x, -y);
  paint(context, view, "black");
  return canvas;
}

/** @returns {Promise<Blob>} */
function toBlob(canvas, type) {
  return new Promise((resolve, reject) => {
    const done = (blob) => (blob ? resolve(blob) : reject(new Error("the browser cannot encode the picture")));
    canvas.toBlob(done, type, 0.92);
  });
}
