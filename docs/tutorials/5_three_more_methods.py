# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 5. Three more methods: batch normalisation, RMSprop, elastic distortion
#
# **Afterwards you will be able to**
#
# - derive the backward pass of batch normalisation step by step, and check each step by finite differences;
# - explain why predictions use other statistics than training;
# - derive RMSprop from a single idea, and explain the difference between RMSprop and Adam;
# - write elastic distortion, and say what its two parameters do;
# - measure whether each of them helps, in a small experiment.
#
# You need [tutorial 2](2_from_neuron_to_lenet5.md) and the section on Adam in [tutorial
# 3](3_a_chain_of_changes.md). Terms link to the [glossary](../glossary.md); every exercise has its
# [answer](answers.md).

# %%
# %matplotlib inline
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

import tenfold
from tenfold.data import Augmenter, as_float
from tenfold.evaluate.figures import STYLE, picture_grid
from tenfold.nn import (
    AvgPool2d,
    BatchNorm,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    MeanSquaredError,
    OpenSetCrossEntropy,
    ReLU,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    gradcheck,
)
from tenfold.optim import SGD, Adam, RMSprop
from tenfold.train import Recipe

plt.style.use(dict(STYLE))

corpus = tenfold.load_corpus("mnist-5k")
learn, held_out = tenfold.split(corpus.train, (3200, 800), seed=0)
print(f"{corpus.name}: {len(learn):,} training images, {len(held_out):,} validation images")

# %% [markdown]
# ## Batch normalisation: the idea
#
# Tutorial 3 showed that a network learns badly if the numbers grow, or shrink, from layer to layer. He's
# rule repairs that at the *start* of training. But the weights move, and with them the distribution of the
# numbers that the next layer gets. [Batch normalisation](../glossary.md#batch-normalisation) (Ioffe and
# Szegedy 2015) repairs it in *every* step: it brings each channel to mean 0 and variance 1, over the images
# of the minibatch. Two learned parameters for each channel, $\gamma$ and $\beta$, then give it the scale
# and the mean that suit the next layer.
#
# ## Batch normalisation: the forward pass
#
# Take one channel. It has $m$ numbers $x_1, \ldots, x_m$ in the minibatch: one for each image after a dense
# layer; one for each image and place after a convolution. With a small $\epsilon$ against division by 0:
#
# $$\mu = \frac1m \sum_i x_i \qquad v = \frac1m \sum_i (x_i - \mu)^2 \qquad s = \frac1{\sqrt{v + \epsilon}}$$
#
# $$z_i = (x_i - \mu) s \qquad y_i = \gamma z_i + \beta$$
#
# ## Batch normalisation: the backward pass
#
# We know the gradients $dy_i$ of the loss, and want $d\gamma$, $d\beta$ and $dx_i$.
#
# **Step 1: the parameters.** $\gamma$ and $\beta$ are used by all $m$ numbers, so their gradients are sums,
# as in a dense layer:
#
# $$d\beta = \sum_i dy_i \qquad d\gamma = \sum_i dy_i z_i \qquad dz_i = \gamma dy_i$$
#
# **Step 2: three paths from x to the loss.** $x_i$ changes $z_i$ directly. It also changes the mean $\mu$
# and the variance $v$, which change *all* $z_j$. By the chain rule the three contributions add up:
#
# $$dx_i = dz_i s + d\mu \frac{\partial \mu}{\partial x_i} + dv \frac{\partial v}{\partial x_i}
# \qquad \frac{\partial \mu}{\partial x_i} = \frac1m \qquad
# \frac{\partial v}{\partial x_i} = \frac2m (x_i - \mu)$$
#
# (In $\partial v / \partial x_i$ the mean counts as constant: its share is in the second term.)
#
# **Step 3: the variance.** $v$ acts through $s$, and $\partial s / \partial v = -\frac12 (v +
# \epsilon)^{-3/2} = -\frac12 s^3$:
#
# $$dv = \sum_j dz_j (x_j - \mu) \cdot \left( -\tfrac12 s^3 \right) = -\tfrac12 s^2 \sum_j dz_j z_j$$
#
# **Step 4: the mean.** $\mu$ acts on every $z_j$ directly, and on $v$. The second path contributes nothing,
# because the deviations from a mean add up to 0: $\partial v / \partial \mu = -\frac2m \sum_j (x_j - \mu) =
# 0$. So
#
# $$d\mu = -s \sum_j dz_j$$
#
# **Step 5: put together.** With $x_i - \mu = z_i / s$:
#
# $$dx_i = s dz_i - \frac sm \sum_j dz_j - \frac sm z_i \sum_j dz_j z_j
# = s \left( dz_i - \overline{dz} - z_i \overline{dz z} \right)$$
#
# where a bar is the mean over the minibatch.
#
# **In words.** From the gradient, two parts are removed: its mean, and its component along $z$. They would
# change the mean or the scale of $x$, and batch normalisation undoes both, so they have no effect on the
# loss.
#
# **Code.** First the five steps as above, then the short form:


