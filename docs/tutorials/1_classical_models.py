# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 1. Three classical models, and their limits
#
# **Afterwards you will be able to**
#
# - train naive Bayes, logistic regression and nearest neighbours on handwritten digits;
# - look inside each: what it stores, and how it decides;
# - name what each of them cannot represent, and show it by an experiment;
# - explain why all three stop below 97 %.
#
# You need Python, NumPy, and what a probability is. Everything here runs in about a minute on 5,000 digits.
# To learn from all 60,000 training images of MNIST, write `load_corpus()` in the next cell; the models are
# still evaluated on 1,000 images.
#
# The field's terms are links to the [glossary](../glossary.md) where they come up first. Every exercise at
# the end has its [answer](answers.md).

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from sklearn.linear_model import LogisticRegression

import tenfold
from tenfold.data import Dataset
from tenfold.evaluate.figures import STYLE, class_means, picture_grid, sample_images
from tenfold.metrics import accuracy, wilson_interval
from tenfold.zoo import entry

plt.style.use(dict(STYLE))

corpus = tenfold.load_corpus("mnist-5k")
train, test = corpus.train, corpus.test.subset(slice(1000))
print(f"{corpus.name}: {len(train):,} training images, {len(test):,} test images")
print("one image:", train.images[0].shape, train.images.dtype, "and its label:", train.labels[0])

# %% [markdown]
# Each image has 28 x 28 pixels from 0 (paper) to 255 (ink), and a [label](../glossary.md#label): the digit
# that was written. The models learn from the [training set](../glossary.md#training-set). They are
# evaluated on the [test set](../glossary.md#test-set), images that they never saw: this is the only way to
# measure [generalisation](../glossary.md#generalisation). Learning from examples with labels is called
# [supervised learning](../glossary.md#supervised-learning).

# %% The first training images of each digit
sample_images(train.images, train.labels, columns=10)

# %% [markdown]
# A [classifier](../glossary.md#classifier) is a function from 784 pixels to ten probabilities, one for each
# digit (each [class](../glossary.md#class)). A classifier that guesses is correct in one case of ten: its
# [accuracy](../glossary.md#accuracy) is 10 %. The three models below do better, each in its own way.
#
# ## Naive Bayes: how probable is each pixel?
#
# Ask the reverse question: if this were a 3, how probable would this image be? Ask this for all ten digits
# and take the digit that makes the image most probable. That is [Bayes' rule](../glossary.md#bayes-rule):
#
# $$P(\text{digit} \mid \text{image}) \propto P(\text{digit}) \cdot P(\text{image} \mid \text{digit})$$
#
# The first factor on the right is the [prior](../glossary.md#prior), the second the
# [likelihood](../glossary.md#likelihood). The likelihood is hard: there are more possible images than
# atoms. So the model makes a *naive* assumption: given the digit, the pixels are independent. Each pixel
# has a normal distribution with its own mean $m_i$ and variance $v_i$. Probabilities of independent events
# multiply, so their logarithms add:
#
# $$\log P(x | \text{digit}) = - \sum_i \left( \frac{(x_i - m_i)^2}{2 v_i} + \frac{\log 2 \pi v_i}2 \right)$$
#
# (A pixel may take any value between 0 and 1, so this $P$ is a [density](../glossary.md#density). A density
# may be larger than 1.)
#
# Training means computing the means and the variances. This is the whole model:


# %%
def as_rows(images):
    """Scale to 0..1, one image a row."""
    return images.reshape(len(images), 784) / 255.0


def fit_bayes(data, smoothing):
    """Mean, variance and share of each digit; ``smoothing`` is added to every variance."""
    rows = [as_rows(data.images[data.labels == digit]) for digit in range(10)]
    means = np.array([r.mean(axis=0) for r in rows])  # (10, 784)
    variances = np.array([r.var(axis=0) for r in rows]) + smoothing  # (10, 784)
    shares = np.array([len(r) for r in rows]) / len(data)  # (10,)
    return means, variances, shares


def evidence(model, images):
    """Log of P(pixel | digit), for each image, digit and pixel: (n, 10, 784)."""
    means, variances, _ = model
    x = as_rows(images)[:, np.newaxis]  # (n, 1, 784)
    return -((x - means) ** 2) / (2 * variances) - np.log(2 * np.pi * variances) / 2


def predict(model, images):
    """The digit that makes each image most probable."""
    return (evidence(model, images).sum(axis=2) + np.log(model[2])).argmax(axis=1)


