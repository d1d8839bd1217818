# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 2. A network, from one neuron to LeNet-5
#
# **Afterwards you will be able to**
#
# - derive the gradient of each part of a network: neuron, dense layer, softmax, ReLU, convolution, pooling;
# - write each part in a dozen lines, forward and backward;
# - check every derivative by finite differences, and notice a wrong one;
# - train a network with a loop that you wrote yourself;
# - build LeNet-5 from your own layers, look into it, and name what it can represent that the models of
#   [tutorial 1](1_classical_models.md) cannot.
#
# You need derivatives and the chain rule, matrix products, and NumPy. Each derivative comes three times: in
# words, as a formula, as code. Terms link to the [glossary](../glossary.md); every exercise has its
# [answer](answers.md).

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

import tenfold
from tenfold.data import Dataset, as_float, epoch_order
from tenfold.evaluate.figures import STYLE, picture_grid
from tenfold.metrics import accuracy
from tenfold.nn import Flatten, Layer, Loss, Sequential, gradcheck
from tenfold.optim import Adam
from tenfold.train import Recipe
from tenfold.zoo import entry

plt.style.use(dict(STYLE))

corpus = tenfold.load_corpus("mnist-5k")
train, test = corpus.train, corpus.test.subset(slice(1000))
print(f"{corpus.name}: {len(train):,} training images, {len(test):,} test images")

# %% [markdown]
# ## One neuron
#
# A [neuron](../glossary.md#neuron) multiplies its inputs by weights, adds them up, and puts the sum through
# an [activation function](../glossary.md#activation-function), here one that gives a number from 0 to 1.
#
# ![A neuron: inputs, weights, the sum, the activation function, the output](../images/neuron.svg)
#
# *A neuron. The bias b is a weight whose input is always 1.*
#
# Our neuron distinguishes 9 from 4. Its inputs are two numbers of an image: the amount of ink at the top,
# where a 9 is closed, and the amount at the left, where the bar of a 4 begins.


# %% Four images of 4 and four of 9; the two regions whose ink is measured are orange
def two_numbers(images):
    """Ink at the top and at the left, standardised to mean 0 and standard deviation 1: (n, 2)."""
    ink = np.stack(
        [images[:, 6:9, 12:18].mean(axis=(1, 2)), images[:, 15:18, 5:10].mean(axis=(1, 2))], axis=1
    )
    return (ink - ink.mean(axis=0)) / ink.std(axis=0)


four_or_nine = train.subset(np.isin(train.labels, (4, 9)))
x = two_numbers(four_or_nine.images)  # (n, 2)
t = (four_or_nine.labels == 9).astype(float)  # (n,), 1 for a 9

places = np.zeros((28, 28))
places[6:9, 12:18] = places[15:18, 5:10] = -1
chosen = np.concatenate([np.flatnonzero(t == 0)[:4], np.flatnonzero(t == 1)[:4]])
digits = four_or_nine.images[chosen] / 255
words = ["a 4"] * 4 + ["a 9"] * 4
picture_grid(
    np.where(digits > 0, digits, 0.4 * places), words, columns=8, signed=True, together=True, side=1.15
)

# %% [markdown]
# The neuron computes
#
# $$z = x_1 w_1 + x_2 w_2 + b \qquad p = \sigma(z) = \frac1{1 + e^{-z}}$$
#
# The function $\sigma$ is the [sigmoid](../glossary.md#sigmoid), and $p$ is interpreted as the probability of
# a 9. How good are $w_1$, $w_2$ and $b$? The [loss](../glossary.md#loss) measures it: the mean of $-\log$ of
# the probability that the neuron gave to the true answer, the negative log-likelihood. (With the natural
# logarithm its unit is the [nat](../glossary.md#nat).) With the [target](../glossary.md#target) $t = 1$ for a
# 9 and $t = 0$ for a 4 it is
#
# $$L = -\frac1n \sum \left( t \log p + (1 - t) \log (1 - p) \right)$$
#
# Training means making $L$ small. For that we need to know how $L$ changes when a weight changes: the
# [gradient](../glossary.md#gradient).
#
# **In words.** Changing a weight changes $z$ in proportion to its input. $z$ changes $p$, and $p$ changes the
# loss. Multiply the three derivatives (the [chain rule](../glossary.md#chain-rule)), and add up over the
# images.
#
# **Formula.** In the product of the first two, $p (1 - p)$ cancels:
#
# $$\frac{\partial L}{\partial p} = \frac1n \frac{p - t}{p (1 - p)}, \quad \frac{dp}{dz} = p (1 - p)
# \quad \Rightarrow \quad \frac{\partial L}{\partial z} = \frac{p - t}n$$
#
# $$\frac{\partial L}{\partial w_i} = \sum \frac{\partial L}{\partial z} x_i \qquad
# \frac{\partial L}{\partial b} = \sum \frac{\partial L}{\partial z}$$
#
# The output minus the target, times the input, averaged over the images.
#
# **Code.** From now on `dz` stands for $\partial L / \partial z$, and so on.