# %%
def by_steps(x, gamma, beta, dy, eps=1e-5):
    """The backward pass of batch normalisation, one line for each step above; x and dy are (m, c)."""
    m = len(x)
    mu, v = x.mean(axis=0), x.var(axis=0)  # (c,)
    s = 1 / np.sqrt(v + eps)  # (c,)
    z = (x - mu) * s  # (m, c)
    dbeta, dgamma, dz = dy.sum(axis=0), (dy * z).sum(axis=0), gamma * dy  # step 1
    dv = (dz * (x - mu)).sum(axis=0) * (-0.5 * s**3)  # step 3
    dmu = -s * dz.sum(axis=0)  # step 4
    dx = dz * s + dmu / m + dv * 2 / m * (x - mu)  # step 2
    return dx, dgamma, dbeta


class MyBatchNorm(Layer):
    kind = "my_batch_norm"

    def __init__(self, c, momentum=0.9, eps=1e-5):
        super().__init__()
        self.c, self.momentum, self.eps = c, momentum, eps

    def param_shapes(self):
        return {"gamma": (self.c,), "beta": (self.c,)}

    def state_shapes(self):
        return {"mean": (self.c,), "variance": (self.c,)}

    def output_shape(self, shape):
        return shape

    def initialise(self, rng, dtype=np.float32):
        self.params = {"gamma": np.ones(self.c, dtype), "beta": np.zeros(self.c, dtype)}
        self.state = {"mean": np.zeros(self.c, dtype), "variance": np.ones(self.c, dtype)}

    def forward(self, x, *, training=False, rng=None):
        gamma, beta = self.params["gamma"], self.params["beta"]  # (c,), (c,)
        axes = tuple(range(x.ndim - 1))  # all but the channels
        if training:
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            self.keep(mean, variance)
        else:
            mean, variance = self.state["mean"], self.state["variance"]
        s = 1 / np.sqrt(variance + self.eps)
        z = (x - mean) * s

        def backward(dy):
            grads = {"gamma": (dy * z).sum(axis=axes), "beta": dy.sum(axis=axes)}
            dz = gamma * dy
            if training:  # step 5
                dz = dz - dz.mean(axis=axes) - z * (dz * z).mean(axis=axes)
            return s * dz, grads

        return gamma * z + beta, backward

    def keep(self, mean, variance):
        for name, new in (("mean", mean), ("variance", variance)):
            self.state[name] = self.momentum * self.state[name] + (1 - self.momentum) * new


# %% [markdown]
# **Check.** The five steps and the short form against each other, and against finite differences, for vectors
# and for images:

# %%
rng = np.random.default_rng(0)
x, dy, gamma, beta = rng.normal(2, 3, (6, 4)), rng.normal(size=(6, 4)), rng.normal(size=4), rng.normal(size=4)
layer = MyBatchNorm(4)
layer.initialise(rng, np.float64)
layer.params = {"gamma": gamma, "beta": beta}
dx, grads = layer.forward(x, training=True)[1](dy)
for name, a, b in zip(
    ("dx", "dgamma", "dbeta"), by_steps(x, gamma, beta, dy), (dx, grads["gamma"], grads["beta"])
):
    print(f"{name:6} steps against short form: largest difference {np.abs(a - b).max():.0e}")


