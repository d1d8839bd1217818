"""What the words mean, and how the page came about."""

from __future__ import annotations

from tenfold.evaluate.comparison import Comparison
from tenfold.evaluate.page.markup import el, join
from tenfold.evaluate.page.report_data import Section
from tenfold.evaluate.page.tables import facts
from tenfold.evaluate.wording import plural

_MEANINGS = {
    "Two kinds of chance": (
        "Other test images, and training from other seeds, would give other accuracies. A difference is "
        "spoken of only where both kinds of chance are an unlikely cause: where the larger p is at most 0.05."
    ),
    "p": ("How often chance alone would make a difference at least as large, if the two were equally good."),
    "McNemar's exact test": (
        "Only images that one model alone misreads tell two models apart. Were both equally good, each of "
        "them would be a coin's toss. Over several runs, the tosses decide the sign of each image's "
        "difference, and all ways that they may fall are counted."
    ),
    "mid-p": (
        "The same with half the weight for the outcome itself; the exact test is a little too cautious where "
        "few images differ."
    ),
    "Bootstrap interval": (
        "The difference in 10,000 test sets that are drawn from the images of this one; their middle 95 %."
    ),
    "Paired t and sign test": (
        "Over the differences between pairs of runs: their mean against their spread, and only who is ahead. "
        "Five pairs cannot bring the sign test below 0.06."
    ),
    "Welch's t": (
        "In their place where the models were not trained from the same seeds, so that no run belongs to "
        "one of the other's: the difference of the two means against the spreads of both."
    ),
    "Images, seeds needed": (
        "With so many, the tests would find a difference as large as this in 80 of 100 tries."
    ),
    "Holm's method": (
        "Who makes many comparisons finds a difference by chance sooner or later; p is raised so that the "
        "risk of even one false alarm among all of them stays below 5 %."
    ),
    "Doubtful labels": (
        "Fifteen of the 10,000 MNIST test labels that most human readers did not confirm, ten of which they "
        "correct (Northcutt, Athalye and Mueller 2021, arXiv:2103.14749)."
    ),
}


def terms() -> Section:
    """What the words mean."""
    entries = [el("div", el("dt", name), el("dd", meaning)) for name, meaning in _MEANINGS.items()]
    return Section("terms", "Terms", el("dl", *entries, class_="terms"))


def origin(comparison: Comparison, command: str) -> Section:
    """Which runs were compared, and the command that does it again."""
    rows = {
        one.name: f"{one.protocol} protocol, {plural(len(one.trials), 'run')}, "
        f"seeds {', '.join(str(trial.seed) for trial in one.trials)}"
        for one in comparison.models
    }
    first = comparison.models[0]
    data = {"data": f"{first.dataset}, SHA-256 {first.dataset_sha256[:16]}…"}
    repeat = el("pre", el("code", command), tabindex="0", aria_label="Command that makes this page")
    return Section("origin", "How it was made", join([repeat, facts("Runs", {**rows, **data})]))
