// The probabilities of the ten digits: a table whose second column is drawn as bars.

import { element } from "./element.js";
import { percent } from "./words.js";

/**
 * @param {HTMLTableSectionElement} body  gets ten rows
 * @returns {(probabilities: ?number[], digit: ?number) => void} shows the probabilities and marks the digit
 */
export function tenBars(body) {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const bar = element("span", { className: "bar" });
    const share = element("span", { className: "share" });
    const value = element("div", { className: "value" }, bar, share);
    const row = element("tr", {}, element("th", { scope: "row" }, String(digit)), element("td", {}, value));
    body.append(row);
    return { row, bar, share };
  });

  return (probabilities, digit) => {
    rows.forEach(({ row, bar, share }, i) => {
      const p = probabilities?.[i] ?? 0;
      bar.style.setProperty("--p", p);
      share.textContent = probabilities === null ? "" : percent(p);
      row.classList.toggle("read", i === digit);
    });
  };
}
