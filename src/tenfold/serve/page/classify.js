// The page of a model that classifies whole pictures: sends the chosen picture and shows the classes.

import { ask, useToken } from "./api.js";
import { byId, element } from "./element.js";
import { takePictures } from "./picture.js";
import "./started.js";

const SHOWN = 10; // classes, the likeliest
const [sheet, picture, message, tokenForm, chooser] = ["sheet", "picture", "message", "token", "choose-file"].map(byId);
let last = null; // the picture that was sent last, to be sent again with a token
let running = new AbortController();

const say = (text) => (message.textContent = text);
const percent = (p) => `${(100 * p).toFixed(2)} %`;

/** @param {File} file */
async function classify(file) {
  last = file;
  running.abort();
  running = new AbortController();
  const { signal } = running;
  if (picture.src) URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  picture.hidden = false;
  sheet.classList.remove("blank");
  try {
    const found = await ask(file, signal, "v1/classify");
    say("");
    tokenForm.hidden = true;
    show(found);
  } catch (error) {
    if (signal.aborted) return;
    tokenForm.hidden = !error.token;
    say(error.message);
  }
}

/** @param {{class: string, sure: boolean, probability: number, probabilities: Object<string, number>}} found */
function show(found) {
  const sure = percent(found.probability);
  byId("answer").dataset.state = "shown";
  byId("text").textContent = found.sure ? `${found.class} (${sure})` : `not sure; perhaps ${found.class} (${sure})`;
  const likeliest = Object.entries(found.probabilities).sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  const rows = likeliest.map(([name, p]) =>
    element("tr", {}, element("th", { scope: "row", textContent: name }), element("td", { textContent: percent(p) })),
  );
  byId("classes").replaceChildren(...rows);
}

takePictures(sheet, classify, say);
byId("choose").addEventListener("click", () => chooser.click());
chooser.addEventListener("change", () => chooser.files.length && classify(chooser.files[0]));
tokenForm.addEventListener("submit", (event) => {
  event.preventDefault();
  useToken(tokenForm.elements.token.value);
  tokenForm.reset();
  if (last !== null) classify(last);
});