# %%
def loss_of(w, b):
    z = x @ w + b  # -log p is log(1 + exp(-z)), and logaddexp(0, -z) is that without overflow
    return np.mean(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))


def gradient_of(w, b):
    p = 1 / (1 + np.exp(-(x @ w + b)))  # (n,)
    dz = (p - t) / len(t)  # (n,)
    return x.T @ dz, dz.sum()  # dw (2,), db


# %% [markdown]
# **Check.** A derivative is a slope, and a slope can be measured: change a parameter a little in both
# directions and see how much the loss changes. These are [finite
# differences](../glossary.md#finite-differences) (*central* ones, because both sides count alike). Do that
# once for each new derivative. It finds nearly every mistake.

# %%
w, b, step = np.array([0.3, -0.7]), 0.2, 1e-6
dw, db = gradient_of(w, b)
for i in range(2):
    aside = step * np.eye(2)[i]
    measured = (loss_of(w + aside, b) - loss_of(w - aside, b)) / (2 * step)
    print(f"dL/dw{i + 1}: derived {dw[i]:+.8f}, measured {measured:+.8f}")
measured = (loss_of(w, b + step) - loss_of(w, b - step)) / (2 * step)
print(f"dL/db:  derived {db:+.8f}, measured {measured:+.8f}")

# %% [markdown]
# **Train.** The gradient points in the direction in which the loss rises fastest. So take a step against it,
# and repeat: this is [gradient descent](../glossary.md#gradient-descent). The step is the gradient times
# the [learning rate](../glossary.md#learning-rate), the one number here that no formula gives. It is a
# hyperparameter.


# %% The loss of one neuron over its two weights, and fifteen steps with each of three learning rates
def descend(rate, steps):
    w, b, way = np.array([-2.5, 2.5]), 0.0, []
    for _ in range(steps):
        way.append(w)
        dw, db = gradient_of(w, b)
        w, b = w - rate * dw, b - rate * db
    return np.array(way), w, b


w1, w2 = np.linspace(-4, 13, 60), np.linspace(-9, 5, 60)
_, lowest, _ = descend(3.0, 2000)
surface = np.array([[loss_of(np.array([across, up]), 0.0) for across in w1] for up in w2])
figure, panels = plt.subplots(1, 3, figsize=(9.5, 3.4), sharey=True)
for axes, rate in zip(panels, (0.1, 3.0, 20.0)):
    way, w, b = descend(rate, 15)
    levels = axes.contourf(w1, w2, surface, levels=14, cmap="Blues")
    axes.plot(*way.T, "o-", color="C1", markersize=3, linewidth=1)
    right = np.mean((x @ w + b > 0) == (t == 1))
    axes.plot(*lowest, "x", color="black", label="lowest loss")
    axes.set(title=f"rate {rate:g}: loss {loss_of(w, b):.2f}, {right:.0%} right", xlabel="weight of the top")
    axes.grid(visible=False)
panels[0].set_ylabel("weight of the left")
panels[0].legend(loc="lower right", fontsize=8)
figure.colorbar(levels, ax=panels, label="loss, nats")
plt.show()

