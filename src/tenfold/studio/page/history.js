// What is known of a training, from its events.

/**
 * @typedef {object} History
 * @property {?object} plan
 * @property {object[]} steps
 * @property {object[]} epochs
 * @property {string[]} notices
 * @property {number} before  trainings of others and of one's own that begin earlier, while it waits
 * @property {string} state  starting, waiting, preparing, running, paused, trained, ended, over
 */

/** @returns {History} */
export const nothing = () => ({
  plan: null,
  begun: null,
  steps: [],
  epochs: [],
  notices: [],
  state: "starting",
  details: 0,
  error: null,
  diverged: false,
  left: null,
  before: 0,
});

/**
 * Adds an event; a resumed training takes the place of what came after its checkpoint.
 * @param {History} history
 * @param {object} event
 */
export function add(history, event) {
  switch (event.kind) {
    case "start":
      Object.assign(history, { begun: event, state: "preparing", error: null, diverged: false });
      break;
    case "plan":
      history.plan = event;
      history.steps = history.steps.filter(({ step }) => step <= event.step);
      history.epochs = history.epochs.filter(({ epoch }) => epoch <= event.epoch);
      break;
    case "steps":
      history.steps.push(event);
      Object.assign(history, { left: event.left, state: history.state === "paused" ? "paused" : "running" });
      break;
    case "epoch":
      history.epochs.push(event);
      history.left = event.left;
      break;
    case "state":
      history.state = event.paused ? "paused" : "running";
      break;
    case "details":
      history.details += 1;
      break;
    case "notice":
      history.notices.push(event.text);
      break;
    case "trained":
      history.state = "trained";
      break;
    case "end":
      Object.assign(history, { state: "ended", error: event.error ?? null, diverged: Boolean(event.diverged) });
      break;
    case "waiting":
      Object.assign(history, { state: "waiting", before: event.before });
      break;
    case "over":
      Object.assign(history, { state: "over", error: event.reason ?? history.error ?? event.error });
      break;
  }
}

/** Where a step is, in epochs. @param {object} step */
export const inEpochs = ({ epoch, step_in_epoch: step, steps_per_epoch: steps }) => epoch + step / steps;
