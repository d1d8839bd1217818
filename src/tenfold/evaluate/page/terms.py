"""The section that says what the words mean."""

from __future__ import annotations

from tenfold.evaluate.page.markup import el
from tenfold.evaluate.page.report_data import Section

_MEANINGS = {
    "95 % interval": (
        "Wilson's score interval: the accuracies that agree with so many right of so many images. It tells "
        "how far chance in the choice of test images reaches, not the spread between seeds."
    ),
    "Mean loss": (
        "The mean of minus the natural logarithm of the probability given to the true digit, in nats. A "
        "probability below 2.2e-16 counts as that, 36.04 nats."
    ),
    "Recall, precision": (
        "Of the images of a digit, the share read as it. Of the readings of a digit, the share that were it."
    ),
    "Macro recall": "The mean of the recalls of the digits that occur.",
    "Penalised": (
        "Macro recall less the standard deviation of the recalls: 100 % only when all is right, and lower "
        "the more unequally the digits are served."
    ),
    "Calibration error": (
        "Predictions are sorted into 15 equal bins by confidence, the probability of the digit read. The "
        "expected error is the mean gap between confidence and accuracy, each bin weighted by its "
        "predictions; the maximum is the widest gap of any bin."
    ),
    "Watched": (
        "Images that the network was evaluated on after each epoch, for looking at alone: no epoch, no rate "
        "and no end of the training was chosen by them. Images that choices were made on are not called so."
    ),
    "Doubtful labels": (
        "Fifteen of the 10,000 MNIST test labels that most human readers did not confirm (Northcutt, Athalye "
        "and Mueller 2021, arXiv:2103.14749). On ten of them three or more of five readers saw the same "
        "other digit: these are corrected, where the report says so."
    ),
}


def terms() -> Section:
    """What the words mean."""
    entries = [el("div", el("dt", name), el("dd", meaning)) for name, meaning in _MEANINGS.items()]
    return Section("terms", "Terms", el("dl", *entries, class_="terms"))
