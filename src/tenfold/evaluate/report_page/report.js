// Filters each list of cards by the boxes above it, folds the sections on a phone, copies the command, and marks
// the section in sight in the contents. Without scripts everything is shown.
(() => {
  const NARROW = matchMedia("(max-width: 46rem)").matches;
  const FIRST = NARROW ? 8 : 24;

  function filter(form) {
    const items = Array.from(document.getElementById(form.dataset.cards).children);
    const rows = Array.from(form.querySelectorAll("fieldset"));
    const all = form.querySelector("button");
    const output = form.querySelector("output");
    const scope = output.textContent;
    let everything = items.length <= FIRST;

    // What is ticked in a row; nothing ticked means any class.
    const ticked = (row) =>
      Array.from(row.querySelectorAll("input:checked, option:checked"), (one) => one.value).filter((value) => value);

    function update() {
      const wanted = rows.map((row) => [row.dataset.key, ticked(row)]).filter(([, values]) => values.length > 0);
      const matching = items.filter((item) =>
        wanted.every(([key, values]) => values.includes(item.dataset[key])));
      const visible = new Set(wanted.length > 0 || everything ? matching : matching.slice(0, FIRST));
      for (const item of items) item.hidden = !visible.has(item);
      all.hidden = visible.size === items.length && wanted.length === 0;
      output.textContent = visible.size + " shown; " + scope;
    }

    function tick(values) {
      for (const row of rows)
        for (const one of row.querySelectorAll("input, option"))
          one[one.type === "checkbox" ? "checked" : "selected"] = one.value === (values[row.dataset.key] ?? "");
      update();
    }

    form.hidden = false;
    form.addEventListener("change", update);
    form.addEventListener("submit", (event) => event.preventDefault());
    all.addEventListener("click", () => {
      const focused = document.activeElement === all;
      everything = true;
      tick({});
      if (focused) rows[0].querySelector("input, select").focus();
    });
    update();
    return tick;
  }

  const ticks = {};
  for (const form of document.querySelectorAll("form.filter")) ticks[form.dataset.cards] = filter(form);
  for (const link of document.querySelectorAll(".confusion a")) {
    link.addEventListener("click", () => ticks["error-cards"]({ true: link.dataset.true, read: link.dataset.read }));
  }

  function fold(section, folded) {
    section.classList.toggle("folded", folded);
    section.querySelector(".fold").setAttribute("aria-expanded", String(!folded));
  }

  const sections = Array.from(document.querySelectorAll("section"));
  for (const section of NARROW ? sections : []) {
    const button = document.createElement("button");
    button.className = "fold";
    button.append(section.firstElementChild.textContent);
    section.firstElementChild.replaceChildren(button);
    button.addEventListener("click", () => fold(section, !section.classList.contains("folded")));
    fold(section, location.hash !== "#" + section.id);
  }
  for (const link of NARROW ? document.querySelectorAll("a[href^='#']") : []) {
    const section = document.querySelector(link.hash).closest("section");
    if (section) link.addEventListener("click", () => fold(section, false));
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () =>
      navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent)
        .then(() => { button.textContent = "Copied"; }, () => { button.textContent = "Not allowed"; }));
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries)
      document.querySelector(`nav a[href="#${entry.target.id}"]`).toggleAttribute("data-seen", entry.isIntersecting);
  }, { rootMargin: "-20% 0px -60% 0px" });
  for (const section of sections) seen.observe(section);
})();
