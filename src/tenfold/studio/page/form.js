// The form: which network, which data, which changes.

import { RequestError, get } from "./api.js";
import { byId, element, fill } from "./element.js";
import { count } from "./numbers.js";

const TEXTS = ["optimizer", "activation", "augmentation", "initialisation"];
const NUMBERS = ["learning_rate", "batch_size", "dropout"];
const AS_IT_IS = ["", "as it is"];

const EXAMPLES = {
  small: { network: "nn2l", data: "mnist-5k", epochs: 20 },
  lenet5: { network: "lenet5", data: "mnist", epochs: 4 },
  diverges: { network: "nn2l", data: "mnist-5k", epochs: 20, optimizer: "sgd", learning_rate: 20 },
};

/** What the chosen network has at first; only what differs from it is sent. */
let initial = null;

/** Fills the form. @param {object} [wanted]  a training that is to be started again with a change */
export async function prepare(wanted) {
  const choices = await get("api/choices");
  fill(byId("network"), choices.networks.map(({ name, parameters }) => [name, `${name}, ${count(parameters)} parameters`]));
  byId("known-data").replaceChildren(...choices.data.map((value) => element("option", { value })));
  byId("data").value = choices.data[0];
  fill(byId("optimizer"), choices.optimizers);
  fill(byId("activation"), [AS_IT_IS, ...choices.activations]);
  fill(byId("augmentation"), [AS_IT_IS, ...choices.augmentations]);
  fill(byId("initialisation"), [AS_IT_IS, ...choices.initialisations]);
  byId("folder").textContent = choices.folder;
  byId("network").addEventListener("change", () => show(byId("network").value));
  if (wanted) await again(wanted);
  else await example("small");
}

/** Fills the form with an example. @param {string} name */
export async function example(name) {
  const { network, data, epochs, ...change } = EXAMPLES[name];
  await again({ network, data, epochs, seed: 0, change });
}

/** Fills the form with a training that was asked for. @param {object} asked */
export async function again({ network, data, epochs, seed, change }) {
  byId("network").value = network;
  await show(network);
  byId("data").value = data;
  byId("seed").value = seed;
  if (epochs != null) byId("epochs").value = epochs;
  for (const name of [...TEXTS, ...NUMBERS]) if (change[name] != null) byId(name).value = change[name];
  for (const [name, width] of Object.entries(change.widths ?? {})) widthOf(name).value = width;
}

/** Shows a network as it is. @param {string} name */
async function show(name) {
  initial = await get(`api/networks/${encodeURIComponent(name)}`);
  byId("about").textContent = initial.title;
  for (const text of TEXTS) byId(text).value = initial[text] ?? "";
  for (const number of NUMBERS) byId(number).value = initial[number] ?? "";
  byId("epochs").value = initial.epochs;
  for (const number of ["epochs", "learning_rate"]) byId(number).placeholder = initial[number] ?? "";
  byId("batch_size").placeholder = initial.batch_sizes == null ? (initial.batch_size ?? "") : "by the recipe";
  byId("dropout").disabled = !initial.can_drop;
  byId("widths").replaceChildren(
    ...Object.entries(initial.widths).map(([layer, width]) => {
      const { kind } = initial.layers.find((one) => one.name === layer);
      const what = kind === "dense" ? "units" : "channels";
      const id = `width-${layer}`;
      const input = element("input", { id, type: "number", min: 1, step: 1, value: width });
      return element("label", { htmlFor: id }, `${layer}, ${what}`, input);
    }),
  );
}

/** What is asked for. */
export function asked() {
  const change = {};
  for (const name of TEXTS) {
    const { value } = byId(name);
    if (value !== "" && value !== initial[name]) change[name] = value;
  }
  for (const name of NUMBERS) {
    const value = number(name);
    if (value !== null && value !== initial[name]) change[name] = value;
  }
  const widths = Object.entries(initial.widths).map(([name]) => [name, number(`width-${name}`)]);
  const other = widths.filter(([name, width]) => width !== null && width !== initial.widths[name]);
  if (other.length > 0) change.widths = Object.fromEntries(other);
  const found = { network: initial.name, data: byId("data").value.trim(), seed: number("seed") ?? 0, change };
  const epochs = number("epochs");
  return epochs === null ? found : { ...found, epochs };
}

/** @param {string} layer @returns {HTMLInputElement} */
const widthOf = (layer) => byId(`width-${layer}`);

/** @param {string} id  @returns {?number}  null where nothing is given: then it is as the network has it */
function number(id) {
  const { labels, validity, value } = byId(id);
  if (validity.badInput) throw new RequestError(`${labels[0].firstChild.textContent}: expected a number, got something else; correct it`);
  return value === "" ? null : Number(value);
}
