"""The rows of the table: measurement, comparison, target."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rounds import Spread


@dataclass(frozen=True)
class Section:
    """A part of the table.

    Attributes
    ----------
    title, unit : str
    other : str
        What our figures are compared with, as the head of a column.
    """

    title: str
    unit: str
    other: str = ""


SECTIONS = {
    "training": Section("Training: an epoch of 60,000 images", "s", "PyTorch"),
    "prediction": Section("Predicting 10,000 images", "s", "PyTorch"),
    "residual": Section(
        "Training a residual network: an epoch of 50,000 images of 32 x 32 x 3", "s", "PyTorch"
    ),
    "one image": Section("Predicting one image: lenet5, the median call", "us", "the other"),
    "other training": Section("Training compared with other libraries, for orientation", "s", "the other"),
    "other prediction": Section(
        "Predicting compared with other libraries, for orientation", "s", "the other"
    ),
    "threads": Section("All cores compared with one: an epoch", "s", "one thread"),
    "busy": Section(
        "Next to busy processes: lenet5, an epoch; ratio: times as long as alone", "s", "PyTorch"
    ),
    "linearity": Section("Time by amount: lenet5, an epoch", "s", "the least"),
    "memory": Section("Peak memory of training, the whole process", "MB", "imports only"),
    "start": Section("From the start of a process to its first training step: lenet5", "s"),
    "augmentation": Section("Augmenting images by random affine maps, all cores", "thousand images/s"),
}


@dataclass(frozen=True)
class Target:
    """A bound on the median of what is measured, or of its ratio to the other."""

    of: Literal["ratio", "ours"]
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        low = -float("inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return low <= value <= high


@dataclass(frozen=True)
class Row:
    """One line.

    Attributes
    ----------
    section, name : str
        Where it stands (see `SECTIONS`), and what it is about.
    ours : Spread, optional
        None if it could not be measured; then ``note`` says why.
    theirs, ratio : Spread, optional
        Of what it is compared with; the ratio is above 1 where we are better, but in the section "busy".
    target : Target, optional
    peer : str
        What it is compared with.
    note : str
    """

    section: str
    name: str
    ours: Spread | None
    theirs: Spread | None = None
    ratio: Spread | None = None
    target: Target | None = None
    peer: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without a target or a measurement."""
        judged = None if self.target is None else getattr(self, self.target.of)
        return None if self.target is None or judged is None else self.target.holds(judged.median)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"unit": SECTIONS[self.section].unit, "met": self.met}


@dataclass
class Found:
    """What a part of the benchmark gives: lines for the table, and every single time for the record."""

    rows: list[Row] = field(default_factory=list)
    timings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.rows += other.rows
        self.timings += other.timings
