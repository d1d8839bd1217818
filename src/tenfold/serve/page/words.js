// An answer in words, for the screen and for screen readers.

/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {import("./api.js").Digit} Digit */

const REASONS = {
  blank: "Nothing to read",
  "not sure": "Not sure",
  "too many marks": "Too many marks to be digits",
  "too long and narrow": "Too long and narrow to be a picture of digits",
};

/** @param {number} p  0 to 1; rounding never makes it 100 % */
export function percent(p) {
  return p > 0.9995 && p < 1 ? "> 99.9 %" : `${(100 * p).toFixed(1)} %`;
}

/** @param {number} p */
const inWords = (p) => percent(p).replace(">", "more than");

/** The headline. @param {Answer} answer */
export function headline({ text, reason }) {
  return reason === null ? text : (REASONS[reason] ?? sentence(reason));
}

/** The certainty of the answer. @param {Answer} answer */
export function sureness({ digits, reason }) {
  if (digits.length === 0) return reason === "blank" ? "The network found no ink." : "";
  if (digits.length === 1) return sure(digits[0]);
  const unsure = digits.filter((one) => one.digit === null).length;
  const least = Math.min(...digits.filter((one) => one.digit !== null).map((one) => one.probability));
  const parts = [`${digits.length} digits`];
  if (unsure > 0) parts.push(`${unsure} not sure`);
  if (unsure < digits.length) parts.push(`lowest probability ${inWords(least)}`);
  return parts.join(", ");
}

/** @param {Digit} one */
export function sure(one) {
  if (one.digit !== null) return `${inWords(one.probability)} certain`;
  const [first, second] = mostLikely(one.probabilities);
  const or = second.p < 0.05 ? "" : ` or ${named(second)}`;
  return `If it is a digit: ${named(first)}${or}`;
}

/** The text for screen readers. @param {Answer} answer */
export function spoken(answer) {
  const { text, digits, reason } = answer;
  const apart = text.split("\n").map((line) => (line.length > 1 ? [...line].join(" ") : line));
  const read = reason === null ? `Read: ${apart.join(", next line ")}` : headline(answer);
  const more = digits.length > 0 ? sureness(answer) : "";
  return `${read}. ${more}${more ? "." : ""}`.replaceAll("?", "unknown").trim();
}

/** The digits, the most likely first. @param {number[]} probabilities */
function mostLikely(probabilities) {
  return probabilities.map((p, digit) => ({ digit, p })).sort((a, b) => b.p - a.p);
}

const named = ({ digit, p }) => `${digit === 8 ? "an" : "a"} ${digit} (${percent(p)})`;
const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);
