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
# - check every derivative against a measured slope, and notice a wrong one;
# - train a network with a loop that you wrote yourself;
# - build LeNet-5 from your own parts, look into it, and say what it sees that the models of [tutorial
#   1](1_classical_models.md) do not.
#
# You need derivatives and the chain rule, matrix products, and NumPy. Each derivative comes three times: in
# words, as a formula, as code.

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
# A neuron takes numbers, weighs them, adds them up, and answers with a number from 0 to 1. Ours is to tell
# 9 from 4. It sees only two numbers of an image: how much ink there is at the top, where a 9 is closed, and
# how much at the left, where the bar of a 4 begins.


# %% A 4 and a 9, and the two places where the neuron looks
def two_numbers(images):
    """Ink at the top and at the left, each with mean 0 and standard deviation 1: (n, 2)."""
    ink = np.stack(
        [images[:, 6:9, 12:18].mean(axis=(1, 2)), images[:, 15:18, 5:10].mean(axis=(1, 2))], axis=1
    )
    return (ink - ink.mean(axis=0)) / ink.std(axis=0)


four_or_nine = train.subset(np.isin(train.labels, (4, 9)))
x = two_numbers(four_or_nine.images)  # (n, 2)
t = (four_or_nine.labels == 9).astype(float)  # (n,), 1 for a 9

places = np.zeros((28, 28))
places[6:9, 12:18] = places[15:18, 5:10] = -1
digits = four_or_nine.images[[np.argmin(t), np.argmax(t)]] / 255
picture_grid(np.where(digits > 0, digits, 0.4 * places), ["a 4", "a 9"], signed=True, together=True, side=1.5)

# %% [markdown]
# The neuron computes
#
# $$z = x_1 w_1 + x_2 w_2 + b \qquad p = \sigma(z) = \frac1{1 + e^{-z}}$$
#
# and $p$ is read as the probability of a 9. How good are $w_1$, $w_2$ and $b$? The *cost* says it: the mean
# surprise at the truth. (The surprise at what had probability $p$ is $-\log p$; with the natural logarithm
# its unit is the *nat*.) With $t = 1$ for a 9 and $t = 0$ for a 4 it is
#
# $$C = -\frac1n \sum \left( t \log p + (1 - t) \log (1 - p) \right)$$
#
# Learning is to make $C$ small. For that we need to know how $C$ changes when a weight changes.
#
# **In words.** A weight moves $z$ by as much as its input is large. $z$ moves $p$, and $p$ moves the cost.
# Multiply the three rates (that is the chain rule), and add up over the images.
#
# **Formula.** Of the first two rates, $p (1 - p)$ cancels:
#
# $$\frac{\partial C}{\partial p} = \frac1n \frac{p - t}{p (1 - p)}, \quad \frac{dp}{dz} = p (1 - p)
# \quad \Rightarrow \quad \frac{\partial C}{\partial z} = \frac{p - t}n$$
#
# $$\frac{\partial C}{\partial w_i} = \sum \frac{\partial C}{\partial z} x_i \qquad
# \frac{\partial C}{\partial b} = \sum \frac{\partial C}{\partial z}$$
#
# What the neuron said, less what it should have said, times what it saw.
#
# **Code.** From now on `dz` stands for $\partial C / \partial z$, and so on.


# %%
def cost_of(w, b):
    z = x @ w + b  # -log p is log(1 + exp(-z)), and logaddexp(0, -z) is that without overflow
    return np.mean(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))


def gradient_of(w, b):
    p = 1 / (1 + np.exp(-(x @ w + b)))  # (n,)
    dz = (p - t) / len(t)  # (n,)
    return x.T @ dz, dz.sum()  # dw (2,), db


# %% [markdown]
# **Check.** A derivative is a slope, and a slope can be measured: go a little to both sides and see how
# much the cost changes. Do that once for each new derivative. It finds nearly every mistake.

# %%
w, b, step = np.array([0.3, -0.7]), 0.2, 1e-6
dw, db = gradient_of(w, b)
for i in range(2):
    aside = step * np.eye(2)[i]
    measured = (cost_of(w + aside, b) - cost_of(w - aside, b)) / (2 * step)
    print(f"dC/dw{i + 1}: derived {dw[i]:+.8f}, measured {measured:+.8f}")
