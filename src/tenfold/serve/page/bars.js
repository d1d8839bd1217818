// The probabilities of the ten digits and of no digit: a table whose second column is drawn as bars.

import { element } from "./element.js";
import { percent } from "./words.js";

const NAMES = [..."0123456789", "no digit"];

/**
 * @param {HTMLTableSectionElement} body  gets a row for each digit, and one for no digit
 * @returns {(one: ?import("./api.js").Digit) => void} shows the probabilities and marks the digit
 */
export function bars(body) {
  const rows = NAMES.map((name) => {
    const bar = element("span", { className: "bar" });
    const share = element("span", { className: "share" });
    const value = element("div", { className: "value" }, bar, share);
    const row = element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value));
    body.append(row);
    return { row, bar, share };
  });

  return (one) => {
    const shares = one === null ? null : withNone(one);
    rows.forEach(({ row, bar, share }, i) => {
      const p = shares?.[i] ?? 0;
      bar.style.setProperty("--p", p);
      share.textContent = shares === null ? "" : percent(p);
      row.classList.toggle("read", i === one?.digit);
    });
  };
}

/** The probability of each digit, and last of none of them. @param {import("./api.js").Digit} one */
function withNone({ probabilities, none }) {
  return [...probabilities.map((p) => p * (1 - none)), none];
}
