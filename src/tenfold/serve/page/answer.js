// The answer: the digits, their probabilities and the network's feature maps.

import { bars } from "./bars.js";
import { byId, element } from "./element.js";
import { showMaps, showPixels, showSigned } from "./pixels.js";
import { headline, sure, sureness } from "./words.js";

/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {import("./api.js").Digit} Digit */

const NOTHING = { text: "", reason: null, digits: [], width: 1, height: 1 };

/** Shows an answer and the details of one of its digits. Dispatches "choose" when another digit is chosen. */
export class AnswerView extends EventTarget {
  /** @type {Answer} */
  #answer = NOTHING;
  /** @type {?number} index of the chosen digit; null for the least certain one */
  #choice = null;
  #showBars = bars(byId("bars"));

  constructor() {
    super();
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.#showDigit());
    }
  }

  /** Index of the digit whose details are shown. */
  get chosen() {
    const { digits } = this.#answer;
    if (this.#choice !== null) return Math.min(this.#choice, digits.length - 1);
    const doubts = digits.map((one) => one.doubt);
    return doubts.lastIndexOf(Math.max(...doubts));
  }

  /** @param {Answer} answer */
  show(answer) {
    this.#answer = answer;
    const state = answer.digits.length === 0 || answer.reason !== null ? "none" : "read";
    this.#headline(state, headline(answer), sureness(answer));
    this.#showDigit();
  }

  /** The sheet is empty. */
  reset() {
    this.#answer = NOTHING;
    this.#choice = null;
    this.#headline("empty", "Nothing drawn yet", "");
    this.#showDigit();
  }

  /** No answer can be had now: mark the one that is shown as older. */
  keep() {
    if (this.#answer.digits.length === 0) return this.#headline("empty", "No answer yet", "");
    byId("answer").classList.add("older");
    byId("sureness").textContent = "answer to an earlier drawing";
  }

  /** @param {string} state @param {string} text @param {string} more */
  #headline(state, text, more) {
    byId("answer").classList.remove("older");
    byId("answer").dataset.state = state;
    byId("text").textContent = text;
    byId("text").style.setProperty("--length", Math.max(...text.split("\n").map((line) => line.length)));
    byId("sureness").textContent = more;
  }

  #showDigit() {
    const one = this.#answer.digits[this.chosen];
    this.#showBars(one ?? null);
    this.#showChoice();
    const [seen, ink] = [byId("seen"), byId("evidence")];
    for (const canvas of [seen, ink]) canvas.getContext("2d").reset();
    if (one) showPixels(seen, one.image, 255);
    if (one?.evidence) showSigned(ink, one.evidence);
    byId("inside")
      .querySelectorAll(".layer")
      .forEach((figure, i) => showMaps(figure, one?.features[i] ?? null));
  }

  /** A button for each digit, if there are several. */
  #showChoice() {
    const { digits } = this.#answer;
    const list = byId("digits");
    list.hidden = digits.length < 2;
    if (list.hidden) return list.replaceChildren();
    while (list.children.length > digits.length) list.lastChild.remove();
    while (list.children.length < digits.length) list.append(this.#button(list.children.length));
    digits.forEach((one, i) => this.#label(list.children[i].firstChild, one, i));
  }

  /** @param {number} i */
  #button(i) {
    const button = element("button", { type: "button" });
    button.addEventListener("click", () => {
      this.#choice = i;
      this.#showDigit();
      this.dispatchEvent(new Event("choose"));
    });
    return element("li", {}, button);
  }

  /** @param {HTMLButtonElement} button @param {Digit} one @param {number} i */
  #label(button, one, i) {
    button.textContent = String(one.digit ?? "?");
    button.setAttribute("aria-label", `Digit ${i + 1}: ${one.digit ?? "not sure"}, ${sure(one)}`);
    button.setAttribute("aria-pressed", String(i === this.chosen));
    button.classList.toggle("unsure", one.digit === null);
  }
}