ours = fit_bayes(train, smoothing=1e-9 * as_rows(train.images).var(axis=0).max())
ours_predicted = predict(ours, test.images)
print(f"our own: accuracy {accuracy(test.labels, ours_predicted):.1%} on the test images")

# %% [markdown]
# A pixel that is blank in every 3 has variance 0, and one cannot divide by 0. So a tiny number is added to
# all variances (*variance smoothing*, `var_smoothing` in scikit-learn). We come back to it. First, the same
# model from tenfold's zoo, which takes it from scikit-learn:

# %%
bayes = tenfold.build("gaussian-nb")
bayes.fit(train)
bayes_predicted = bayes.predict(test.images)
low, high = wilson_interval(int((bayes_predicted == test.labels).sum()), len(test))
print(f"the zoo's: {accuracy(test.labels, bayes_predicted):.1%}, 95 % interval {low:.1%} to {high:.1%}")
print("both predict the same digit in", (ours_predicted == bayes_predicted).sum(), "of", len(test), "images")

# %% [markdown]
# The [confidence interval](../glossary.md#confidence-interval) says how much chance a figure from a thousand
# test images contains. Tutorial 4 explains it.
#
# What does the model store? Ten means and ten variances of each pixel. The means are pictures:

# %% The mean image of each digit, as naive Bayes holds it
class_means(bayes.state["means"].reshape(10, 28, 28))

# %% [markdown]
# You recognise the digits in these pictures at once. The model does not: it is wrong in almost half of all
# cases. Why?
#
# **It is overconfident.** A pixel is nearly always like its neighbours: pixels are correlated. Naive Bayes
# counts each as new evidence, as if a thousand copies of one newspaper made its news more certain. Its
# [confidence](../glossary.md#confidence), the probability of the predicted digit, says little:

# %%
probabilities = bayes.predict_proba(test.images)
wrong = bayes_predicted != test.labels
confident = probabilities.max(axis=1)
print(f"mean confidence: {confident[~wrong].mean():.4f} of correct predictions,")
print(f"{confident[wrong].mean():.4f} of wrong ones")

# %% [markdown]
# **Blank pixels decide more than inked ones.** The log-likelihood is a sum over pixels, so we can see which
# pixels decided for the wrong digit. Let us split them in two: those that are blank in all training images
# of some digit (they are along the edge of the image, here called the rim), and the rest.


# %%
by_digit = [as_rows(train.images[train.labels == digit]) for digit in range(10)]
inked = np.array([rows.any(axis=0) for rows in by_digit])  # (10, 784)
rim = ~inked.all(axis=0)  # (784,)
by_pixel = evidence(ours, test.images)
rest_predicted = (by_pixel[:, :, ~rim].sum(axis=2) + np.log(ours[2])).argmax(axis=1)
print(f"blank in all training images of some digit: {rim.sum()} pixels of 784")
print(f"accuracy with all pixels: {accuracy(test.labels, ours_predicted):.1%}")
print(f"accuracy without the rim: {accuracy(test.labels, rest_predicted):.1%}")

# %% Misclassified digits: blue pixels are evidence for the predicted digit, orange ones for the true digit
shown = np.flatnonzero(wrong & (rest_predicted == test.labels))[:6]
digits, differences = as_rows(test.images[shown]), []
words = [f"a {test.labels[i]}, predicted {bayes_predicted[i]}\n" for i in shown]
for i in shown:
    difference = by_pixel[i, bayes_predicted[i]] - by_pixel[i, test.labels[i]]  # (784,)
    differences.append(np.clip(difference, -12, 12))
    words.append(f"rim {difference[rim].sum():+.3g}\nrest {difference[~rim].sum():+.0f}")
pictures = np.concatenate([digits, differences]).reshape(-1, 28, 28)
figure = picture_grid(pictures, words, columns=6, signed=True, together=True, side=1.6)
for axes in figure.axes[:6]:
    axes.images[0].set(cmap="Greys", clim=(0, 1))  # the digits as they are
display(figure)

# %% [markdown]
# Pixels along the rim, nearly always without ink, cause more than half of the errors. A pixel that is blank
# in every 8 has almost no variance there, only the number that was added, and the formula then has two
# extreme values. Ink subtracts $x^2 / 2v$ from the log-likelihood, up to two and a half billion: one speck
# excludes the 8. A blank pixel adds $-\frac12 \log 2 \pi v$, about 10: a density of nearly 30,000. Against
# a digit that has a little ink there, that is still a factor of some thousands *for each pixel* in favour
# of the 8, because its margin is blank, like the margin of any tidy digit.
#
# If this explanation is right, more smoothing must help. It does:

