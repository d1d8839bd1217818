// Pictures that are pasted, dropped or chosen.

import { LIMIT } from "./encode.js";

const SENT_AS_THEY_ARE = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"];
const ONLY_FOR_THE_SERVER = /\.(heic|heif|avif|tiff?|pdf|p[bgpn]m)$/i; // formats that most browsers cannot show
const MOST_PIXELS = 16e6; // that the server accepts
const LONGEST = 2400; // pixels of the longer side; larger pictures are scaled down

/**
 * Calls `found` with every image file that is pasted or dropped on the page, or chosen.
 * @param {HTMLElement} target  is highlighted while a file can be dropped
 * @param {(file: File) => void} found
 * @param {(text: string) => void} refused  called with the reason if there is no picture
 */
export function takePictures(target, found, refused) {
  document.addEventListener("paste", (event) => {
    const file = imageIn(event.clipboardData);
    if (file === null) return; // text, for example for a form field
    event.preventDefault();
    found(file);
  });
  const hover = (on) => target.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // otherwise the browser would open the picture instead of the page
    hover(event.dataTransfer.types.includes("Files"));
  });
  document.addEventListener("dragleave", (event) => hover(event.relatedTarget !== null));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    hover(false);
    const file = imageIn(event.dataTransfer);
    if (file !== null) found(file);
    else refused("This is not a picture file; drop a photo, a scan or a drawing.");
  });
}

/** @param {?DataTransfer} transfer @returns {?File} */
function imageIn(transfer) {
  return [...(transfer?.files ?? [])].find(isPicture) ?? null;
}

/** @param {File} file */
function isPicture({ type, name }) {
  return type.startsWith("image/") || ONLY_FOR_THE_SERVER.test(name);
}

/**
 * Decodes a picture, turns it upright and scales it down if it is very large. What only the server can read is sent as
 * it is, and a grey sheet with its name stands for it.
 * @param {File} file
 * @returns {Promise<import("./drawing.js").Picture>} rejected if the browser cannot read the file
 */
export async function readPicture(file) {
  const whole = await createImageBitmap(file).catch((error) => {
    if (ONLY_FOR_THE_SERVER.test(file.name)) return null;
    throw error;
  });
  if (whole === null) return { image: await standIn(file.name), file, hidden: true, ink: "black" };
  const fits = whole.width * whole.height <= MOST_PIXELS;
  const image = await smaller(whole);
  const asItIs = fits && file.size <= LIMIT && SENT_AS_THEY_ARE.includes(file.type);
  return { image, file: asItIs ? file : null, ink: inkOn(image) };
}

/** A grey sheet with a name on it. @param {string} name */
function standIn(name) {
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext("2d");
  context.fillStyle = "#dddddd";
  context.fillRect(0, 0, 640, 480);
  context.fillStyle = "#555555";
  context.textAlign = "center";
  context.font = "24px sans-serif";
  context.fillText(name, 320, 230, 600);
  context.fillText("(no preview)", 320, 265, 600);
  return createImageBitmap(canvas);
}

/** @param {ImageBitmap} image */
async function smaller(image) {
  const scale = LONGEST / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const size = { resizeWidth: scaled(image.width, scale), resizeHeight: scaled(image.height, scale) };
  const small = await createImageBitmap(image, { ...size, resizeQuality: "high" });
  image.close();
  return small;
}

const scaled = (length, scale) => Math.max(1, Math.round(length * scale));

/** Black on a light picture, white on a dark one. @param {ImageBitmap} image */
function inkOn(image) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, 1, 1);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 127 ? "black" : "white"; // ITU-R BT.601
}
