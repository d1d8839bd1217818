# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Answers to the exercises
#
# Try each exercise before you read its answer. All figures below come from running this page.
#
# From [tutorial 1](1_classical_models.md): [1](#exercise-11), [2](#exercise-12), [3](#exercise-13),
# [4](#exercise-14).
# From [tutorial 2](2_from_neuron_to_lenet5.md): [1](#exercise-21), [2](#exercise-22), [3](#exercise-23),
# [4](#exercise-24), [5](#exercise-25).
# From [tutorial 3](3_a_chain_of_changes.md): [1](#exercise-31), [2](#exercise-32), [3](#exercise-33),
# [4](#exercise-34).
# From [tutorial 4](4_is_it_better.md): [1](#exercise-41), [2](#exercise-42), [3](#exercise-43),
# [4](#exercise-44).
# From [tutorial 5](5_three_more_methods.md): [1](#exercise-51), [2](#exercise-52), [3](#exercise-53),
# [4](#exercise-54).

# %%
# %matplotlib inline
import warnings
from dataclasses import replace
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

import tenfold
from tenfold.data import Dataset, RandomAffine, as_float
from tenfold.evaluate.comparison import compare, from_predictions, pair_lines
from tenfold.evaluate.figures import STYLE, picture_grid
from tenfold.metrics import CORRECTED, DOUBTFUL, accuracy, confusion_matrix, seeds_needed, wilson_interval
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
    gradcheck,
)
from tenfold.optim import SGD, Adam, RMSprop
from tenfold.train import Recipe

plt.style.use(dict(STYLE))

corpus = tenfold.load_corpus("mnist-5k")
train, test = corpus.train, corpus.test.subset(slice(1000))
learn, held_out = tenfold.split(train, (3200, 800), seed=0)


def validation_error(network, recipe, seeds=(0, 1)):
    """Error in per cent on the 800 validation images after the last epoch, for each seed."""
    ends = [tenfold.fit(network(), recipe, learn, held_out, seed=seed).rows[-1] for seed in seeds]
    return ", ".join(f"{100 * (1 - row.validation_accuracy):.1f} %" for row in ends)


# %% [markdown]
# ## Exercise 1.1


# %% Learning curve of naive Bayes with a smoothing of 0.01, compared with almost no smoothing
def bayes_accuracy(size, smoothing):
    data = train if size == len(train) else tenfold.split(train, (size,), seed=0)[0]
    x, asked = data.images.reshape(-1, 784) / 255.0, test.images.reshape(-1, 784) / 255.0
    means = np.array([x[data.labels == digit].mean(axis=0) for digit in range(10)])
    variances = np.array([x[data.labels == digit].var(axis=0) for digit in range(10)]) + smoothing
    priors = np.bincount(data.labels, minlength=10) / len(data)
    logs = [
        -((asked - m) ** 2 / (2 * v) + np.log(2 * np.pi * v) / 2).sum(axis=1)
        for m, v in zip(means, variances)
    ]
    return accuracy(test.labels, (np.array(logs).T + np.log(priors)).argmax(axis=1))


sizes = [125, 250, 500, 1000, 2000, 4000]
figure, axes = plt.subplots(figsize=(6.4, 3))
for smoothing in (1e-9, 0.01):
    found = [bayes_accuracy(size, smoothing) for size in sizes]
    axes.semilogx(sizes, 100 * np.array(found), "o-", label=f"smoothing {smoothing:g}")
    print(f"smoothing {smoothing:g}:", " ".join(f"{one:.1%}" for one in found))
axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
axes.minorticks_off()
axes.set(xlabel="training images", ylabel="accuracy, %", title="Naive Bayes")
axes.legend()
plt.show()

# %% [markdown]
# With a smoothing of 0.01 the steep fall is gone: from 1,000 images on, the accuracy changes by little more
# than one point, which is due to chance with a thousand test images. Two numbers for each pixel and
# digit are soon known well enough, and the assumption of independent pixels remains wrong.
#
# ## Exercise 1.2

# %%
blurred = Dataset(gaussian_filter(train.images, (0, 1, 1)), train.labels, train.name)
for words, data, sigma in (("as they are", train, 0), ("blurred", blurred, 1)):
    model = tenfold.build("knn")
    model.fit(data)
    found = []
    for step in range(4):
        moved = np.roll(test.images, step, axis=2)
        found.append(accuracy(test.labels, model.predict(gaussian_filter(moved, (0, sigma, sigma)))))
    print(f"{words:12} moved by 0, 1, 2, 3 pixels:", " ".join(f"{one:.1%}" for one in found))

