// One request to the server, and its errors.

/**
 * @typedef {object} Feature  of one layer
 * @property {string} name
 * @property {number[][][]} maps  the most active ones, each 0 to 1
 * @property {number[]} channels  which of the layer's maps they are
 * @property {number} count  the layer's maps
 * @property {number[][][]} [filters]  their weights, -1 to 1
 */
/**
 * @typedef {object} Digit
 * @property {?number} digit
 * @property {number} probability  of the most likely digit
 * @property {number[]} probabilities  of 0 to 9, if it is a digit
 * @property {number} none  the probability that it is no digit
 * @property {[number, number, number, number]} box  left, top, width, height in pixels of the picture
 * @property {?string} reason  why digit is null
 * @property {number[][]} image  28 x 28, 0 to 255
 * @property {Feature[]} features  of the least certain digits; others have none
 * @property {?number[][]} evidence  28 x 28, -1 to 1: how much ink speaks for the likeliest digit
 * @property {number} doubt  the probability that the likeliest digit is wrong
 */
/**
 * @typedef {object} Answer
 * @property {string} text
 * @property {?string} reason
 * @property {Digit[]} digits
 * @property {Answer[]} [pages]  of a file with several pages
 * @property {number} width
 * @property {number} height
 */

const TIMEOUT = 15; // seconds to wait for an answer
const KEY = "tenfold-token";

/** A failed request; its message is one line for the user. */
export class RequestError extends Error {
  /**
   * @param {string} message
   * @param {object} [options]
   * @param {boolean} [options.again]  whether the same request may succeed later
   * @param {number} [options.after]  seconds that the server asks to wait
   * @param {boolean} [options.token]  whether the server requires a token
   */
  constructor(message, { again = false, after = 0, token = false } = {}) {
    super(message);
    Object.assign(this, { again, after, token });
  }
}

/** Keeps the token until the window is closed. @param {string} token */
export function useToken(token) {
  sessionStorage.setItem(KEY, token);
}

/**
 * @param {Blob} picture
 * @param {AbortSignal} signal
 * @param {string} path
 * @returns {Promise<Answer>} rejected with `RequestError`
 */
export async function ask(picture, signal, path = "v1/digits?details=true") {
  const token = sessionStorage.getItem(KEY);
  const headers = { "Content-Type": picture.type || "application/octet-stream" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(1000 * TIMEOUT)]);
  try {
    const options = { method: "POST", headers, body: picture, signal: limit };
    const response = await fetch(path, options);
    if (response.ok) return await response.json();
    throw await refusal(response, token !== null);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError("The server does not answer. Trying again …", { again: true });
  }
}

/** @param {Response} response @param {boolean} hadToken @returns {Promise<RequestError>} */
async function refusal(response, hadToken) {
  const after = Number(response.headers.get("Retry-After")) || 0;
  switch (response.status) {
    case 401:
      return new RequestError(
        hadToken ? "The server does not accept this token." : "This server requires a token.",
        { token: true },
      );
    case 413:
      return new RequestError("This picture is too large for the server; choose a smaller one.");
    case 408:
    case 429:
    case 503:
      return new RequestError("The server is busy. Trying again …", { again: true, after });
    default:
      if (response.status >= 500) {
        return new RequestError("Internal error in the server. Trying again …", { again: true, after });
      }
      return new RequestError(`The server cannot read this picture: ${await reason(response)}`);
  }
}

/** @param {Response} response */
async function reason(response) {
  try {
    return String((await response.json()).error);
  } catch {
    return `status ${response.status}`;
  }
}
