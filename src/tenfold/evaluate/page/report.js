// Filters the list of errors by digit written and digit read. Without scripts every error is simply shown.
(() => {
  const form = document.getElementById("error-filter");
  const cards = document.getElementById("error-cards");
  if (!form || !cards) return;
  const written = document.getElementById("pick-true");
  const read = document.getElementById("pick-read");
  const all = document.getElementById("show-all");
  const output = document.getElementById("error-count");
  const scope = output.textContent;
  const items = Array.from(cards.children);
  const FIRST = 24;
  let everything = items.length <= FIRST;

  function update() {
    const filtered = written.value !== "" || read.value !== "";
    const matching = items.filter((item) =>
      (written.value === "" || item.dataset.true === written.value) &&
      (read.value === "" || item.dataset.read === read.value));
    const visible = new Set(filtered || everything ? matching : matching.slice(0, FIRST));
    for (const item of items) item.hidden = !visible.has(item);
    all.hidden = visible.size === items.length;
    output.textContent = visible.size + " shown; " + scope;
  }

  form.hidden = false;
  form.addEventListener("change", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  all.addEventListener("click", () => {
    written.value = read.value = "";
    everything = true;
    update();
  });
  for (const link of document.querySelectorAll(".confusion a")) {
    link.addEventListener("click", () => {
      written.value = link.dataset.true;
      read.value = link.dataset.read;
      update();
    });
  }
  update();
})();
