"""The face of a run in Python: a network whose training makes one, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import ArrayLike

from tenfold import zoo
from tenfold.backend.arrays import Array
from tenfold.data import TTA, Corpus, Dataset, load_corpus
from tenfold.errors import ConfigError
from tenfold.habits import NotHere, keywords
from tenfold.interrupt import fit_again
from tenfold.predict import find_run
from tenfold.registry import own_classes
from tenfold.runs import comparison_inputs, judging
from tenfold.runs.arguments import (
    Data,
    Validation,
    alike,
    changed,
    check_folder,
    check_lists,
    corpus_of,
    labelled,
    splits_of,
)
from tenfold.runs.asked_workers import asked_workers
from tenfold.runs.face import NetworkFace
from tenfold.runs.folder import claimed, planned_epochs
from tenfold.runs.habits import FIT_HABITS
from tenfold.runs.job import Job, Prepared, entry_of_network
from tenfold.runs.known_model import KnowsModel
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.runs.pipeline import carry_out
from tenfold.runs.protocol import Protocol
from tenfold.runs.record import Record, record_of
from tenfold.runs.training import log, train_prepared, trained_network
from tenfold.runs.workers import computing
from tenfold.train import Callback, History
from tenfold.train.callbacks.base import as_callback
from tenfold.train.shown import display_for
from tenfold.zoo.matched_classes import of_its_classes, to_train_further
from tenfold.zoo.model_input import named

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tenfold.checkpoint import RunLock
    from tenfold.evaluate import Evaluation
    from tenfold.evaluate.comparison import ModelResults
    from tenfold.runs.examples import Examples, Which
    from tenfold.train import CallbackLike, CheckpointEvery, HeldOut
    from tenfold.zoo import Model as AnyModel


class Run(History):
    """A finished run: a history of training, with the model, its data and its folder.

    ``fit`` returns one, and `Run.open` one that `fit` or the command ``tenfold train`` left in a folder.

    Attributes
    ----------
    model : Model
    record : Record
        What the run says of itself: ``run.json``.
    folder : Path or None
        ``None`` where nothing was saved.
    corpus : Corpus or None
        Its data, if they are available.
    """

    @keywords(example="tenfold.Run.open('runs/mine'), or run = model.fit(images, labels)")
    def __init__(
        self,
        model: AnyModel,
        record: Record,
        history: History,
        folder: Path | None,
        corpus: Corpus | None = None,
    ) -> None:
        told = history.rows, history.stopped, history.chosen_epoch, history.notices, history.held_out
        super().__init__(*told)
        self.model, self.record, self.folder, self.corpus = model, record, folder, corpus

    if not TYPE_CHECKING:  # a type checker knows what there is
        load = NotHere("write tenfold.Run.open(folder)")

    @classmethod
    @keywords(
        {"custom_objects": "write layers=[MyLayer], a list of classes"},
        example="tenfold.Run.open('runs/mine')",
    )
    def open(cls, folder: Path | str, *, layers: Sequence[type[Any]] = ()) -> Self:
        """Open a run.

        Parameters
        ----------
        folder : path or str
            The run's folder, or ``"zoo:NAME"`` for a network that comes trained.
        layers : sequence of classes
            Your own layers in the network, and losses, optimisers and schedules in its recipe; those of
            tenfold and of installed packages need not be given. Without the class of a layer the run cannot
            be opened; without the others it cannot be trained further.

        Raises
        ------
        CheckpointError
            If there is no finished run, or anything in it is not what it must be.
        """
        check_folder("folder", folder)
        models = Models(layers=own_classes(layers))
        found = find_run(folder)
        record, model = open_run(found, models)
        model = making_runs(model)
        held_out: HeldOut = "test" if record.choice and record.choice.set == "test" else "validation"
        history = History(
            list(record.epochs), record.stopped, record.chosen_epoch, list(record.notices), held_out
        )
        return cls(model, record, history, Path(found))

    def __repr__(self) -> str:
        where = "" if self.folder is None else f", in {self.folder}"
        return f"Run({self.record.model!r} on {self.record.dataset!r}{where})"

    def _repr_html_(self) -> str:
        from tenfold.pages.cells import cell, words

        test = self.record.test
        tested = (
            [] if test is None else [words(f"accuracy on {test.images:,} test images: {test.accuracy:.2%}")]
        )
        return cell(repr(self), super()._repr_html_(), *tested)

    @property
    def history(self) -> Self:
        """The history: a row for each epoch, and what the training remarked on."""
        return self

    def plot(self) -> Figure:
        """Return the training curves, accuracy and loss, as a matplotlib figure."""
        from tenfold.evaluate.curves import curves
        from tenfold.evaluate.figures import training_curves

        return training_curves(curves(judging.epochs_of(self.record)))

    def evaluate(
        self, data: Data | None = None, labels: ArrayLike | None = None, *, tta: TTA | None = None
    ) -> Evaluation:
        """Evaluate the model.

        Parameters
        ----------
        data : Dataset, Corpus, str, path or array, optional
            Images with labels; or data whose test images are meant. By default the run's own.
        labels : array, optional
            The labels of ``data``, if these are arrays of images.
        tta : TTA, optional
            Test-time augmentation, see `tenfold.data.TTA`.

        Raises
        ------
        ConfigError
            If the run learnt from every image of these data.
        DataError
            If the data are not there, or not those of the run.
        """
        if data is None or isinstance(data, (Corpus, str, Path)):
            return judging.judge(self.model, self.record, self._corpus(data), tta=tta).evaluation
        images = self._labelled(data, labels)
        return judging.judge_images(self.model, self.record, images, "test", tta=tta).evaluation

    def examples(
        self,
        which: Which = "worst",
        data: Data | None = None,
        labels: ArrayLike | None = None,
        *,
        n: int = 16,
    ) -> Examples:
        """Return the worst, best or least certain predictions, with their images.

        Parameters
        ----------
        which : {"worst", "best", "least certain"}
        data : Dataset, Corpus, str, path or array, optional
            As for `evaluate`; by default the test images of the run's data.
        labels : array, optional
            The labels of ``data``, if these are arrays of images.
        n : int
            How many.
        """
        from tenfold.runs.examples import examples_of

        own = data is None or isinstance(data, (str, Path))
        found = self._corpus(data).test if own else self._labelled(data, labels)  # type: ignore[arg-type]
        images = of_its_classes(self.model, found)
        return examples_of(images, self.model.predict_proba(images.images), which, n)

    def report(self, out: Path | str | None = None, data: Corpus | str | Path | None = None) -> Path:
        """Write the report and return the path of its page.

        Parameters
        ----------
        out : path, optional
            The folder for it; by default the run's own.
        data : Corpus, str or path, optional
            The run's data, where they are not where they were; for a run on images alone, a corpus whose test
            images are meant.

        Raises
        ------
        ConfigError, DataError, StorageError
            If there is no folder, the data are not those of the run, or the report cannot be written.
        """
        folder = out or self.folder
        if folder is None:
            raise ConfigError("report: expected a folder, got none: the run was not saved; pass out=")
        corpus = self._corpus(data)
        if self.record.train_on != "images":  # else any data can give the test images
            judging.check_data(self.record, corpus, "data=")
        judged = judging.judge(self.model, self.record, corpus)
        return judging.report(self.model, self.record, judged, Path(folder))

    def results(self, data: Corpus | str | Path | None = None) -> ModelResults:
        """Return the run as a comparison takes it."""
        name = self.record.model if self.folder is None else str(self.folder)
        return comparison_inputs.of_run(name, self.record, self.model, self._corpus(data))

    def _corpus(self, data: Corpus | str | Path | None) -> Corpus:
        """Return the data that are given, or the run's own."""
        if isinstance(data, Corpus):
            return data
        if data is None and self.corpus is not None and self.record.train_on != "images":
            return self.corpus
        return judging.same_data(self.record, None if data is None else str(data), load_corpus, "data=")

    def _labelled(self, data: Data, labels: ArrayLike | None) -> Dataset:
        """Return images with labels, arrays as the model's network takes them."""
        if isinstance(self.model, NetworkModel):
            return labelled(data, labels, self.model)
        if not isinstance(data, Dataset):
            raise ConfigError(
                f"{self.record.model}: expected a data set or a corpus, got arrays; write from_arrays(X, y)"
            )
        return of_its_classes(self.model, data)


