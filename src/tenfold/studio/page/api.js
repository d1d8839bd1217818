// Requests to the studio, and the events of a run.

/** A failed request; its message is one line for the user. */
export class RequestError extends Error {}

/** @param {string} path @param {object} [options] */
async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new RequestError("The studio does not answer; start it again with tenfold studio.");
  }
  let found;
  try {
    found = await response.json();
  } catch {
    throw new RequestError(`The studio's answer cannot be read (status ${response.status}).`);
  }
  if (response.status === 401 && !options.open) signIn();
  if (!response.ok) throw new RequestError(String(found.error));
  return found;
}

/** Goes to the page on which one signs in, and from there to this one again. */
function signIn() {
  const here = (location.pathname.split("/").at(-1) || "index.html") + location.search + location.hash;
  location.assign(`sign-in.html?${new URLSearchParams({ then: here })}`);
}

/** @param {string} path */
export const get = (path) => request(path);

/** @param {string} path @param {object} [body] @param {object} [options]  open: needs no user */
export const post = (path, body = {}, options = {}) =>
  request(path, {
    ...options,
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/**
 * What some networks read in a picture.
 * @param {Blob} picture
 * @param {string[]} names
 * @param {AbortSignal} signal
 */
export const ask = (picture, names, signal) =>
  request(`api/ask?${new URLSearchParams(names.map((name) => ["run", name]))}`, {
    method: "POST",
    headers: { "Content-Type": picture.type },
    body: picture,
    signal,
  });

/** The path of a run. @param {string} name */
export const run = (name) => `api/runs/${name.split("/").map(encodeURIComponent).join("/")}`;

/**
 * Follows a run until it has ended.
 * @param {string} name
 * @param {(event: object) => void} hear
 * @param {(lost: boolean) => void} connection  told when it is lost, and when it is there
 * @returns {() => void}  ends it
 */
export function follow(name, hear, connection) {
  const source = new EventSource(`${run(name)}/events`);
  source.onopen = () => connection(false);
  source.onerror = () => {
    connection(true); // the browser tries again by itself, from the last event on
    if (source.readyState === EventSource.CLOSED) get("api/session").catch(() => {}); // or one has to sign in
  };
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.kind === "over") source.close();
    hear(event);
  };
  return () => source.close();
}
