// Announcements for screen readers.

const SILENCE = 800; // ms after which a drawing counts as finished

/** @param {HTMLElement} region  with aria-live */
export function announcer(region) {
  let timer = 0;
  const now = (text) => {
    clearTimeout(timer);
    region.textContent = text;
  };
  return {
    now,
    /** Announces a text unless the drawing changes meanwhile. @param {string} text */
    later(text) {
      clearTimeout(timer);
      timer = setTimeout(now, SILENCE, text);
    },
    /** The drawing changed: the pending announcement is out of date. */
    wait() {
      clearTimeout(timer);
    },
  };
}