class NetworkModel(NetworkFace):
    """A network with its recipe; its training makes a run.

    Parameters
    ----------
    name : str
        Name in the zoo, or your own.
    network : Sequential
        Takes images (h, w, c), gives a number for each class.
    recipe : Recipe, optional
        How to train it; not needed to predict.
    calibration : OpenSetCalibration, optional
        How its outputs are to be read, for a network that was trained to refuse.

    Attributes
    ----------
    run : Run or None
        The latest run of `fit`.
    """

    run: Run | None = None

    @keywords(FIT_HABITS, example="model.fit(images, labels, epochs=5)")
    def fit(  # type: ignore[override]  # the executor follows from the workers
        self,
        train: Data,
        labels: ArrayLike | None = None,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        validation: Validation | None = None,
        seed: int = 0,
        out: Path | str | None = None,
        progress: bool | Callback | None = None,
        callbacks: Sequence[CallbackLike] | None = (),
        lock: RunLock | None = None,
        resume: bool = False,
        held_out: HeldOut = "validation",
        watch: Mapping[str, Dataset] | None = None,
        evaluate_train: bool = False,
        checkpoints: CheckpointEvery | None = None,
        initialise: bool = True,
        device: str | Array | None = None,
        workers: int | None = None,
    ) -> Run:
        """Train by the recipe, and leave in ``out`` what ``tenfold train`` leaves.

        Parameters
        ----------
        train : Corpus, Dataset, str, path, or array
            A corpus, or the name or path of one, is trained on its training images, and measured on its test
            images at the end. Arrays are images; see `tenfold.data.from_arrays`.
        labels : array, optional
            The labels of images that are an array.
        epochs, batch_size : int, optional
            In place of the recipe's; they become the recipe's.
        validation : Dataset, (X, y) or float, optional
            What the recipe's choices are made on, and each epoch is evaluated on: images with labels, or the
            fraction of the training images to hold out, by class and seed. Where there is none and there are
            choices to make, a sixth is held out.
        seed : int
            Gives initialisation, order and chances; the same seed gives the same bits.
        out : path, optional
            The run's folder. ``tenfold report``, ``evaluate``, ``predict --run``, ``compare``, ``export`` and
            ``serve`` take it, and so does `Run.open`.
        progress : bool or Callback, optional
            By default a bar in a terminal, a table in a notebook, and nothing elsewhere; see `display_for`.
        callbacks : sequence of Callback, or of functions
            A function is called with the `Progress` after each epoch.
        lock : RunLock, optional
            That of ``out``, where the caller holds it already.
        resume : bool
            Resume from the last checkpoint in ``out``, with the same bits as a run without a break.
        held_out : {"validation", "test"}
            What the images in ``validation`` are.
        watch : mapping of str to Dataset, optional
            Images to be evaluated after each epoch, by name; no choice depends on them.
        evaluate_train : bool
            Whether the training images are watched too, as the network is after the epoch.
        checkpoints : CheckpointEvery, optional
            Which to keep in ``out``: `CheckpointEvery.all()` keeps every epoch's.
        initialise : bool
            Whether to initialise the network; if not, training continues from its current weights.
        device : str or array, optional
            Where to train, and where the network is then: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"auto"``, or
            an array that lies there; see `tenfold.nn.Sequential.to`. By default where its arrays are.
        workers : int, optional
            Split each minibatch over so many processes, this one among them; by default one, or as many as
            the resumed run has. See docs/scale-training.md for when that is faster.

        Returns
        -------
        Run
            With a row for each epoch.

        Raises
        ------
        ConfigError, DivergedError, CheckpointError, BusyError
            If there is no recipe, the loss is no longer finite, or the folder cannot be used.
        """
        callbacks = () if callbacks is None else callbacks
        check_lists(callbacks, watch)
        if out is not None:
            check_folder("out", out)
        if device is not None:
            self.network.to(device)
        display = display_for(progress)
        known = () if initialise else self.class_names
        corpus, recipe = corpus_of(train, labels, self.network, known), self.known_recipe()
        own = to_train_further(self, corpus.train) if known else corpus.train
        splits = splits_of(own, validation, held_out, self.network, recipe, seed)
        if resume and epochs is None and out is not None:
            epochs = max(planned_epochs(Path(out)) or 0, recipe.epochs)
        new = changed(recipe, epochs, batch_size, len(splits.train))
        shown = [*callbacks, *([] if display is None else [display])]
        told = [KnowsModel(self, named(own)), *map(as_callback, shown)]
        watched = {name: alike(images, own, self.network) for name, images in (watch or {}).items()}
        given = Prepared(self, splits, watched, initialise=initialise)
        job = Job(
            entry_of_network(self),
            corpus,
            Protocol(new.protocol),
            seed,
            epochs=None,
            out=Path(out or ""),
            evaluate_train=evaluate_train,
            checkpoints=checkpoints,
            given=given,
            start=None if initialise else "given",
            made_by="python",
            workers=asked_workers(workers, Path(out) if resume and out is not None else None),
        )
        self.recipe = new
        try:
            self.run = self._carried_out(job, given, out, lock, resume, told)
        except BaseException:
            self.recipe = recipe
            raise
        return self.run

    def _carried_out(
        self,
        job: Job,
        given: Prepared,
        out: Path | str | None,
        lock: RunLock | None,
        resume: bool,
        callbacks: Sequence[Callback],
    ) -> Run:
        """Train, in a folder if there is one."""
        if out is None:
            with computing(job.workers, given.model, log) as found:
                history = train_prepared(job, given, found, callbacks=callbacks)
            record = record_of(job, trained_network(job, given, history, found.workers))
            return Run(self, replace(record, run=None), history, None, job.corpus)
        with claimed(job, resume=resume, again=fit_again(out), lock=lock) as held:
            done = carry_out(job, held, resume=resume, callbacks=callbacks)
        return Run(self, done.record, done.trained.history, job.out, job.corpus)

    def report(self, out: Path | str | None = None, data: Corpus | str | Path | None = None) -> Path:
        """Write the report of the latest run and return the path of its page; see `Run.report`.

        Raises
        ------
        ConfigError
            If there was no run.
        """
        if self.run is None:
            raise ConfigError(f"{self.name}: expected a run to report on, got none; call fit first")
        return self.run.report(out, data)


def making_runs(model: AnyModel) -> AnyModel:
    """Return a model whose ``fit`` makes runs, if it is a network."""
    if not isinstance(model, zoo.NetworkModel):
        return model
    found = NetworkModel(model.name, model.network, model.recipe, model.calibration)
    found.class_names = model.class_names
    found.without_recipe = model.without_recipe
    return found