measured = (cost_of(w, b + step) - cost_of(w, b - step)) / (2 * step)
print(f"dC/db:  derived {db:+.8f}, measured {measured:+.8f}")

# %% [markdown]
# **Learn.** The gradient points uphill. So go a step against it, and again. How long a step? That is the
# *learning rate*, the one number here that nobody derives for you.


# %% The cost of one neuron over its two weights, and the ways that three learning rates take
def descend(rate, steps):
    w, b, way = np.array([-2.5, 2.5]), 0.0, []
    for _ in range(steps):
        way.append(w)
        dw, db = gradient_of(w, b)
        w, b = w - rate * dw, b - rate * db
    return np.array(way), w, b


w1, w2 = np.linspace(-4, 13, 60), np.linspace(-9, 5, 60)
surface = np.array([[cost_of(np.array([across, up]), 0.0) for across in w1] for up in w2])
figure, panels = plt.subplots(1, 3, figsize=(9.5, 3.4), sharey=True)
for axes, rate in zip(panels, (0.1, 3.0, 20.0)):
    way, w, b = descend(rate, 15)
    levels = axes.contourf(w1, w2, surface, levels=14, cmap="Blues")
    axes.plot(*way.T, "o-", color="C1", markersize=3, linewidth=1)
    right = np.mean((x @ w + b > 0) == (t == 1))
    axes.set(title=f"rate {rate:g}: cost {cost_of(w, b):.2f}, {right:.0%} right", xlabel="weight of the top")
    axes.grid(visible=False)
panels[0].set_ylabel("weight of the left")
figure.colorbar(levels, ax=panels, label="cost, nats")
plt.show()

# %% [markdown]
# Each dot is a step, fifteen a panel. The cost is a valley (drawn for $b = 0$). At 0.1 we creep. At 3 we
# nearly arrive. At 20 the first step leaps across the valley to the far slope, and the way back is long. One
# neuron that sees two numbers already tells nine in ten.
#
# ## A pass is a pair
#
# A network is a chain of such parts. Each part needs to know two things only: what to make of its input,
# and how to turn "how the cost changes with my output" into "how it changes with my input". In tenfold each
# part returns both at once:
#
#     y, backward = layer.forward(x)
#     dx, grads = backward(dy)
#
# The second function remembers what the first one saw. To train a chain, call the first functions from
# front to back and the second from back to front. That is all of *backpropagation*.
#
# ## A dense layer: many neurons at once
#
# Give each of many neurons its own column of weights. For one image, $y_j = \sum_i x_i w_{ij} + b_j$. For
# $n$ images in the rows of a matrix, $Y = X W + b$.
#
# **In words.** Output $j$ goes up with weight $ij$ as much as input $i$ is large: so a weight's gradient is
# its input times the gradient of its output, added up over the images. And an input feeds *all* outputs,
# each through its own weight: so its gradient is the sum of theirs, weighed alike. The same weights, in the
# other direction.
#
# **Formula.** $\quad dW = X^T\, dY \qquad db = \sum_{\text{images}} dY \qquad dX = dY\, W^T$
#
# (The shapes leave no other choice: $dW$ must look like $W$. If in doubt, write the shapes down.)
#
# **Code.** The weights begin at random, drawn evenly from $-a$ to $a$. Glorot's rule for $a$ keeps outputs,
# and the gradients on their way back, about as large as they came in. (Why not begin at zero? See exercise
# 2.)


# %%
class Affine(Layer):
    kind = "affine"

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
# **Check.** `gradcheck` measures slopes as we did above, for the input and every parameter at once, each in
# a random direction. It returns the largest relative error. Below $10^{-6}$ means right. Beside it, a layer
# with a mistake that is easily made and hard to see (the code runs, and it even learns):


# %%
class Careless(Affine):
    def forward(self, x, *, training=False, rng=None):
        y, backward = super().forward(x)

        def careless(dy):
            dx, grads = backward(dy)
            return dx, grads | {"bias": dy.mean(axis=0)}  # the sum over the images became a mean

        return y, careless


