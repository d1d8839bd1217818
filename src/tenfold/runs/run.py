"""The face of a run in Python: a network whose training makes one, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tenfold import zoo
from tenfold.data import Corpus, Dataset, load_corpus
from tenfold.errors import ConfigError
from tenfold.interrupt import fit_again
from tenfold.predict import find_run
from tenfold.runs import comparison_inputs, judging
from tenfold.runs.folder import claimed
from tenfold.runs.job import Job, Prepared
from tenfold.runs.pipeline import carry_out
from tenfold.runs.protocol import Protocol
from tenfold.runs.record import Record, read_record, record_of
from tenfold.runs.training import train_prepared, trained_network
from tenfold.train import History, Recipe
from tenfold.zoo import Splits, Trainable, hold_out

if TYPE_CHECKING:
    from tenfold.checkpoint import RunLock
    from tenfold.evaluate import Evaluation
    from tenfold.evaluate.comparison import Comparison, ModelResults
    from tenfold.nn import Layer
    from tenfold.train import Callback, CheckpointEvery, HeldOut
    from tenfold.zoo import Model


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

    def __init__(
        self,
        model: Model,
        record: Record,
        history: History,
        folder: Path | None,
        corpus: Corpus | None = None,
    ) -> None:
        told = history.rows, history.stopped, history.chosen_epoch, history.notices, history.held_out
        super().__init__(*told)
        self.model, self.record, self.folder, self.corpus = model, record, folder, corpus

    @classmethod
    def open(cls, folder: Path | str, *, layers: Sequence[type[Layer]] = ()) -> Self:
        """Open a run.

        Parameters
        ----------
        folder : path or str
            The run's folder, or ``"zoo:NAME"`` for a network that comes trained.
        layers : sequence of classes
            Your own layers in the network; built-in ones need not be given.

        Raises
        ------
        CheckpointError
            If there is no finished run, or anything in it is not what it must be.
        """
        found = find_run(folder)
        record, model = read_record(found), load_model(found, layers=layers)
        if isinstance(model, NetworkModel):
            model.recipe = _recipe(record)
        held_out: HeldOut = "test" if record.choice and record.choice.set == "test" else "validation"
        history = History(
            list(record.epochs), record.stopped, record.chosen_epoch, list(record.notices), held_out
        )
        return cls(model, record, history, Path(found))

    def __repr__(self) -> str:
        where = "" if self.folder is None else f", in {self.folder}"
        return f"Run({self.record.model!r} on {self.record.dataset!r}{where})"

    @property
    def history(self) -> History:
        """The history alone: a row for each epoch, and what the training remarked on."""
        return self

    def evaluate(self, data: Corpus | Dataset | str | Path | None = None) -> Evaluation:
        """Evaluate the model.

        Parameters
        ----------
        data : Dataset, Corpus, str or path, optional
            Images with labels; or data whose test images are meant. By default the run's own.

        Raises
        ------
        ConfigError
            If the run learnt from every image of these data.
        DataError
            If the data are not there, or not those of the run.
        """
        if isinstance(data, Dataset):
            return judging.judge_images(self.model, self.record, data, "test").evaluation
        return judging.judge(self.model, self.record, self._corpus(data)).evaluation

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
        return judging.report(self.model, self.record, judged, corpus.test, Path(folder))

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


class NetworkModel(zoo.NetworkModel):
    """A network with its recipe; its training makes a run.

    Parameters
    ----------
    name : str
        Name in the zoo, or your own.
    network : Sequential
        Takes (28, 28, 1), gives (10,).
    recipe : Recipe, optional
        How to train it; not needed to predict.
    calibration : Calibration, optional
        How its outputs are to be read, for a network that was trained to refuse.
    """

    def fit(
        self,
        train: Corpus | Dataset,
        *,
        validation: Dataset | None = None,
        seed: int = 0,
        out: Path | str | None = None,
        lock: RunLock | None = None,
        resume: bool = False,
        held_out: HeldOut = "validation",
        watch: Mapping[str, Dataset] | None = None,
        evaluate_train: bool = False,
        callbacks: Sequence[Callback] = (),
        checkpoints: CheckpointEvery | None = None,
        initialise: bool = True,
    ) -> Run:
        """Train by the recipe, and leave in ``out`` what ``tenfold train`` leaves.

        Parameters
        ----------
        train : Corpus or Dataset
            A corpus is trained on its training images, and measured on its test images at the end.
        validation : Dataset, optional
            What the recipe's choices are made on. Where there is none and there are choices to make,
            a sixth of the training images is held out, by digit and seed.
        seed : int
            Gives initialisation, order and chances; the same seed gives the same bits.
        out : path, optional
            The run's folder. ``tenfold report``, ``evaluate``, ``predict --run``, ``compare``, ``export`` and
            ``serve`` take it, and so does `Run.open`.
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
        callbacks : sequence of Callback
        checkpoints : CheckpointEvery, optional
            Which to keep in ``out``: `CheckpointEvery.all()` keeps every epoch's.
        initialise : bool
            Whether to initialise the network; if not, training continues from its current weights.

        Returns
        -------
        Run
            With a row for each epoch.

        Raises
        ------
        ConfigError, DivergedError, CheckpointError, BusyError
            If there is no recipe, the loss is no longer finite, or the folder cannot be used.
        """
        corpus = train if isinstance(train, Corpus) else _without_test_images(train)
        splits = Splits(corpus.train, validation, held_out)
        if validation is None and self.chooses:
            splits = Splits(*hold_out(corpus.train, seed), "validation")
        given = Prepared(self, splits, dict(watch or {}), initialise=initialise)
        job = Job(
            self._entry(),
            corpus,
            Protocol(self.known_recipe().protocol),
            seed,
            epochs=None,
            out=Path(out or ""),
            evaluate_train=evaluate_train,
            checkpoints=checkpoints,
            given=given,
            start=None if initialise else "given",
            made_by="python",
        )
        if out is None:
            history = train_prepared(job, given, callbacks=callbacks)
            record = record_of(job, trained_network(job, given, history))
            return Run(self, replace(record, run=None), history, None, corpus)
        with claimed(job, resume=resume, again=fit_again(out), lock=lock) as held:
            done = carry_out(job, held, resume=resume, callbacks=callbacks)
        return Run(self, done.record, done.trained.history, job.out, corpus)

    def _entry(self) -> Trainable:
        """Return what stands for the network in a job."""
        return Trainable(
            name=self.name,
            title=self.name,
            build=lambda _: self,
            parameters=self.n_parameters,
            recipe=self.known_recipe,
        )


def build(name: str) -> Model:
    """Return a fresh, untrained model of the zoo; see `tenfold.zoo.build`.

    Examples
    --------
    >>> model = build("nn1l")
    >>> model, model.n_parameters
    (NetworkModel('nn1l'), 7850)
    """
    return _making_runs(zoo.build(name))


def load_model(folder: Path | str, epoch: int | None = None, *, layers: Sequence[type[Layer]] = ()) -> Model:
    """Read a model that `Model.save` or a training run wrote; see `tenfold.zoo.load_model`."""
    return _making_runs(zoo.load_model(folder, epoch, layers=layers))


def load_trained(name: str) -> Model:
    """Return a network of the zoo that comes trained; see `tenfold.zoo.load_trained`."""
    return _making_runs(zoo.load_trained(name))


def compare(
    *models: Run | Path | str,
    results: Path | str | None = None,
    protocol: str | None = None,
    data: str | Path | None = None,
) -> Comparison:
    """Compare runs and models of the zoo on the same test images.

    Parameters
    ----------
    *models : Run, path or str
        At least two: a run, its folder, or the name of a model with trials in the ledger.
    results : path, optional
        The results folder; by default the one that comes with tenfold.
    protocol : {"honest", "published"}, optional
        Of the trials; by default honest where there are such.
    data : str or path, optional
        Data to evaluate runs on, where they are not where they were.

    Raises
    ------
    TenfoldError
        If there is no such run or model, or they were measured on other images.
    """
    from tenfold.evaluate.comparison import compare as compare_models

    ledger = None if results is None else Path(results)
    names = [str(one) for one in models if not isinstance(one, Run)]
    source = None if data is None else str(data)
    found = iter(
        comparison_inputs.models_to_compare(
            names, results=ledger, protocol=protocol, source=source, load=load_corpus
        )
    )
    return compare_models([one.results() if isinstance(one, Run) else next(found) for one in models])


def _making_runs(model: Model) -> Model:
    if not isinstance(model, zoo.NetworkModel):
        return model
    return NetworkModel(model.name, model.network, model.recipe, model.calibration)


def _without_test_images(train: Dataset) -> Corpus:
    """Return images as data of which none are left to measure on."""
    nothing = train.subset([])
    return Corpus(train.name, train, nothing, origin=train.name, sha256=train.sha256, split="none")


def _recipe(record: Record) -> Recipe | None:
    """Return the recipe of a run; ``None`` where it has parts of one's own, which no name stands for."""
    try:
        return Recipe.from_config(record.recipe)
    except (ConfigError, ValueError):
        return None
