# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 4. Is it better? How to tell one network from another
#
# **Afterwards you will be able to**
#
# - say how much an accuracy varies by chance, with the test images and with the seed;
# - compare two networks on the same images by McNemar's test, and explain why it detects smaller differences;
# - compute a confidence interval of a difference with the bootstrap;
# - compute how many images, or seeds, it takes to detect a difference of a given size;
# - explain the effects of choosing on the test set, of wrong labels, and of many comparisons;
# - understand the output of `tenfold compare`.
#
# You need to know what a mean and a standard deviation are, and the networks of [tutorial
# 2](2_from_neuron_to_lenet5.md). The example is real: three networks, each trained from eight seeds on 4,000
# images and evaluated on 1,000. Terms link to the [glossary](../glossary.md); every exercise has its
# [answer](answers.md).

# %%
# %matplotlib inline
from math import comb

import matplotlib.pyplot as plt
import numpy as np

import tenfold
from tenfold.evaluate.comparison import compare, from_predictions, pair_lines
from tenfold.evaluate.figures import STYLE, picture_grid
from tenfold.metrics import (
    DOUBTFUL,
    bootstrap_interval,
    holm,
    images_needed,
    mcnemar,
    paired_t,
    sign_flip_test,
    wilson_interval,
)
from tenfold.optim import Adam
from tenfold.train import Recipe
from tenfold.zoo import entry

plt.style.use(dict(STYLE))

corpus = tenfold.load_corpus("mnist-5k")
train, test = corpus.train, corpus.test.subset(slice(1000))
recipe = Recipe(epochs=6, batch_size=32, optimizer=Adam(1e-3, weight_decay=0.01))
seeds = range(8)
predicted = {}  # name -> (8 seeds, 1000 images)
for name in ("nn2l", "nn3l", "lenet5"):
    answers = []
    for seed in seeds:
        model = tenfold.build(name)
        tenfold.fit(model.network, recipe, train, seed=seed)
        answers.append(model.predict(test.images))
    predicted[name] = np.array(answers)
wrong = {name: answers != test.labels for name, answers in predicted.items()}  # (8 seeds, 1000 images)
for name in wrong:
    print(f"{name:7} errors from each seed: {wrong[name].sum(axis=1)}, mean {wrong[name].mean():.2%}")

# %% [markdown]
# ## One accuracy: other images, another figure
#
# The test images are a sample of all the digits that people write. On another thousand, the same network
# would make another number of errors. How large is this variation? Suppose that its true error is $p$. Each
# image is like a toss of a coin that shows "wrong" with probability $p$ (a *Bernoulli trial*; the number of
# errors is binomially distributed). In $n$ tosses, the share of "wrong" varies around $p$ with the standard
# deviation
#
# $$\sqrt{\frac{p (1 - p)}n}$$
#
# Let us check it by simulation, with a true error of 4 %:

# %% Simulated errors of a network with a true error of 4 % on many test sets of 1,000 and of 10,000 images
rng = np.random.default_rng(0)
figure, axes = plt.subplots(figsize=(6.6, 2.9))
for n, colour in ((1_000, "C0"), (10_000, "C1")):
    seen = 100 * rng.binomial(n, 0.04, size=20_000) / n
    axes.hist(
        seen, bins=np.arange(1.55, 6.6, 0.1), color=colour, alpha=0.6, density=True, label=f"{n:,} images"
    )
    by_formula = 100 * np.sqrt(0.04 * 0.96 / n)
    print(f"{n:6,} images: standard deviation {seen.std():.3f} points, by the formula {by_formula:.3f}")
axes.axvline(4, color="0.3", linewidth=1)
axes.set(xlabel="error on the test set, %", title="One network, many test sets: its true error is 4 %")
axes.set_yticks([])
axes.legend()
plt.show()

# %% [markdown]
# In practice we have one figure and ask which true errors are compatible with it. That is a [confidence
# interval](../glossary.md#confidence-interval). tenfold uses Wilson's, which is also correct near 0 and 100
# %. For 95 of 100 networks that are evaluated in this way, the interval contains the true value.
#
# Back to the chain of tutorial 3 and its question. Here are its published errors with their intervals:

