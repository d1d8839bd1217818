"""A chunk cut short by a signal, wherever it is: the run goes on within it to the same bits and figures."""

import signal

import numpy as np
import pytest

from tenfold.interrupt import stop
from tenfold.optim import Adam
from tenfold.train import DefinitionExecutor, Interrupted, Recipe, chunk, fit
from tenfold.train.compiled import CompiledExecutor


def noisy(images, rng):
    return np.clip(images + rng.normal(0, 0.1, images.shape), 0, 1).astype(images.dtype)


RECIPE = Recipe(
    2, 16, Adam(0.05), choose="best", chunk_images=112, augmentation=noisy
)  # 7 + 6 steps an epoch


def signalled(base, at):
    """Return an executor that gets SIGTERM while it trains for the ``at``-th time."""
    calls = iter(range(1, 10**6))

    class Signalled(base):
        def train(self, *arguments):
            if next(calls) == at:
                signal.raise_signal(signal.SIGTERM)
            return super().train(*arguments)

    return Signalled


@pytest.fixture(autouse=True)
def like_ctrl_c(monkeypatch):
    """SIGTERM is treated as on the command line; every part of a chunk is one step."""
    monkeypatch.setattr(chunk, "PART_SECONDS", 0.0)
    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


def figures(history):
    return [{k: v for k, v in vars(row).items() if k != "train_seconds"} for row in history.rows]


@pytest.mark.fault(
    "signals", "SIGTERM within a chunk of steps", "saved after the step; resumed with the same bits"
)
@pytest.mark.parametrize("base", [DefinitionExecutor, CompiledExecutor])
@pytest.mark.parametrize(
    ("call", "epoch", "step"),
    [(1, 1, 1), (2, 1, 2), (8, 1, 8), (10, 1, 10), (12, 1, 12), (14, 2, 1), (19, 2, 6), (23, 2, 10)],
)
def test_it_is_saved_after_the_step_and_goes_on_to_the_same_bits(
    new_network, digits, held_out, bits, tmp_path, base, call, epoch, step, monkeypatch
):
    network, whole = new_network(), new_network()
    with pytest.raises(
        Interrupted, match=f"by SIGTERM in epoch {epoch}, after step {step}; saved"
    ) as interrupted:
        fit(network, RECIPE, digits, held_out, out=tmp_path, executor=signalled(base, call))
    assert interrupted.value.exit_code == 143
    resumed = fit(network, RECIPE, digits, held_out, out=tmp_path, executor=base, resume=True)
    monkeypatch.setattr(chunk, "PART_SECONDS", 100.0)  # uncut
    unbroken = fit(whole, RECIPE, digits, held_out, executor=base)
    assert bits(network) == bits(whole)
    assert figures(resumed) == figures(unbroken)


@pytest.mark.fault("signals", "SIGTERM during a long validation", "the steps of the epoch are already saved")
def test_before_a_long_validation_the_run_is_saved(new_network, digits, held_out, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("tenfold.train.loop.PART_SECONDS", 0.0)

    class Looks(DefinitionExecutor):
        def logits(self, images):
            seen.append(sorted(path.name for path in (tmp_path / "checkpoints").glob("epoch-*")))
            return super().logits(images)

    fit(new_network(), RECIPE, digits, held_out, out=tmp_path, executor=Looks)
    assert seen[1][-1] == "epoch-0001-step-00000026"


@pytest.mark.fault(
    "signals", "SIGTERM when no step is left", "the run is saved and ends as an interrupted run"
)
def test_a_signal_during_the_last_validation_is_not_swallowed(new_network, digits, held_out, bits, tmp_path):
    validations = iter(range(1, 10**6))

    class Signalled(DefinitionExecutor):
        def logits(self, images):
            if next(validations) == RECIPE.epochs:
                signal.raise_signal(signal.SIGTERM)
            return super().logits(images)

    network, whole = new_network(), new_network()
    with pytest.raises(
        Interrupted, match=r"by SIGTERM after the last epoch; saved, call fit again"
    ) as stopped:
        fit(network, RECIPE, digits, held_out, out=tmp_path, executor=Signalled)
    assert stopped.value.folder.is_dir()
    fit(network, RECIPE, digits, held_out, out=tmp_path, executor=DefinitionExecutor, resume=True)
    fit(whole, RECIPE, digits, held_out, executor=DefinitionExecutor)
    assert bits(network) == bits(whole)
