// What a screen reader says without being asked.

const SILENCE = 800; // ms after which a drawing is taken to be finished

/** @param {HTMLElement} region  with aria-live */
export function announcer(region) {
  let timer = 0;
  const now = (text) => {
    clearTimeout(timer);
    region.textContent = text;
  };
  return {
    now,
    /** Says it unless something is drawn meanwhile. @param {string} text */
    later(text) {
      clearTimeout(timer);
      timer = setTimeout(now, SILENCE, text);
    },
    /** Something is being drawn: what was to be said is not true any more. */
    wait() {
      clearTimeout(timer);
    },
  };
}