def loss_of(x):
    z = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
    return np.sum((gamma * z + beta) * dy)


step, measured = 1e-6, np.zeros_like(x)
for i in np.ndindex(x.shape):
    aside = np.zeros_like(x)
    aside[i] = step
    measured[i] = (loss_of(x + aside) - loss_of(x - aside)) / (2 * step)
print(f"dx     against finite differences: largest difference {np.abs(dx - measured).max():.0e}")
print(f"gradcheck: vectors {gradcheck(MyBatchNorm(5), (5,), rng):.0e}, images", end=" ")
print(
    f"{gradcheck(MyBatchNorm(3), (4, 2, 3), rng):.0e}; tenfold's own {gradcheck(BatchNorm(5), (5,), rng):.0e}"
)
print(f"sum of dx in each channel: {np.abs(dx.sum(axis=0)).max():.0e}, of dx times z:", end=" ")
z = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
print(f"{np.abs((dx * z).sum(axis=0)).max():.0e}")

# %% [markdown]
# The last line shows the two parts that were removed. (The second is not exactly 0 because of $\epsilon$.)
#
# ## Batch normalisation: training and prediction
#
# In training, the output for an image depends on the other images of its minibatch. A prediction must not
# depend on other images. So training passes also keep [running means](../glossary.md#running-mean) of $\mu$
# and $v$, and predictions use these means. With a momentum of 0.9, each training pass keeps nine tenths of
# the old value. (tenfold's own layer keeps the unbiased variance, with $m - 1$ in place of $m$, as PyTorch
# does.)
#
# Does it help? We take a network with three hidden layers. Its weights start far too large, far too small,
# or near He's rule, which gives a standard deviation of 0.05 to 0.14 here. The same recipe, without and
# with batch normalisation:


# %% Validation error after four epochs against the spread of the first weights, without and with batch norm
def deep_network(spread, normalised):
    layers, width = {"flatten": Flatten()}, 784
    for i in range(1, 4):
        layers[f"fc{i}"] = Dense(width, 100, weight_init=f"normal({spread:g})")
        layers |= {f"norm{i}": BatchNorm(100)} if normalised else {}
        layers[f"relu{i}"], width = ReLU(), 100
    return Sequential(layers | {"out": Dense(100, 10)}, input_shape=(28, 28, 1))


spreads = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
recipe = Recipe(epochs=4, batch_size=32, optimizer=SGD(0.05))
figure, axes = plt.subplots(figsize=(6.6, 3))
for words, normalised, colour in (("without", False, "C1"), ("with batch norm", True, "C0")):
    ends = []
    for spread in spreads:
        rows = tenfold.fit(deep_network(spread, normalised), recipe, learn, held_out, seed=0).rows
        ends.append(100 * (1 - rows[-1].validation_accuracy))
    axes.loglog(spreads, ends, "o-", color=colour, label=words)
    print(f"{words:15}", " ".join(f"{end:5.1f} %" for end in ends))
axes.set_xticks(spreads, [f"{spread:g}" for spread in spreads])
axes.set_yticks([5, 10, 20, 50, 100], ["5", "10", "20", "50", "100"])
axes.minorticks_off()
axes.set(xlabel="standard deviation of the first weights", ylabel="error, %", title="Four epochs of SGD")
axes.legend()
plt.show()

