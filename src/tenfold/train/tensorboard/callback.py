"""The callback that writes a run down for TensorBoard."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.data import Dataset
from tenfold.files import reason, shown
from tenfold.nn import Sequential
from tenfold.train.augmentation import augment
from tenfold.train.callbacks import Callback
from tenfold.train.progress import Progress
from tenfold.train.recipe import Recipe
from tenfold.train.tensorboard.installed import check_installed, has_events

if TYPE_CHECKING:
    from tenfold.train.tensorboard.event_file import EventFile

_PROBED = 16  # images whose activations and gradients are looked at
_COLUMNS, _WRONG = 8, 24  # of the picture of wrong predictions
_FINAL = "final"
_FIGURES = (
    "validation_accuracy",
    "validation_cost",
    "train_accuracy",
    "train_cost",
    "epoch",
    "train_seconds",
)


class TensorBoard(Callback):
    """Writes event files that TensorBoard shows, while the run goes on; steps are epochs.

    In the folder itself: the network's graph, hyper-parameters, sample images, and after an epoch the
    distributions of weights, activations and gradients and a picture of the worst predictions. In
    subfolders, so that TensorBoard draws them as curves in one chart: the figures of ``train`` and of
    ``validation`` (or ``test``, where these images are held out). In ``final``: the figures of the epoch
    whose weights the run ends with.

    A file that cannot be written ends the writing and not the run, with a notice. A run that is resumed
    makes void what was written of the epochs that it repeats.

    Parameters
    ----------
    folder : Path
    network : Sequential
        The one that is trained.
    recipe : Recipe
    train : Dataset
    validation : Dataset, optional
        The images that are held out; the same that `tenfold.fit` is given.
    settings : mapping, optional
        What else to name among the hyper-parameters, such as ``{"model": "lenet5", "seed": 0}``.
    share : float
        How much of the training time distributions and pictures may take. After an epoch where they
        would take more they are left out, save for the first and the last.

    Raises
    ------
    ConfigError
        If tensorboardX is not installed.
    """

    def __init__(
        self,
        folder: Path | str,
        network: Sequential,
        recipe: Recipe,
        train: Dataset,
        validation: Dataset | None = None,
        *,
        settings: Mapping[str, str | int | float] | None = None,
        share: float = 0.03,
    ) -> None:
        check_installed()
        self._folder, self._network, self._recipe = Path(folder), network, recipe
        self._train, self._validation = train, validation
        self._settings, self._share = dict(settings or {}), share
        self._files: dict[str, EventFile] = {}
        self._trained = self._spent = self._latest = 0.0  # seconds: of training, and of looking inside

    def on_start(self, progress: Progress) -> None:
        """Open the files; of a new run, write down what is known before it is trained."""
        self._try(progress, self._start)

    def on_epoch_end(self, progress: Progress) -> None:
        """Write the epoch's figures, and what the network looks like inside if there is time for it."""
        if self._files:
            self._try(progress, self._epoch)

    def on_end(self, progress: Progress) -> None:
        """Write the figures of the epoch whose weights the network is left with."""
        if self._files and progress.history.rows:
            self._try(progress, self._end)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files = {}

    def _try(self, progress: Progress, write: Callable[[Progress], None]) -> None:
        try:
            write(progress)
            for file in self._files.values():
                file.flush()
        except OSError as error:
            self.close()
            progress.notice(
                f"TensorBoard: {shown(self._folder)} cannot be written ({reason(error)}); "
                "the run goes on without it"
            )

    def _start(self, progress: Progress) -> None:
        from tenfold.train.tensorboard.event_file import EventFile

        new = progress.epoch == 0 or not has_events(self._folder)
        first = 0 if new else progress.epoch + 1
        held_out = [] if self._validation is None else [progress.history.held_out]
        for name in ("", "train", *held_out):
            self._files[name] = EventFile(self._folder / name, first)
        if new:
            self._introduce(progress)

    def _introduce(self, progress: Progress) -> None:
        from tenfold.train.tensorboard import hyperparameters
        from tenfold.train.tensorboard.graph import graph
        from tenfold.train.tensorboard.sheets import samples, sheet
        from tenfold.train.tensorboard.summaries import picture

        settings = {
            **self._settings,
            "parameters": self._network.n_parameters,
            **hyperparameters.settings_of(self._recipe),
        }
        names = [name for name in _FIGURES if self._validation is not None or "validation" not in name]
        figures = [progress.history.shown(name) for name in names]
        file, chosen = self._files[""], samples(self._train.labels, each=4)
        file.add_graph(graph(self._network, self._recipe.loss))
        file.add(0, hyperparameters.start(settings, figures, _FINAL))
        columns = len(np.unique(self._train.labels))
        images = self._train.images[chosen]  # (m, h, w)
        file.add(0, [picture("training_images/as_they_are", sheet(images, columns))])
        if self._recipe.augmentation is not None:
            rng = np.random.default_rng(0)  # not the run's: that is drawn from for training alone
            altered = augment(self._recipe.augmentation, images, rng, threads=1)  # (m, h, w, 1), 0 to 1
            altered = np.rint(altered[..., 0] * 255).astype(np.uint8)
            file.add(0, [picture("training_images/augmented", sheet(altered, columns))])

    def _epoch(self, progress: Progress) -> None:
        from tenfold.train.tensorboard.summaries import scalar

        row = progress.row
        self._trained += row.train_seconds
        self._files["train"].add(
            row.epoch,
            [
                scalar("learning/accuracy", row.train_accuracy),
                scalar("learning/cost", row.train_cost),
                scalar("schedule/learning_rate", row.learning_rate),
                scalar("schedule/batch_size", row.batch_size),
                scalar("speed/seconds", row.train_seconds),
                scalar("speed/images_per_second", progress.images_per_epoch / max(row.train_seconds, 1e-9)),
            ],
        )
        if row.validation_accuracy is not None and row.validation_cost is not None:
            self._files[progress.history.held_out].add(
                row.epoch,
                [
                    scalar("learning/accuracy", row.validation_accuracy),
                    scalar("learning/cost", row.validation_cost),
                ],
            )
        if self._time_to_look_inside(progress):
            began = time.perf_counter()
            self._look_inside(progress)
            self._latest = time.perf_counter() - began
            self._spent += self._latest

    def _time_to_look_inside(self, progress: Progress) -> bool:
        first, last = self._spent == 0, progress.stop is not None or progress.epoch == progress.epochs
        return first or last or self._spent + self._latest <= self._share * self._trained

    def _look_inside(self, progress: Progress) -> None:
        from tenfold.train.tensorboard.probe import probe
        from tenfold.train.tensorboard.summaries import histogram

        data, file = self._train, self._files[""]
        arrays = probe(self._network, self._recipe.loss, data.images[:_PROBED], data.labels[:_PROBED])
        file.add(progress.epoch, [histogram(tag, array) for tag, array in arrays])
        if self._validation is not None and progress.held_out_logits is not None:
            file.add(progress.epoch, [self._wrong(progress, self._validation, progress.held_out_logits)])

    def _wrong(self, progress: Progress, held_out: Dataset, logits: np.ndarray[Any, Any]) -> Any:
        from tenfold.train.tensorboard.sheets import sheet, worst
        from tenfold.train.tensorboard.summaries import picture

        chosen, read = worst(logits, held_out.labels, _WRONG), logits.argmax(axis=1)
        captions = [f"{held_out.labels[i]} read as {read[i]}" for i in chosen]
        tag = f"wrong_predictions/{progress.history.held_out}"
        return picture(tag, sheet(held_out.images[chosen], _COLUMNS, captions))

    def _end(self, progress: Progress) -> None:
        from tenfold.train.tensorboard import hyperparameters
        from tenfold.train.tensorboard.event_file import EventFile
        from tenfold.train.tensorboard.summaries import scalar

        history = progress.history
        row = history.rows[(history.chosen_epoch or len(history)) - 1]
        self._files[_FINAL] = EventFile(self._folder / _FINAL, 0)  # in place of those before more epochs
        figures = vars(row) | {"train_seconds": sum(row.train_seconds for row in history.rows)}
        values = [
            scalar(history.shown(name), figures[name]) for name in _FIGURES if figures[name] is not None
        ]
        self._files[_FINAL].add(progress.epoch, values)
        self._files[""].add(progress.epoch, hyperparameters.end())
