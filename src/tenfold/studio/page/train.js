// The page on which a network is trained and watched.

import { RequestError, follow, get, post, run } from "./api.js";
import { byId } from "./element.js";
import { again, asked, example, prepare } from "./form.js";
import { add, nothing } from "./history.js";
import { allowChoice, showDetails, showSamples } from "./details.js";
import { showAfter, show } from "./watch.js";
import "./sheet/started.js";

let name = null;
let history = nothing();
let unfollow = () => {};
let planned = 0;
let fetched = 0; // the details that are shown
let fetching = false;
let after = ""; // the run whose end is shown

/** Shows the run with this name. @param {string} chosen */
function watch(chosen) {
  unfollow();
  name = chosen;
  history = nothing();
  fetched = 0;
  after = "";
  showAfter(null);
  byId("trouble").textContent = "";
  unfollow = follow(name, hear, (lost) => {
    byId("trouble").textContent = lost && history.state !== "over" ? "The studio does not answer. Trying again …" : "";
  });
  plan();
}

/** @param {object} event */
function hear(event) {
  add(history, event);
  if (event.kind === "plan") showSamples(event.samples, look);
  plan();
}

/** Shows what is new, once for each frame of the screen. */
function plan() {
  planned ||= requestAnimationFrame(() => {
    planned = 0;
    show(name, history);
    allowChoice(["running", "paused"].includes(history.state));
    details();
    const finished = history.state === "over" && history.plan !== null && history.error === null;
    if (finished && after !== name) atEnd();
  });
}

/** Fetches the latest details, one request at a time. */
async function details() {
  if (fetching || history.details === fetched) return;
  fetching = true;
  const [wanted, of] = [history.details, name];
  try {
    const found = await get(`${run(of)}/details`);
    if (of === name) showDetails(found);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error; // the next event tries again
  } finally {
    fetching = false;
    fetched = of === name ? wanted : 0;
  }
  if (history.details !== fetched) plan();
}

/** Shows what a run has come to, and where to go on. */
async function atEnd() {
  after = name;
  try {
    const found = await get(run(name));
    if (found.name === name) showAfter(found);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error; // it was removed: the state says how it ended
  }
}

/** Has another image followed. @param {number} image */
const look = (image) => tell(() => post(`${run(name)}/orders`, { do: "look", image }));

/** Asks the studio; an error is shown in one line. @param {() => Promise<void>} question */
async function tell(question, place = "trouble") {
  byId(place).textContent = "";
  try {
    await question();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    byId(place).textContent = error.message;
  }
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  tell(async () => {
    const started = await post("api/runs", asked());
    location.hash = encodeURIComponent(started.name);
  }, "message");
});

for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => tell(() => example(button.dataset.example), "message"));
}

for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => {
    const order = button.dataset.do;
    tell(async () => {
      if (order === "cancel") return post(`${run(name)}/cancel`);
      if (order !== "resume") return post(`${run(name)}/orders`, { do: order });
      await post(`${run(name)}/resume`);
      watch(name);
    });
  });
}

/** The address says which run is shown, and which is to be started again. */
function fromAddress() {
  const chosen = decodeURIComponent(location.hash.slice(1));
  if (chosen && chosen !== name) watch(chosen);
}

/** Shows the training that goes on, where the address names none: the newest one. */
async function whatGoesOn() {
  const { runs } = await get("api/runs");
  const found = runs.filter(({ state, live }) => live && ["starting", "waiting", "running"].includes(state));
  const newest = found.toSorted((a, b) => (b.changed ?? Infinity) - (a.changed ?? Infinity))[0];
  if (newest && name === null) location.replace(`#${encodeURIComponent(newest.name)}`);
}

window.addEventListener("hashchange", fromAddress);
const parent = new URLSearchParams(location.search).get("again");
await tell(async () => {
  await prepare();
  byId("start").disabled = false;
}, "message");
if (parent) {
  await tell(async () => {
    const { asked: before, model, dataset, seed } = await get(run(parent));
    await again(before ?? { network: model, data: dataset, seed: seed ?? 0, change: {} });
  }, "message");
}
fromAddress();
if (name === null && !parent) await tell(whatGoesOn);
document.body.dataset.ready = "true";
