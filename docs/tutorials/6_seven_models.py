# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 6. Seven models on all of MNIST
#
# **Afterwards you will be able to**
#
# - train seven models, from naive Bayes to LeNet-5, on all of MNIST in a few minutes on a CPU;
# - compare them: by accuracy, by digit, by the pairs of digits that they confuse;
# - look into each, and see right and wrong predictions with their probabilities;
# - say what the models have in common where they fail.
#
# This notebook needs all 70,000 images of MNIST; the other tutorials use a sample of 5,000. It takes a few
# minutes, on two cores. The models are those of tutorials [1](1_classical_models.md) and
# [2](2_from_neuron_to_lenet5.md): three classical models, and four networks.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

import tenfold
from tenfold.evaluate.figures import (
    STYLE,
    class_means,
    confusion,
    digit_accuracy,
    picture_grid,
    sample_images,
    wrong_predictions,
)
from tenfold.metrics import confusion_matrix, mcnemar, wilson_interval
from tenfold.zoo import entry

plt.style.use(dict(STYLE))

corpus = tenfold.load_corpus("mnist")
train, test = corpus.train, corpus.test
print(f"{corpus.name}: {len(train):,} training images, {len(test):,} test images")

# %% Training images, ten of each digit
sample_images(train.images, train.labels, columns=10)

# %% [markdown]
# ## Training
#
# The classical models learn from all 60,000 training images. The networks hold 10,000 of them out, as the
# validation set, and keep the best of their last four epochs by the accuracy there (the *honest* protocol
# of [tutorial 4](4_is_it_better.md)). The test images take no part in any choice.

# %%
CLASSICAL = ("gaussian-nb", "logistic-regression", "knn")
NETWORKS = ("nn1l", "nn2l", "nn3l", "lenet5")
models, histories = {}, {}
for name in CLASSICAL + NETWORKS:
    models[name] = tenfold.build(name)
    histories[name] = models[name].fit(train, seed=0)
for name in NETWORKS:
    rows, chosen = histories[name].rows, histories[name].chosen_epoch
    found = rows[chosen - 1].validation_accuracy
    print(f"{name:7} {len(rows)} epochs, the best of the last four is {chosen}: validation {found:.2%}")

# %% Loss on the training images and error on the validation images, epoch by epoch
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.5))
for name, colour in zip(NETWORKS, ("C3", "C2", "C1", "C0")):
    rows = histories[name].rows
    epochs = [row.epoch for row in rows]
    left.semilogy(epochs, [row.train_loss for row in rows], color=colour, label=name)
    right.semilogy(epochs, [100 * (1 - row.validation_accuracy) for row in rows], color=colour, label=name)
left.set(title="Loss on the training images", xlabel="epoch", ylabel="nats")
right.set(title="Error on the validation images", xlabel="epoch", ylabel="%")
right.set_yticks([1, 2, 5, 10], ["1", "2", "5", "10"])
right.minorticks_off()
for axes in (left, right):
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.legend()
plt.show()

# %% [markdown]
# `nn1l` is a single dense layer: it cannot fit even the training images. `nn2l` and `nn3l` fit them almost
# perfectly, and their validation error stops falling early: they overfit. LeNet-5 has the smallest error on
# images that it did not learn from.
#
# ## Accuracy
#
# Each model predicts all 10,000 test images once. Wilson's interval shows how much the choice of these
# 10,000 images can change the figure. *Published* is the figure of the authors of the comparison (for the
# networks: the range of their runs), *mean of ours* the mean over our seeds, by the same honest protocol.