rng = np.random.default_rng(0)
print(f"Affine:   {gradcheck(Affine(7, 5), (7,), rng):.1e}")
print(f"Careless: {gradcheck(Careless(7, 5), (7,), rng):.1e}")

# %% [markdown]
# ## Softmax and its cost
#
# Ten digits need ten outputs. The softmax makes probabilities of them, and the cost is again the surprise
# at the truth (the *cross-entropy*). With $t_j = 1$ for the true digit and 0 for the others:
#
# $$p_j = \frac{e^{z_j}}{\sum_k e^{z_k}} \qquad C = -\frac1n \sum_{\text{images}} \sum_j t_j \log p_j$$
#
# **In words.** Raising one output makes its own digit more probable and all others less. Again most of it
# cancels, and what remains is what we know from the neuron: what was said, less what should have been said.
#
# **Formula.** From $\log p_j = z_j - \log \sum_k e^{z_k}$ follows
# $\partial \log p_j / \partial z_i = [i = j] - p_i$, where $[i = j]$ is 1 if $i = j$, else 0. With
# $\sum_j t_j = 1$:
#
# $$\frac{\partial C}{\partial z_i} = -\frac1n \sum_j t_j \left( [i = j] - p_i \right) = \frac{p_i - t_i}n$$
#
# **Code.** The sums $z$, before the softmax, are often called *logits*. Subtracting the largest first changes
# nothing, and no exponential overflows.


# %%
class CrossEntropy(Loss):
    kind = "cross_entropy"

    def forward(self, logits, labels):
        n, k = logits.shape
        target = np.eye(k, dtype=logits.dtype)[labels]  # (n, k)
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        cost = -(target * log_p).sum() / n

        def backward():
            return (np.exp(log_p) - target) / n

        return cost, backward


print(f"CrossEntropy: {gradcheck(CrossEntropy(), (10,), rng):.1e}")

# %% [markdown]
# ## A bend
#
# Put two dense layers in a row and you have gained nothing: $(X A) B = X (A B)$ is one dense layer. There
# must be something between them that is not straight. The simplest is the *rectified linear unit*: what is
# below zero becomes zero.
#
# **In words.** What went through unchanged takes its gradient back unchanged. What was cut off takes none.
#
# **Formula.** $\quad y = \max(x, 0) \qquad dx = dy$ where $x > 0$, else $0$
#
# **Code.**


# %%
class Bend(Layer):
    kind = "bend"

    def forward(self, x, *, training=False, rng=None):
        def backward(dy):
            return np.where(x > 0, dy, 0), {}

        return np.maximum(x, 0), backward


print(f"Bend: {gradcheck(Bend(), (11,), rng):.1e}")

# %% [markdown]
# With a bend, "ink in exactly one of two pixels", which no sum of votes can say, takes two neurons and a
# sum:

# %%
pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
hidden = np.maximum(pairs @ np.array([[1, -1], [-1, 1]]), 0)  # "first, not second" and "second, not first"
print("pixels:", pairs.tolist(), " exactly one:", hidden.sum(axis=1).tolist())

# %% [markdown]
# ## A network, trained by hand
#
# Now all parts are there. 784 pixels, 30 hidden neurons, a bend, ten outputs. The loop takes 32 images at a
# time (a *minibatch*), goes forward, goes backward, and moves each parameter against its gradient. To take
# the gradient of a few images instead of all is rough, but for the price of one exact step there are a
# hundred rough ones. One round through all images is an *epoch*.


# %%
def our_network():
    layers = {"flatten": Flatten(), "fc1": Affine(784, 30), "bend": Bend(), "fc2": Affine(30, 10)}
    return Sequential(layers, input_shape=(28, 28, 1))


def train_by_hand(network, epochs, seed, rate=0.1):
    rng, loss, costs = np.random.default_rng(seed), CrossEntropy(), []
    network.initialise(rng)
    for _ in range(epochs):
        for batch in epoch_order(len(train), 32, rng).reshape(-1, 32):
            logits, backward = network.forward(as_float(train.images[batch]), training=True)
            cost, loss_backward = loss.forward(logits, train.labels[batch])
            _, grads = backward(loss_backward())
            network.assign({name: p - rate * grads[name] for name, p in network.params.items()})
            costs.append(float(cost))
    return np.array(costs)


