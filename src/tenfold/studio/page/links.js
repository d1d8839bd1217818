// Which numbers a number is computed from, for each kind of layer.

/**
 * @typedef {object} Link
 * @property {number} from  the place of the input
 * @property {?number} weight  the place of the weight that multiplies it
 */

/** The place of a number in an array. @param {number[]} shape @param {number[]} at */
export const place = (shape, at) => at.reduce((sum, one, i) => sum * shape[i] + one, 0);

/** Where a place of an array is. @param {number[]} shape @param {number} index @returns {number[]} */
export function position(shape, index) {
  const found = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    found.unshift(index % shape[i]);
    index = Math.floor(index / shape[i]);
  }
  return found;
}

/**
 * @param {object} layer
 * @param {number[]} before  the shape of its input
 * @param {number} index  of its output
 * @returns {Link[]}
 */
export function links(layer, before, index) {
  const at = position(layer.shape, index);
  switch (layer.kind) {
    case "conv2d": {
      const shape = layer.parameters.weight.shape; // height, width, channels in, channels out
      const [r, c, k] = at;
      const found = [];
      for (let i = 0; i < shape[0]; i++)
        for (let j = 0; j < shape[1]; j++)
          for (let channel = 0; channel < shape[2]; channel++)
            found.push({ from: place(before, [r + i, c + j, channel]), weight: place(shape, [i, j, channel, k]) });
      return found;
    }
    case "dense": {
      const shape = layer.parameters.weight.shape;
      return Array.from({ length: shape[0] }, (_, i) => ({ from: i, weight: place(shape, [i, index]) }));
    }
    case "max_pool2d": {
      const [r, c, k] = at;
      return [0, 1, 2, 3].map((i) => ({ from: place(before, [2 * r + (i >> 1), 2 * c + (i & 1), k]), weight: null }));
    }
    default:
      return [{ from: index, weight: null }]; // the same place
  }
}

/** The outputs that an input goes into. @param {object} layer @param {number[]} before @param {number} from */
export function uses(layer, before, from) {
  const length = layer.shape.reduce((product, one) => product * one, 1);
  const found = [];
  for (let index = 0; index < length; index++) {
    if (links(layer, before, index).some((link) => link.from === from)) found.push(index);
  }
  return found;
}

/** The outputs that a weight is used for. @param {object} layer @param {number} weight */
export function outputsOf(layer, weight) {
  const shape = layer.parameters.weight.shape;
  const k = weight % shape.at(-1);
  const length = layer.shape.reduce((product, one) => product * one, 1);
  return Array.from({ length }, (_, index) => index).filter((index) => index % shape.at(-1) === k);
}