# %% Published errors of the chain with their 95 % intervals
figure, axes = plt.subplots(figsize=(6.6, 3.2))
for place, number in enumerate(range(8, 13)):
    error = 1 - entry(f"scratch-{number:02}").published.accuracy
    low, high = wilson_interval(round(10_000 * error), 10_000)
    axes.plot(
        [place, place], [100 * low, 100 * high], color="C0", linewidth=6, alpha=0.35, solid_capstyle="butt"
    )
    axes.plot(place, 100 * error, "D", color="C0")
    print(f"scratch-{number:02}: {error:.2%}, between {low:.2%} and {high:.2%}")
axes.set_xticks(range(5), [f"{number:02}" for number in range(8, 13)])
axes.set(xlabel="network", ylabel="error, %", ylim=(0, 2), title="Twelve networks, the last five (published)")
plt.show()

# %% [markdown]
# 08, 09 and 10 are different. Of 10, 11 and 12, these figures do not show which is best.
#
# ## Another seed, another network
#
# There is a second kind of chance. The seed determines the first weights and the order of the images, so each
# seed gives another network:

# %% Errors of three networks from eight seeds, their means with intervals, and the interval of a single run
figure, axes = plt.subplots(figsize=(6.8, 2.7))
for place, name in enumerate(wrong):
    errors = 100 * wrong[name].mean(axis=1)
    over_seeds = paired_t(errors)  # Student's interval of a mean
    low, high = wilson_interval(int(wrong[name][0].sum()), len(test))
    axes.plot(
        errors, np.full(8, place), "o", color="C0", alpha=0.6, label="one seed each" if place == 0 else None
    )
    axes.plot(
        over_seeds.interval, [place - 0.2] * 2, color="C0", label="mean, over seeds" if place == 0 else None
    )
    axes.plot(
        [100 * low, 100 * high],
        [place + 0.2] * 2,
        color="C1",
        label="seed 0, over test images" if place == 0 else None,
    )
axes.set_yticks(range(3), wrong)
axes.set(xlabel="error, %", ylim=(2.5, -0.5), title="Two kinds of chance")
axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# - The **orange** interval is about other *images*. It is wide because a thousand images are few.
# - The **blue** interval is about other *seeds*. It becomes narrower with more seeds. But all seeds were
#   evaluated on the same thousand images, so it contains nothing about other images.
#
# A claim like "this network is better" needs both.
#
# ## The same images: McNemar
#
# The orange intervals overlap widely. But they treat the networks as if each had been evaluated on other
# images, and both had the *same*. Most images are easy for both, a few are hard for both. Neither kind shows
# a difference between the networks, and yet both kinds make the intervals wide. Only those images show a
# difference that *one* network misclassifies and the other does not:

# %% The thousand test images, each a square: which of the two networks misclassifies it
a, b = wrong["nn2l"][0], wrong["lenet5"][0]
kinds = {"nn2l alone": a & ~b, "lenet5 alone": b & ~a, "both": a & b, "neither": ~a & ~b}
squares = np.concatenate([np.full(kind.sum(), number) for number, kind in enumerate(kinds.values())])
colours = np.array([[0.83, 0.38, 0.11], [0.12, 0.37, 0.66], [0.25, 0.25, 0.28], [0.9, 0.89, 0.86]])
figure, axes = plt.subplots(figsize=(7.4, 2.6))
axes.imshow(colours[squares].reshape(50, 20, 3).transpose(1, 0, 2), interpolation="nearest")
for edge in range(51):
    axes.axvline(edge - 0.5, color="white", linewidth=0.6)
    axes.axhline(edge - 0.5, color="white", linewidth=0.6)
axes.set(
    xticks=[], yticks=[], xlim=(-0.5, 49.5), ylim=(19.5, -0.5), title="Wrong predictions of two networks"
)
axes.spines["bottom"].set_visible(False)
for (words, kind), colour in zip(kinds.items(), colours):
    axes.plot([], [], "s", color=colour, markersize=8, label=f"{words}: {kind.sum()}")
axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# How much does this help? The standard deviation of the difference of two errors is

# %%
one, other = int((a & ~b).sum()), int((b & ~a).sum())
apart = np.sqrt(a.var() / len(test) + b.var() / len(test))
paired = np.std(a.astype(float) - b) / np.sqrt(len(test))
print(f"{100 * apart:.2f} points if the images were different, {100 * paired:.2f} points on the same images")

