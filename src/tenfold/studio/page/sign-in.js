// The page on which one signs in, with a token or at an identity provider.

import { RequestError, get, post } from "./api.js";
import { byId, element } from "./element.js";
import "./sheet/started.js";

const WANTED = "tenfold-then"; // the page to go to, while the browser is at the provider

const REFUSALS = {
  cancelled: "Signing in was cancelled at the identity provider.",
  failed: "Signing in failed; try again. The log of the studio says why.",
  unreachable: "The identity provider does not answer; try again later, or sign in with a token.",
  unverified: "The identity provider has not checked your e-mail address; confirm it there first.",
  unknown: "The identity provider knows you, but this studio does not; ask the person who runs it to add you.",
  busy: "The studio is busy; try again in a minute.",
};

/** The page to go to: one of this folder, never another site. @param {string | null} wanted */
const next = (wanted) =>
  wanted !== null && /^[a-z-]+\.html([?#].*)?$/.test(wanted) && !wanted.startsWith("sign-in.html") ? wanted : ".";

const asked = new URLSearchParams(location.search);

/** Offers the identity provider, if the studio has one. */
async function offerProvider() {
  const { provider } = await get("api/sign-in");
  if (provider === null) return;
  const link = element("a", { id: "provider", className: "button main", href: "api/provider" });
  link.textContent = `Sign in with ${provider}`;
  link.addEventListener("click", () => sessionStorage.setItem(WANTED, asked.get("then") ?? ""));
  byId("form").before(link, element("p", { className: "soft", textContent: "or with a token:" }));
}

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("message").textContent = "";
  try {
    await post("api/session", { token: byId("token").value.trim() }, { open: true });
    location.replace(next(asked.get("then")));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    byId("message").textContent = error.message;
    byId("token").select();
  }
});

if (asked.has("done")) {
  const wanted = sessionStorage.getItem(WANTED);
  sessionStorage.removeItem(WANTED);
  location.replace(next(wanted));
} else {
  const reason = asked.get("refused") ?? "";
  byId("message").textContent = Object.hasOwn(REFUSALS, reason) ? REFUSALS[reason] : "";
  offerProvider()
    .catch((error) => {
      if (!(error instanceof RequestError)) throw error;
      byId("message").textContent = error.message;
    })
    .finally(() => (document.body.dataset.ready = "true"));
}
