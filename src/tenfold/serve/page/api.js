// One question to the server, and what can go wrong with it.

/** @typedef {{name: string, maps: number[][][]}} Feature  maps of 0 to 1 */
/**
 * @typedef {object} Digit
 * @property {?number} digit
 * @property {number} probability  of the likeliest digit
 * @property {number[]} probabilities  of 0 to 9
 * @property {[number, number, number, number]} box  left, top, width, height in pixels of the picture
 * @property {?string} reason  why there is no digit
 * @property {number[][]} image  28 x 28, 0 to 255
 * @property {Feature[]} features
 */
/** @typedef {{text: string, reason: ?string, digits: Digit[], width: number, height: number}} Answer */

const PATIENCE = 15; // seconds until the server is taken to be gone
const KEY = "tenfold-token";

/** What went wrong, in one line for whoever draws. */
export class Trouble extends Error {
  /**
   * @param {string} message
   * @param {object} [options]
   * @param {boolean} [options.again]  whether the same question may be answered later
   * @param {number} [options.after]  seconds that the server asks to wait
   * @param {boolean} [options.token]  whether a token is asked for
   */
  constructor(message, { again = false, after = 0, token = false } = {}) {
    super(message);
    Object.assign(this, { again, after, token });
  }
}

/** Kept until the window is closed. @param {string} token */
export function useToken(token) {
  sessionStorage.setItem(KEY, token);
}

/**
 * @param {Blob} picture  a PNG or JPEG
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>} rejected with `Trouble`
 */
export async function ask(picture, signal) {
  const token = sessionStorage.getItem(KEY);
  const headers = { "Content-Type": picture.type };
  if (token) headers.Authorization = `Bearer ${token}`;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(1000 * PATIENCE)]);
  try {
    const options = { method: "POST", headers, body: picture, signal: limit };
    const response = await fetch("v1/digits?details=true", options);
    if (response.ok) return await response.json();
    throw await refusal(response, token !== null);
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble("The server does not answer. Trying again …", { again: true });
  }
}

/** @param {Response} response @param {boolean} hadToken @returns {Promise<Trouble>} */
async function refusal(response, hadToken) {
  const after = Number(response.headers.get("Retry-After")) || 0;
  switch (response.status) {
    case 401:
      return new Trouble(
        hadToken ? "The server does not accept this token." : "This server asks for a token.",
        { token: true },
      );
    case 413:
      return new Trouble("The server finds this picture too large; choose a smaller one.");
    case 408:
    case 429:
    case 503:
      return new Trouble("The server is busy. Trying again …", { again: true, after });
    default:
      if (response.status >= 500) {
        return new Trouble("Something went wrong in the server. Trying again …", { again: true, after });
      }
      return new Trouble(`The server cannot read this: ${await reason(response)}`);
  }
}

/** @param {Response} response */
async function reason(response) {
  try {
    return String((await response.json()).error);
  } catch {
    return `it answers ${response.status}`;
  }
}
