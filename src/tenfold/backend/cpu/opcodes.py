"""What a program is made of: the rows that `program` writes and `run` reads."""

from __future__ import annotations

import numpy as np

# Operations, forward and backward.
GATHER, DENSE, CONV, WINOGRAD, GROUPED_CONV, MAX_POOL, AVG_POOL, ACTIVATION, DROPOUT = range(9)
SCALE, LAYER_NORM, COPY, ADD, LOSS = range(9, 14)
DENSE_BACK, CONV_BACK, WINOGRAD_BACK, GROUPED_CONV_BACK, MAX_POOL_BACK, AVG_POOL_BACK = range(14, 20)
ACTIVATION_BACK, DROPOUT_BACK, SCALE_BACK, LAYER_NORM_BACK, COPY_BACK, ADD_BACK = range(20, 26)
NORM_SUMS, NORM, NORM_RUNNING, NORM_BACK_SUMS, NORM_BACK = range(26, 31)
FALLBACK, FALLBACK_LOSS, FALLBACK_BACK = range(31, 34)  # not compiled: see `fallback`

# Activations.
LINEAR, RELU, ELEMENTWISE = range(3)

# How a dense layer is computed.
PLAIN, SPARSE = range(2)

# How a convolution is computed.
WINDOWS, PATCHES = range(2)  # forward, and its weights' gradient
NO_INPUT_GRADIENT, GATHERED, SCATTERED = range(3)  # its input's gradient

# Losses.
CROSS_ENTROPY, SQUARED_ERROR, OPEN_SET = range(3)

# Where the gradient of a tensor comes from, and what follows from its values.
FROM_PRODUCT, FROM_COLUMNS, FROM_SHARDS, FROM_VALUES = range(4)
NOTHING, TRANSPOSED, PANELS, FLIPPED, SPREAD, VALUES, CHECKED = range(7)

# Optimisers.
SGD, RMSPROP, ADAM, GRADIENT = range(4)  # the last one only keeps the gradient


def _row(integers: str, numbers: str) -> np.dtype[np.void]:
    fields = [(name, np.int64) for name in integers.split()]
    return np.dtype(fields + [(name, np.float64) for name in numbers.split()])


# One operation. x and y are its input and output, dx and dy their gradients: offsets into the
# workspace of the first image's numbers, x_size of them for each image. A buffer is *wide* if it
# holds the whole minibatch, otherwise it holds one block of one thread. weight, bias and derived
# are offsets into the parameters, dweight and dbias into a shard's gradients. loop and loop_back are the
# addresses of an elementwise layer's code (`pointwise`). skip is what is
# added to x.
OPERATION = _row(
    "code x x_size x_wide dx y y_size y_wide dy weight bias derived dweight dbias scratch "
    "h w c oh ow oc kh kw sh sw top left hp wp activation method input_method threshold draws sums "
    "statistics relu_after has_dx rows_per_pass columns back_columns tile down across group "
    "groups loop loop_back skip skip_wide",
    "value keep",
)

# One trained tensor of (rows, columns) and what moves it.
TENSOR = _row(
    "source parameter rows columns x dy gradient derived form kh kw sh sw c oc owner strip per_window taps",
    "",
)

# The optimiser: rate is given for each step. If averages are kept, average is how many bytes a parameter's
# average lies behind it, and decay is the most of the old average that is kept in a step; likewise for so
# many running statistics.
OPTIMISER = _row(
    "kind nesterov average statistics statistics_average", "beta1 beta2 eps momentum weight_decay decay"
)
