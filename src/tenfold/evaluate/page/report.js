// Filters each list of cards by the boxes above it. Without scripts every card is simply shown.
(() => {
  const FIRST = 24;

  function filter(form) {
    const items = Array.from(document.getElementById(form.dataset.cards).children);
    const rows = Array.from(form.querySelectorAll("fieldset"));
    const all = form.querySelector("button");
    const output = form.querySelector("output");
    const scope = output.textContent;
    let everything = items.length <= FIRST;

    // What is ticked in a row; nothing ticked means any digit.
    const ticked = (row) => Array.from(row.querySelectorAll("input:checked"), (box) => box.value);

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
        for (const box of row.querySelectorAll("input")) box.checked = box.value === values[row.dataset.key];
      update();
    }

    form.hidden = false;
    form.addEventListener("change", update);
    form.addEventListener("submit", (event) => event.preventDefault());
    all.addEventListener("click", () => {
      const focused = document.activeElement === all;
      everything = true;
      tick({});
      if (focused) rows[0].querySelector("input").focus();
    });
    update();
    return tick;
  }

  const ticks = {};
  for (const form of document.querySelectorAll("form.filter")) ticks[form.dataset.cards] = filter(form);
  for (const link of document.querySelectorAll(".confusion a")) {
    link.addEventListener("click", () => ticks["error-cards"]({ true: link.dataset.true, read: link.dataset.read }));
  }
})();
