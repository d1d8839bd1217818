"""A run that was broken off and resumed ends with the bits of an unbroken one."""

import json
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tenfold.checkpoint import load
from tenfold.errors import CheckpointError, ConfigError
from tenfold.optim import SGD, Adam, CosineDecay, Doubling, RMSprop
from tenfold.train import (
    CheckpointEvery,
    DefinitionExecutor,
    EarlyStopping,
    Recipe,
    ReduceOnPlateau,
    executor_for,
    fit,
)


def noisy(images, rng):
    return np.clip(images + rng.normal(0, 0.1, images.shape), 0, 1).astype(images.dtype)


RECIPES = {
    "adam": Recipe(4, 16, Adam(0.01, weight_decay=0.01), chunk_images=48),
    "without memory": Recipe(4, 16, SGD(0.1), chunk_images=48),
    "momentum, by the step": Recipe(4, 16, SGD(0.1, momentum=0.9), rate=CosineDecay(1.0, 4), chunk_images=48),
    "doubling, short kept": Recipe(
        4, Doubling(12, every=1), RMSprop(1e-3), short_batch="keep", chunk_images=48
    ),
    "augmented": Recipe(4, 16, Adam(0.01), augmentation=noisy, chunk_images=48),
    "best of the last": Recipe(4, 16, Adam(0.1), choose="best_of_last(3)", chunk_images=48),
    "best": Recipe(4, 16, Adam(0.1), choose="best", chunk_images=48),
    "stopping and plateau": Recipe(
        12,
        16,
        Adam(0.1),
        early_stopping=EarlyStopping("validation_cost", patience=2),
        plateau=ReduceOnPlateau("train_cost", patience=1, min_change=0.2),
        chunk_images=48,
    ),
}
EVERY_CHUNK = CheckpointEvery(chunks=1)


class Unplugged(Exception):
    """The end without warning."""


class Unpluggable:
    """Lets an executor fail after so many chunks, as in a power cut: nothing more is saved."""

    chunks_left = 10**9

    def train(self, *arguments):
        Unpluggable.chunks_left -= 1
        if Unpluggable.chunks_left < 0:
            raise Unplugged
        return super().train(*arguments)


class UnpluggableDefinition(Unpluggable, DefinitionExecutor):
    pass


def run(network, recipe, digits, held_out, chunks=10**9, executor=UnpluggableDefinition, **options):
    """Train, for so many chunks at most; None if the run was broken off."""
    Unpluggable.chunks_left = chunks
    try:
        return fit(network, recipe, digits, held_out, executor=executor, checkpoints=EVERY_CHUNK, **options)
    except Unplugged:
        return None


def figures(history):
    return [{k: v for k, v in row.items() if k != "train_seconds"} for row in history.to_dicts()]


@pytest.mark.parametrize("name", RECIPES)
def test_bits_figures_and_choice_are_those_of_the_unbroken_run(
    new_network, digits, held_out, bits, tmp_path, name
):
    recipe = RECIPES[name]
    whole, broken = new_network(), new_network()
    expected = run(whole, recipe, digits, held_out, seed=3)
    history, breaks = None, -1
    while history is None and breaks < 100:
        history = run(broken, recipe, digits, held_out, chunks=3, seed=3, out=tmp_path, resume=True)
        breaks += 1
    assert breaks > 3
    assert bits(broken) == bits(whole)
    assert figures(history) == figures(expected)
    assert (history.chosen_epoch, history.stopped) == (expected.chosen_epoch, expected.stopped)
    assert history.notices == expected.notices
    assert len(list((tmp_path / "checkpoints").iterdir())) <= 2 + 3


def test_the_engines_runs_resume_to_the_same_bits_too(new_network, digits, held_out, bits, tmp_path):
    from tenfold.train.compiled import CompiledExecutor

    class UnpluggableEngine(Unpluggable, CompiledExecutor):
        pass

    recipe, options = RECIPES["doubling, short kept"], {"executor": UnpluggableEngine, "seed": 3}
    whole, broken = new_network(), new_network()
    run(whole, recipe, digits, held_out, **options)
    history, breaks = None, -1
    while history is None and breaks < 100:
        history = run(broken, recipe, digits, held_out, chunks=3, out=tmp_path, resume=True, **options)
        breaks += 1
    assert breaks > 3
    assert bits(broken) == bits(whole)


def test_with_nothing_there_a_resumed_run_starts(new_network, digits, bits, tmp_path):
    whole, resumed = new_network(), new_network()
    run(whole, RECIPES["adam"], digits, None)
    run(resumed, RECIPES["adam"], digits, None, out=tmp_path / "new" / "run", resume=True)
    assert bits(resumed) == bits(whole)


