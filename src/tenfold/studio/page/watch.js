// Shows how a training stands: in words, figures and curves.

import { chart } from "./chart.js";
import { byId, element } from "./element.js";
import { inEpochs } from "./history.js";
import { count, duration, percent, short } from "./numbers.js";

/** @typedef {import("./history.js").History} History */

let said = "";

/** @param {?string} name @param {History} history */
export function show(name, history) {
  const { plan, begun, steps, epochs, state } = history;
  byId("watch-title").textContent = begun ? `${begun.model} on ${begun.dataset}` : (name ?? "No training yet");
  byId("run-name").textContent = begun && name ? name : "";
  byId("state").textContent = words(history);
  byId("state").dataset.state = state;
  controls(history);
  for (const id of ["figures", "panels", "progress"]) byId(id).hidden = plan === null;
  byId("notices").replaceChildren(...history.notices.map((textContent) => element("li", { textContent })));
  if (plan === null) return;
  figures(history);
  byId("progress").value = Math.min(1, done(history) / plan.epochs);
  const held = plan.held_out !== null;
  const points = (rows, key, at) => rows.map((row) => [at(row), row[key]]);
  const atEnd = ({ epoch }) => epoch;
  chart(
    byId("loss-chart"),
    [
      { name: "training", kind: "train", points: points(steps, "loss", inEpochs) },
      { name: "held out", kind: "held", points: held ? points(epochs, "loss", atEnd) : [] },
    ],
    { below: "epochs" },
  );
  chart(
    byId("accuracy-chart"),
    [
      { name: "training", kind: "train", points: points(steps, "accuracy", inEpochs) },
      { name: "held out", kind: "held", points: held ? points(epochs, "accuracy", atEnd) : [] },
    ],
    { below: "epochs", range: [0, 1], percent: true },
  );
  speak(history);
}

/**
 * Shows what a finished run has come to, and where to go on; nothing for none.
 * @param {?object} run  as the list of runs has it
 */
export function showAfter(run) {
  byId("after").hidden = run?.state !== "finished";
  if (run?.state !== "finished") return;
  const tested = run.accuracy == null ? "" : `${percent(run.accuracy)} of the test images are right. `;
  const link = (textContent, href) => element("a", { textContent, href });
  const links = [link("Its report and all runs", "runs.html")];
  if (run.reads_digits) links.unshift(link("Draw a digit for it", "draw.html"), " · ");
  byId("after").replaceChildren(tested, ...links);
}

/** How many epochs are done. @param {History} history */
function done({ plan, steps, epochs }) {
  const [step, epoch] = [steps.at(-1), epochs.at(-1)];
  return Math.max(step ? inEpochs(step) : 0, epoch ? epoch.epoch : 0, plan.epoch);
}

/** @param {History} history */
function words(history) {
  const { plan, state, error, diverged } = history;
  const at = plan === null ? "" : place(history);
  switch (state) {
    case "starting":
      return "Starting …";
    case "waiting":
      return `Waiting, ${count(history.before)} before it`;
    case "preparing":
      return plan === null ? "Loading the data …" : "Compiling the engine, which takes up to a minute …";
    case "running":
      return at;
    case "paused":
      return `Paused: ${at}`;
    case "trained":
      return "Trained; evaluated on the test images …";
    default:
      if (diverged) return `Diverged: ${error}`;
      if (error) return `Stopped: ${error}`;
      return plan === null ? "Ended" : `Finished after ${count(history.epochs.length)} ${history.epochs.length === 1 ? "epoch" : "epochs"}`;
  }
}

/** @param {History} history */
function place({ plan, steps, epochs }) {
  const step = steps.at(-1);
  if (!step) return `Epoch 1 of ${count(plan.epochs)}`;
  const epoch = epochs.at(-1);
  if (epoch && epoch.step >= step.step) return `Epoch ${count(epoch.epoch)} of ${count(plan.epochs)} is done`;
  const within = `step ${count(step.step_in_epoch)} of ${count(step.steps_per_epoch)}`;
  return `Epoch ${count(step.epoch + 1)} of ${count(plan.epochs)}, ${within}`;
}

/** @param {History} history */
function controls({ plan, state, error, diverged }) {
  const alive = ["running", "paused", "preparing"].includes(state) && plan !== null;
  const resumable = state === "over" && error !== null && plan !== null && !diverged;
  const waits = state === "waiting";
  byId("controls").hidden = !(alive || resumable || waits);
  for (const button of document.querySelectorAll("[data-do]")) {
    const order = button.dataset.do;
    const shown = { resume: resumable, cancel: waits }[order] ?? alive;
    button.hidden = !shown || (order === "pause" && state === "paused") || (order === "go" && state !== "paused");
  }
}

/** @param {History} history */
function figures({ steps, epochs, left, state }) {
  const [step, epoch] = [steps.at(-1), epochs.at(-1)];
  byId("train-loss").textContent = short(step?.loss);
  byId("train-accuracy").textContent = percent(step?.accuracy);
  byId("accuracy").textContent = percent(epoch?.accuracy);
  byId("speed").textContent = count(step?.images_per_second);
  byId("left").textContent = ["running", "paused", "preparing"].includes(state) ? duration(left) : "–";
}

/** Tells a screen reader of each epoch, and of the end; not of each step. @param {History} history */
function speak({ epochs, state, diverged }) {
  const epoch = epochs.at(-1);
  const [held, words] = [epoch?.accuracy, { paused: "Paused. ", over: diverged ? "Diverged. " : "Ended. " }[state] ?? ""];
  const text = epoch ? `${words}Epoch ${epoch.epoch}${held == null ? "" : `, ${percent(held)} held out`}` : words;
  if (text === said) return;
  said = text;
  byId("speech").textContent = text;
}