# %% [markdown]
# Without batch normalisation the network learns only near He's rule: from 0.003, 0.01 and 1 it stays at 90
# %, which is guessing. With batch normalisation the network learns from every start. The results of the
# small starts are almost equal; from large weights it learns more slowly. The scale of the weights before a
# batch normalisation does not change its output (twice the weights give twice $x$ and the same $z$), but it
# changes the *gradient* (exercise 1). In tenfold's zoo `scratch-wide` uses batch normalisation between its
# two dense layers.
#
# ## RMSprop
#
# **In words.** [RMSprop](../glossary.md#rmsprop) (Tieleman and Hinton 2012) has one idea: divide each
# gradient by its usual size. The sign of a gradient gives the direction of the step. Its size differs
# between weights by orders of magnitude, so one learning rate does not suit all weights. After the
# division, the steps of all weights have about the same length. The usual size is the root of the running
# mean of the squares: root mean square, RMS.
#
# **Formula.** With gradient $g$ and the share $\rho$ that a step keeps, from $v = 0$:
#
# $$v \leftarrow \rho v + (1 - \rho) g^2 \qquad
# w \leftarrow w - \text{rate} \cdot \frac g{\sqrt v + \epsilon}$$
#
# **How long is a step?** After $t$ steps, $v = (1 - \rho) \sum_{k=0}^{t-1} \rho^k g_{t-k}^2$: the square of
# $k$ steps ago has the weight $(1 - \rho) \rho^k$. All weights add up to $1 - \rho^t$. So with a constant
# gradient, $v = (1 - \rho^t) g^2$, and the step is $\text{rate} / \sqrt{1 - \rho^t}$, independent of $g$:
# at the first step $1 / \sqrt{1 - \rho}$ times the rate (3.2 times, for $\rho = 0.9$), then soon the rate
# itself. No step can be longer than that first one, since $v \ge (1 - \rho) g^2$.
#
# **Adam** (tutorial 3) differs in two points. It also takes a running mean of the gradient, and it corrects
# both means for their start at 0, so that its first step is the rate itself.
#
# **Code and check:**

# %%
rho, rate, w, v = 0.9, 0.01, 0.0, 0.0
optimizer, params = RMSprop(rate, rho=rho), {"w": np.zeros(1)}
state = optimizer.init(params)
for t in range(1, 31):
    g = 1000.0
    v = rho * v + (1 - rho) * g**2
    move = rate * g / (np.sqrt(v) + 1e-8)
    w -= move
    params, state = optimizer.update(params, {"w": np.array([g])}, state, rate)
    if t in (1, 2, 5, 30):
        print(f"step {t:2}: {move / rate:.4f} times the rate, by the formula {1 / np.sqrt(1 - rho**t):.4f}")
print(f"after 30 steps w = {w:.6f}, tenfold's RMSprop {params['w'][0]:.6f}")

# %% Training loss of one network with SGD, RMSprop and Adam, each with three learning rates
figure, panels = plt.subplots(1, 3, figsize=(9.5, 3.2), sharey=True)
kinds = {
    "SGD": (SGD, (0.01, 0.1, 1.0)),
    "RMSprop": (RMSprop, (1e-4, 1e-3, 1e-2)),
    "Adam": (Adam, (1e-4, 1e-3, 1e-2)),
}
for axes, (name, (kind, rates)) in zip(panels, kinds.items()):
    for rate, colour in zip(rates, ("C2", "C0", "C1")):
        network = Sequential(
            {"flatten": Flatten(), "fc1": Dense(784, 100), "relu": ReLU(), "fc2": Dense(100, 10)},
            input_shape=(28, 28, 1),
        )
        recipe = Recipe(epochs=8, batch_size=32, optimizer=kind(rate))
        rows = tenfold.fit(network, recipe, learn, held_out, seed=0).rows
        losses = [row.train_loss for row in rows]
        axes.semilogy(range(1, 9), losses, "o-", markersize=3, color=colour, label=f"rate {rate:g}")
        found = 100 * (1 - rows[-1].validation_accuracy)
        print(f"{name:7} rate {rate:6g}: training loss {losses[-1]:.3f}, validation error {found:.1f} %")
    axes.set(title=name, xlabel="epoch")
    axes.legend(fontsize=8)
panels[0].set_ylabel("training loss, nats")
plt.show()

