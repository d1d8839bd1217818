// Connects the parts of the page: sends the drawing and shows the answer.

import { AnswerView } from "./answer.js";
import { ask, useToken } from "./api.js";
import { showBoxes } from "./boxes.js";
import { Drawing } from "./drawing.js";
import { byId } from "./element.js";
import { encode } from "./encode.js";
import { drawWithKeys } from "./keyboard.js";
import { live } from "./live.js";
import { readPicture, takePictures } from "./picture.js";
import { drawWithPointer } from "./pointer.js";
import { connectSamples } from "./samples.js";
import { showDrawing } from "./screen.js";
import { announcer } from "./speech.js";
import { connectTools } from "./tools.js";
import { spoken } from "./words.js";
import "./started.js";

const drawing = new Drawing();
const answerView = new AnswerView();
const speech = announcer(byId("speech"));
const [sheet, canvas, message, tokenForm] = ["sheet", "canvas", "message", "token"].map(byId);

/** @type {{answer: ?import("./api.js").Answer, view: import("./drawing.js").View}} */
let last = { answer: null, view: drawing.view };

const reading = live(
  async (signal) => {
    const view = drawing.view;
    return { view, answer: await ask(await encode(view), signal) };
  },
  (found) => {
    say("");
    tokenForm.hidden = true;
    show(found);
    speech.later(spoken(found.answer));
  },
  (error) => {
    answerView.keep();
    tokenForm.hidden = !error.token;
    say(error.message);
  },
);

/** Shows one line below the sheet; screen readers read it aloud. @param {string} text */
function say(text) {
  if (message.textContent !== text) message.textContent = text;
}

function show(found) {
  last = found;
  if (found.answer === null) answerView.reset();
  else answerView.show(found.answer);
  boxes();
}

function boxes() {
  showBoxes(byId("boxes"), last.answer, last.view, answerView.chosen);
}

function drawn() {
  sheet.classList.toggle("blank", drawing.isBlank);
  speech.wait();
  if (!drawing.isBlank) return reading.changed();
  reading.stop();
  say("");
  show({ answer: null, view: drawing.view });
}

async function place(file) {
  try {
    drawing.place(await readPicture(file));
    say("");
  } catch {
    say("The browser cannot read this file; choose another picture.");
  }
}

showDrawing(canvas, drawing);
drawWithPointer(canvas, drawing);
drawWithKeys(canvas, drawing, byId("pen"), speech.now);
takePictures(sheet, place, say);
connectTools(drawing, place);
connectSamples(drawing, place);
drawing.addEventListener("change", drawn);
answerView.addEventListener("choose", boxes);
window.addEventListener("online", reading.hurry);
tokenForm.addEventListener("submit", (event) => {
  event.preventDefault();
  useToken(tokenForm.elements.token.value);
  tokenForm.reset();
  reading.hurry();
});
drawn();