network = our_network()
costs = train_by_hand(network, epochs=5, seed=0)
read = network.infer(as_float(test.images)).argmax(axis=1)
print(f"cost {costs[:20].mean():.2f} in the first steps, {costs[-20:].mean():.2f} in the last")
print(f"{accuracy(test.labels, read):.1%} of the test images")

# %% [markdown]
# A whole network can be checked like a layer. And here is what the hidden neurons look for: blue where ink
# pushes a neuron up, orange where it pushes it down, each on its own scale. No two started alike, so no two
# became alike. Three have hardly moved from where they began, and neither has any weight of a pixel that
# never has ink: both look like noise.

# %% Weights of the thirty hidden neurons
print(f"the whole network: {gradcheck(our_network(), (28, 28, 1), rng):.1e}")
picture_grid(network.params["fc1.weight"].T.reshape(-1, 28, 28), columns=10, signed=True, side=0.9)

# %% [markdown]
# ## Convolution: look together, look everywhere
#
# Tutorial 1 ended with two wishes. Features should be built from pixels that lie *together*, and be looked
# for *everywhere*. A convolution does just that: a dense layer for a small window, 5 x 5 pixels say, that
# slides over the image with the *same* weights in every place. Here is one such window, made by hand. It
# looks for ink with none below it:

# %% A window made by hand, and what it finds in three digits
window = np.zeros((5, 5))
window[1:3], window[3:] = 1, -1
alone = np.zeros((28, 28))
alone[12:17, 12:17] = window
pictures, words = [alone], ["the window"]
for image, label in zip(train.images[:3] / 255.0, train.labels):
    answers = [[np.sum(image[a : a + 5, b : b + 5] * window) for b in range(24)] for a in range(24)]
    pictures += [image, np.pad(np.maximum(answers, 0), 2)]
    words += [f"a {label}", "what it finds"]
picture_grid(np.array(pictures), words, columns=7, signed=True, side=1.2)

# %% [markdown]
# What comes out is an image again, a *feature map*: here of the lower edges of strokes. A layer has several
# windows (also called *filters*), and so several maps, called *channels*. With $a, b$ for the place, $i, j$
# for the pixel in the window, $c$ for the channel that is seen and $k$ for the one that is made:
#
# $$y_{abk} = \sum_{i, j, c} x_{a+i,\, b+j,\, c}\; w_{ijck} + \beta_k$$
#
# **In words.** A weight is used in every place. So its gradient adds up over all places: the pixel that it
# met there times the gradient of what came out there. A pixel is seen by every window that covers it. So
# its gradient adds up over these windows: the weight that it met there times the gradient of what came out
# there.
#
# **Formula.**
#
# $$dw_{ijck} = \sum_{\text{images}} \sum_{a, b} x_{a+i,\, b+j,\, c}\; dy_{abk} \qquad
# d\beta_k = \sum_{\text{images}} \sum_{a, b} dy_{abk}$$
#
# $$dx_{rsc} = \sum_{i, j, k} w_{ijck}\; dy_{r-i,\, s-j,\, k} \quad (r-i,\, s-j \text{ in the map})$$
#
# **Code.** The same loop over the pixels of the window three times, all places at once. `pad` puts a rim of
# zeros around the image.


# %%
class Window(Layer):
    kind = "window"

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


print(f"Window:          {gradcheck(Window(2, 3, 5), (8, 9, 2), rng):.1e}")
print(f"Window with pad: {gradcheck(Window(1, 2, 5, pad=2), (7, 7, 1), rng):.1e}")

# %% [markdown]
# ## Pooling: a little way off is the same
#
# Of every 2 x 2 numbers of a map only the largest goes on. The map becomes a quarter as large, and a
# feature that moves by one pixel often stays where it is.
#
# **In words.** The largest number was passed on unchanged, so it takes the gradient. The others did not
# matter.
#
# **Formula.** $\quad y = \max(x_1, x_2, x_3, x_4) \qquad dx_i = dy$ for the largest, else $0$
#
# **Code.**