# %%
probabilities = {name: model.predict_proba(test.images) for name, model in models.items()}
predicted = {name: p.argmax(axis=1) for name, p in probabilities.items()}
correct = {name: answers == test.labels for name, answers in predicted.items()}
print(f"{'':20} {'here':>8}  {'95 % interval':17} {'published':>17} {'mean of ours':>13}")
for name in models:
    low, high = wilson_interval(int(correct[name].sum()), len(test))
    one = entry(name)
    published = f"{one.published.accuracy:.2%}"
    if one.published.low < one.published.high:
        published = f"{one.published.low:.2%} - {one.published.high:.2%}"
    ours = (one.measured_honestly or one.measured).accuracy.mean
    interval = f"{low:.2%} - {high:.2%}"
    print(f"{name:20} {correct[name].mean():8.2%}  {interval:17} {published:>17} {ours:13.2%}")

# %% Test error of the seven models with 95 % intervals, on a logarithmic scale
figure, axes = plt.subplots(figsize=(7.2, 3.2))
for place, name in enumerate(models):
    low, high = wilson_interval(int((~correct[name]).sum()), len(test))
    axes.plot([100 * low, 100 * high], [place, place], color="C0", linewidth=6, alpha=0.35)
    axes.plot(100 * (~correct[name]).mean(), place, "D", color="C0")
axes.set_xscale("log")
axes.set_xticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
axes.minorticks_off()
axes.set_yticks(range(len(models)), models)
axes.invert_yaxis()
axes.set(xlabel="error on the 10,000 test images, %", title="Seven models")
plt.show()

# %% [markdown]
# ## Digit by digit
#
# Which digits are hard? Each row of the next picture is a model, each column a digit; the number is the
# accuracy on the test images of that digit (the *recall* of the class).

# %% Accuracy of each model on each digit, in per cent
by_digit = np.array([[100 * hit[test.labels == d].mean() for d in range(10)] for hit in correct.values()])
figure, axes = plt.subplots(figsize=(8.2, 3.4))
axes.imshow(np.log(100.3 - by_digit), cmap="Blues", aspect="auto")
for row, column in np.ndindex(by_digit.shape):
    dark = 100 - by_digit[row, column] > 8
    text = f"{by_digit[row, column]:.1f}"
    axes.text(column, row, text, ha="center", va="center", fontsize=9, color="white" if dark else "black")
axes.set_xticks(range(10), range(10))
axes.set_yticks(range(len(models)), models)
axes.set(title="Accuracy by digit, %", xlabel="true digit")
axes.grid(visible=False)
plt.show()

# %% LeNet-5 digit by digit: correct predictions, and the predicted digits of the wrong ones
digit_accuracy(confusion_matrix(test.labels, predicted["lenet5"]))

# %% The confusion matrix of naive Bayes: rows are true digits, columns predictions
confusion(confusion_matrix(test.labels, predicted["gaussian-nb"]))

# %% The confusion matrix of LeNet-5
confusion(confusion_matrix(test.labels, predicted["lenet5"]))

# %% [markdown]
# The three pairs of digits that each model confuses most:

# %%
for name, answers in predicted.items():
    matrix = confusion_matrix(test.labels, answers)
    pairs = matrix * (1 - np.eye(10, dtype=int))
    worst = np.argsort(pairs, axis=None)[::-1][:3]
    words = [
        f"{true} as {taken}: {pairs[true, taken]}" for true, taken in zip(*np.unravel_index(worst, (10, 10)))
    ]
    print(f"{name:20} {', '.join(words)}")

# %% [markdown]
# ## Inside the models
#
# Naive Bayes holds the mean of each pixel for each digit, so its means are pictures of digits. The weights
# of one dense layer (logistic regression, `nn1l`) are not pictures of digits any more: they show the
# *differences* between digits. The kernels of LeNet-5 show pieces of strokes.

# %% The mean image of each digit, as naive Bayes holds it
class_means(models["gaussian-nb"].state["means"].reshape(10, 28, 28))

# %% Weights of logistic regression: ink in blue pixels is evidence for the digit, in orange ones against it
weights = models["logistic-regression"].state["weights"].reshape(10, 28, 28)
limit = np.quantile(np.abs(weights), 0.99)
shown = np.clip(weights, -limit, limit)
picture_grid(shown, [str(digit) for digit in range(10)], columns=5, signed=True, together=True, side=1.2)

