// Numbers in words.

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

/** @param {?number} value */
export const count = (value) => (value == null ? "–" : whole.format(value));

/** @param {?number} value */
export function short(value) {
  if (value == null) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return three.format(value);
}

/** @param {?number} value  0 to 1 */
export const percent = (value) => (value == null ? "–" : `${(100 * value).toFixed(2)} %`);

/** @param {?number} seconds */
export function duration(seconds) {
  if (seconds == null) return "–";
  if (seconds < 1) return "< 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** @param {number[]} shape */
export const sizes = (shape) => shape.map((one) => whole.format(one)).join(" × ");
