"""Whether data make sense, not only whether their files are valid: said before a training, never refused.

The built-in network reads a sample of digits in several ways. If it reads them far better transposed or
inverted, or reads other digits than the labels say, one line says so. Statistics tell the rest: training and
test images that are scaled, inverted or transposed against each other, and classes without images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenfold.data import NAMES, SIDE, Contents, as_float, contents

if TYPE_CHECKING:
    import numpy.typing as npt

    from tenfold.data import Corpus, Dataset

    Images = npt.NDArray[np.uint8]

_SAMPLE = 100  # images that the network reads
_LOOKED_AT = 2_000  # images whose levels are looked at
_SEED = 0
_FEW = 30  # with fewer images nothing is concluded
_DIM = 64  # of 255; if no pixel is lighter, the images are scaled otherwise
_LIGHT, _DARK = 191, 64  # levels of paper
_BETTER = 0.3  # by which a way of reading must be right more often
_RIGHT = 0.7  # of the sample, to believe that it is the right way
IMAGES = "{images}"
"""Stands in a remark for the images that it is about."""
_NAMED = 10  # classes in a line
_SURE = 0.8  # of the sample that the network must take for digits, to doubt the labels

WAYS: dict[str, Callable[[Images], Images]] = {
    "transposed": lambda images: images.swapaxes(1, 2),
    "inverted": lambda images: 255 - images,
    "transposed and inverted": lambda images: 255 - images.swapaxes(1, 2),
    "mirrored": lambda images: images[:, :, ::-1],
    "upside down": lambda images: images[:, ::-1],
    "rotated by 180 degrees": lambda images: images[:, ::-1, ::-1],
}


class Checked(NamedTuple):
    """What is in data, and what was said when they were read, or looks wrong; usually nothing."""

    contents: Contents
    remarks: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"contents": asdict(self.contents), "remarks": self.remarks}

    def lines(self) -> list[str]:
        """Return it in lines; the last one says how many before it are to be looked at."""
        if (n := len(self.remarks)) == 0:
            last = "nothing looks wrong in the data"
        else:
            last = "1 remark on the data, in the line above" if n == 1 else f"{n} remarks on the data, above"
        return [*self.contents.lines(), *self.remarks, last]


def check_data(source: str | None, load: Callable[..., Corpus]) -> Checked:
    """Load data by ``load(source, notify=...)``, and look at them."""
    said: list[str] = []
    corpus = load(source, notify=said.append)
    return Checked(contents(corpus), said + remarks(corpus))


def remarks(corpus: Corpus) -> list[str]:
    """Return a line for each thing about the data that looks wrong; usually none.

    Parameters
    ----------
    corpus : Corpus

    Returns
    -------
    list of str
        Empty for data with the checksums of a published set.

    Examples
    --------
    >>> from tenfold.data import load_corpus
    >>> remarks(load_corpus("mnist-5k"))
    []
    """
    if corpus.name in NAMES:
        return []
    parts = [("training", corpus.train), ("test", corpus.test)]
    samples = {name: _sample(part, _LOOKED_AT) for name, part in parts if len(part) >= _FEW}
    found = [_dimness(name, part.images) for name, part in samples.items()]
    found += _missing(corpus)
    read = {name: _reading(part) for name, part in samples.items() if _are_digits(part)}
    found += _in_one_line(read)
    if not any(read.values()) and len(samples) == 2 and corpus.split == "test":
        found.append(_against_each_other(samples["training"], samples["test"]))
    return [f"{corpus.name}: {line}" for line in found if line]


def _in_one_line(read: dict[str, str]) -> list[str]:
    """Return what is said of training and test images; in one line if it is the same but for the figures."""
    heads = {line.partition(":")[0] for line in read.values()}
    if len(heads) == 1:
        first = next(iter(read.values()))
        return [first.replace(IMAGES, f"{' and '.join(read)} images")]
    return [line.replace(IMAGES, f"{name} images") for name, line in read.items()]


def _sample(part: Dataset, most: int) -> Dataset:
    """Return some of the images, always the same."""
    if len(part) <= most:
        return part
    chosen = np.random.default_rng(_SEED).choice(len(part), most, replace=False)
    return part.subset(np.sort(chosen))


def _are_digits(part: Dataset) -> bool:
    return part.image_shape == (SIDE, SIDE, 1) and part.classes == 10 and not part.named


def _dimness(name: str, images: Images) -> str:
    most = int(images.max(initial=0))
    if most >= _DIM:
        return ""
    return (
        f"no pixel of the {name} images is above {most} of 255, so they look scaled otherwise; "
        f"if {most} is the largest level, multiply them by {255 // max(most, 1)}"
    )


def _against_each_other(train: Dataset, test: Dataset) -> str:
    """Compare the level of the paper, and the mean images upright and transposed."""
    papers = _paper(train.images), _paper(test.images)
    if min(papers) <= _DARK and max(papers) >= _LIGHT:
        return (
            f"the border of most training images has the level {papers[0]:.0f}, of most test images "
            f"{papers[1]:.0f}, "
            "so one of the two sets looks inverted; invert it (255 - pixel)"
        )
    if train.image_shape[0] != train.image_shape[1]:
        return ""
    mean, other = (
        part.images.reshape(len(part), *part.image_shape).mean(axis=(0, 3)) for part in (train, test)
    )
    upright, transposed = _correlation(mean, other), _correlation(mean, other.T)
    if transposed > max(upright, 0) + _BETTER:
        return (
            f"the mean test image is more like the mean training image when it is transposed (correlation "
            f"{transposed:.2f} instead of {upright:.2f}), so one of the two sets looks transposed; "
            "exchange its "
            "rows and columns"
        )
    return ""


def _paper(images: Images) -> float:
    """Return the median level along the border."""
    border = np.concatenate([images[:, 0].ravel(), images[:, -1].ravel(), images[:, :, 0].ravel()])
    return float(np.median(border))


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def _missing(corpus: Corpus) -> list[str]:
    """Say which classes have no images, or test images alone, or that the labels count from 1."""
    train, test = (np.bincount(part.labels, minlength=part.classes) for part in (corpus.train, corpus.test))
    if len(train) > 1 and train[1:].all() and train[0] == test[0] == 0 and not corpus.train.named:
        return [
            f"the labels count from 1 to {len(train) - 1}, so class 0 stays empty; subtract 1 from all labels"
        ]
    nowhere, tested = ((train == 0) & (test == 0)), ((train == 0) & (test > 0))
    said = [
        (nowhere, "there are no images of {}"),
        (tested, "there are test images of {} and no training images"),
    ]
    return [
        f"{text.format(_names(corpus.train, classes))}; a network cannot learn these classes"
        for classes, text in said
        if classes.any()
    ]


def _names(images: Dataset, classes: npt.NDArray[np.bool_]) -> str:
    """Return the names of the first few classes."""
    names = [images.class_names[one] for one in np.flatnonzero(classes).tolist()]
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _reading(part: Dataset) -> str:
    """Have the built-in network read a sample in several ways, and compare with the labels."""
    some = _sample(part, _SAMPLE)
    digits, accepted = _read(some.images)
    usual = float((digits == some.labels).mean())
    if usual >= _RIGHT:
        return ""
    right = {
        way: float((_read(np.ascontiguousarray(turned(some.images)))[0] == some.labels).mean())
        for way, turned in WAYS.items()
    }
    best = max(right, key=lambda way: right[way])
    if right[best] >= _RIGHT and right[best] > usual + _BETTER:
        return (
            f"the {IMAGES} look {best}: the built-in network reads a sample as labelled far more often "
            "when it is "
            f"turned back ({right[best]:.0%} instead of {usual:.0%}); turn them back before you train"
        )
    return _mislabelled(digits, some.labels) if accepted >= _SURE else ""


def _mislabelled(digits: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> str:
    """Say that the labels of legible digits are others than those that are read."""
    shifts = {shift: float(((digits + shift) % 10 == labels).mean()) for shift in range(1, 10)}
    shift = max(shifts, key=lambda one: shifts[one])
    what = f"; most are {shift} more than what is read" if shifts[shift] >= _RIGHT else ""
    right = float((digits == labels).mean())
    return (
        f"the labels of the {IMAGES} look wrong or in another order: the built-in network takes a sample "
        "for digits "
        f"and reads {right:.0%} of it as labelled{what}; compare some images with their labels"
    )


def _read(images: Images) -> tuple[npt.NDArray[np.int64], float]:
    """Return the digits that the built-in network reads, and which fraction it takes for digits."""
    from tenfold.predict import shipped
    from tenfold.zoo import NetworkModel

    reader = shipped()
    model = reader.model
    if not isinstance(model, NetworkModel) or model.calibration is None:
        return np.full(len(images), -1), 0.0
    # By the definition: the compiled engine would be compiled for this network first, which may take a
    # minute.
    logits = model.network.infer(as_float(images)).astype(np.float64)  # (n, 10 or more)
    doubts = model.calibration.doubts(logits)
    return model.calibration.probabilities(logits).argmax(axis=1), float((doubts <= reader.threshold).mean())
