// Keeps the answer up to date while somebody draws: one question at a time, always about the newest drawing.

const PAUSE = 100; // ms from a change to the question, so that a quick stroke is not many questions
const FIRST_WAIT = 1000; // ms after a failure, doubled with each further one
const LONGEST_WAIT = 15000;

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} question  about the drawing as it is when called
 * @param {(answer: T) => void} answered
 * @param {(trouble: import("./api.js").Trouble) => void} failed
 */
export function live(question, answered, failed) {
  let waiting = false; // there is a change that has not been asked about
  /** @type {?AbortController} */
  let asking = null;
  let timer = 0;
  let failures = 0;
  let earliest = 0; // ms, when the server may be asked again
  /** @type {?import("./api.js").Trouble} */
  let refusal = null; // why it is not asked until somebody hurries

  function plan() {
    if (asking !== null || timer !== 0 || earliest === Infinity) return;
    timer = setTimeout(next, Math.max(PAUSE, earliest - Date.now()));
  }

  async function next() {
    timer = 0;
    waiting = false;
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await question(signal);
      failures = 0;
      if (!signal.aborted) answered(answer);
    } catch (trouble) {
      if (!signal.aborted) postpone(trouble);
    }
    asking = null;
    if (waiting) plan();
  }

  function postpone(trouble) {
    failed(trouble);
    if (trouble.token) {
      earliest = Infinity; // until there is one: see `hurry`
      refusal = trouble;
    } else if (trouble.again) {
      const wait = Math.min(FIRST_WAIT * 2 ** failures++, LONGEST_WAIT);
      earliest = Date.now() + Math.max(wait, 1000 * trouble.after);
    } else {
      return;
    }
    waiting = true;
  }

  return {
    /** The drawing changed. */
    changed() {
      waiting = true;
      if (refusal === null) plan();
      else failed(refusal); // what was said may have been cleared away
    },
    /** There is nothing to ask any more; what was asked need not be answered. */
    stop() {
      clearTimeout(timer);
      timer = 0;
      waiting = false;
      asking?.abort();
    },
    /** What kept the server from answering may be over. */
    hurry() {
      earliest = failures = 0;
      refusal = null;
      if (!waiting) return;
      clearTimeout(timer);
      timer = 0;
      plan();
    },
  };
}