# %% [markdown]
# Each dot is a step. The loss has the shape of a valley (drawn for $b = 0$), and the cross marks its lowest
# point. With a rate of 0.1 the steps are too short to arrive. With 3 the path reaches the bottom of the
# valley, where the slope is small, and then moves slowly along it. With 20 the first step crosses the
# valley to the opposite slope, and the return takes many steps. A single neuron with two inputs already
# classifies nine of ten images correctly.
#
# ## A pass is a pair
#
# A network is a chain of such parts, called [layers](../glossary.md#layer). Each layer has to do two
# things: compute its output from its input (the [forward pass](../glossary.md#forward-pass)), and turn the
# gradient of the loss with respect to its output into the gradient with respect to its input (the [backward
# pass](../glossary.md#backward-pass)). In tenfold each layer returns both at once:
#
#     y, backward = layer.forward(x)
#     dx, grads = backward(dy)
#
# The second function keeps the values that the first one used. To train a chain, call the first functions
# from front to back and the second ones from back to front. That is
# [backpropagation](../glossary.md#backpropagation).
#
# ![Backpropagation through dense, ReLU, dense, softmax and loss](../images/backpropagation.svg)
#
# *Backpropagation. Black: values go forward. Orange: gradients come back through the same layers, and each
# layer also computes the gradients of its own parameters.*
#
# ## A dense layer: many neurons at once
#
# Give each of many neurons its own column of weights. For one image, $y_j = \sum_i x_i w_{ij} + b_j$. For
# $n$ images in the rows of a matrix, $Y = X W + b$. This is a [dense layer](../glossary.md#dense-layer),
# also called fully connected.
#
# ![A dense layer: four inputs, three neurons, and the product of matrices](../images/dense-layer.svg)
#
# *A dense layer with four inputs and three neurons. The weights of one neuron are one column of W.*
#
# **In words.** Output $j$ changes with weight $ij$ in proportion to input $i$. So a weight's gradient is
# its input times the gradient of its output, added up over the images. An input feeds *all* outputs, each
# through its own weight. So its gradient is the sum of their gradients, each times that weight: the same
# weights, used in the other direction.
#
# **Formula.** $\quad dW = X^T dY \qquad db = \sum_{\text{images}} dY \qquad dX = dY W^T$
#
# (The shapes allow no other formula: $dW$ must have the shape of $W$. If in doubt, write the shapes down.)
#
# **Code.** The weights start at random, uniformly between $-a$ and $a$ (their
# [initialisation](../glossary.md#initialisation)). Glorot's rule for $a$ keeps the outputs, and the
# gradients in the backward pass, about as large as the inputs. (Why not start at zero? See exercise 2.)


# %%
class MyDense(Layer):
    kind = "my_dense"

    def __init__(self, c_in, c_out):
        super().__init__()
        self.c_in, self.c_out = c_in, c_out

    def param_shapes(self):
        return {"weight": (self.c_in, self.c_out), "bias": (self.c_out,)}

    def output_shape(self, shape):
        return (self.c_out,)

    def initialise(self, rng, dtype=np.float32):
        a = np.sqrt(6 / (self.c_in + self.c_out))
        weight = rng.uniform(-a, a, (self.c_in, self.c_out))
        self.params = {"weight": weight.astype(dtype), "bias": np.zeros(self.c_out, dtype)}

    def forward(self, x, *, training=False, rng=None):
        weight, bias = self.params["weight"], self.params["bias"]
        y = x @ weight + bias  # (n, c_out)

        def backward(dy):
            return dy @ weight.T, {"weight": x.T @ dy, "bias": dy.sum(axis=0)}

        return y, backward


# %% [markdown]
# **Check.** `gradcheck` measures slopes as we did above, for the input and every parameter, each in a
# random direction. It returns the largest relative error. Below $10^{-6}$ the derivative is correct. For
# comparison, here is a layer with a mistake that is easy to make and hard to see (the code runs, and the
# network even learns):


# %%
class Careless(MyDense):
    def forward(self, x, *, training=False, rng=None):
        y, backward = super().forward(x)

        def careless(dy):
            dx, grads = backward(dy)
            return dx, grads | {"bias": dy.mean(axis=0)}  # the sum over the images became a mean

        return y, careless


rng = np.random.default_rng(0)
print(f"MyDense:   {gradcheck(MyDense(7, 5), (7,), rng):.1e}")
print(f"Careless: {gradcheck(Careless(7, 5), (7,), rng):.1e}")

# %% [markdown]
# ## Softmax and cross-entropy
#
# Ten digits need ten outputs. The softmax turns them into probabilities, and the loss is again the negative
# log-likelihood of the true digit (the [cross-entropy](../glossary.md#cross-entropy)). The target is
# [one-hot](../glossary.md#one-hot): $t_j = 1$ for the true digit and 0 for the others.
#
# $$p_j = \frac{e^{z_j}}{\sum_k e^{z_k}} \qquad L = -\frac1n \sum_{\text{images}} \sum_j t_j \log p_j$$
#
# **In words.** Raising one output makes its own digit more probable and all others less. Again most terms
# cancel, and the result is the same as for the neuron: the output minus the target.
#
# **Formula.** Since $\log p_j = z_j - \log \sum_k e^{z_k}$, the derivative is
# $\partial \log p_j / \partial z_i = [i = j] - p_i$, where $[i = j]$ is 1 if $i = j$, else 0. With
# $\sum_j t_j = 1$:
#
# $$\frac{\partial L}{\partial z_i} = -\frac1n \sum_j t_j \left( [i = j] - p_i \right) = \frac{p_i - t_i}n$$
#
# **Code.** The sums $z$, before the softmax, are called [logits](../glossary.md#logits). Subtracting the
# largest first changes nothing in the result, and no exponential overflows.


