// Who has signed in, and how to sign out; nothing where one person has the studio alone.

import { RequestError, get, post } from "./api.js";
import { element } from "./element.js";

async function show() {
  const { user } = await get("api/session");
  if (user === null) return;
  const leave = element("button", { type: "button", className: "small", textContent: "Sign out" });
  leave.addEventListener("click", async () => {
    await post("api/sign-out");
    location.assign("sign-in.html");
  });
  document.querySelector("header").append(element("p", { className: "who" }, element("span", { textContent: user }), leave));
}

show().catch((error) => {
  if (!(error instanceof RequestError)) throw error; // the page itself says that the studio does not answer
});