# %%
class Largest(Layer):
    kind = "largest"

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


print(f"Largest: {gradcheck(Largest(), (6, 4, 3), rng):.1e}")

# %% [markdown]
# ## LeNet-5
#
# Two rounds of windows, bends and pooling, then three dense layers. The first round looks for pieces of
# strokes. The second looks for arrangements of these pieces. What is left, 16 maps of 5 x 5, goes to the
# dense layers. This is Yann LeCun's network of 1998 with today's bends and pooling. From our own parts:

# %%
ours = Sequential(
    {
        "conv1": Window(1, 6, 5, pad=2),  # (n, 28, 28, 6)
        "relu1": Bend(),
        "pool1": Largest(),  # (n, 14, 14, 6)
        "conv2": Window(6, 16, 5),  # (n, 10, 10, 16)
        "relu2": Bend(),
        "pool2": Largest(),  # (n, 5, 5, 16)
        "flatten": Flatten(),  # (n, 400)
        "fc1": Affine(400, 120),
        "relu3": Bend(),
        "fc2": Affine(120, 84),
        "relu4": Bend(),
        "fc3": Affine(84, 10),
    },
    input_shape=(28, 28, 1),
)
for row in ours.rows():
    print(f"{row.name:8} {row.kind:8} {row.output_shape!s:13} {row.parameters:7,} parameters")
print(f"{ours.n_parameters:,} in all; the derivatives of the whole: {gradcheck(ours, (28, 28, 1), rng):.1e}")

# %% [markdown]
# tenfold has all of these parts: `Conv2d`, `ReLU`, `MaxPool2d`, `Dense`. They are defined much as ours, and
# the processor runs them as compiled code, many times faster. Are they the same? Give both networks the
# same parameters, and compare a forward and a backward pass:

# %%
lenet5 = tenfold.build("lenet5").network
lenet5.initialise(0)
ours.load(lenet5.params)
images, labels = as_float(train.images[:32]), train.labels[:32]
gradients = []
for one in (ours, lenet5):
    logits, backward = one.forward(images, training=True)
    cost, loss_backward = CrossEntropy().forward(logits, labels)
    gradients.append(backward(loss_backward())[1])
    print(f"cost {cost:.6f}")
apart = max(np.abs(gradients[0][name] - gradients[1][name]).max() for name in gradients[0])
print(f"no gradient differs by more than {apart:.0e}")

# %% [markdown]
# So from here on we let tenfold train. A `Recipe` says how: ten epochs, 32 images at a time, and *Adam*
# instead of the plain step: it gives each parameter a step of its own, according to how large its gradients
# have been (tutorial 3). `weight_decay=0.01` also takes a little off every weight at every step, so that none
# grows without need. We train one dense layer (`nn1l`), two (`nn2l`) and LeNet-5, each from three seeds, that
# is, from three random starts. 800 images are held out, to watch the accuracy on images that are not learned
# from.

# %% Learning curves of three networks, three seeds each
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
                (row.train_cost, 100 * (1 - row.validation_accuracy), 100 * (1 - row.train_accuracy))
                for row in history.rows
            ]
        )
    runs, epochs = np.array(runs), np.arange(1, 11)  # (3 seeds, 10 epochs, 3 figures)
    _, not_seen, learning = runs[:, -1].mean(axis=0)
    print(f"{name:7} errors in the last epoch: {learning:.2f} % while learning, {not_seen:.1f} % held out")
    for axes, figures in zip((left, right), np.moveaxis(runs, 2, 0)):
        axes.fill_between(
            epochs, figures.min(axis=0), figures.max(axis=0), color=colour, alpha=0.25, linewidth=0
        )
        axes.semilogy(epochs, figures.mean(axis=0), color=colour, marker="o", label=name)
left.set(title="Cost on the images learned from", xlabel="epoch", ylabel="nats")
right.set(title="Errors on images held out", xlabel="epoch", ylabel="%")
right.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
for axes in (left, right):
    axes.minorticks_off()
    axes.legend()