# %%
class MyCrossEntropy(Loss):
    kind = "my_cross_entropy"

    def forward(self, logits, labels):
        n, k = logits.shape
        target = np.eye(k, dtype=logits.dtype)[labels]  # (n, k)
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -(target * log_p).sum() / n

        def backward():
            return (np.exp(log_p) - target) / n

        return loss, backward


print(f"MyCrossEntropy: {gradcheck(MyCrossEntropy(), (10,), rng):.1e}")

# %% [markdown]
# ## ReLU: an activation function
#
# Two dense layers in a row are no better than one: $(X A) B = X (A B)$ is one dense layer. There must be a
# [non-linear](../glossary.md#linear) function between them, the activation function. The simplest is the
# rectified linear unit, [ReLU](../glossary.md#relu): numbers below zero become zero.
#
# **In words.** Where a number passed unchanged, its gradient passes unchanged. Where it became zero, its
# gradient is zero.
#
# **Formula.** $\quad y = \max(x, 0) \qquad dx = dy$ where $x > 0$, else $0$
#
# **Code.**


# %%
class MyReLU(Layer):
    kind = "my_relu"

    def forward(self, x, *, training=False, rng=None):
        def backward(dy):
            return np.where(x > 0, dy, 0), {}

        return np.maximum(x, 0), backward


print(f"MyReLU: {gradcheck(MyReLU(), (11,), rng):.1e}")

# %% [markdown]
# With an activation function, "ink in exactly one of two pixels" (XOR), which no weighted sum can represent,
# takes two neurons and a sum. The two neurons in the middle are a [hidden
# layer](../glossary.md#hidden-layer):

# %%
pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
hidden = np.maximum(pairs @ np.array([[1, -1], [-1, 1]]), 0)  # "first, not second" and "second, not first"
print("pixels:", pairs.tolist(), " exactly one:", hidden.sum(axis=1).tolist())

# %% [markdown]
# ## A network, trained by hand
#
# Now all parts are there: 784 pixels, 30 hidden neurons, ReLU, ten outputs, a [multilayer
# perceptron](../glossary.md#multilayer-perceptron). The loop takes 32 images at a time (a
# [minibatch](../glossary.md#minibatch)), does the forward pass and the backward pass, and moves each
# parameter against its gradient ([stochastic gradient
# descent](../glossary.md#stochastic-gradient-descent)). The gradient of a few images is only an estimate,
# but the computation for one exact step is enough for about a hundred estimated steps. One round through
# all images is an [epoch](../glossary.md#epoch).
#
# Some names of tenfold that the loop uses: `Sequential` is a chain of named layers; its `params` are a
# dictionary such as `{"fc1.weight": array, ...}`, and `assign` replaces them. `epoch_order(n, 32, rng)`
# returns the numbers of all images in random order, filled up to whole minibatches; `reshape(-1, 32)` makes
# each minibatch one row. `as_float` scales pixels from 0..255 to 0..1 and adds the axis of the channel.
# `infer` is the forward pass alone.


# %%
def our_network():
    layers = {"flatten": Flatten(), "fc1": MyDense(784, 30), "relu": MyReLU(), "fc2": MyDense(30, 10)}
    return Sequential(layers, input_shape=(28, 28, 1))


def train_by_hand(network, epochs, seed, rate=0.1):
    rng, loss_function, losses = np.random.default_rng(seed), MyCrossEntropy(), []
    network.initialise(rng)
    for _ in range(epochs):
        for batch in epoch_order(len(train), 32, rng).reshape(-1, 32):
            logits, backward = network.forward(as_float(train.images[batch]), training=True)
            loss, loss_backward = loss_function.forward(logits, train.labels[batch])
            _, grads = backward(loss_backward())
            network.assign({name: p - rate * grads[name] for name, p in network.params.items()})
            losses.append(float(loss))
    return np.array(losses)


network = our_network()
losses = train_by_hand(network, epochs=5, seed=0)
predicted = network.infer(as_float(test.images)).argmax(axis=1)
print(f"loss {losses[:20].mean():.2f} in the first steps, {losses[-20:].mean():.2f} in the last")
print(f"{accuracy(test.labels, predicted):.1%} of the test images")

# %% [markdown]
# A whole network can be checked like a layer. The next picture shows the weights of the hidden neurons: blue
# where ink raises the output of a neuron, orange where it lowers it, each on its own scale. No two started
# equal, so no two became equal. Three neurons, and all weights of pixels that never have ink, have barely
# changed from their random start, so they look like noise.

