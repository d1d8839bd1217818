"""Ensembles: members with seeds of their own, one share held out for all, resumed, saved, loaded."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold import checkpoint
from tenfold.checkpoint import dump_json
from tenfold.data import Dataset, load_corpus
from tenfold.errors import BusyError, CheckpointError, ConfigError
from tenfold.export import export_onnx
from tenfold.nn import BatchNorm, Dense, Flatten, ReLU, Sequential
from tenfold.optim import Adam
from tenfold.train import Callback, Interrupted, Progress, Recipe
from tenfold.zoo import (
    MEMBERS,
    Ensemble,
    NetworkModel,
    build,
    digest,
    entry,
    hold_out,
    load_model,
    member_seeds,
)
from tenfold.zoo.open_set import OpenSetCalibration

EPOCHS = 3


def network(width: int = 8) -> Sequential:
    layers = {"flatten": Flatten(), "fc1": Dense(784, width), "norm": BatchNorm(width), "relu": ReLU()}
    return Sequential({**layers, "fc2": Dense(width, 10)}, input_shape=(28, 28, 1))


def ensemble(choose: str = "last", widths: tuple[int, ...] = (8, 8, 12)) -> Ensemble:
    recipe = Recipe(EPOCHS, 32, Adam(3e-3), choose=choose)
    return Ensemble(
        "mine", {f"m-{i}": NetworkModel(f"m-{i}", network(w), recipe) for i, w in enumerate(widths)}
    )


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_corpus("mnist-5k").train.subset(slice(600))


def bits(model: Ensemble) -> dict[str, bytes]:
    return {
        f"{name}.{at}": array.tobytes()
        for name, member in model.members.items()
        for at, array in (member.network.params | member.network.state).items()
    }


def test_its_probabilities_are_the_mean_of_the_members(digits: Dataset) -> None:
    model = ensemble()
    histories = model.fit(digits, seed=3)
    assert [len(history) for history in histories.values()] == [EPOCHS] * 3
    each = [member.predict_proba(digits.images) for member in model.members.values()]
    found = model.predict_proba(digits.images)
    np.testing.assert_allclose(found, sum(each) / 3, rtol=1e-12)
    np.testing.assert_array_equal(model.predict(digits.images), found.argmax(axis=1))
    assert model.predict_proba(digits.images[:0]).shape == (0, 10)
    assert model.n_parameters == sum(member.n_parameters for member in model.members.values())


def test_a_member_is_trained_as_it_would_be_by_itself(digits: Dataset) -> None:
    model, alone = ensemble(), ensemble()
    model.fit(digits, seed=5)
    for seed, member in zip(member_seeds(5, 3), alone.members.values(), strict=True):
        member.fit(digits, seed=seed)
    assert bits(model) == bits(alone)
    first, second = (bits(model)[f"m-{i}.fc1.weight"] for i in (0, 1))
    assert first != second  # equal networks, not equal weights


def test_no_two_draws_have_a_member_in_common() -> None:
    drawn = [set(member_seeds(seed, 8)) for seed in range(200)]
    assert all(len(seeds) == 8 for seeds in drawn)
    assert all(not (a & b) for a, b in combinations(drawn, 2))
    assert member_seeds(7, 3) == member_seeds(7, 5)[:3]  # a member more leaves the others as they were


def test_all_members_choose_on_the_same_images_and_learn_from_none_of_them(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[Dataset, Dataset | None]] = []
    train = NetworkModel.fit

    def watched(self: NetworkModel, data: Dataset, **options: Any) -> Any:
        given.append((data, options["validation"]))
        return train(self, data, **options)

    monkeypatch.setattr(NetworkModel, "fit", watched)
    for seed in (0, 1):
        given.clear()
        ensemble("best").fit(digits, seed=seed)
        kept, held = hold_out(digits, seed)
        assert len(given) == 3
        for data, validation in given:
            np.testing.assert_array_equal(data.images, kept.images)
            np.testing.assert_array_equal(validation.images, held.images)
        held_images, learned = ({image.tobytes() for image in part.images} for part in (held, kept))
        assert not held_images & learned
    given.clear()
    ensemble().fit(digits, seed=0)  # it chooses nothing: all images are learned from
    assert [(len(data), validation) for data, validation in given] == [(len(digits), None)] * 3


class Presses(Callback):
    """Presses Ctrl-C in an epoch of a member, and counts the epochs that each member was trained for."""

    def __init__(self, member: int = -1, epoch: int = 0) -> None:
        self.at, self.epochs = (member, epoch), [0]

    def on_start(self, progress: Progress) -> None:
        self.epochs.append(0)

    def on_epoch_end(self, progress: Progress) -> None:
        self.epochs[-1] += 1
        if (len(self.epochs) - 2, self.epochs[-1]) == self.at:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.fault("training an ensemble", "Ctrl-C", "trained members are kept, resumed with the same bits")
@pytest.mark.parametrize(("member", "epoch"), [(0, 1), (1, 2), (1, 3), (2, 3)])
def test_an_interrupted_ensemble_goes_on_to_the_same_bits(
    digits: Dataset, tmp_path: Path, handler: None, member: int, epoch: int
) -> None:
    unbroken, broken, resumed = (ensemble("mean_of_last(2)") for _ in range(3))
    unbroken.fit(digits, seed=1)
    with pytest.raises(Interrupted) as interrupted:
        broken.fit(digits, seed=1, out=tmp_path, callbacks=[Presses(member, epoch)])
    assert f"interrupted in member {member + 1} of 3, m-{member};" in str(interrupted.value)
    again = f"call fit again with out='{tmp_path}' and resume=True"
    assert str(interrupted.value).endswith(f"; saved, {again}")
    counted = Presses()
    histories = resumed.fit(digits, seed=1, out=tmp_path, resume=True, callbacks=[counted])
    assert bits(resumed) == bits(unbroken)
    assert counted.epochs[1:] == [0] * member + [EPOCHS - epoch] + [EPOCHS] * (2 - member)
    assert [len(history) for history in histories.values()] == [EPOCHS] * 3


def test_one_that_is_there_is_not_begun_again_nor_gone_on_with_as_another(
    digits: Dataset, tmp_path: Path
) -> None:
    ensemble().fit(digits, seed=1, out=tmp_path)
    with pytest.raises(ConfigError, match="found one that did 3 epochs"):
        ensemble().fit(digits, seed=1, out=tmp_path)
    with pytest.raises(ConfigError, match="the run was started with seed"):
        ensemble().fit(digits, seed=2, out=tmp_path, resume=True)
    with checkpoint.RunLock(tmp_path), pytest.raises(BusyError):
        ensemble().fit(digits, seed=1, out=tmp_path, resume=True)


def test_it_comes_back_from_its_folder(digits: Dataset, tmp_path: Path) -> None:
    model = ensemble()
    model.fit(digits, seed=0)
    model.members["m-1"].calibration = OpenSetCalibration(1.5, 0.3)
    again = load_model(model.save(tmp_path / "model"))
    assert isinstance(again, Ensemble)
    assert (again.name, list(again.members)) == ("mine", ["m-0", "m-1", "m-2"])
    assert bits(again) == bits(model)
    np.testing.assert_array_equal(again.predict_proba(digits.images), model.predict_proba(digits.images))
    with pytest.raises(ConfigError, match="expected a trained network, got one without values; call fit"):
        ensemble().save(tmp_path / "empty")


def rewritten(folder: Path, change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Path:
    """A copy of a saved model with its header and tensors changed."""
    saved = checkpoint.load(folder)
    header, tensors = json.loads(dump_json(saved.state)), saved.tensors
    change(header, tensors)
    return checkpoint.save(folder.parent / "changed", tensors, header)


DAMAGED: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], object], str]] = {
    "a member is missing": (
        lambda header, tensors: header[MEMBERS].pop("m-1"),
        r"\.safetensors: expected arrays of m-0, m-2, found 'm-1\.",
    ),
    "an array is missing": (
        lambda header, tensors: tensors["weights"].pop("m-1.fc1.weight"),
        r"weights.safetensors: expected parameter 'fc1.weight', got none",
    ),
    "the members are no table": (
        lambda header, tensors: header.update({MEMBERS: 3}),
        "expected a saved model, found something else",
    ),
    "too few members": (
        lambda header, tensors: (header.update({MEMBERS: {}}), tensors.clear()),
        "expected at least two members, got 0",
    ),
    "a name that leads elsewhere": (
        lambda header, tensors: header[MEMBERS].update({"../up": header[MEMBERS]["m-0"]}),
        "expected",
    ),
}


@pytest.mark.fault("model", "an ensemble's header or arrays do not fit", "rejected in one line")
@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_ensemble_is_refused(digits: Dataset, tmp_path: Path, case: str) -> None:
    change, message = DAMAGED[case]
    model = ensemble()
    model.fit(digits, seed=0)
    folder = rewritten(model.save(tmp_path / "model"), change)
    with pytest.raises(CheckpointError, match=message) as refused:
        load_model(folder)
    assert "\n" not in str(refused.value)


ONE = NetworkModel("one", network())
WRONG: dict[str, tuple[Callable[[], dict[Any, Any]], str]] = {
    "one": (lambda: {"a": NetworkModel("a", network())}, "expected at least two members, got 1"),
    "a path": (
        lambda: {"a/b": ONE, "c": NetworkModel("c", network())},
        "expected a member's name of letters",
    ),
    "a dot": (lambda: {"a.b": ONE, "c": NetworkModel("c", network())}, "expected a member's name of letters"),
    "a network": (lambda: {"a": network(), "b": ONE}, "a: expected a NetworkModel, got Sequential"),
    "a classical model": (lambda: {"a": build("knn"), "b": ONE}, "a: expected a NetworkModel, got Classical"),
    "one twice": (lambda: {"a": ONE, "b": ONE}, "expected a network for each member, got one twice"),
    "other outputs": (
        lambda: {
            "a": ONE,
            "b": NetworkModel("b", Sequential({"f": Flatten(), "d": Dense(784, 9)}, (28, 28, 1))),
        },
        r"same input and output shapes, got \(28, 28, 1\) to \(9,\) and \(28, 28, 1\) to \(10,\)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_members_that_cannot_be_are_refused(case: str) -> None:
    members, message = WRONG[case]
    with pytest.raises(ConfigError, match=message):
        Ensemble("mine", members())


@pytest.mark.parametrize("name", ["ensemble", "committee"])
def test_the_entries_choose_nothing_and_say_what_they_are_of(name: str) -> None:
    found, model = entry(name), build(name)
    assert isinstance(model, Ensemble)
    assert (found.published, found.aim, found.protocols, found.selection_set) == (
        None,
        0.997,
        ("honest",),
        None,
    )
    assert (found.members, found.parameters) == (tuple(model.members), model.n_parameters)
    assert not model.chooses
    assert found.in_epochs
    assert not found.is_network
    assert not found.deterministic
    assert len(found.seeds) == 3
    assert 0.99 < found.acceptance < found.aim
    assert digest(found) == digest(found, None) != digest(found, epochs=2)


def test_an_ensemble_is_exported_member_by_member(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mine: expected one network, got an ensemble; export its members"):
        export_onnx(ensemble(), tmp_path / "mine.onnx")


def test_members_of_the_zoo_have_its_layers() -> None:
    for name, member in build("ensemble").members.items():
        assert member.network.config() == build(name).network.config()
        assert member.recipe != build(name).recipe


@pytest.mark.parametrize("choose", ["last", "best"])
def test_the_weights_of_images_reach_the_members(digits: Dataset, choose: str) -> None:
    some = digits.subset(slice(120))
    even, uneven = (ensemble(choose, (8, 8)) for _ in range(2))
    even.fit(some)
    uneven.fit(replace(some, weights=np.where(some.labels < 5, 0.1, 4)))
    trained = bits(even), bits(uneven)
    weights = [name for name in trained[0] if name.endswith("fc2.weight")]
    assert len(weights) == 2
    assert all(trained[0][name] != trained[1][name] for name in weights)
