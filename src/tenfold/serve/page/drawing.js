// The drawing as data, with undo and redo.
//
// A drawing is a list of marks: strokes, and covers (a picture or a blank sheet), which hide all earlier
// marks. Undo removes the last mark, also after clearing.

/** The size of the sheet in its own units; the style sheet decides its size on the screen. */
export const SHEET = Object.freeze({ width: 640, height: 480 });

/** Width of the pen in units of the sheet: about 1/12 of the height of a digit that fills the sheet. */
export const PEN = 24;

/** @typedef {{x: number, y: number, width: number}} Point  in units of the sheet; width of the pen there */
/** @typedef {{points: Point[]}} Stroke */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/**
 * @typedef {object} Picture
 * @property {ImageBitmap} image
 * @property {?Blob} file  the original file, if it can be sent unchanged
 * @property {boolean} [hidden]  whether the browser cannot show it, so that it is sent without what is drawn on it
 * @property {string} ink  a colour that is visible on it
 */
/** @typedef {{picture: ?Picture, strokes: Stroke[]}} View  what is visible */
/** @typedef {{stroke: Stroke} | {cover: ?Picture}} Mark */

/** Marks on a sheet. Dispatches "change" after every one of them. */
export class Drawing extends EventTarget {
  /** @type {Mark[]} */
  #marks = [];
  /** @type {Mark[]} */
  #undone = [];

  /** @param {Point} point @returns {Stroke} to be drawn on with `extend` */
  begin(point) {
    const stroke = { points: [point] };
    this.#add({ stroke });
    return stroke;
  }

  /** @param {Stroke} stroke @param {Point[]} points */
  extend(stroke, points) {
    stroke.points.push(...points);
    this.#changed();
  }

  /** Removes a stroke that was cancelled. @param {Stroke} stroke */
  remove(stroke) {
    this.#marks = this.#marks.filter((mark) => mark.stroke !== stroke);
    this.#changed();
  }

  /** @param {Picture} picture */
  place(picture) {
    this.#add({ cover: picture });
  }

  clear() {
    if (!this.isBlank) this.#add({ cover: null });
  }

  undo() {
    this.#move(this.#marks, this.#undone);
  }

  redo() {
    this.#move(this.#undone, this.#marks);
  }

  get canUndo() {
    return this.#marks.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  get isBlank() {
    const { picture, strokes } = this.view;
    return picture === null && strokes.length === 0;
  }

  /** @returns {View} */
  get view() {
    const last = this.#marks.findLastIndex((mark) => "cover" in mark);
    return {
      picture: last < 0 ? null : this.#marks[last].cover,
      strokes: this.#marks.slice(last + 1).map((mark) => mark.stroke),
    };
  }

  /** @param {Mark} mark */
  #add(mark) {
    this.#marks.push(mark);
    this.#undone = [];
    this.#changed();
  }

  /** @param {Mark[]} from @param {Mark[]} to */
  #move(from, to) {
    const mark = from.pop();
    if (!mark) return;
    to.push(mark);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The part of the sheet that is sent: all of it, or the area of the picture. @param {View} view @returns {Box} */
export function frame({ picture }) {
  if (picture === null) return { x: 0, y: 0, ...SHEET };
  const { width: w, height: h } = picture.image;
  const scale = Math.min(SHEET.width / w, SHEET.height / h);
  const [width, height] = [w * scale, h * scale];
  return { x: (SHEET.width - width) / 2, y: (SHEET.height - height) / 2, width, height };
}
