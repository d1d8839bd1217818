// Elements made by script; texts are set as text, never as markup.

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const byId = (id) => document.getElementById(id);

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

/**
 * An element of a drawing.
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Gives a choice its options. @param {HTMLSelectElement} select @param {(string | [string, string])[]} options */
export function fill(select, options) {
  select.replaceChildren(
    ...options.map((one) => {
      const [value, text] = Array.isArray(one) ? one : [one, one];
      return element("option", { value, textContent: text });
    }),
  );
}