# %% Weights of the thirty hidden neurons: ink in blue pixels raises the output, in orange ones lowers it
print(f"the whole network: {gradcheck(our_network(), (28, 28, 1), rng):.1e}")
picture_grid(network.params["fc1.weight"].T.reshape(-1, 28, 28), columns=10, signed=True, side=0.9)

# %% [markdown]
# ## Convolution: look together, look everywhere
#
# At the end of tutorial 1 two things were missing. Features should be computed from *neighbouring* pixels,
# and be computed *everywhere*. A [convolution](../glossary.md#convolution) does both: a dense layer for a
# small region, for example 5 x 5 pixels, that slides over the image with the *same* weights in every place
# ([weight sharing](../glossary.md#weight-sharing)). The array of weights is called
# [kernel](../glossary.md#kernel) or filter.
#
# ![A convolution: an input, a kernel, a feature map](../images/convolution.svg)
#
# *A convolution. One number of the feature map depends on a small part of the input: its receptive field.*
#
# Here is one such kernel, made by hand. It responds to ink with none below it:

# %% A kernel made by hand, three digits, and its feature map for each: the lower edges of strokes
kernel = np.zeros((5, 5))
kernel[1:3], kernel[3:] = 1, -1
alone = np.zeros((28, 28))
alone[12:17, 12:17] = kernel
pictures, words = [alone], ["the kernel"]
for image, label in zip(train.images[:3] / 255.0, train.labels):
    answers = [[np.sum(image[a : a + 5, b : b + 5] * kernel) for b in range(24)] for a in range(24)]
    pictures += [image, np.pad(np.maximum(answers, 0), 2)]
    words += [f"a {label}", "feature map"]
picture_grid(np.array(pictures), words, columns=7, signed=True, side=1.2)

# %% [markdown]
# The output is an image again, a [feature map](../glossary.md#feature-map), here of the lower edges of
# strokes. A layer has several kernels, and so several maps, called [channels](../glossary.md#channel). The
# part of the image that one number of a map depends on is its [receptive
# field](../glossary.md#receptive-field). The distance between two neighbouring places of the kernel is the
# [stride](../glossary.md#stride), here 1. With $a, b$ for the place, $i, j$ for the pixel in the kernel, $c$
# for the input channel and $k$ for the output channel:
#
# $$y_{abk} = \sum_{i, j, c} x_{a+i, b+j, c} w_{ijck} + \beta_k$$
#
# (Mathematics calls this a *cross-correlation*: a convolution in its sense would flip the kernel. Deep
# learning calls it convolution.)
#
# **In words.** A weight is used in every place. So its gradient is a sum over all places: the pixel under the
# weight, times the gradient of the output there. A pixel lies under the kernel in several places. So its
# gradient is a sum over these places: the weight over the pixel, times the gradient of the output there.
#
# **Formula.** Without padding; with padding, $x$ is the image with its border of zeros.
#
# $$dw_{ijck} = \sum_{\text{images}} \sum_{a, b} x_{a+i, b+j, c} dy_{abk} \qquad
# d\beta_k = \sum_{\text{images}} \sum_{a, b} dy_{abk}$$
#
# $$dx_{rsc} = \sum_{i, j, k} w_{ijck} dy_{r-i, s-j, k} \quad (r-i, s-j \text{ in the map})$$
#
# **Code.** The loop over the pixels of the kernel appears for the output and for both gradients; all places
# are computed at once. `pad` puts a border of zeros around the image ([padding](../glossary.md#padding)).


# %%
class MyConv2d(Layer):
    kind = "my_conv2d"

    def __init__(self, c_in, c_out, size, pad=0):
        super().__init__()
        self.c_in, self.c_out, self.size, self.pad = c_in, c_out, size, pad

    def param_shapes(self):
        return {"weight": (self.size, self.size, self.c_in, self.c_out), "bias": (self.c_out,)}

    def output_shape(self, shape):
        h, w, _ = shape
        return h + 2 * self.pad - self.size + 1, w + 2 * self.pad - self.size + 1, self.c_out

    def initialise(self, rng, dtype=np.float32):
        a = np.sqrt(6 / (self.size**2 * (self.c_in + self.c_out)))
        weight = rng.uniform(-a, a, self.param_shapes()["weight"])
        self.params = {"weight": weight.astype(dtype), "bias": np.zeros(self.c_out, dtype)}

    def forward(self, x, *, training=False, rng=None):
        weight, bias, pad = self.params["weight"], self.params["bias"], self.pad
        ho, wo, _ = self.output_shape(x.shape[1:])
        x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))  # (n, h, w, c_in)
        pixels = [(i, j) for i in range(self.size) for j in range(self.size)]
        y = sum(x[:, i : i + ho, j : j + wo] @ weight[i, j] for i, j in pixels) + bias  # (n, ho, wo, c_out)

        def backward(dy):
            dx, dweight = np.zeros_like(x), np.zeros_like(weight)
            for i, j in pixels:
                seen = x[:, i : i + ho, j : j + wo]  # (n, ho, wo, c_in)
                dweight[i, j] = np.tensordot(seen, dy, axes=([0, 1, 2], [0, 1, 2]))
                dx[:, i : i + ho, j : j + wo] += dy @ weight[i, j].T
            h, w = dx.shape[1:3]
            return dx[:, pad : h - pad, pad : w - pad], {"weight": dweight, "bias": dy.sum(axis=(0, 1, 2))}

        return y, backward