# %% [markdown]
# In a blurred image a stroke is wider and has soft edges. Moved by a pixel, it still overlaps with most of
# the original, so the distance grows more slowly.
#
# ## Exercise 1.3

# %%
for name in ("gaussian-nb", "logistic-regression", "knn"):
    model = tenfold.build(name)
    model.fit(train)
    matrix = confusion_matrix(test.labels, model.predict(test.images))
    both = np.triu(matrix + matrix.T, 1)  # 4 as 9 and 9 as 4 together
    one, other = np.unravel_index(both.argmax(), both.shape)
    print(f"{name:20} {one} and {other}: {matrix[one, other]} and {matrix[other, one]} errors")

# %% [markdown]
# ## Exercise 1.4

# %%
rng = np.random.default_rng(0)
moved = (255 * RandomAffine(shift=0.1)(train.images, rng)[..., 0]).astype(np.uint8)
asked = (255 * RandomAffine(shift=0.1)(test.images, rng)[..., 0]).astype(np.uint8)
for name in ("gaussian-nb", "logistic-regression", "knn"):
    found = []
    for images in (train.images, moved):
        model = tenfold.build(name)
        model.fit(Dataset(images, train.labels, train.name))
        found += [accuracy(test.labels, model.predict(one)) for one in (test.images, asked)]
    before, after = f"{found[0]:.1%}, {found[1]:.1%}", f"{found[2]:.1%}, {found[3]:.1%}"
    print(f"{name:20} test images as they are, moved: {before}; trained on moved images: {after}")

# %% [markdown]
# On moved test images all three are better if they were trained on moved images, and on unchanged images
# all three are worse. The nearest neighbours gain most and lose least: for most test images some training
# image lies in the same place. Logistic regression has one weight for each pixel and digit, which has to
# serve every position. Naive Bayes gains almost nothing: with moved images, the means and variances of a
# pixel become similar for all digits.
#
# ## Exercise 2.1
#
# With $y = 1 / (1 + e^{-x})$, $dy / dx = e^{-x} / (1 + e^{-x})^2 = y (1 - y)$:


# %%
class MySigmoid(Layer):
    kind = "my_sigmoid"

    def forward(self, x, *, training=False, rng=None):
        y = 1 / (1 + np.exp(-x))

        def backward(dy):
            return dy * y * (1 - y), {}

        return y, backward


def two_layers(activation):
    layers = {"flatten": Flatten(), "fc1": Dense(784, 30), "activation": activation, "fc2": Dense(30, 10)}
    return Sequential(layers, input_shape=(28, 28, 1))


print(f"MySigmoid: {gradcheck(MySigmoid(), (11,), np.random.default_rng(0)):.0e}")
recipe = Recipe(epochs=5, batch_size=32, optimizer=SGD(0.1))
print("five epochs, validation error with ReLU:  ", validation_error(lambda: two_layers(ReLU()), recipe))
print("five epochs, validation error with sigmoid:", validation_error(lambda: two_layers(Sigmoid()), recipe))

# %% [markdown]
# The slope of the sigmoid is at most $\frac14$, so the gradients that reach the first layer are smaller, and
# it learns more slowly. (tenfold's `Sigmoid` is the same layer, compiled.)
#
# ## Exercise 2.2

# %%
network = two_layers(ReLU())
network.initialise(np.random.default_rng(0))
network.assign({name: np.zeros_like(p) for name, p in network.params.items()})
history = tenfold.fit(network, replace(recipe, epochs=2), learn, held_out, seed=0, initialise=False)
weights = network.params["fc1.weight"]
print(f"ReLU: largest weight of the hidden layer after training: {np.abs(weights).max():g}")

network = two_layers(Sigmoid())
network.initialise(np.random.default_rng(0))
network.assign({name: np.zeros_like(p) for name, p in network.params.items()})
tenfold.fit(network, recipe, learn, held_out, seed=0, initialise=False)
weights = network.params["fc1.weight"]  # (784, 30)
spread = np.ptp(weights, axis=1).max()
print(f"sigmoid: largest weight {np.abs(weights).max():.2f}, largest difference between neurons {spread:.0e}")