def test_a_finished_run_is_not_trained_again(new_network, digits, held_out, bits, tmp_path):
    first, again = new_network(), new_network()
    expected = run(first, RECIPES["best"], digits, held_out, out=tmp_path)
    history = run(again, RECIPES["best"], digits, held_out, chunks=0, out=tmp_path, resume=True)
    assert history.rows == expected.rows
    assert bits(again) == bits(first)


@pytest.mark.parametrize("name", ["adam", "best of the last", "doubling, short kept"])
def test_more_epochs_go_on_to_the_bits_of_the_longer_run(new_network, digits, held_out, bits, tmp_path, name):
    recipe = RECIPES[name]
    whole, longer = new_network(), new_network()
    expected = run(whole, replace(recipe, epochs=6), digits, held_out)
    run(longer, recipe, digits, held_out, out=tmp_path)
    history = run(longer, replace(recipe, epochs=6), digits, held_out, out=tmp_path, resume=True)
    assert bits(longer) == bits(whole)
    assert history.chosen_epoch == expected.chosen_epoch


def test_a_run_that_stopped_early_stays_stopped(new_network, digits, held_out, tmp_path):
    recipe = RECIPES["stopping and plateau"]
    expected = run(new_network(), recipe, digits, held_out, out=tmp_path)
    assert expected.stopped
    more = replace(recipe, epochs=99)
    history = run(new_network(), more, digits, held_out, chunks=0, out=tmp_path, resume=True)
    assert history.stopped == expected.stopped


# What is another run.