# %% [markdown]
# Note the rates: those of RMSprop and Adam are the lengths of steps, those of SGD are factors of the
# gradient. In tenfold's zoo `ghouzam` is trained with RMSprop.
#
# ## Elastic distortion
#
# Augmentation by shifts and rotations (tutorial 3) moves the whole image. Handwriting varies in another
# way: one stroke is a little longer, another a little more curved. [Elastic
# distortion](../glossary.md#elastic-distortion) (Simard, Steinkraus and Platt 2003) imitates this.
#
# **In words.** Move every pixel by a small random amount. If each moved independently, the image would
# dissolve into dust. So smooth the random movements, until neighbouring pixels move almost equally. Then
# scale the movements to the desired size.
#
# **Formula.** Let $r_x, r_y$ be fields of independent random numbers, uniform between -1 and 1, one for
# each pixel, and let $G_\sigma *$ mean "smoothed with a Gaussian of standard deviation $\sigma$". The
# displacement is
#
# $$d_x = \alpha (G_\sigma * r_x) \qquad d_y = \alpha (G_\sigma * r_y)$$
#
# and the new image at $(a, b)$ is the old one at $(a + d_y, b + d_x)$, by bilinear interpolation between
# the four pixels around that point.
#
# **How large is the displacement?** Smoothing makes it much smaller than $\alpha$. A uniform number between
# -1 and 1 has variance $\frac13$. A weighted sum of independent numbers has the variance $\frac13 \sum
# g^2$, with the weights $g$ of the Gaussian. In two dimensions
#
# $$\sum g^2 \approx \int \int
# \left( \frac{e^{-(a^2 + b^2) / 2 \sigma^2}}{2 \pi \sigma^2} \right)^2 da db
# = \frac1{4 \pi \sigma^2} \qquad\Rightarrow\qquad
# \operatorname{sd}(d) \approx \frac\alpha{\sqrt{12 \pi} \sigma}$$
#
# So with Simard's $\sigma = 4$ and $\alpha = 34$ a pixel moves by a standard deviation of 1.4 pixels in
# each direction. $\sigma$ is the size of the parts that move together, $\alpha / \sigma$ the size of the
# movement.
#
# **Code and check** (no derivative is needed, because the input of the network is not trained):


# %%
def fields(n, alpha, sigma, rng):
    """Displacements in pixels: (n, 2, 28, 28)."""
    noise = rng.uniform(-1, 1, (n, 2, 28 + 8 * int(sigma) + 8, 28 + 8 * int(sigma) + 8))
    smooth = gaussian_filter(noise, (0, 0, sigma, sigma), mode="constant")
    rim = (smooth.shape[-1] - 28) // 2  # smoothing needs neighbours outside the image, too
    return alpha * smooth[:, :, rim : rim + 28, rim : rim + 28]


def distorted(images, alpha, sigma, rng):
    """Float images (n, 28, 28), each with a displacement of its own."""
    places = np.mgrid[0:28, 0:28].astype(float)  # (2, 28, 28)
    moved = fields(len(images), alpha, sigma, rng) + places  # (n, 2, 28, 28)
    return np.stack([map_coordinates(image, at, order=1) for image, at in zip(images, moved)])


for alpha, sigma in ((34, 4), (8, 2), (36, 6)):
    seen = fields(400, alpha, sigma, np.random.default_rng(0)).std()
    print(f"alpha {alpha}, sigma {sigma}: standard deviation {seen:.2f} pixels,", end=" ")
    print(f"by the formula {alpha / (np.sqrt(12 * np.pi) * sigma):.2f}")

# %% A digit and its distortions: sigma 1, 2, 4, 8 with movements of 1.4 pixels; sigma 4 with 0.7 and 2.8
four = as_float(learn.images[np.flatnonzero(learn.labels == 4)[:1]])[0, ..., 0]
pictures, words = [], []
for sigma, size in ((1, 1.4), (2, 1.4), (4, 1.4), (8, 1.4), (4, 0.7), (4, 2.8)):
    alpha = size * np.sqrt(12 * np.pi) * sigma
    pictures += [
        four,
        *distorted(np.repeat(four[np.newaxis], 7, axis=0), alpha, sigma, np.random.default_rng(1)),
    ]
    words += ["", f"sigma {sigma}, {size} pixels", *[""] * 6]
picture_grid(np.array(pictures), words, columns=8, side=1.0)