plt.show()

# %% [markdown]
# The band spans the three seeds. Both `nn2l` and LeNet-5 get the images that they learn from nearly all
# right. It is the gap to those held out that counts: the two-layer network learns more by heart. LeNet-5 has
# a quarter of its parameters and makes far fewer errors.
#
# ## What LeNet-5 sees
#
# The six windows that the first layer has found by itself. Blue: ink counts for, orange: against.

# %% The six learned windows of the first layer
lenet5 = trained["lenet5"].network
windows = np.moveaxis(lenet5.params["conv1.weight"][:, :, 0], -1, 0)  # (6, 5, 5)
picture_grid(windows, columns=6, signed=True, together=True, side=1.2)

# %% [markdown]
# And a digit on its way through. First the six maps after the bend, and after pooling:

# %% A digit, its six feature maps after the first bend, and after pooling
four = test.images[np.flatnonzero(test.labels == 4)[3]]
maps = {
    name: np.moveaxis(y[0], -1, 0)
    for name, y in lenet5.activations(as_float(four[np.newaxis]))
    if y.ndim == 4
}
doubled = np.kron(maps["pool1"], np.ones((2, 2)))  # drawn as large as the others
picture_grid(
    np.concatenate([[four / 255], maps["relu1"], [0 * four], doubled]),
    ["a 4", *["after the bend"] * 6, "", *["pooled"] * 6],
    columns=7,
    side=1.15,
)

# %% [markdown]
# Then the sixteen maps of the second round: two rows after the bend, and the same two pooled.

# %% Sixteen feature maps after the second bend, and after pooling
doubled = np.kron(maps["pool2"], np.ones((2, 2)))
picture_grid(np.concatenate([maps["relu2"], doubled]), columns=8, side=0.9)

# %% [markdown]
# Each map of the second round asks for one arrangement of strokes and answers where in the image it is,
# roughly. A dense layer can read off a 4 from that.
#
# ## The experiments of tutorial 1 again
#
# **Moved digits.** None of the networks has ever seen a digit that is not in the middle.

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
# LeNet-5 keeps far more than the dense networks, and all three far less than you. Windows find a
# stroke wherever it is, but the dense layers at the end still ask *where*. (Tutorial 3 moves the training
# images about.)
#
# **Shuffled pixels.** All models of tutorial 1 were exactly as good on images whose pixels had been
# shuffled. And now?

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
# Dense networks do not mind. LeNet-5 falls behind the two-layer network: where there are no strokes,
# windows are a hindrance. That is the proof that it lives on what lies together. It is the first of our
# models that knows that an image is an image.
#
# ## The figures on all of MNIST
#
# *Published* is the range over five seeds that the authors report, *measured* our mean. Both chose the best
# of the last four epochs on the test images. *Honest* is ours with that choice made on held-out training
# images instead. (Tutorial 4 asks what such choices are worth.) `nn3l` has one layer more than `nn2l`:
# 784-300-100-10.

# %%
print(f"{'':8} {'parameters':>10} {'published':>15} {'measured':>9} {'honest':>8}")
for name in ("nn1l", "nn2l", "nn3l", "lenet5"):
    one = entry(name)
    published = f"{one.published.low:.2%} - {one.published.high:.2%}"
    honest = one.measured_honestly.accuracy.mean
    print(f"{name:8} {one.parameters:10,} {published} {one.measured.accuracy.mean:9.2%} {honest:8.2%}")

# %% [markdown]
# ## To try yourself
#
# 1. Write a layer `Sigmoid` with its backward pass and check it. Train `our_network` with it instead of the
#    bend.
# 2. Start the weights of `Affine` at zero. What do the hidden neurons look like after training, and why?
# 3. Make `Window` careless (leave a window's last row out of `dx`, say) and see whether `gradcheck`
#    notices.
# 4. Replace `Largest` by the mean of the four. Derive, write, check, train.
# 5. Train LeNet-5 with 400 training images. Who is ahead now, LeNet-5 or the nearest neighbours of tutorial
#    1?
#
# Next: [3. A chain of changes: from 10 % error to 0.4 %](3_a_chain_of_changes.md)
