"""The callback that writes event files for TensorBoard."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.data import Dataset
from tenfold.files import os_error_text, shown
from tenfold.nn import Sequential
from tenfold.train.callbacks import Callback
from tenfold.train.progress import Progress
from tenfold.train.recipe import Recipe
from tenfold.train.tensorboard.installed import check_installed, has_events

if TYPE_CHECKING:
    from tenfold.train.tensorboard.event_file import EventFile


class TensorBoard(Callback):
    """Writes event files for TensorBoard during the run; steps are epochs.

    In the folder itself: the network's graph, hyper-parameters, sample images, and after an epoch the
    distributions of weights, activations and gradients and a picture of the worst predictions; at the end
    the figures of the epoch whose weights the network gets. In subfolders, so that TensorBoard
    draws them as curves in one chart: the figures of ``train`` and of ``validation`` (or ``test``, where
    these images are held out), and of images that are only watched, such as ``watched-test``.

    If a file cannot be written, the run continues without event files and gives a notice. A resumed run
    supersedes the records of the epochs that it repeats.

    Parameters
    ----------
    folder : Path
        For this run alone. Start TensorBoard on the folder above it: its table of runs shows no figures of a
        run in the folder that it was started on.
    network : Sequential
        The one that is trained.
    recipe : Recipe
    train : Dataset
    validation : Dataset, optional
        The images that are held out; the same that `tenfold.fit` is given.
    watch : mapping of str to Dataset, optional
        The watched images; the same that `tenfold.fit` is given. Their worst predictions are shown too.
    settings : mapping, optional
        Further hyper-parameters, such as ``{"model": "lenet5", "seed": 0}``.
    share : float
        The share of the training time that distributions and pictures may take. Epochs in which they would
        take more are skipped, except the first and the last.

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
        watch: Mapping[str, Dataset] | None = None,
        settings: Mapping[str, str | int | float] | None = None,
        share: float = 0.03,
    ) -> None:
        check_installed()
        self._folder, self._network, self._recipe = Path(folder), network, recipe
        self._train, self._validation = train, validation
        self._watch, self._settings, self._share = dict(watch or {}), dict(settings or {}), share
        self._files: dict[str, EventFile] = {}
        self._trained = self._spent = self._latest = 0.0  # seconds: of training, and of details

    def on_start(self, progress: Progress) -> None:
        """Open the files; of a new run, write what is known before the training."""
        self._try(self._start, progress)

    def on_epoch_end(self, progress: Progress) -> None:
        """Write the epoch's figures, and distributions and pictures if there is time for them."""
        if self._files:
            self._try(self._epoch, progress)

    def on_end(self, progress: Progress) -> None:
        """Write the figures of the epoch whose weights the network gets."""
        if self._files and progress.history.rows:
            self._try(self._end, progress)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files = {}

    def _try(self, write: Callable[[Progress], None], progress: Progress) -> None:
        try:
            write(progress)
            for file in self._files.values():
                file.flush()
        except OSError as error:
            self.close()
            progress.notice(
                f"TensorBoard: {shown(self._folder)} cannot be written ({os_error_text(error)}); "
                "the run continues without it"
            )

    def _start(self, progress: Progress) -> None:
        from tenfold.train.tensorboard import contents
        from tenfold.train.tensorboard.event_file import EventFile
        from tenfold.train.tensorboard.graph import graph

        new = progress.epoch == 0 or not has_events(self._folder)
        self._files[""] = EventFile(self._folder, 0 if new else progress.epoch + 1)
        if new:
            self._files[""].add_graph(graph(self._network, self._recipe.loss))
            self._files[""].add(0, contents.hyperparameters(self._network, self._recipe, self._settings))
            self._files[""].add(0, contents.sample_images(self._train, self._recipe))

    def _epoch(self, progress: Progress) -> None:
        from tenfold.train.tensorboard import contents

        row = progress.row
        self._curves("train", progress, contents.training_figures(progress))
        if self._validation is not None:
            figures = contents.figures(row.validation_accuracy, row.validation_loss)
            self._curves(progress.history.held_out, progress, figures)
        for name, judged in row.watched.items():
            self._curves(f"watched-{name}", progress, contents.figures(judged.accuracy, judged.loss))
        self._trained += progress.row.train_seconds
        if self._time_for_details(progress):
            began = time.perf_counter()
            self._write_details(progress)
            self._latest = time.perf_counter() - began
            self._spent += self._latest

    def _curves(self, name: str, progress: Progress, values: list[Any]) -> None:
        """Write figures into the subfolder of a name; its file is opened at its first epoch."""
        from tenfold.train.tensorboard.event_file import EventFile

        if name not in self._files:
            self._files[name] = EventFile(self._folder / name, progress.epoch)
        self._files[name].add(progress.epoch, values)

    def _time_for_details(self, progress: Progress) -> bool:
        first, last = self._spent == 0, progress.stop is not None or progress.epoch == progress.epochs
        return first or last or self._spent + self._latest <= self._share * self._trained

    def _write_details(self, progress: Progress) -> None:
        from tenfold.train.tensorboard import contents

        values = contents.distributions(self._network, self._recipe, self._train)
        if self._validation is not None and progress.held_out_logits is not None:
            held_out = progress.history.held_out
            values += contents.wrong_predictions(self._validation, progress.held_out_logits, held_out)
        for name, data in self._watch.items():
            if (logits := progress.watched_logits.get(name)) is not None:
                values += contents.wrong_predictions(data, logits, f"watched-{name}")
        self._files[""].add(progress.epoch, values)

    def _end(self, progress: Progress) -> None:
        from tenfold.train.tensorboard import contents

        # One step after the last: a resumed run supersedes it, whichever epoch it resumes from.
        self._files[""].add(progress.epoch + 1, contents.final_figures(progress.history))
