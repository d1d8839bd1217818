"""A model timed: what is counted, what is left out, and whether the machine was quiet."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenfold.data import Corpus, load_corpus
from tenfold.evaluate.timing import Others, put_times, timing
from tenfold.machine import busy_seconds
from tenfold.train import Callback, Progress
from tenfold.zoo import ENTRIES, Measured, MeasuredRun, NetworkModel, Spread


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


class Rows(Callback):
    """Keeps what each epoch took, as the training itself tells it."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.sizes: list[int] = []

    def on_epoch_end(self, progress: Progress) -> None:
        self.seconds.append(progress.history.rows[-1].train_seconds)
        self.sizes.append(progress.history.rows[-1].batch_size)


def test_a_training_is_the_sum_of_its_epochs_the_first_of_each_size_left_out(corpus: Corpus) -> None:
    rows = Rows()
    found = timing(ENTRIES["nn1l"], corpus, 2, callbacks=[rows])
    assert rows.sizes == [size for size in (32, 64, 128, 256, 512) for _ in range(3)]
    counted = [rows.seconds[3 * i + 1 : 3 * i + 3] for i in range(5)]
    parts = found["train"]["parts"]
    assert [(part["batch_size"], part["epochs"], part["seconds"]) for part in parts] == [
        (size, 4, seconds) for size, seconds in zip((32, 64, 128, 256, 512), counted, strict=True)
    ]
    whole = [4 * sum(seconds[i] for seconds in counted) for i in range(2)]
    assert found["train"]["seconds"] == pytest.approx(whole)
    assert (found["train"]["epochs"], found["train"]["images"]) == (20, len(corpus.train))
    assert (len(found["predict"]["seconds"]), found["predict"]["images"]) == (5, len(corpus.test))


def measured(epochs: list[int]) -> Measured:
    spread = Spread(0.9, None, 0.9, 0.9, None)
    runs = tuple(MeasuredRun(seed, 0.9, 0.1, n, n, 1.0, 1.0) for seed, n in enumerate(epochs))
    seeds = tuple(range(len(epochs)))
    nothing = (None, None, None)
    return Measured("mnist", "published", seeds, spread, *nothing, spread, 1.0, 1.0, (), (), runs)


def test_a_training_that_is_stopped_early_counts_the_epochs_of_trials(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = ENTRIES["mlp-800"]
    trained: list[dict[str, Any]] = []
    fit = NetworkModel.fit

    def watched(model: NetworkModel, train: Any, **options: Any) -> Any:
        trained.append({"images": len(train), "recipe": model.recipe, **options})
        return fit(model, train, **options)

    monkeypatch.setattr(NetworkModel, "fit", watched)
    found = timing(entry, corpus, 1, measured([30, 35]))
    assert found["train"]["epochs"] == 32  # 32.5, to the even one
    assert found["train"]["seconds"] == [32 * found["train"]["parts"][0]["seconds"][0]]
    [once] = trained
    assert once["images"] == found["train"]["images"] == round(0.8 * len(corpus.train))  # as the authors
    assert "validation" not in once  # no judging is part of the time, and nothing is chosen
    assert not once["recipe"].validates
    assert once["recipe"].epochs == 2


def test_a_classical_model_is_fitted_once_more_than_it_is_timed(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenfold.zoo import ClassicalModel

    fits = []
    fit = ClassicalModel.fit
    monkeypatch.setattr(
        ClassicalModel, "fit", lambda model, train, **options: fits.append(1) or fit(model, train, **options)
    )
    found = timing(ENTRIES["gaussian-nb"], corpus, 3)
    assert (len(fits), len(found["train"]["seconds"]), found["train"]["epochs"]) == (4, 3, None)


def test_a_coefficient_is_chosen_on_the_images_held_out(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenfold.zoo import ClassicalModel

    given = []
    fit = ClassicalModel.fit

    def watched(model: Any, train: Any, *, validation: Any = None, seed: int = 0) -> Any:
        given.append((len(train), len(validation)))
        return fit(model, train, validation=validation, seed=seed)

    monkeypatch.setattr(ClassicalModel, "fit", watched)
    timing(ENTRIES["ridge-linear"], corpus, 1)
    assert given == [(3200, 800)] * 2


def test_others_are_all_that_this_process_did_not_use() -> None:
    busy, own, wall = iter([100.0, 106.0]), iter([10.0, 14.0]), iter([50.0, 60.0])
    others = Others(lambda: next(busy), lambda: next(own), lambda: next(wall))
    others._cores = 2
    assert others.share() == pytest.approx((6 - 4) / (2 * 10))


@pytest.mark.parametrize("told", [[None, None], [3.0, None], [None, 3.0]])
def test_a_system_that_does_not_tell(told: list[float | None]) -> None:
    values = iter(told)
    assert Others(lambda: next(values)).share() is None


STAT = """cpu  0 0 0 0 0 0 0 0 0 0
cpu0 100 20 30 999 500 4 5 6 7 8
cpu1 10 2 3 999 500 1 1 1 0 0
cpu12 1 1 1 1 1 1 1 1 1 1
intr 5
"""


def test_the_seconds_of_processors(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text(STAT)
    tick = os.sysconf("SC_CLK_TCK")
    assert busy_seconds([0], stat) == pytest.approx((100 + 20 + 30 + 4 + 5 + 6) / tick)
    assert busy_seconds([0, 1], stat) == pytest.approx((165 + 18) / tick)
    assert busy_seconds([2], stat) is None
    assert busy_seconds([0], tmp_path / "nowhere") is None
    stat.write_text("cpu0 one two\n")
    assert busy_seconds([0], stat) is None


def test_each_machine_has_its_times(tmp_path: Path) -> None:
    for machine, seconds in (("A", 1.0), ("B", 2.0), ("A", 3.0)):
        path = put_times(tmp_path, "nn1l", {"machine": machine, "digest": "d", "seconds": seconds})
    found = json.loads(path.read_text())
    assert path == tmp_path / "times" / "nn1l.json"
    assert [(one["machine"], one["seconds"]) for one in found["times"]] == [("B", 2.0), ("A", 3.0)]


def test_an_entry_of_few_images_is_timed_on_those(corpus: Corpus) -> None:
    entry = replace(ENTRIES["gaussian-nb"], first=500)
    assert timing(entry, corpus, 1)["train"]["images"] == 500
