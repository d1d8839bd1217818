"""Any epoch again: kept, found, gone on from, loaded."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace

import pytest

from tenfold.errors import CheckpointError, ConfigError
from tenfold.optim import Adam
from tenfold.train import (
    Callback,
    CheckpointEvery,
    DefinitionExecutor,
    EarlyStopping,
    Recipe,
    branch,
    epoch_checkpoint,
    executor_for,
    fit,
    kept,
    kept_epochs,
)
from tenfold.zoo import load_model

EXECUTORS = {"definition": DefinitionExecutor, "engine": executor_for}
RECIPES = {
    "the last epoch": Recipe(5, 16, Adam(0.02)),
    "the best epoch": Recipe(5, 16, Adam(0.02), choose="best"),
    "the best of the last": Recipe(5, 16, Adam(0.02), choose="best_of_last(3)"),
    "the mean of the last": Recipe(5, 16, Adam(0.02), choose="mean_of_last(3)"),
    "stopped early": Recipe(
        5, 16, Adam(0.02), early_stopping=EarlyStopping("validation_loss", patience=2, min_change=0.9)
    ),
}
ALL = {"checkpoints": CheckpointEvery.all()}


class Weights(Callback):
    """Remembers the bits after each epoch."""

    def __init__(self, network, bits):
        self.network, self.bits, self.found = network, bits, {}

    def on_epoch_end(self, progress):
        self.found[progress.epoch] = self.bits(self.network)


@pytest.fixture(params=RECIPES)
def recipe(request):
    return RECIPES[request.param]


def contents(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("executor", EXECUTORS)
def test_from_every_epoch_it_goes_on_to_the_bits_of_the_unbroken_run(
    recipe, executor, digits, held_out, new_network, bits, tmp_path
):
    whole, options = new_network(), {"executor": EXECUTORS[executor], **ALL}
    history = fit(whole, recipe, digits, held_out, out=tmp_path / "run", **options)
    before = contents(tmp_path / "run")
    assert list(kept_epochs(tmp_path / "run")) == list(range(1, len(history) + 1))
    for epoch in range(1, len(history) + 1):
        out = branch(tmp_path / "run", epoch, tmp_path / f"from-{epoch}")
        network = new_network()
        again = fit(network, recipe, digits, held_out, out=out, resume=True, **options)
        assert bits(network) == bits(whole), epoch
        assert again.chosen_epoch == history.chosen_epoch
        assert [row.validation_loss for row in again.rows] == [row.validation_loss for row in history.rows]
    assert contents(tmp_path / "run") == before  # nothing of it is touched


def test_a_branch_may_go_elsewhere(digits, held_out, new_network, tmp_path):
    recipe = RECIPES["the last epoch"]
    fit(new_network(), recipe, digits, held_out, out=tmp_path / "run", **ALL)
    out = branch(tmp_path / "run", 2, tmp_path / "longer")
    history = fit(new_network(), replace(recipe, epochs=7), digits, held_out, out=out, resume=True)
    assert len(history) == 7
    assert [row.epoch for row in history.rows] == list(range(1, 8))
    out = branch(tmp_path / "run", 2, tmp_path / "other")
    with pytest.raises(ConfigError, match="the run was started with seed = 0, got 1"):
        fit(new_network(), recipe, digits, held_out, out=out, resume=True, seed=1)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_each_epoch_is_loaded_with_the_weights_that_it_had(
    recipe, executor, digits, held_out, network, bits, tmp_path
):
    seen = Weights(network, bits)
    options = {"executor": EXECUTORS[executor], "callbacks": [seen], **ALL}
    fit(network, recipe, digits, held_out, out=tmp_path / "run", **options)
    for epoch, weights in seen.found.items():
        model = load_model(tmp_path / "run", epoch=epoch)
        assert bits(model.network) == weights
        assert model.network.config() == network.config()
    assert len(seen.found) >= 3


def test_without_keeping_all_there_are_the_last_and_those_that_may_be_chosen(
    digits, held_out, network, tmp_path
):
    fit(network, Recipe(6, 16), digits, held_out, out=tmp_path)
    kept = list(kept_epochs(tmp_path))
    assert kept[-2:] == [5, 6]
    assert len(kept) <= 3
    load_model(tmp_path, epoch=5)


def test_a_checkpoint_within_an_epoch_is_not_taken_for_the_end_of_the_one_before(digits, network, tmp_path):
    every_chunk = CheckpointEvery(chunks=1, keep_last=2)
    recipe = Recipe(3, 16, chunk_images=48)

    class Ends(Callback):
        def on_chunk(self, progress):
            if progress.epoch == 1 and progress.step_in_epoch == 9:
                progress.stop = "enough"

    fit(network, recipe, digits, out=tmp_path, checkpoints=every_chunk, callbacks=[Ends()])
    names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    steps = -(-len(digits) // 16)
    assert f"epoch-0001-step-{steps + 9:08d}" in names
    shutil.rmtree(tmp_path / "checkpoints" / f"epoch-0001-step-{steps:08d}", ignore_errors=True)
    assert kept_epochs(tmp_path) == {}
    with pytest.raises(CheckpointError, match=r"was kept \(there is none\), got 1"):
        epoch_checkpoint(tmp_path, 1)


@pytest.mark.fault(
    "checkpoints", "an epoch that was not kept is requested", "the error lists the epochs that were kept"
)
@pytest.mark.parametrize(
    "ask", [epoch_checkpoint, lambda run, epoch: branch(run, epoch, run / "new"), load_model]
)
def test_an_epoch_that_was_not_kept_is_one_line(ask, digits, network, tmp_path):
    fit(network, Recipe(4, 16), digits, out=tmp_path)
    kept = ", ".join(map(str, kept_epochs(tmp_path)))
    with pytest.raises(CheckpointError) as error:
        ask(tmp_path, 9)
    assert str(error.value) == (
        f"{tmp_path}: expected an epoch whose checkpoint was kept ({kept}), got 9; "
        "start a run with --keep-all to keep all epochs"
    )
    assert not (tmp_path / "new").exists()


@pytest.mark.fault("checkpoints", "a kept epoch is damaged", "one line that names it")
def test_a_damaged_epoch_is_one_line_and_nothing_is_copied(digits, network, tmp_path):
    fit(network, Recipe(3, 16), digits, out=tmp_path / "run", **ALL)
    [damaged] = (tmp_path / "run" / "checkpoints").glob("epoch-0002-*")
    weights = damaged / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    for ask in (
        lambda: branch(tmp_path / "run", 2, tmp_path / "new"),
        lambda: load_model(tmp_path / "run", 2),
    ):
        with pytest.raises(CheckpointError, match=r"weights\.safetensors: expected"):
            ask()
    assert not (tmp_path / "new").exists()
    branch(tmp_path / "run", 3, tmp_path / "new")


def test_a_branch_overwrites_nothing(digits, network, tmp_path):
    fit(network, Recipe(2, 16), digits, out=tmp_path / "run", **ALL)
    branch(tmp_path / "run", 1, tmp_path / "new")
    before = contents(tmp_path / "new")
    for out in ("new", "run"):
        with pytest.raises(ConfigError, match="expected no run, found one; choose another folder"):
            branch(tmp_path / "run", 2, tmp_path / out)
    assert contents(tmp_path / "new") == before


@pytest.mark.fault(
    "checkpoints", "killed while an epoch is copied to a new folder", "the new folder has no checkpoint"
)
def test_a_copy_that_is_broken_off_leaves_no_run(digits, held_out, new_network, bits, tmp_path, monkeypatch):
    recipe, whole, network = RECIPES["the best of the last"], new_network(), new_network()
    fit(whole, recipe, digits, held_out, out=tmp_path / "run", **ALL)
    saved, save = [], kept.checkpoint.save

    def unplugged(folder, *arguments):
        if len(saved) == 1:
            raise KeyboardInterrupt
        saved.append(save(folder, *arguments))

    with monkeypatch.context() as patched:
        patched.setattr(kept.checkpoint, "save", unplugged)
        with pytest.raises(KeyboardInterrupt):
            branch(tmp_path / "run", 3, tmp_path / "new")
    assert len(saved) == 1
    assert not kept_epochs(tmp_path / "new")
    branch(tmp_path / "run", 3, tmp_path / "new")
    fit(network, recipe, digits, held_out, out=tmp_path / "new", resume=True)
    assert bits(network) == bits(whole)