print(f"MyConv2d:          {gradcheck(MyConv2d(2, 3, 5), (8, 9, 2), rng):.1e}")
print(f"MyConv2d with pad: {gradcheck(MyConv2d(1, 2, 5, pad=2), (7, 7, 1), rng):.1e}")

# %% [markdown]
# ## Pooling: small shifts do not matter
#
# Only the largest of every 2 x 2 numbers of a map is kept (max [pooling](../glossary.md#pooling)). The map
# becomes a quarter as large, and a feature that moves by one pixel often gives the same output.
#
# **In words.** The largest number passed unchanged, so it takes the gradient. The others have no influence,
# so their gradient is zero.
#
# **Formula.** $\quad y = \max(x_1, x_2, x_3, x_4) \qquad dx_i = dy$ for the largest, else $0$
#
# **Code.**


# %%
class MyMaxPool2d(Layer):
    kind = "my_max_pool2d"

    def output_shape(self, shape):
        h, w, c = shape
        return h // 2, w // 2, c

    def forward(self, x, *, training=False, rng=None):
        corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
        four = np.stack([x[:, i::2, j::2] for i, j in corners])  # (4, n, h / 2, w / 2, c)
        winner = four.argmax(axis=0)

        def backward(dy):
            dx = np.zeros_like(x)
            for place, (i, j) in enumerate(corners):
                dx[:, i::2, j::2] = np.where(winner == place, dy, 0)
            return dx, {}

        return four.max(axis=0), backward


print(f"MyMaxPool2d: {gradcheck(MyMaxPool2d(), (6, 4, 3), rng):.1e}")

# %% [markdown]
# ## LeNet-5
#
# Two rounds of convolution, activation function and pooling, then three dense layers. The first round finds
# pieces of strokes. The second finds arrangements of these pieces. Its output, 16 maps of 5 x 5, goes to the
# dense layers. This is Yann LeCun's network of 1998 with today's activation function and pooling.
#
# ![LeNet-5: the sizes of its maps and vectors](../images/lenet5.svg)
#
# *LeNet-5. Blue: after a convolution. Green: after pooling. Eight of the sixteen maps are drawn.*
#
# From our own layers:

# %%
ours = Sequential(
    {
        "conv1": MyConv2d(1, 6, 5, pad=2),  # (n, 28, 28, 6)
        "relu1": MyReLU(),
        "pool1": MyMaxPool2d(),  # (n, 14, 14, 6)
        "conv2": MyConv2d(6, 16, 5),  # (n, 10, 10, 16)
        "relu2": MyReLU(),
        "pool2": MyMaxPool2d(),  # (n, 5, 5, 16)
        "flatten": Flatten(),  # (n, 400)
        "fc1": MyDense(400, 120),
        "relu3": MyReLU(),
        "fc2": MyDense(120, 84),
        "relu4": MyReLU(),
        "fc3": MyDense(84, 10),
    },
    input_shape=(28, 28, 1),
)
for row in ours.rows():
    print(f"{row.name:8} {row.kind:13} {row.output_shape!s:13} {row.parameters:7,} parameters")
print(f"{ours.n_parameters:,} in all; the derivatives of the whole: {gradcheck(ours, (28, 28, 1), rng):.1e}")

# %% [markdown]
# tenfold has all of these layers: `Conv2d`, `ReLU`, `MaxPool2d`, `Dense` ([docs/layers.md](../layers.md)
# lists them). They are defined much as ours, and they run as compiled code, many times faster. Do they
# compute the same? Give both networks the same parameters, and compare a forward and a backward pass. (`load`
# copies parameters by name, so the layers of both networks must have the same names.)

# %%
lenet5 = tenfold.build("lenet5").network
lenet5.initialise(0)
ours.load(lenet5.params)
images, labels = as_float(train.images[:32]), train.labels[:32]
gradients = []
for one in (ours, lenet5):
    logits, backward = one.forward(images, training=True)
    loss, loss_backward = MyCrossEntropy().forward(logits, labels)
    gradients.append(backward(loss_backward())[1])
    print(f"loss {loss:.6f}")