# %% Accuracy of naive Bayes against the number that is added to every variance
amounts = 10.0 ** np.arange(-9, 2)
scores = [accuracy(test.labels, predict(fit_bayes(train, smoothing), test.images)) for smoothing in amounts]

figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogx(amounts, 100 * np.array(scores), "o-")
axes.set(
    xlabel="added to every variance",
    ylabel="accuracy, %",
    title="Naive Bayes: variance smoothing",
    ylim=(50, 90),
)
plt.show()
print(f"best: {max(scores):.1%}, with {amounts[np.argmax(scores)]:g}")

# %% [markdown]
# One number corrects a quarter of all predictions. Such a number, which is chosen and not learned, is a
# [hyperparameter](../glossary.md#hyperparameter). (We chose it on the test images here, to see an effect. For
# a figure that you report, choose on images held out from training, the [validation
# set](../glossary.md#validation-set).) The accuracy still stays below 85 %: the pixels are still correlated.
#
# **What it cannot represent:** that two pixels depend on each other.
#
# ## Logistic regression: a weighted sum of all pixels
#
# Give every pixel a [weight](../glossary.md#weight) $w_{ij}$ for each digit: pixel $i$, digit $j$. The
# weighted pixels are added up, together with a [bias](../glossary.md#bias) $b_j$, and the
# [softmax](../glossary.md#softmax) turns the ten sums into ten probabilities:
#
# $$z_j = \sum_i x_i w_{ij} + b_j \qquad p_j = \frac{e^{z_j}}{\sum_k e^{z_k}}$$
#
# The weights are not counted from the images, as means are. They are fitted *together*, so that the true
# digits get high probabilities. So two correlated neighbours share their influence instead of counting twice.
# Weights and biases are the model's [parameters](../glossary.md#parameter). Tutorial 2 shows how they are
# found. Here we take scikit-learn's solution.

# %%
regression = tenfold.build("logistic-regression")
regression.fit(train)
regression_predicted = regression.predict(test.images)
print(f"accuracy {accuracy(test.labels, regression_predicted):.1%} on the test images")

# %% The weight of each pixel for each digit: ink in blue pixels is evidence for it, in orange ones against
weights = regression.state["weights"].reshape(10, 28, 28)
limit = np.quantile(np.abs(weights), 0.99)  # a few large weights along the rim would make all others pale
shown = np.clip(weights, -limit, limit)
picture_grid(shown, [str(digit) for digit in range(10)], columns=5, signed=True, together=True, side=1.2)

# %% [markdown]
# Blue: ink here is evidence for the digit. Orange: against it. The 0 has an orange hole: ink in the middle is
# the best evidence against a 0. These are not pictures of digits any more. They are pictures of *differences
# between* digits, and where 4,000 images do not determine a weight, they look like noise. That is
# [overfitting](../glossary.md#overfitting): a model also learns what is accidental in its training set. A
# penalty on large weights removes much of the noise, and what remains can be seen better. Any measure against
# overfitting is called [regularisation](../glossary.md#regularisation):

# %% The same weights with a penalty a hundred times as strong: less noise, and the shapes remain
penalised = {
    strength: LogisticRegression(C=1 / strength, max_iter=1000).fit(as_rows(train.images), train.labels)
    for strength in (1, 10, 100)
}
weights = penalised[100].coef_.reshape(10, 28, 28)
picture_grid(weights, [str(digit) for digit in range(10)], columns=5, signed=True, together=True, side=1.2)

# %%
for strength, model in penalised.items():
    print(f"penalty x {strength:3}:", end="")
    for part, data in (("training", train), ("test", test)):
        print(f"  {part} accuracy {model.score(as_rows(data.images), data.labels):.1%}", end="")
    print()

# %% [markdown]
# The stronger the penalty, the smaller the gap between training and test accuracy. But the best test
# accuracy lies between: with too weak a penalty the model overfits, with too strong a penalty it fits
# neither set well ([underfitting](../glossary.md#underfitting)).
#
# **What it cannot represent:** A weight counts whatever the other pixels are. Ink in a pixel cannot be
# evidence *for* a digit when the neighbouring pixel is blank, and *against* it when the neighbour has ink
# too. The sum is [linear](../glossary.md#linear) in the pixels. Take two pixels, and a target that is 1
# when exactly one of them has ink:

