"""What ``compare`` is given: models with trials in the ledger, or folders of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.errors import DataError

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.evaluate.comparison import Contender

HONEST = "-honest"


def contender(name: str, *, results: Path | None, protocol: str | None, source: str | None) -> Contender:
    """Return a model with its trials, or a run as a model with one.

    Parameters
    ----------
    name : str
        A model of the zoo, or the folder of a finished run.
    results : Path, optional
        The ledger's folder; by default the one that comes with tenfold.
    protocol : {"honest", "published"}, optional
        By default honest where there are such trials.
    source : str, optional
        Data to judge a run on, where they are not where they were.

    Raises
    ------
    TenfoldError
        If there is neither, or it cannot be read.
    """
    from tenfold.predict import RECORD

    if (Path(name) / RECORD).is_file():
        return _of_run(Path(name), source)
    return _of_ledger(name, results, protocol)


def test_images(contenders: list[Contender], source: str | None) -> tuple[Dataset | None, str | None]:
    """Return the test images that the models were judged on, or none and why; nothing is downloaded."""
    from tenfold.cli.judging import NAMED
    from tenfold.data import load_corpus

    one = contenders[0]
    if source is None and one.dataset not in NAMED:
        return None, f"where the images of {one.dataset} are is not known; name them with --data"
    try:
        corpus = load_corpus(source or one.dataset, download=False)
    except DataError as error:
        return None, str(error)
    if corpus.sha256 != one.dataset_sha256:
        return None, f"{corpus.origin}: these are not the images that the models were judged on"
    return corpus.test, None


def _of_ledger(name: str, results: Path | None, protocol: str | None) -> Contender:
    from tenfold.checkpoint import read_json
    from tenfold.evaluate.command import command
    from tenfold.evaluate.comparison import from_ledger
    from tenfold.zoo import ENTRIES, MAX_BYTES, entry
    from tenfold.zoo.measured import PLACES

    found = ENTRIES.get(name)
    certain = found is not None and not found.is_network and len(found.seeds) == 1
    chooses = found is None or found.choice is not None
    places = PLACES if results is None else (results,)
    endings = {"honest": (HONEST,), "published": ("",), None: (HONEST, "")}[protocol] if chooses else ("",)
    for path in (place / f"{name}{ending}.json" for ending in endings for place in places):
        if path.is_file():
            ledger = read_json(path, max_bytes=MAX_BYTES)
            return from_ledger(ledger, str(path), certain=certain, chooses=chooses)
    entry(name)  # says so where there is no such model
    kind = "" if protocol is None else f" under the {protocol} protocol"
    options = {"--protocol": protocol, "--results": results}
    raise DataError(
        f"{name}: expected trials{kind} in {places[-1]}, found none; "
        f"run them: {command('tenfold', 'trials', name, options=options)}"
    )


def _of_run(folder: Path, source: str | None) -> Contender:
    import numpy as np

    from tenfold.cli import judging
    from tenfold.cli.record import read_record
    from tenfold.evaluate.comparison import Contender, Result
    from tenfold.zoo import load_model

    record, model = read_record(folder), load_model(folder)
    test = judging.same_data(record, source, quiet=True).test
    evaluation, probabilities = judging.judge(model, record, test)
    corrected, left_out = evaluation.corrected, evaluation.without_doubtful
    result = Result(
        seed=record["seed"],
        images=len(test),
        accuracy=evaluation.accuracy,
        accuracy_corrected=None if corrected is None else corrected.accuracy,
        accuracy_without_doubtful=None if left_out is None else left_out.accuracy,
        train_seconds=record["train_seconds"],
        predict_seconds=evaluation.predict_seconds or 0.0,
        wrong=tuple(np.flatnonzero(probabilities.argmax(axis=1) != test.labels).tolist()),
    )
    return Contender(
        name=str(folder),
        protocol=record["protocol"],
        parameters=model.n_parameters,
        dataset=record["dataset"],
        dataset_sha256=record["dataset_sha256"],
        trials=(result,),
    )
