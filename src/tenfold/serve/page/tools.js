// The buttons below the sheet and their keys.

import { byId } from "./element.js";

/**
 * @param {import("./drawing.js").Drawing} drawing
 * @param {(file: File) => void} place
 */
export function connectTools(drawing, place) {
  const [undo, redo, clear] = ["undo", "redo", "clear"].map(byId);
  undo.addEventListener("click", () => drawing.undo());
  redo.addEventListener("click", () => drawing.redo());
  clear.addEventListener("click", () => drawing.clear());
  for (const name of ["choose", "photograph"]) {
    const input = byId(`${name}-file`);
    byId(name).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // so that the same file can be chosen again
      if (file) place(file);
    });
  }

  function update() {
    enable(undo, drawing.canUndo);
    enable(redo, drawing.canRedo);
    enable(clear, !drawing.isBlank);
  }
  drawing.addEventListener("change", update);
  update();
  document.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) drawing.undo();
    else if (key === "y" || key === "z") drawing.redo();
    else return;
    event.preventDefault();
  });
}

/** A disabled button stays in the tab order, so that it does not lose the focus. */
function enable(button, can) {
  button.setAttribute("aria-disabled", String(!can));
}