apart = max(np.abs(gradients[0][name] - gradients[1][name]).max() for name in gradients[0])
print(f"no gradient differs by more than {apart:.0e}")

# %% [markdown]
# So from here on tenfold does the training. What we wrote as a loop has three parts there:
#
# - a `Recipe` says how to train: ten epochs, minibatches of 32 images, and the
#   [optimiser](../glossary.md#optimiser) [Adam](../glossary.md#adam) instead of the plain step. Adam gives
#   each parameter a step of its own, according to how large its gradients have been (tutorial 3).
#   `weight_decay=0.01` also makes every weight a little smaller at each step, so that none grows without need
#   ([weight decay](../glossary.md#weight-decay), a form of regularisation);
# - `tenfold.split` divides the training images at random: 3,200 to learn from, and 800 as validation set, to
#   measure the accuracy on images that the network does not learn from;
# - `tenfold.fit` is the loop; it returns a history with a row for each epoch.
#
# We train one dense layer (`nn1l`), two (`nn2l`) and LeNet-5, each from three [seeds](../glossary.md#seed),
# that is, from three random starts.

# %% Training loss and validation error of three networks, epoch by epoch; the bands span three seeds
recipe = Recipe(epochs=10, batch_size=32, optimizer=Adam(1e-3, weight_decay=0.01))
learn, held_out = tenfold.split(train, (len(train) - 800, 800), seed=0)
trained = {}
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.5))
for name, colour in zip(("nn1l", "nn2l", "lenet5"), ("C2", "C1", "C0")):
    runs = []
    for seed in range(3):
        trained[name] = tenfold.build(name)
        history = tenfold.fit(trained[name].network, recipe, learn, held_out, seed=seed)
        runs.append(
            [
                (row.train_loss, 100 * (1 - row.validation_accuracy), 100 * (1 - row.train_accuracy))
                for row in history.rows
            ]
        )
    runs, epochs = np.array(runs), np.arange(1, 11)  # (3 seeds, 10 epochs, 3 figures)
    _, not_seen, learning = runs[:, -1].mean(axis=0)
    print(f"{name:7} error in the last epoch: training {learning:.2f} %, validation {not_seen:.1f} %")
    for axes, figures in zip((left, right), np.moveaxis(runs, 2, 0)):
        axes.fill_between(
            epochs, figures.min(axis=0), figures.max(axis=0), color=colour, alpha=0.25, linewidth=0
        )
        axes.semilogy(epochs, figures.mean(axis=0), color=colour, marker="o", label=name)
left.set(title="Loss on the training set", xlabel="epoch", ylabel="nats")
right.set(title="Error on the validation set", xlabel="epoch", ylabel="%")
right.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
for axes in (left, right):
    axes.minorticks_off()
    axes.legend()
plt.show()

# %% [markdown]
# Both `nn2l` and LeNet-5 classify nearly all training images correctly. What counts is the gap to the
# validation set: `nn2l` has [overfitted](../glossary.md#overfitting) more, LeNet-5
# [generalises](../glossary.md#generalisation) better. It has a quarter of the parameters and makes far fewer
# errors.
#
# ## What LeNet-5 has learned
#
# The six kernels that the first layer has learned. Blue: ink raises the output, orange: ink lowers it.

# %% The six learned kernels of the first layer: ink under blue raises the output, under orange lowers it
lenet5 = trained["lenet5"].network
kernels = np.moveaxis(lenet5.params["conv1.weight"][:, :, 0], -1, 0)  # (6, 5, 5)
numbers = [f"kernel {i + 1}" for i in range(6)]
picture_grid(kernels, numbers, columns=6, signed=True, together=True, side=1.2)

# %% [markdown]
# Now a digit and its feature maps. First the six maps of these kernels after ReLU, and after pooling:

# %% A digit, its six feature maps (one for each kernel above, in its order) after ReLU, and after pooling
four = test.images[np.flatnonzero(test.labels == 4)[3]]
maps = {
    name: np.moveaxis(y[0], -1, 0)
    for name, y in lenet5.activations(as_float(four[np.newaxis]))
    if y.ndim == 4
}
doubled = np.kron(maps["pool1"], np.ones((2, 2)))  # drawn as large as the others
picture_grid(
    np.concatenate([[four / 255], maps["relu1"], [0 * four], doubled]),
    ["a 4", *(f"map {i}, ReLU" for i in range(1, 7)), "", *(f"map {i}, pooled" for i in range(1, 7))],
    columns=7,
    side=1.15,
)