# %% [markdown]
# With a small $\sigma$ the digit falls apart. With a very large one all strokes move together, which is
# nearly a shift. In between, and with a movement that is not too large, the digit looks as if another
# person had written it.
#
# Does it help? We train the same network without augmentation, with shifts and rotations, and with elastic
# distortion, with two seeds each. In tenfold an augmentation is an `Augmenter`: images and labels in,
# images and labels out, with a random generator.


# %%
@dataclass(frozen=True)
class Elastic(Augmenter):
    alpha: float
    sigma: float

    def examples(self, images, labels, rng, *, threads=None):
        moved = distorted(as_float(images)[..., 0], self.alpha, self.sigma, rng)
        return moved[..., np.newaxis].astype(np.float32), labels


choices = {
    "none": None,
    "shifts and rotations": tenfold.data.RandomAffine(rotation=10, zoom=0.1, shift=0.05),
    "elastic distortion": Elastic(34, 4),
}
for words, augmentation in choices.items():
    ends = []
    for seed in range(2):
        network = Sequential(
            {"flatten": Flatten(), "fc1": Dense(784, 200), "relu": ReLU(), "fc2": Dense(200, 10)},
            input_shape=(28, 28, 1),
        )
        recipe = Recipe(epochs=20, batch_size=32, optimizer=Adam(1e-3), augmentation=augmentation)
        rows = tenfold.fit(network, recipe, learn, held_out, seed=seed).rows
        ends.append(np.mean([100 * (1 - row.validation_accuracy) for row in rows[-5:]]))
    print(f"{words:21} validation error in the last five epochs: {ends[0]:.1f} % and {ends[1]:.1f} %")

# %% [markdown]
# For a network without convolutions, on few images, augmentation removes a large part of the errors. With a
# network of this kind, 800 hidden neurons, all of MNIST and elastic distortion, Simard and his colleagues
# published an error of 0.7 %; with convolutions 0.4 %.
#
# ## The other layers and losses
#
# These layers and losses have not been derived yet. Each takes a line or two.
#
# **Flatten** puts the numbers of an image into a vector. The values do not change, so each gradient belongs
# to the original position of its number.
#
# **Leaky ReLU** has a small slope $a$ below zero, so that no gradient becomes zero:
# $y = x$ where $x > 0$, else $a x$. So $dx = dy$ where $x > 0$, else $a dy$.
#
# **Tanh** is $y = (e^x - e^{-x}) / (e^x + e^{-x})$. By the quotient rule
#
# $$\frac{dy}{dx} = \frac{(e^x + e^{-x})^2 - (e^x - e^{-x})^2}{(e^x + e^{-x})^2} = 1 - y^2$$
#
# **Scaled tanh**, $y = a \tanh(s x)$, is the activation function of the LeNet-5 of 1998. With
# $t = \tanh(s x)$, the chain rule gives $dx = a s (1 - t^2) dy$.
#
# **Sigmoid** is $y = 1 / (1 + e^{-x})$, so $dy/dx = e^{-x} / (1 + e^{-x})^2 = y (1 - y)$.
#
# **A gain and a bias for each channel**, $y = w x + b$: $dx = w dy$. Both are used in every image and
# place, so $dw = \sum x dy$ and $db = \sum dy$, over all of them.
#
# **Partial connections** leave out some of the kernels between input and output channels of a convolution.
# A kernel that is left out is a constant 0. So the derivation of tutorial 2 holds, and only the other
# kernels have a gradient.
#
# **Average pooling** over $k$ numbers is $y = \frac1k \sum_i x_i$, so $dx_i = \frac1k dy$. Where regions
# overlap, a number takes the sum of these shares.
#
# **GELU** weighs $x$ with nearly the chance that a normally distributed number is below it:
# $y = \frac12 x (1 + t)$ with $t = \tanh(u)$ and $u = \sqrt{2 / \pi} (x + 0.044715 x^3)$. By the product
# rule and the derivative of tanh, $dy/dx = \frac12 (1 + t + x (1 - t^2) u')$ with
# $u' = \sqrt{2 / \pi} (1 + 0.134145 x^2)$.
#
# **SiLU** is $y = x s$ with the sigmoid $s$ of $x$, so $dy/dx = s + x s (1 - s) = s + y (1 - s)$.
#
# **Softplus** is $y = \log(1 + e^x)$, so $dy/dx = e^x / (1 + e^x)$: the sigmoid. As $1 + e^x = e^y$, it is
# $1 - e^{-y}$.
#
# **ELU** is $y = x$ where $x > 0$, else $a (e^x - 1)$. Below zero $dy/dx = a e^x = y + a$.
#
# **Groups** split the channels of a convolution, in and out. An output channel sees the input channels of
# its own group, so the derivation of tutorial 2 holds for each group by itself. With a group for each
# channel, the convolution is *depthwise*.
#
# **Global average pooling** is average pooling over the whole image: each pixel takes $\frac{1}{hw} dy$ of
# its channel.
#
# **Layer normalisation** is batch normalisation with the mean and the variance of one vector, or of one
# pixel's channels. The derivation above holds with sums over the channels. Weight and bias differ from
# channel to channel, so they come first: $dz = w dy$, and then
# $dx = s (dz - \overline{dz} - z \overline{z dz})$.
#
# **A residual block** is $y = f(x) + x$. The gradient of a sum goes to each of its terms, and $x$ is used
# twice, so $dx$ is what comes back through $f$, plus $dy$. With a shortcut $g$ in the place of $x$, it is
# what comes back through both.
#
# **Mean squared error** over $n$ images and $k$ outputs is $L = \frac1{nk} \sum (y - t)^2$, so
# $\partial L / \partial y = \frac2{nk} (y - t)$.
#
# **Label smoothing** replaces the target $t_j$ of the cross-entropy by $(1 - e) t_j + e / k$. The smoothed
# targets still add up to 1, which is all that the derivation in tutorial 2 used. So the gradient is $(p_i -
# t_i) / n$ with the smoothed $t$.
#
# **Open-set cross-entropy** has one class more than outputs: "none of them", whose logit is always 0. With
# these logits, one more than $k$, the derivation is the same, and the constant takes no gradient: $\partial
# L / \partial z_i = (p_i - t_i) / n$ for the $k$ outputs.