# %% [markdown]
# Now the test. If both networks were equally good (the [null hypothesis](../glossary.md#null-hypothesis)),
# each image that only one of them misclassifies would be a fair coin: it belongs to the one or the other with
# equal probability. With $n$ fair coins, how probable is a split as uneven as ours, or more uneven?
#
# $$p = 2 \sum_{k=0}^{\text{fewer}} \binom nk \frac1{2^n} \quad \text{(at most 1)}$$

# %%
n, fewer = one + other, min(one, other)
p = min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)
print(f"{one} against {other}: p = {p:.2g}; tenfold: {mcnemar(a, b).p:.2g}")

# %% [markdown]
# The [p-value](../glossary.md#p-value) is the probability of a split at least as uneven, if there were no
# difference. It is *not* the probability that there is no difference. By convention, a difference is called
# [significant](../glossary.md#statistical-significance) below 0.05. Ours is not: one pair of runs on a
# thousand images is not enough, even for two networks as different as these. Below we use all seeds.
#
# Here are some of these images: the true digit, and the prediction of each network.

# %% Images that nn2l alone misclassifies, then those that LeNet-5 alone misclassifies
shown = [*np.flatnonzero(a & ~b)[:6], *np.flatnonzero(b & ~a)[:6]]
words = [
    f"a {test.labels[i]}\nnn2l: {predicted['nn2l'][0, i]}\nlenet5: {predicted['lenet5'][0, i]}" for i in shown
]
picture_grid(test.images[shown], words, columns=6, side=1.1)

# %% [markdown]
# ## How large is the difference? The bootstrap
#
# A p-value is about whether there is a difference, not about its size. For the size we want an interval
# again. The [bootstrap](../glossary.md#bootstrap) computes it with very little theory. We would like to
# know how the difference varies over many test sets. We have one. So *draw test sets from it*, of the same
# size, with replacement:

# %% The difference between two networks on resampled test sets
difference = 100 * (a.astype(float) - b)  # for each image: +100, 0 or -100 points
drawn = [difference[rng.integers(0, 1000, size=1000)].mean() for _ in range(5000)]
low, high = np.quantile(drawn, [0.025, 0.975])
tenfolds = bootstrap_interval(difference, np.random.default_rng(0))
figure, axes = plt.subplots(figsize=(6.4, 2.6))
axes.hist(drawn, bins=np.arange(-1.55, 3.6, 0.1), color="C0")
for edge in (low, high):
    axes.axvline(edge, color="C1")
axes.axvline(0, color="0.3", linestyle=":")
axes.set(xlabel="error of nn2l minus error of lenet5, points", title="5,000 resampled test sets")
axes.set_yticks([])
plt.show()
print(f"difference {difference.mean():.2f} points, 95 % between {low:.2f} and {high:.2f}")
print(f"tenfold's interval: {tenfolds.low:.2f} to {tenfolds.high:.2f}")

# %% [markdown]
# ## One pair of runs is not enough
#
# So far we compared *one* `nn2l` with *one* `lenet5`. Here is the same test for each seed, and the same for
# `nn2l` against `nn3l`, which has one layer more:

# %%
print("          nn2l, lenet5 alone           nn2l, nn3l alone")
for seed in seeds:
    found = [mcnemar(wrong["nn2l"][seed], wrong[rival][seed]) for rival in ("lenet5", "nn3l")]
    print(f"seed {seed}", *(f"{one.only_a:10} against {one.only_b:2}, p ={one.p:8.2g}" for one in found))

# %% [markdown]
# Depending on the seed you might have reported almost anything. Over all seeds there are two questions, as
# above, and each has its test:
#
# - **Other seeds?** Take the difference for each seed. Is its mean large compared with its standard error?
#   That is Student's [t test](../glossary.md#t-test) for pairs. (Seed 3 of the one and seed 3 of the other
#   share only the order of the images; even so, pairing loses little.)
# - **Other images?** Count for each image how many more seeds of the one network misclassify it. If the
#   networks were equally good, each such number could as well have the other sign. How probable is so large a
#   sum? With one seed, that is McNemar's test.