# %% [markdown]
# With ReLU the hidden layer does not learn: all its outputs are 0, and so are the gradients. With the
# sigmoid all hidden neurons start equal, get equal gradients, and stay equal (up to rounding): thirty
# neurons are no better than one. Random weights break this symmetry.
#
# ## Exercise 2.3


# %%
class Careless(Conv2d):
    def forward(self, x, *, training=False, rng=None):
        y, backward = super().forward(x)
        short = Conv2d(self.c_in, self.c_out, 3)
        short.params = dict(self.params)
        short.params["weight"] = self.params["weight"].copy()
        short.params["weight"][-1] = 0  # as if the loop left out the kernel's last row
        _, backward_short = short.forward(x)

        def careless(dy):
            return backward_short(dy)[0], backward(dy)[1]

        return y, careless


rng = np.random.default_rng(0)
right, wrong = gradcheck(Conv2d(2, 3, 3), (6, 7, 2), rng), gradcheck(Careless(2, 3, 3), (6, 7, 2), rng)
print(f"right {right:.0e}, careless {wrong:.0e}")

# %% [markdown]
# It notices: the error is far above $10^{-6}$.
#
# ## Exercise 2.4
#
# $y = \frac14 (x_1 + x_2 + x_3 + x_4)$, so each of the four gets a quarter of the gradient: $dx_i = \frac14
# dy$.


