"""A trained model evaluated again, with those of its predictions that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.data import TTA
from tenfold.errors import ConfigError
from tenfold.evaluate import predictions_csv, summary_lines
from tenfold.evaluate.predictions_csv import check_no_other_file
from tenfold.files.named_folders import write_named
from tenfold.predict.fine_tuning import SHIPPED_NAME
from tenfold.predict.recogniser import shipped
from tenfold.quoting import quoted
from tenfold.runs.chosen_predictions import Asked, Shown, choose
from tenfold.runs.judging import Judged, Load, judge_images, up_to
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.runs.other_images import Chosen, chosen_images

if TYPE_CHECKING:
    from tenfold.evaluate.tables import Table
    from tenfold.runs.record import Record
    from tenfold.zoo import Model


@dataclass(frozen=True)
class Evaluated:
    """An evaluation, the images that it is of, and the predictions that are shown."""

    run: Path
    judged: Judged
    chosen: Chosen
    shown: Shown | None
    tta: TTA | None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        about: dict[str, Any] = {"path": str(self.run), "other_images": self.chosen.remark is not None}
        if self.tta is not None:
            about["tta"] = self.tta.config()
        found = self.judged.evaluation.to_dict() | about
        return found if self.shown is None else found | {"predictions": self.shown.to_dict()}

    def parts(self) -> Iterator[str | Table]:
        """Yield the same in lines, and in a table of the predictions."""
        yield from summary_lines(self.judged.evaluation)
        if self.shown is not None:
            yield ""
            yield self.shown.heading()
            if self.shown.first:
                yield self.shown.table()

    def write(self, table: Path | None, picture: Path | None) -> None:
        """Write a table of all predictions, and a picture of those that are shown, where they are named."""
        evaluation, probabilities, images = self.judged
        if table is not None:
            text = predictions_csv(
                evaluation.run.model,
                evaluation.dataset,
                probabilities,
                labels=images.labels,
                split=self.chosen.split,
                class_names=images.class_names,
            )
            write_named(table, text, "--csv")
        if self.shown is not None and picture is not None:
            write_named(picture, self.shown.picture(), "--draw")


def evaluate_again(
    run: Path,
    models: Models,
    source: str | None,
    epoch: int | None,
    asked: Asked | None,
    tta: str | None,
    load: Load,
    notice: Callable[[str], None],
) -> Evaluated:
    """Evaluate a run, or the built-in network, on the test images of its data or on other labelled images.

    Raises
    ------
    TenfoldError
        If the run or the data cannot be opened, or what is asked for is not there.
    """
    augmentation = None if tta is None else _tta(tta)
    record, model = _opened(run, models, epoch)
    chosen = chosen_images(record, source, load)
    if chosen.remark is not None:
        notice(chosen.remark)
    if record is not None and epoch is not None:
        record = up_to(record, epoch)
        notice(
            f"epoch {epoch}: do not choose an epoch by these figures, because they come from the test images"
        )
    wanted = None if asked is None else asked.of(model.class_names)
    if augmentation is not None:
        notice(f"test-time augmentation: {augmentation}")
    judged = judge_images(model, record, chosen.images, chosen.split, tta=augmentation)
    shown = None if wanted is None else choose(wanted, judged.images, judged.probabilities)
    return Evaluated(run, judged, chosen, shown, augmentation)


def check_places(draw: Path | None, table: Path | None) -> None:
    """Refuse to write where a picture or a table does not belong.

    Raises
    ------
    ConfigError
    """
    if draw is not None and draw.suffix.lower() != ".png":
        raise ConfigError(f"--draw: expected a file that ends with .png, got {draw}; name one")
    if table is not None and str(table) == "-":
        raise ConfigError("--csv: expected a file, got -; only predict writes its table to stdout")
    check_no_other_file(table)


def _tta(given: str) -> TTA:
    """Return the test-time augmentation that ``SHIFT`` or ``SHIFT,DEGREES`` stands for."""
    shift, comma, degrees = given.partition(",")
    try:
        amounts = int(shift), float(degrees) if comma else 0.0
    except ValueError as error:
        raise ConfigError(
            f"--tta: expected SHIFT or SHIFT,DEGREES, got {quoted(given)}; for instance --tta 1"
        ) from error
    return TTA(*amounts)


def _opened(run: Path, models: Models, epoch: int | None) -> tuple[Record | None, Model]:
    """Return a run's record and model, or the built-in network, which has no record."""
    if str(run) != SHIPPED_NAME:
        return open_run(run, models, epoch)
    if epoch is not None:
        raise ConfigError("--epoch: expected a run, got the built-in network, which kept none; leave it out")
    return None, shipped().model
