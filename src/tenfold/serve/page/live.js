// Keeps the answer up to date while the user draws: one request at a time, always for the newest drawing.

const PAUSE = 100; // ms from a change to the request, so that a quick stroke is one request
const FIRST_WAIT = 1000; // ms after a failure, doubled after each further one
const LONGEST_WAIT = 15000;

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} request  requests the answer for the current drawing
 * @param {(answer: T) => void} answered
 * @param {(error: import("./api.js").RequestError) => void} failed
 */
export function live(request, answered, failed) {
  let waiting = false; // a change has not been sent yet
  /** @type {?AbortController} */
  let asking = null;
  let timer = 0;
  let failures = 0;
  let earliest = 0; // ms, when the next request may be sent
  /** @type {?import("./api.js").RequestError} */
  let refusal = null; // the error after which nothing is sent until `hurry`

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
      const answer = await request(signal);
      failures = 0;
      if (!signal.aborted) answered(answer);
    } catch (error) {
      if (!signal.aborted) postpone(error);
    }
    asking = null;
    if (waiting) plan();
  }

  function postpone(error) {
    failed(error);
    if (error.token) {
      earliest = Infinity; // until there is a token: see `hurry`
      refusal = error;
    } else if (error.again) {
      const wait = Math.min(FIRST_WAIT * 2 ** failures++, LONGEST_WAIT);
      earliest = Date.now() + Math.max(wait, 1000 * error.after);
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
      else failed(refusal); // its message may have been cleared
    },
    /** The sheet is empty: cancel the request. */
    stop() {
      clearTimeout(timer);
      timer = 0;
      waiting = false;
      asking?.abort();
    },
    /** Retry now: the cause of the last error may be gone. */
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