# %%
for rival in ("nn3l", "lenet5"):
    over_seeds = paired_t(100 * (wrong["nn2l"].mean(axis=1) - wrong[rival].mean(axis=1)))
    votes = wrong["nn2l"].sum(axis=0) - wrong[rival].sum(axis=0)  # (1000,) from -8 to 8
    low, high = over_seeds.interval
    print(f"nn2l against {rival}: {over_seeds.mean:+.2f} points ({low:+.2f} to {high:+.2f} over seeds)")
    print(f"    p over seeds {over_seeds.p:.2g}, p over images {sign_flip_test(votes):.2g}")

# %% [markdown]
# A difference is established if both tests find it. Both find that LeNet-5 is better than `nn2l` when
# trained in this way on this sample. These runs do not show whether a third layer helps.
#
# ## How many would it take?
#
# "No evidence of a difference" is not "evidence of no difference". Perhaps there were too few images. The
# [power](../glossary.md#power) of a test is its probability to detect a difference that exists. Let two
# networks disagree on 0.4 % of all images, as good networks do, and let one be a little better. How many
# test images does McNemar's test need to detect it with a power of 80 %?

# %% Test images needed to detect a difference between two good networks
gains = np.array([0.02, 0.04, 0.06, 0.1, 0.16, 0.2, 0.3])  # points
disagree = 40  # of 10,000
needed = []
for gain in gains:
    more = round(50 * gain)  # the 40 are split into 20 + more and 20 - more
    won, lost = disagree // 2 + more, disagree // 2 - more
    needed.append(images_needed(np.repeat([1, -1, 0], [won, lost, 10_000 - disagree])))
    print(f"{gain:.2f} points ({won} against {lost:2}): {needed[-1]:>9,} images")
figure, axes = plt.subplots(figsize=(6.4, 3))
axes.loglog(gains, needed, "o-")
axes.axhline(10_000, color="C1")
axes.text(gains[0], 11_500, "the MNIST test set", color="C1", fontsize=9)
axes.set_xticks(gains, [f"{gain:g}" for gain in gains])
axes.minorticks_off()
axes.set(xlabel="true difference, points", ylabel="test images", title="Needed for a power of 80 %")
plt.show()

# %% [markdown]
# From 0.42 % to 0.40 % is the leftmost point: most of a million test images. With the ten thousand of MNIST a
# test detects differences of about 0.18 points and more: for 0.16 the table says that they do not quite
# suffice, for 0.2 they do. (More seeds help as well, `tenfold.metrics.seeds_needed`, but only against chance
# from the seeds.)
#
# ## Choosing on the test set
#
# Train for twenty epochs, compute the test accuracy after each, report the best. Many do. How much does
# this change the figure? Suppose that the network no longer improves in these epochs: the true error stays
# 0.8 %, and each epoch misclassifies a few other images. So every gain is due to chance.

# %% The apparent gain from choosing the best of several equally good epochs on the test set
hard = rng.beta(0.02, 2.48, size=10_000)  # error rate of each image: mostly 0, some near 1
hard *= 0.008 / hard.mean()
epochs = rng.random((200, 20, 10_000), dtype=np.float32) < np.minimum(hard, 1).astype(np.float32)
seen = 100 * epochs.mean(axis=2)  # (200 trainings, 20 epochs) errors in %
choices = [1, 2, 4, 10, 20]
gain = [np.mean(seen[:, 0] - seen[:, :k].min(axis=1)) for k in choices]
figure, axes = plt.subplots(figsize=(6.2, 2.8))
axes.plot(choices, gain, "o-")
axes.set(xlabel="epochs to choose from", ylabel="points", title="Apparent gain by choosing on the test set")
axes.set_xticks(choices)
plt.show()
print(f"the best of 4 seems {gain[2]:.3f} points better than it is, the best of 20 {gain[4]:.3f}")

# %% [markdown]
# A tenth of a point without any improvement: as much as the improvements that people report for the best
# networks. The remedy is cheap. Hold a validation set out of the *training* images, choose on it, and
# evaluate on the test set once. tenfold calls this the honest [protocol](../glossary.md#protocol); it is
# the default. Where the authors of a published figure chose on the test set, the *published* protocol
# repeats that, so that both figures can be compared:

# %%
print(f"{'error on MNIST':15} {'published protocol':>19} {'honest protocol':>16}   gain by the choice")
for name in ("nn1l", "nn2l", "nn3l", "lenet5"):
    published, honest = entry(name).measured, entry(name).measured_honestly
    gain = published.protocol_gain
    worth = "not known yet" if gain is None else f"{100 * gain.mean:.2f} points"
    print(f"{name:15} {1 - published.accuracy.mean:19.2%} {1 - honest.accuracy.mean:16.2%}   {worth}")

# %% [markdown]
# The last column is the accuracy of the epoch that was chosen on the test images (of the last four) minus
# that of the last epoch. Late in training, real epochs resemble each other, so the gain is smaller than in
# the simulation, where they were independent: for `lenet5`, with about the error of our example, 0.02 points
# instead of 0.075. (The two protocols differ by more than that: the honest networks also have 10,000 training
# images fewer.)
#
# ## Wrong labels
#
# Fifteen labels of the MNIST test set are wrong or cannot be decided (Northcutt, Athalye and Mueller 2021).
# How much does that matter?

# %%
for error in (0.10, 0.02, 0.004, 0.0025, 0.001):
    share = len(DOUBTFUL) / (10_000 * error)
    verdict = f"up to {share:.0%} of its errors" if share <= 1 else "more than all of its errors"
    print(f"a network with {error:.2%} error: the labels could be at fault for {verdict}")

# %% [markdown]
# At 10 % it does not matter. At 0.25 % it may be most of the remaining errors. Ten of the fifteen labels are
# wrong, and five cannot be decided. A network that predicts all other images and the ten true digits
# correctly has an error of 0.10 % or more; one below that agrees with wrong labels, by chance or because it
# was chosen on the test set. So for the best networks, report the accuracy also without these images
# (`tenfold.metrics.undoubted` selects the others).
#
# ## Many comparisons
#
# If you compare twenty pairs of equally good networks at 0.05, expect one "difference". So the p-values of
# several comparisons must be corrected ([multiple comparisons](../glossary.md#multiple-comparisons)). Holm's
# method: multiply the smallest p by the number of comparisons, the next by one less, and so on; none may end
# up below the one before it (so 0.04 becomes 0.06, like 0.03).

# %%
print("0.04, 0.01 and 0.03, as three comparisons:", holm([0.04, 0.01, 0.03]).round(3))

# %% [markdown]
# ## All together
#
# `tenfold compare nn2l nn3l lenet5` does all this for models whose trials are in `results/`, and draws it
# on a page. In Python, you can do the same with your own predictions. (The p over images is called
# McNemar's exact test over all seeds there. And differences are of accuracies, not of errors, so our +1.62
# is -1.625 there.)

# %%
contenders = [from_predictions(name, predicted[name], test.labels, seeds) for name in wrong]
pairs = compare(contenders).pairs
for pair in pairs:
    print("\n".join(pair_lines(pair, len(pairs))), end="\n\n")

# %% [markdown]
# ## Before you write "better"
#
# 1. On how many test images, and what is the interval?
# 2. From how many seeds, and how much do they vary?
# 3. Were both evaluated on the same images, and compared image by image?
# 4. How large is the difference, with an interval, and is it large enough to matter?
# 5. What was chosen on the test set?
# 6. How many comparisons were made before this one?
#
# ## Exercises
#
# 1. Compare `lenet5` from seeds 0 to 3 with `lenet5` from seeds 4 to 7, as if they were two networks. Which
#    result do you expect? ([Answer](answers.md#exercise-41))
# 2. How wide is Wilson's interval for 0 errors in 1,000 images? What does the formula with the root give
#    there? ([Answer](answers.md#exercise-42))
# 3. With `tenfold.metrics.seeds_needed`: how many seeds does it take to detect 0.1 points if the standard
#    deviation over seeds is 0.05? If it is 0.2? ([Answer](answers.md#exercise-43))
# 4. Load all of MNIST (`load_corpus("mnist")`) and draw the images of `tenfold.metrics.DOUBTFUL`. Which
#    label would you have given? ([Answer](answers.md#exercise-44))
#
# Next: [5. Three more methods](5_three_more_methods.md)