# %%
pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
given = np.array([0, 1, 1, 0])
best = max(
    ((pairs @ np.array([v, w]) + b > 0) == given).sum()
    for v in np.linspace(-2, 2, 21)
    for w in np.linspace(-2, 2, 21)
    for b in np.linspace(-2, 2, 21)
)
print(f"of 21 x 21 x 21 choices of two weights and a bias, the best gets {best} of 4 right")

# %% [markdown]
# No choice gets all four. (Add up the two conditions for "one", then the two for "none or both": they
# contradict each other.) This is the [XOR problem](../glossary.md#xor-problem). A thin stroke that may be
# here *or* one pixel away is such a case: exactly one of the two pixels has ink.
#
# ## Nearest neighbours: the most similar images decide
#
# The third model, the [k-nearest-neighbours classifier](../glossary.md#k-nearest-neighbours), stores the
# training images. To predict a digit it finds the five images that are closest to it, by the Euclidean
# distance in 784 dimensions, and takes the majority of their labels.
#
# $$d(x, y) = \sqrt{\sum_i (x_i - y_i)^2}$$

# %%
neighbours = tenfold.build("knn")
neighbours.fit(train)
neighbours_predicted = neighbours.predict(test.images)
print(f"accuracy {accuracy(test.labels, neighbours_predicted):.1%} on the test images")


def distances(image, others):
    return np.sqrt(np.sum((as_rows(others) - as_rows(image[np.newaxis])) ** 2, axis=1))


# %% Four test images, each with its five nearest training images
asked = [
    *np.flatnonzero(neighbours_predicted == test.labels)[:2],
    *np.flatnonzero(neighbours_predicted != test.labels)[:2],
]
pictures, words = [], []
for i in asked:
    apart = distances(test.images[i], train.images)
    nearest = np.argsort(apart)[:5]
    pictures += [test.images[i], *train.images[nearest]]
    words += [
        f"a {test.labels[i]}, predicted {neighbours_predicted[i]}",
        *(f"{train.labels[j]}, {apart[j]:.1f} away" for j in nearest),
    ]
picture_grid(np.array(pictures), words, columns=6, side=1.15)

# %% [markdown]
# This model can have a [decision boundary](../glossary.md#decision-boundary) of any shape: the more images,
# the finer. The price is paid at prediction: the model has to store every training image, and it compares
# each new image with all of them.
#
# **What it cannot represent:** that a digit stays the same when it moves. The distance compares each pixel
# with the pixel in the same place. Here is a 4 that moves to the right, and another digit that stays in its
# place:

# %% A 4, the same 4 moved by one to four pixels, and the nearest image that is not a 4
four = test.images[np.flatnonzero(test.labels == 4)[3]]
others = train.images[train.labels != 4]
stranger = others[distances(four, others).argmin()]
moved = [np.roll(four, step, axis=1) for step in range(1, 5)]
pictures = np.array([four, *moved, stranger])
apart = distances(four, pictures)
labels = ["a 4", *(f"moved by {step}" for step in range(1, 5)), "not a 4"]
picture_grid(pictures, [f"{one}\n{d:.1f} away" for one, d in zip(labels, apart)], columns=6, side=1.15)

# %% [markdown]
# Moved by two pixels, the 4 is farther from itself than from a digit that is not a 4.
#
# ## Three experiments with all three
#
# **More images.** Do more training images help?

# %% Learning curves: accuracy of the three models against the number of training images
models = {"gaussian-nb": bayes, "logistic-regression": regression, "knn": neighbours}
sizes = [125, 250, 500, 1000, 2000]
figure, axes = plt.subplots(figsize=(6.4, 3.4))
for (name, whole), marker in zip(models.items(), "osD"):
    learned = []
    for size in sizes:
        model = tenfold.build(name)
        model.fit(tenfold.split(train, (size,), seed=0)[0])
        learned.append(accuracy(test.labels, model.predict(test.images)))
    learned.append(accuracy(test.labels, whole.predict(test.images)))
    axes.semilogx([*sizes, len(train)], 100 * np.array(learned), marker=marker, label=name)
    print(f"{name:20}", " ".join(f"{one:.1%}" for one in learned))
axes.set_xticks([*sizes, len(train)], [f"{size:,}" for size in (*sizes, len(train))])
axes.minorticks_off()
axes.set(xlabel="training images", ylabel="accuracy, %", title="Learning curves", ylim=(50, 100))
axes.legend()
plt.show()