ADAM = RECIPES["adam"]
OTHERS = {
    "rate": (
        {"recipe": replace(ADAM, optimizer=Adam(0.02, weight_decay=0.01))},
        r"learning_rate = 0\.01, got 0\.02",
    ),
    "optimiser": (
        {"recipe": replace(ADAM, optimizer=SGD(0.01))},
        "recipe.optimizer.config.beta1 = 0.9, got None",
    ),
    "batch": ({"recipe": replace(ADAM, batch_size=32)}, "recipe.batch_size = 16, got 32"),
    "protocol": (
        {"recipe": replace(ADAM, protocol="published")},
        "recipe.protocol = 'honest', got 'published'",
    ),
    "seed": ({"seed": 1}, "seed = 0, got 1"),
    "network": ({"hidden": 13}, "network.layers.*12, got 13"),
    "images": ({"n": 199}, "train.images = 200, got 199"),
    "pixels": ({"pixels": 7}, "train.sha256 = "),
    "validation": ({"validation": False}, r"validation = \{.*\.\.\., got None"),
    "fewer epochs": ({"recipe": replace(ADAM, epochs=3)}, "expected more epochs than the run has begun"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_run_is_refused_with_the_difference(new_network, new_digits, held_out, tmp_path, name):
    changes, message = OTHERS[name]
    run(new_network(), ADAM, new_digits(200), held_out, out=tmp_path)
    before = sorted(tmp_path.rglob("*"))
    digits = new_digits(200).subset(slice(0, changes.get("n", 200)))
    digits.images[:, 0, 0] = changes.get("pixels", digits.images[:, 0, 0])
    network = new_network(hidden=changes.get("hidden", 12))
    recipe, seed = changes.get("recipe", ADAM), changes.get("seed", 0)
    validation = held_out if changes.get("validation", True) else None
    with pytest.raises(ConfigError, match=message) as refused:
        run(network, recipe, digits, validation, seed=seed, out=tmp_path, resume=True)
    assert "\n" not in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_new_run_does_not_overwrite_an_old_one(new_network, digits, tmp_path):
    run(new_network(), ADAM, digits, None, out=tmp_path)
    with pytest.raises(
        ConfigError, match="expected no run, found one that did 4 epochs; resume it or choose"
    ):
        run(new_network(), ADAM, digits, None, out=tmp_path)


def test_another_rule_of_choice_in_the_callbacks_is_refused(new_network, digits, held_out, tmp_path):
    run(new_network(), ADAM, digits, held_out, out=tmp_path, callbacks=[EarlyStopping(patience=99)])
    with pytest.raises(ConfigError, match=r"the run chose its weights by .*validation_cost"):
        run(new_network(), ADAM, digits, held_out, out=tmp_path, resume=True)


# What is damaged.


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def pickle_instead(path):
    path.write_bytes(b"\x80\x04cos\nmkdir\n\x8c\x04evil\x85R.")


DAMAGE = {"flipped": flip, "cut": cut, "gone": lambda path: path.unlink(), "a pickle": pickle_instead}
FILES = ["weights.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_passed_over_said_and_set_aside(
    new_network, digits, held_out, bits, tmp_path, damage, file
):
    recipe = RECIPES["best of the last"]
    whole, damaged = new_network(), new_network()
    run(whole, recipe, digits, held_out)
    run(damaged, recipe, digits, held_out, chunks=15, out=tmp_path)
    newest = max((tmp_path / "checkpoints").iterdir())
    DAMAGE[damage](newest / file)
    history = run(damaged, recipe, digits, held_out, out=tmp_path, resume=True)
    assert bits(damaged) == bits(whole)
    assert any("checkpoint passed over" in notice and newest.name in notice for notice in history.notices)
    assert (tmp_path / "checkpoints" / f"damaged-{newest.name}").is_dir()


def test_a_damaged_best_checkpoint_makes_the_newest_useless(new_network, digits, held_out, bits, tmp_path):
    """The weights of the best epoch are in its own checkpoint: without them the run goes back before it."""
    recipe = replace(RECIPES["best of the last"], epochs=5)
    whole, damaged = new_network(), new_network()
    run(whole, recipe, digits, held_out)
    run(damaged, replace(recipe, epochs=3), digits, held_out, out=tmp_path)
    (third,) = (tmp_path / "checkpoints").glob("epoch-0003-*")
    flip(third / "weights.safetensors")
    run(damaged, recipe, digits, held_out, out=tmp_path, resume=True)
    assert bits(damaged) == bits(whole)


def test_if_all_are_damaged_the_first_fault_is_named(new_network, digits, tmp_path):
    run(new_network(), ADAM, digits, None, out=tmp_path)
    for folder in (tmp_path / "checkpoints").iterdir():
        flip(folder / "weights.safetensors")
    with pytest.raises(CheckpointError, match=r"no checkpoint can be used; .*epoch-0004.*SHA-256"):
        run(new_network(), ADAM, digits, None, out=tmp_path, resume=True)


def with_other_tensors(folder, change):
    """Save a checkpoint again, whole and with a manifest, but with other weights."""
    from tenfold.checkpoint import save

    checkpoint = load(folder)
    change(checkpoint.tensors["weights"])
    shutil.rmtree(folder)
    save(folder, checkpoint.tensors, checkpoint.state)


TENSORS = {
    "missing": (lambda weights: weights.pop("fc1.bias"), "expected tensor 'fc1.bias', found none"),
    "extra": (lambda weights: weights.update(x=np.zeros(1, np.float32)), "expected no tensor 'x'"),
    "another shape": (
        lambda w: w.update({"fc1.bias": np.zeros(3, np.float32)}),
        r"expected shape \(12,\), got \(3,\)",
    ),
    "another dtype": (lambda w: w.update({"fc1.bias": np.zeros(12)}), "expected float32, got float64"),
    "NaN": (lambda w: w["fc1.bias"].fill(np.nan), "'fc1.bias': expected finite numbers"),
}


@pytest.mark.parametrize("name", TENSORS)
def test_weights_that_are_not_the_networks_are_refused_by_name(new_network, digits, tmp_path, name):
    change, message = TENSORS[name]
    run(new_network(), replace(ADAM, epochs=1), digits, None, out=tmp_path)
    for folder in (tmp_path / "checkpoints").iterdir():
        with_other_tensors(folder, change)
    with pytest.raises(CheckpointError, match=message):
        run(new_network(), ADAM, digits, None, out=tmp_path, resume=True)


def test_other_versions_are_remarked_on(new_network, digits, tmp_path, monkeypatch):
    run(new_network(), ADAM, digits, None, chunks=2, out=tmp_path)
    monkeypatch.setattr("tenfold.train.run_folder.versions", lambda: {"numpy": "99"})
    history = run(new_network(), ADAM, digits, None, out=tmp_path, resume=True)
    assert any("bits may differ" in notice for notice in history.notices)


def test_another_executor_is_remarked_on(new_network, digits, tmp_path):
    run(new_network(), ADAM, digits, None, chunks=2, out=tmp_path)
    engine = partial(executor_for, threads=1)
    history = fit(new_network(), ADAM, digits, out=tmp_path, resume=True, executor=engine)
    told = "computed by the definition on numpy arrays, it goes on by the compiled engine on 1 thread"
    assert any(told in text for text in history.notices)


def test_another_number_of_threads_is_remarked_on(new_network, digits, tmp_path):
    one, two = partial(executor_for, threads=1), partial(executor_for, threads=2)
    fit(new_network(), replace(ADAM, epochs=1), digits, out=tmp_path, executor=one)
    history = fit(new_network(), ADAM, digits, out=tmp_path, resume=True, executor=two)
    told = "on 1 thread, it goes on by the compiled engine on 2 threads"
    assert any(told in text for text in history.notices)


def test_the_state_is_plain_json_that_others_can_read(new_network, digits, tmp_path):
    run(new_network(), ADAM, digits, None, out=tmp_path)
    text = (max((tmp_path / "checkpoints").iterdir()) / "state.json").read_text()
    state = json.loads(text)
    assert state["recipe_hash"] == ADAM.hash
    assert state["progress"]["step"] == 4 * 13
    assert state["generators"].keys() == {"augmentation", "dropout"}