# %%
others = (
    (Flatten(), (3, 2, 4)),
    (LeakyReLU(0.1), (11,)),
    (Tanh(), (11,)),
    (Sigmoid(), (11,)),
    (AvgPool2d((3, 2), stride=1), (5, 6, 2)),
    (MeanSquaredError(), (10,)),
    (SoftmaxCrossEntropy(label_smoothing=0.1), (10,)),
    (OpenSetCrossEntropy(), (10,)),
)
for one, shape in others:
    print(f"{one.kind:24} {gradcheck(one, shape, rng):.0e}")

# %% Four activation functions (blue) and their derivatives (orange)
x = np.linspace(-4, 4, 401)[:, np.newaxis]
figure, panels = plt.subplots(1, 4, figsize=(9.5, 2.4), sharey=True)
for axes, one in zip(panels, (ReLU(), LeakyReLU(0.1), Tanh(), Sigmoid())):
    y, backward = one.forward(x)
    axes.plot(x, y, color="C0", label="y")
    axes.plot(x, backward(np.ones_like(x))[0], color="C1", label="dy/dx")
    axes.set(title=type(one).__name__, xlabel="x", ylim=(-1.2, 2.2))
panels[0].legend()
plt.show()

# %% [markdown]
# [docs/layers.md](../layers.md) lists all layers and losses with their formulas, derivatives and files.
#
# ## Exercises
#
# 1. Multiply all weights before a batch normalisation by 10. What happens to its output, and to the
#    gradient of the weights? What follows for the learning rate? ([Answer](answers.md#exercise-51))
# 2. Why does a bias before a batch normalisation have no effect? What is its gradient?
#    ([Answer](answers.md#exercise-52))
# 3. What does RMSprop do if the gradients of a weight are 0 for 99 steps and 1 in the hundredth?
#    ([Answer](answers.md#exercise-53))
# 4. Which $\alpha$ gives a standard deviation of 1 pixel at $\sigma = 3$? Draw some digits.
#    ([Answer](answers.md#exercise-54))
#
# Next: [6. Seven models on all of MNIST](6_seven_models.md)