# %% [markdown]
# Then the sixteen maps of the second round: two rows after ReLU, and the same two pooled.

# %% Sixteen feature maps of the second convolution after ReLU (upper two rows), and after pooling (lower two)
doubled = np.kron(maps["pool2"], np.ones((2, 2)))
numbers = [f"map {i + 1}" for i in range(16)] * 2
picture_grid(np.concatenate([maps["relu2"], doubled]), numbers, columns=8, side=0.9)

# %% [markdown]
# Each map of the second round shows where, roughly, one arrangement of strokes is in the image. From that
# the dense layers can compute that the image shows a 4.
#
# ## The experiments of tutorial 1 again
#
# **Moved digits.** In all training images the digit is in the middle.

# %% Accuracy of three networks when the test images move to the right
figure, axes = plt.subplots(figsize=(6.4, 3.2))
for (name, model), colour in zip(trained.items(), ("C2", "C1", "C0")):
    kept = [accuracy(test.labels, model.predict(np.roll(test.images, step, axis=2))) for step in range(5)]
    axes.plot(range(5), 100 * np.array(kept), "o-", color=colour, label=name)
axes.set(xlabel="moved by, pixels", ylabel="accuracy, %", ylim=(0, 100))
axes.set(title="The same digits, a little to the right")
axes.set_xticks(range(5))
axes.legend()
plt.show()

# %% [markdown]
# LeNet-5 loses far less than the dense networks, and all three lose far more than a person would. A kernel
# finds a stroke wherever it is: when the image moves, its map moves with it
# ([equivariance](../glossary.md#equivariance)). But the dense layers at the end still depend on the place.
# (Tutorial 3 moves the training images.)
#
# **Shuffled pixels.** All models of tutorial 1 had exactly the same accuracy on images with shuffled pixels.
# And now?

# %%
order = np.random.default_rng(0).permutation(784)


def shuffled(data):
    return Dataset(data.images.reshape(-1, 784)[:, order].reshape(-1, 28, 28), data.labels, data.name)


for name, model in trained.items():
    again = tenfold.build(name)
    tenfold.fit(again.network, recipe, shuffled(learn), seed=2)
    before = accuracy(test.labels, model.predict(test.images))
    after = accuracy(test.labels, again.predict(shuffled(test).images))
    print(f"{name:7} before {before:.1%}, shuffled {after:.1%}")

# %% [markdown]
# Dense networks do not depend on the order of the pixels. LeNet-5 falls behind the two-layer network: where
# neighbouring pixels do not belong together, kernels do not help. This shows that LeNet-5 uses the order of
# the pixels: it uses which pixels are neighbours. It is the first of our models that does.
#
# ## The figures on all of MNIST
#
# *Published* is the range over the runs that the authors report, *measured* is our mean. For both, the best
# of the last four epochs was chosen on the test images. *Honest* is our mean with this choice made on
# held-out training images instead. (Tutorial 4 measures how much such a choice changes the figure.) `nn3l`
# has one layer more than `nn2l`: 784-300-100-10. [Tutorial 6](6_seven_models.md) trains all of them on
# MNIST.

# %%
print(f"{'':8} {'parameters':>10} {'published':>15} {'measured':>9} {'honest':>8}")
for name in ("nn1l", "nn2l", "nn3l", "lenet5"):
    one = entry(name)
    published = f"{one.published.low:.2%} - {one.published.high:.2%}"
    honest = one.measured_honestly.accuracy.mean
    print(f"{name:8} {one.parameters:10,} {published} {one.measured.accuracy.mean:9.2%} {honest:8.2%}")

# %% [markdown]
# ## Exercises
#
# 1. Write a layer `MySigmoid` with its backward pass and check it. Train `our_network` with it instead of
#    ReLU. ([Answer](answers.md#exercise-21))
# 2. Start the weights of `MyDense` at zero. What do the hidden neurons look like after training, and why?
#    ([Answer](answers.md#exercise-22))
# 3. Put a mistake into `MyConv2d` (for example, leave the last row of the kernel out of `dx`) and see
#    whether `gradcheck` notices. ([Answer](answers.md#exercise-23))
# 4. Replace `MyMaxPool2d` by the mean of the four numbers. Derive, write, check, train.
#    ([Answer](answers.md#exercise-24))
# 5. Train LeNet-5 with 400 training images. Which is better now, LeNet-5 or the nearest neighbours of
#    tutorial 1? ([Answer](answers.md#exercise-25))
#
# Next: [3. A chain of changes: from 10 % error to 0.4 %](3_a_chain_of_changes.md)
