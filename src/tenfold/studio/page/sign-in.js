// The page on which one signs in with a token.

import { RequestError, post } from "./api.js";
import { byId } from "./element.js";
import "./sheet/started.js";

/** The page to go to: one of this folder, never another site. */
function next() {
  const wanted = new URLSearchParams(location.search).get("then") ?? "";
  return /^[a-z-]+\.html([?#].*)?$/.test(wanted) && !wanted.startsWith("sign-in.html") ? wanted : ".";
}

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("message").textContent = "";
  try {
    await post("api/session", { token: byId("token").value.trim() }, { open: true });
    location.replace(next());
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    byId("message").textContent = error.message;
    byId("token").select();
  }
});
document.body.dataset.ready = "true";