# %% [markdown]
# Accuracy against the number of training images is a [learning curve](../glossary.md#learning-curve). The
# curve of logistic regression flattens: more images do not improve a weighted sum much. It is too simple
# for the task: it underfits. Nearest neighbours start below it and overtake it, because every image adds to
# the model. Naive Bayes even gets *worse* in the end. With a smoothing of 0.01 nearly all of this decrease
# disappears (exercise 1): it, too, comes from tiny variances.
#
# **Moved digits.** Now all test images move to the right.

# %% Accuracy of the three models when the test images move to the right
figure, axes = plt.subplots(figsize=(6.4, 3.2))
for (name, model), marker in zip(models.items(), "osD"):
    kept = [accuracy(test.labels, model.predict(np.roll(test.images, step, axis=2))) for step in range(5)]
    axes.plot(range(5), 100 * np.array(kept), marker=marker, label=name)
axes.axhline(10, color="0.6", linestyle=":", linewidth=1)
axes.text(0.05, 11.5, "guessing", fontsize=8, color="0.4")
axes.set(
    xlabel="moved by, pixels",
    ylabel="accuracy, %",
    title="The same digits, a little to the right",
    ylim=(0, 100),
)
axes.set_xticks(range(5))
axes.legend()
plt.show()

# %% [markdown]
# You barely notice a shift of three pixels. The models lose half of their accuracy. None of them is
# [invariant](../glossary.md#invariance) to translation.
#
# **Shuffled pixels.** The last experiment is the most telling. Take one random order of the 784 pixels and
# put every image, training and test, into that order. You can no longer see any digit:

# %% Digits, and the same with their pixels in another order
order = np.random.default_rng(0).permutation(784)


def shuffled(data):
    return Dataset(data.images.reshape(-1, 784)[:, order].reshape(-1, 28, 28), data.labels, data.name)


pictures = np.concatenate([test.images[:8], shuffled(test).images[:8]])
picture_grid(pictures, columns=8, side=1.0)

# %%
for name in models:
    model = tenfold.build(name)
    model.fit(shuffled(train))
    again = accuracy(test.labels, model.predict(shuffled(test).images))
    before = accuracy(test.labels, models[name].predict(test.images))
    print(f"{name:20} before {before:.1%}, shuffled {again:.1%}")

# %% [markdown]
# The accuracies are the same. A sum over pixels does not depend on their order, and all three models
# consist of sums over pixels. They do not use the *image*: which pixels are neighbours, what a stroke is,
# where up and down are.
#
# This is their limit. Two things are missing. [Features](../glossary.md#feature) must be computed from
# pixels that are *neighbours*. And they must be computed *everywhere* in the image. Tutorial 2 builds
# exactly that.
#
# ## The figures on all of MNIST
#
# Here are the three models with 60,000 training images and 10,000 test images. *Published* is the accuracy
# that the authors of the comparison report. *Measured* is our accuracy with the same settings, from the
# files in `results/`. [Tutorial 6](6_seven_models.md) trains them on all of MNIST.

# %%
print(f"{'':20} {'here':>8} {'published':>10} {'measured':>9}")
for name in models:
    here = accuracy(test.labels, models[name].predict(test.images))
    published, measured = entry(name).published.accuracy, entry(name).measured.accuracy.mean
    print(f"{name:20} {here:8.1%} {published:10.2%} {measured:9.2%}")

# %% [markdown]
# ## Exercises
#
# 1. Draw the learning curve of our own naive Bayes with a smoothing of 0.01.
#    ([Answer](answers.md#exercise-11))
# 2. Blur all images before the nearest-neighbours model gets them (`scipy.ndimage.gaussian_filter(images,
#    (0, 1, 1))`). Why does the accuracy on moved digits rise? ([Answer](answers.md#exercise-12))
# 3. Which pair of digits does each model confuse most? `tenfold.metrics.confusion_matrix` counts them, in a
#    [confusion matrix](../glossary.md#confusion-matrix), `tenfold.evaluate.figures.confusion` draws it.
#    ([Answer](answers.md#exercise-13))
# 4. Train each model on digits that were moved at random: `moved =
#    tenfold.data.RandomAffine(shift=0.1)(images, rng)` moves images, with `rng` from
#    `np.random.default_rng(0)`; `(255 * moved[..., 0]).astype(np.uint8)` makes bytes of them again. Which
#    of the three models gains, and why? ([Answer](answers.md#exercise-14))
#
# Next: [2. A network, from one neuron to LeNet-5](2_from_neuron_to_lenet5.md)