# %% The weights of nn1l: the same model, trained step by step with weight decay
weights = models["nn1l"].network.params["fc.weight"].T.reshape(10, 28, 28)
picture_grid(weights, [str(digit) for digit in range(10)], columns=5, signed=True, together=True, side=1.2)

# %% The six kernels of LeNet-5's first layer: ink in blue raises the output, in orange lowers it
kernels = np.moveaxis(models["lenet5"].network.params["conv1.weight"][:, :, 0], -1, 0)
picture_grid(kernels, [f"kernel {i + 1}" for i in range(6)], columns=6, signed=True, together=True, side=1.2)

# %% [markdown]
# ## Right and wrong, with probabilities
#
# First test images that LeNet-5 predicts correctly, chosen at random, then those correct ones of which it is
# least certain, then its worst errors (which give the true digit the least probability). Above each image:
# the prediction and its probability.


# %% Sixteen correct predictions of LeNet-5 at random, and the sixteen least certain correct ones
def shown_with_probabilities(name, chosen, columns=8):
    p = probabilities[name][chosen]
    words = [f"{digit}: {100 * top:.1f} %" for digit, top in zip(p.argmax(axis=1), p.max(axis=1))]
    return picture_grid(test.images[chosen], words, columns=columns, side=1.1)


certain = probabilities["lenet5"].max(axis=1)
right_ones = np.flatnonzero(correct["lenet5"])
display(shown_with_probabilities("lenet5", np.random.default_rng(0).choice(right_ones, 16, replace=False)))
display(shown_with_probabilities("lenet5", right_ones[np.argsort(certain[right_ones])[:16]]))

# %% The worst errors of LeNet-5: blue is the true digit, orange the prediction, in per cent
wrong_predictions(test.images, test.labels, probabilities["lenet5"], limit=12, title="LeNet-5")

# %% [markdown]
# ## Do the models fail on the same images?
#
# Many images are predicted correctly by all seven models. A few are hard for all of them.

# %% How many of the seven models misclassify an image
failures = sum((~hit).astype(int) for hit in correct.values())  # (10000,) from 0 to 7
counts = np.bincount(failures, minlength=8)
figure, axes = plt.subplots(figsize=(6.6, 2.8))
axes.bar(range(8), counts, color="C0")
for place, count in enumerate(counts):
    axes.text(place, count * 1.15, f"{count:,}", ha="center", fontsize=9)
axes.set_yscale("log")
axes.set(xlabel="models that are wrong", ylabel="test images", title="Seven models, 10,000 images")
axes.set_ylim(top=25_000)
axes.grid(axis="x", visible=False)
plt.show()

# %% Test images that all seven models misclassify: the true digit, and the prediction of LeNet-5
hard = np.flatnonzero(failures == 7)[:24]
words = [f"a {test.labels[i]}, {predicted['lenet5'][i]}?" for i in hard]
picture_grid(test.images[hard], words, columns=8, side=1.1)

# %% [markdown]
# And is LeNet-5 really better than `knn` and `nn3l`? McNemar's test counts the images on which only one of
# the two is wrong (tutorial 4):

# %%
for rival in ("knn", "nn3l"):
    test_of = mcnemar(~correct[rival], ~correct["lenet5"])
    print(f"{rival} alone wrong: {test_of.only_a}, lenet5 alone wrong: {test_of.only_b}, p = {test_of.p:.1g}")

# %% [markdown]
# This compares one run with one run on one test set. LeNet-5 needs a quarter of the parameters of `nn3l`
# and makes about half of its errors. It is the only one of the seven that uses which pixels are neighbours.
#
# Training times are not printed here: they depend on what else the computer does. The table in
# [docs/models.md](../models.md) has them for every model.
