"""What ``compare`` is given: models with trials in the ledger, or folders of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError, DataError
from tenfold.runs import trial_figures
from tenfold.runs.judging import NAMED, Load, judge, same_data
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.runs.record import Record

if TYPE_CHECKING:
    from tenfold.data import Corpus, Dataset
    from tenfold.evaluate.comparison import ModelResults
    from tenfold.zoo import Entry, Model


def models_to_compare(
    names: Sequence[str],
    *,
    results: Path | None,
    protocol: str | None,
    source: str | None,
    load: Load,
    models: Models | None = None,
) -> list[ModelResults]:
    """Return models with their trials, and runs as models with one.

    Parameters
    ----------
    names : sequence of str
        Each a model with trials, a model with ``-honest`` behind it, the folder of a finished run, or
        ``zoo:NAME`` for a network that comes trained. Of your own networks the name alone is needed: their
        trials are in the results folder, and their code is not run.
    results : Path, optional
        The results folder; by default the one that comes with tenfold. If trials of your own networks are
        in it, models of the zoo without trials there have those that come with tenfold.
    protocol : {"honest", "published"}, optional
        For names without a protocol. By default published if the same model's honest trials are compared too,
        otherwise honest if there are such trials.
    source : str, optional
        Data to evaluate a run on, if its own data have moved.
    load : callable
        Loads data.
    models : Models, optional
        The user's own classes in the networks of runs.

    Raises
    ------
    TenfoldError
        If there is neither, or it cannot be read.
    """
    from tenfold.predict import RECORD
    from tenfold.zoo.measured import PLACES, stem
    from tenfold.zoo.trained import PREFIX

    found = []
    own = [path for name in names if (path := _own_trials(name, results)) is not None]
    places = PLACES if results is None else (results, *PLACES) if own else (results,)
    for name in names:
        if name.startswith(PREFIX) or (Path(name) / RECORD).is_file():
            record, model = open_run(name, models)
            found.append(of_run(name, record, model, same_data(record, source, load)))
        elif (path := _own_trials(name, results)) is not None:
            found.append(replace(_read_own(path), name=name))
        else:
            beside = stem(name, "honest") in names  # then it is meant as published
            found.append(_of_ledger(name, results, places, "published" if beside else protocol))
    return found


def _own_trials(name: str, results: Path | None) -> Path | None:
    """Return the file in the results folder with the trials of a network that is not in the zoo, or None."""
    from tenfold.zoo import ENTRIES
    from tenfold.zoo.measured import HONEST, stem

    model = name.removesuffix(HONEST)
    if results is None or model in ENTRIES or not model or Path(model).name != model:
        return None
    path = results / f"{stem(model, 'honest')}.json"
    return path if path.is_file() else None


def _read_own(path: Path) -> ModelResults:
    from tenfold.checkpoint import read_json
    from tenfold.evaluate.comparison import from_ledger
    from tenfold.zoo import MAX_BYTES

    ledger = read_json(path, max_bytes=MAX_BYTES)
    found = from_ledger(ledger, str(path))
    splits = [trial.get("split") for trial in ledger["trials"]]
    chooses = any(isinstance(one, Mapping) and one.get("validation") for one in splits)
    return replace(found, chooses=chooses)


def test_images(models: Sequence[ModelResults], source: str | None) -> tuple[Dataset | None, str | None]:
    """Return the test images of the models, or the reason why there are none; nothing is downloaded."""
    from tenfold.data import load_corpus

    one = models[0]
    if source is None and one.dataset not in NAMED:
        return None, f"the location of the images of {one.dataset} is not known; give it with --data"
    try:
        corpus = load_corpus(source or one.dataset, download=False)
    except DataError as error:
        return None, str(error)
    if corpus.sha256 != one.dataset_sha256:
        return None, f"{corpus.origin}: these are not the images that the models were evaluated on"
    return corpus.test, None


def _of_ledger(name: str, results: Path | None, places: Sequence[Path], protocol: str | None) -> ModelResults:
    from tenfold.evaluate.wording import command
    from tenfold.zoo import ENTRIES, entry
    from tenfold.zoo.measured import HONEST, stem

    model = name.removesuffix(HONEST)
    if model == name or model not in ENTRIES or "honest" not in ENTRIES[model].protocols:
        if model != name and model in ENTRIES:
            raise ConfigError(
                f"{name}: expected a model that makes choices, got {model}, for which both protocols are "
                f"the same; leave {HONEST} out"
            )
        found = entry(name)  # says so where there is no such model
    else:
        found, protocol = ENTRIES[model], "honest"
    asked = found.protocols if protocol is None or len(found.protocols) == 1 else (protocol,)
    for one in sorted(asked):  # honest before published
        for path in (place / f"{stem(found.name, one)}.json" for place in places):
            if path.is_file():
                return replace(_measured(path, found, one), name=name)
    kind = "" if protocol is None else f" under the {protocol} protocol"
    options = {"--protocol": protocol, "--results": results}
    raise DataError(
        f"{name}: expected trials{kind} in {places[-1]}, found none; "
        f"run them: {command('tenfold', 'trials', found.name, options=options)}"
    )


def _measured(path: Path, found: Entry, protocol: str) -> ModelResults:
    """Return what a file of the ledger says of an entry; it must say it of that entry and protocol."""
    from tenfold.checkpoint import read_json
    from tenfold.evaluate.comparison import from_ledger
    from tenfold.zoo import MAX_BYTES, times

    ledger = read_json(path, max_bytes=MAX_BYTES)
    there = from_ledger(
        ledger, str(path), deterministic=found.deterministic, chooses=found.selection_set is not None
    )
    there = replace(there, published=found.published_runs, timed=times(found, (path.parent,)))
    if (there.name, there.protocol) != (found.name, protocol):
        raise DataError(
            f"{path}: expected {found.name} under the {protocol} protocol, found {there.name} under "
            f"{there.protocol}; put it back in its place"
        )
    return there


def of_run(name: str, record: Record, model: Model, corpus: Corpus) -> ModelResults:
    """Return a finished run as a model with one trial."""
    from tenfold.evaluate.comparison import ModelResults, Result
    from tenfold.zoo import ENTRIES

    evaluation, probabilities, test = judge(model, record, corpus)
    corrected, left_out = evaluation.corrected, evaluation.without_doubtful
    result = Result(
        seed=record.seed,
        images=len(test),
        accuracy=evaluation.accuracy,
        accuracy_corrected=None if corrected is None else corrected.accuracy,
        accuracy_without_doubtful=None if left_out is None else left_out.accuracy,
        train_seconds=record.train_seconds,
        predict_seconds=evaluation.predict_seconds or 0.0,
        wrong=tuple(trial_figures.wrong(probabilities, test.labels)),
        wrong_corrected=None if corrected is None else tuple(trial_figures.wrong_corrected(probabilities)),
        protocol_gain=trial_figures.protocol_gain(record),
        loss=evaluation.loss,
        epochs=record.train_epochs,
        best_epoch=record.chosen_epoch,
    )
    return ModelResults(
        name=name,
        protocol=record.protocol,
        parameters=model.n_parameters,
        dataset=corpus.name,
        dataset_sha256=corpus.sha256,
        trials=(result,),
        deterministic=record.model in ENTRIES and ENTRIES[record.model].deterministic,
        chooses=record.choice is not None,
        start=record.start,
        digits=evaluation.classes.digits,
    )
