// Elements made by script; texts are set as text, never as markup.

/**
 * @param {string} name
 * @param {object} properties
 * @param {...(Node | string)} children
 */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const byId = (id) => document.getElementById(id);