# %%
class MyAvgPool2d(Layer):
    kind = "my_avg_pool2d"

    def output_shape(self, shape):
        h, w, c = shape
        return h // 2, w // 2, c

    def forward(self, x, *, training=False, rng=None):
        n, h, w, c = x.shape
        y = x.reshape(n, h // 2, 2, w // 2, 2, c).mean(axis=(2, 4))

        def backward(dy):
            return np.repeat(np.repeat(dy / 4, 2, axis=1), 2, axis=2), {}

        return y, backward


def small_network(pool):
    layers = [Conv2d(1, 6, 5), ReLU(), pool(), Conv2d(6, 16, 5), ReLU(), pool(), Flatten(), Dense(256, 10)]
    names = ["conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc"]
    return Sequential(dict(zip(names, layers)), input_shape=(28, 28, 1))


print(f"MyAvgPool2d: {gradcheck(MyAvgPool2d(), (6, 4, 3), rng):.0e}")
recipe = Recipe(epochs=5, batch_size=32, optimizer=Adam(1e-3))
print(
    "validation error with the maximum:",
    validation_error(lambda: small_network(lambda: MaxPool2d(2)), recipe),
)
warnings.simplefilter("ignore", tenfold.SlowerWarning)  # MyAvgPool2d runs as written, in NumPy
print("validation error with the mean:   ", validation_error(lambda: small_network(MyAvgPool2d), recipe))

# %% [markdown]
# The maximum is better here, with both seeds: a feature that is present in one of the four places counts in
# full.
#
# ## Exercise 2.5

# %%
few = tenfold.split(train, (400,), seed=0)[0]
neighbours = tenfold.build("knn")
neighbours.fit(few)
print(f"nearest neighbours: {accuracy(test.labels, neighbours.predict(test.images)):.1%}")
recipe = Recipe(epochs=60, batch_size=32, optimizer=Adam(1e-3, weight_decay=0.01))
for seed in range(3):
    model = tenfold.build("lenet5")
    tenfold.fit(model.network, recipe, few, seed=seed)
    print(f"LeNet-5, seed {seed}:    {accuracy(test.labels, model.predict(test.images)):.1%}")

# %% [markdown]
# LeNet-5 is better with 400 images, too, if it is trained for enough epochs: 60 epochs are 780 steps.
# What it assumes (that neighbouring pixels belong together) is true for 400 images as well.
#
# ## Exercise 3.1


# %%
def third(weight_init):
    layers = {
        "flatten": Flatten(),
        "fc1": Dense(784, 128, weight_init=weight_init),
        "relu": tenfold.nn.Tanh(),
        "fc2": Dense(128, 10, weight_init=weight_init),
    }
    return Sequential(layers, input_shape=(28, 28, 1))


for words, optimizer in (("gradient descent", SGD(0.1)), ("Adam", Adam(1e-3))):
    recipe = Recipe(epochs=12, batch_size=32, optimizer=optimizer)
    for start in ("uniform(0.5)", "he_normal"):
        print(f"{words:17} {start:13} {validation_error(partial(third, start), recipe)}")

# %% [markdown]
# With the wide start Adam reduces the error by nearly one point (means of two seeds), with He's weights by a
# tenth of a point: here most of its effect was to repair the start. (Two seeds and 800 validation images are
# weak evidence.)
#
# ## Exercise 3.2


# %%
def wide(dropout):
    layers = {"flatten": Flatten(), "fc1": Dense(784, 800, weight_init="he_normal"), "relu": ReLU()}
    layers |= {"drop": Dropout(dropout)} if dropout else {}
    return Sequential(layers | {"fc2": Dense(800, 10)}, input_shape=(28, 28, 1))


recipe = Recipe(epochs=20, batch_size=32, optimizer=Adam(1e-3))
for dropout in (0, 0.2, 0.5):
    print(f"dropout {dropout}: {validation_error(partial(wide, dropout), recipe, seeds=(0, 1, 2))}")

# %% [markdown]
# The means fall a little with more dropout: 6.2 %, 6.1 %, 5.8 %. But 0.4 points are three of the 800
# validation images. This suggests that dropout helps in a wider network; it does not show it (tutorial 4).
#
# ## Exercise 3.3

# %%
ninth, tenth = tenfold.build("scratch-09"), tenfold.build("scratch-10")
for words, model, augmentation in (
    ("09", ninth, ninth.recipe.augmentation),
    ("09, augmentation of 10", ninth, tenth.recipe.augmentation),
    ("10, augmentation of 09", tenth, ninth.recipe.augmentation),
    ("10", tenth, tenth.recipe.augmentation),
):
    recipe = replace(model.recipe, epochs=12, augmentation=augmentation)
    print(f"{words:23} {validation_error(lambda model=model: model.network, recipe)}")

# %% [markdown]
# Here the network makes the difference, not the augmentation. On all of MNIST, after many more epochs, that
# can be different: augmentation helps most when a network is about to overfit.
#
# ## Exercise 3.4


# %%
def dense_network():
    layers = {"flatten": Flatten(), "fc1": Dense(784, 128, weight_init="he_normal"), "relu1": ReLU()}
    layers |= {"fc2": Dense(128, 50, weight_init="he_normal"), "relu2": ReLU(), "fc3": Dense(50, 10)}
    return Sequential(layers, input_shape=(28, 28, 1))


for words, augmentation in (
    ("none", None),
    ("a quarter by a lot", RandomAffine(zoom=0.2, rotation=25, shift=0.2, chance=0.25)),
    ("all by a little", RandomAffine(zoom=0.1, rotation=10, shift=0.1)),
):
    recipe = Recipe(epochs=20, batch_size=16, optimizer=Adam(1e-3), augmentation=augmentation)
    print(f"{words:19} {validation_error(dense_network, recipe)}")

# %% [markdown]
# A little for all is best here with both seeds. A lot for a quarter depends on the seed: its two seeds differ
# by two points. Small changes for all images give new images in every step, and each of them still looks like
# a digit.
#
# ## Exercise 4.1
#
# No difference: they are the same network. At 0.05 a test still finds one in 20 such comparisons.

# %%
recipe = Recipe(epochs=6, batch_size=32, optimizer=Adam(1e-3, weight_decay=0.01))
answers = []
for seed in range(8):
    model = tenfold.build("lenet5")
    tenfold.fit(model.network, recipe, train, seed=seed)
    answers.append(model.predict(test.images))
halves = [
    from_predictions("seeds 0-3", answers[:4], test.labels, range(4)),
    from_predictions("seeds 4-7", answers[4:], test.labels, range(4, 8)),
]
print("\n".join(pair_lines(compare(halves).pairs[0], 1)))

# %% [markdown]
# ## Exercise 4.2

# %%
low, high = wilson_interval(1000, 1000)
print(f"Wilson's interval of the error for 0 errors in 1,000 images: {1 - high:.2%} to {1 - low:.2%}")
print(f"the formula with the root: {np.sqrt(0.0 * 1.0 / 1000):.2%}, so an interval without width")

# %% [markdown]
# The formula uses the *measured* error in place of the true error, which fails at 0: no errors in a
# thousand images do not show that there are none in a million. Wilson's interval asks which true errors are
# compatible with 0 in 1,000.
#
# ## Exercise 4.3

# %%
for deviation in (0.05, 0.2):
    print(f"standard deviation {deviation}: {seeds_needed(0.1, np.sqrt(2) * deviation)} seeds of each")

# %% [markdown]
# The two networks vary independently, so the standard deviation of their *difference*, which is the
# argument of `seeds_needed`, is $\sqrt 2$ times as large. Four times the deviation needs nine times as many
# seeds here; for larger numbers it is 16 times.
#
# ## Exercise 4.4
#
# The images are in MNIST alone, so draw them with all of MNIST:
# `picture_grid(corpus.test.images[sorted(DOUBTFUL)])`. For ten of the fifteen, readers agreed on another
# label:

# %%
for index in sorted(DOUBTFUL):
    print(f"test image {index:4}:", f"a {CORRECTED[index]}" if index in CORRECTED else "not decided")

# %% [markdown]
# ## Exercise 5.1

# %%
rng = np.random.default_rng(0)
x = as_float(learn.images[:64]).reshape(64, 784)
norm, dense = BatchNorm(20), Dense(784, 20)
norm.initialise(rng)
dense.initialise(rng)
start, dy = dense.params["weight"], rng.normal(size=(64, 20)).astype(np.float32)
outputs, gradients = [], []
for scale in (1, 10):
    dense.params = dense.params | {"weight": scale * start}
    y, dense_backward = dense.forward(x, training=True)
    z, norm_backward = norm.forward(y, training=True)
    outputs.append(z)
    gradients.append(dense_backward(norm_backward(dy)[0])[1]["weight"])
print(f"largest difference of the outputs: {np.abs(outputs[0] - outputs[1]).max():.0e}")
print(f"ratio of the gradients' sizes: {np.abs(gradients[0]).sum() / np.abs(gradients[1]).sum():.2f}")

# %% [markdown]
# The output is the same (but for $\epsilon$), and the gradient is a tenth. Relative to the weights, a step of
# gradient descent is a hundredth. So large weights move slowly and small ones fast: batch normalisation acts
# on the learning rate, too.
#
# ## Exercise 5.2
#
# A bias adds the same to all numbers of its channel, and subtracting the mean removes it. Its gradient is
# $\sum_i dx_i$, and in step 5 of the derivation the mean of $dx$ is 0:

# %%
_, dense_backward = dense.forward(x, training=True)
dbias = dense_backward(norm_backward(dy)[0])[1]["bias"]
print(f"largest gradient of a bias {np.abs(dbias).max():.0e}, of a weight {np.abs(gradients[1]).max():.0e}")

# %% [markdown]
# Up to rounding it is 0. The parameter $\beta$ of batch normalisation replaces the bias.
#
# ## Exercise 5.3

# %%
params, optimizer = {"w": np.zeros(1)}, RMSprop(0.01)
state = optimizer.init(params)
for g in [0.0] * 99 + [1.0]:
    before = params["w"][0]
    params, state = optimizer.update(params, {"w": np.array([g])}, state, 0.01)
print(f"the hundredth step is {(before - params['w'][0]) / 0.01:.2f} times the rate")

# %% [markdown]
# The rare gradient gets the longest step possible, $1 / \sqrt{1 - \rho}$ times the rate: $v$ had fallen to
# 0. So the weight of a pixel that rarely has ink still learns from its few images.
#
# ## Exercise 5.4
#
# From $\operatorname{sd} = \alpha / (\sqrt{12 \pi} \sigma)$: $\alpha = \sqrt{12 \pi} \cdot 3 \cdot 1 =
# 18.4$. The code of tutorial 5, with these numbers:

# %% Ten digits, each above its elastic distortion with sigma 3 and a standard deviation of 1 pixel
rng, sigma, alpha = np.random.default_rng(0), 3, np.sqrt(12 * np.pi) * 3
chosen = as_float(learn.images[[np.argmax(learn.labels == digit) for digit in range(10)]])[..., 0]
noise = rng.uniform(-1, 1, (10, 2, 60, 60))
field = alpha * gaussian_filter(noise, (0, 0, sigma, sigma), mode="constant")[:, :, 16:44, 16:44]
drawn = [map_coordinates(image, np.mgrid[0:28, 0:28] + d, order=1) for image, d in zip(chosen, field)]
print(f"standard deviation of the displacements: {field.std():.2f} pixels")
picture_grid(np.concatenate([chosen, drawn]), columns=10, side=0.9)
