"""A run that was broken off and resumed ends with the bits of an unbroken one."""

import json
import re
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tenfold.checkpoint import load, save
from tenfold.data import Dataset, RandomAffine
from tenfold.errors import CheckpointError, ConfigError
from tenfold.optim import EMA, SGD, Adam, CosineDecay, Doubling, EpochCorrectedAdam, RMSprop
from tenfold.train import (
    CheckpointEvery,
    DefinitionExecutor,
    EarlyStopping,
    Progress,
    Recipe,
    ReduceOnPlateau,
    executor_for,
    fit,
)
from tenfold.train.chunk import ChunkTrainer
from tenfold.train.versions import versions


def noisy(images, rng):
    return np.clip(images + rng.normal(0, 0.1, images.shape), 0, 1).astype(images.dtype)


BY_MINIBATCH = RandomAffine(rotation=25, shift=0.2, chance=0.5, together=16, whole_pixels=True)
RECIPES = {
    "adam": Recipe(4, 16, Adam(0.01, weight_decay=0.01), chunk_images=48),
    "without memory": Recipe(4, 16, SGD(0.1), chunk_images=48),
    "momentum, by the step": Recipe(4, 16, SGD(0.1, momentum=0.9), rate=CosineDecay(1.0, 4), chunk_images=48),
    "doubling, short kept": Recipe(
        4, Doubling(12, every=1), RMSprop(1e-3), short_batch="keep", chunk_images=48
    ),
    "augmented": Recipe(4, 16, Adam(0.01), augmentation=noisy, chunk_images=48),
    "augmented by minibatches": Recipe(4, 16, Adam(0.01), augmentation=BY_MINIBATCH, chunk_images=48),
    "epochs in Adam's correction": Recipe(4, 16, Adam(0.01), rate=EpochCorrectedAdam(), chunk_images=48),
    "best of the last": Recipe(4, 16, Adam(0.1), choose="best_of_last(3)", chunk_images=48),
    "mean of the last": Recipe(4, 16, Adam(0.1), choose="mean_of_last(3)", chunk_images=48),
    "moving average": Recipe(4, 16, Adam(0.1), average=EMA(0.9), chunk_images=48),
    "best moving average": Recipe(
        4, 16, Adam(0.1), average=EMA(0.9), choose="best_of_last(3)", chunk_images=48
    ),
    "best": Recipe(4, 16, Adam(0.1), choose="best", chunk_images=48),
    "stopping and plateau": Recipe(
        12,
        16,
        Adam(0.1),
        early_stopping=EarlyStopping("validation_loss", patience=2),
        plateau=ReduceOnPlateau("train_loss", patience=1, min_change=0.2),
        chunk_images=48,
    ),
}
EVERY_CHUNK = CheckpointEvery(chunks=1)


class Unplugged(Exception):
    """The end without warning."""


@pytest.fixture(autouse=True, scope="module")
def _a_chunk_is_one_call():
    """However long its steps take: what is broken off here is counted in chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChunkTrainer, "_at_once", 10**9)
        yield


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


def run(network, recipe, digits, held_out, /, chunks=10**9, executor=UnpluggableDefinition, **options):
    """Train, for so many chunks at most; None if the run was broken off."""
    Unpluggable.chunks_left = chunks
    try:
        return fit(network, recipe, digits, held_out, executor=executor, checkpoints=EVERY_CHUNK, **options)
    except Unplugged:
        return None


def figures(rows):
    return [{k: v for k, v in vars(row).items() if k != "train_seconds"} for row in rows]


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
    assert figures(history.rows) == figures(expected.rows)
    assert (history.chosen_epoch, history.stopped) == (expected.chosen_epoch, expected.stopped)
    assert history.notices == expected.notices
    assert len(list((tmp_path / "checkpoints").iterdir())) <= 2 + 3


@pytest.mark.parametrize("name", ["doubling, short kept", "best moving average"])
def test_the_engines_runs_resume_to_the_same_bits_too(new_network, digits, held_out, bits, tmp_path, name):
    from tenfold.train.compiled import CompiledExecutor

    class UnpluggableEngine(Unpluggable, CompiledExecutor):
        pass

    recipe, options = RECIPES[name], {"executor": UnpluggableEngine, "seed": 3}
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


@pytest.mark.parametrize("name", ["adam", "best of the last", "best moving average", "doubling, short kept"])
def test_more_epochs_go_on_to_the_bits_of_the_longer_run(new_network, digits, held_out, bits, tmp_path, name):
    recipe = RECIPES[name]
    whole, longer = new_network(), new_network()
    expected = run(whole, replace(recipe, epochs=6), digits, held_out)
    run(longer, recipe, digits, held_out, out=tmp_path)
    history = run(longer, replace(recipe, epochs=6), digits, held_out, out=tmp_path, resume=True)
    assert bits(longer) == bits(whole)
    assert history.chosen_epoch == expected.chosen_epoch


def test_a_run_that_stopped_early_stays_stopped(new_network, digits, held_out, scripted, tmp_path):
    recipe, options = RECIPES["stopping and plateau"], {"executor": scripted([10, 30, 20, 20, 40])}
    expected = run(new_network(), recipe, digits, held_out, out=tmp_path, **options)
    assert expected.stopped == "validation_loss has not improved since epoch 2 (patience 2)"
    assert len(expected) == 4
    more = replace(recipe, epochs=99)
    options["executor"] = scripted([10, 30, 20, 20, 40], UnpluggableDefinition)
    history = run(new_network(), more, digits, held_out, chunks=0, out=tmp_path, resume=True, **options)
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
        "recipe.optimizer.kind = 'adam', got 'sgd'",
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
    "what the validation images are": ({"held_out": "test"}, "held_out = 'validation', got 'test'"),
    "fewer epochs": ({"recipe": replace(ADAM, epochs=3)}, "expected more epochs than the run has begun"),
}


@pytest.fixture(scope="module")
def finished(new_network, digits, held_out, tmp_path_factory):
    """A finished run of ADAM; not to be changed."""
    out = tmp_path_factory.mktemp("finished")
    run(new_network(), ADAM, digits, held_out, out=out)
    return out


@pytest.mark.fault(
    "checkpoints", "a checkpoint is of another model, seed, recipe or data", "rejected, with the difference"
)
@pytest.mark.parametrize("name", OTHERS)
def test_another_run_is_refused_with_the_difference(
    refused_in_one_line, new_network, digits, held_out, finished, name
):
    changes, message = OTHERS[name]
    before = sorted(finished.rglob("*"))
    images = digits.images.copy()
    images[:, 0, 0] = changes.get("pixels", images[:, 0, 0])
    digits = Dataset(images, digits.labels, digits.name).subset(slice(0, changes.get("n", 200)))
    network = new_network(hidden=changes.get("hidden", 12))
    recipe, seed = changes.get("recipe", ADAM), changes.get("seed", 0)
    validation = held_out if changes.get("validation", True) else None
    options = {"held_out": changes.get("held_out", "validation")}
    with refused_in_one_line(ConfigError, message):
        run(network, recipe, digits, validation, seed=seed, out=finished, resume=True, **options)
    assert sorted(finished.rglob("*")) == before


@pytest.mark.fault(
    "training", "a new run is started in the folder of another run", "rejected, nothing is changed"
)
def test_a_new_run_does_not_overwrite_an_old_one(new_network, digits, finished):
    with pytest.raises(
        ConfigError, match="expected no run, found one that did 4 epochs; resume it or choose"
    ):
        run(new_network(), ADAM, digits, None, out=finished)


def test_another_rule_of_choice_in_the_callbacks_is_refused(new_network, digits, held_out, tmp_path):
    run(new_network(), ADAM, digits, held_out, out=tmp_path, callbacks=[EarlyStopping(patience=99)])
    with pytest.raises(ConfigError, match=r"the run chose its weights by .*validation_loss"):
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


@pytest.fixture(scope="module")
def broken_off(new_network, digits, held_out, bits, tmp_path_factory):
    """The folder of a run that was broken off in its third epoch, and the bits of the unbroken one."""
    whole, out = new_network(), tmp_path_factory.mktemp("broken") / "run"
    run(whole, RECIPES["best of the last"], digits, held_out)
    run(new_network(), RECIPES["best of the last"], digits, held_out, chunks=15, out=out)
    return out, bits(whole)


@pytest.mark.fault("checkpoints", "the newest checkpoint is damaged", "reported, an older one is used")
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_passed_over_said_and_set_aside(
    network, digits, held_out, bits, tmp_path, broken_off, damage, file
):
    out, expected = tmp_path / "run", broken_off[1]
    shutil.copytree(broken_off[0], out)
    newest = max((out / "checkpoints").iterdir())
    DAMAGE[damage](newest / file)
    history = run(network, RECIPES["best of the last"], digits, held_out, out=out, resume=True)
    assert bits(network) == expected
    assert any("damaged checkpoint skipped" in notice and newest.name in notice for notice in history.notices)
    assert (out / "checkpoints" / f"damaged-{newest.name}").is_dir()


# A state that was saved whole, with a manifest, and is still of no use: what to change, and what is said.
STATES = {
    "a row with another column": (lambda s: s["progress"]["rows"][0].update(x=1), "unexpected .* 'x'"),
    "a row that is none": (
        lambda s: s["progress"].update(rows=["watched"] * len(s["progress"]["rows"])),
        r"row = 'watched'",
    ),
    "watched images that are none": (
        lambda s: s["progress"]["rows"][0].update(watched={"test": 0.5}),
        r"watched = \{'test': 0.5\}",
    ),
    "a row too few": (lambda s: s["progress"]["rows"].pop(), "2 rows after 3 epochs"),
    "a tally that is none": (lambda s: s["progress"].update(tally=[1]), "expected figures by name"),
    "a word for a number": (lambda s: s["progress"].update(learning_rate="fast"), "learning_rate = 'fast'"),
    "nothing remembered": (lambda s: s["progress"].pop("memories"), "got another \\(no 'memories'\\)"),
    "no progress": (lambda s: s.update(progress=[]), "expected the state that a run saves, got another"),
    "a candidate that is none": (
        lambda s: s["selection"]["candidates"].append(7),
        "expected the state that a run saves, got another",
    ),
    "a word for a score": (
        lambda s: s["selection"]["candidates"][0].update(score="good"),
        r"Candidate\(epoch=1",
    ),
    "another generator": (
        lambda s: s["generators"]["dropout"].update(bit_generator="MT19937"),
        "state of a PCG64",
    ),
    "no executor": (lambda s: s.pop("executor"), "got another \\(no 'executor'\\)"),
}


@pytest.mark.fault("checkpoints", "the newest checkpoint is damaged", "reported, an older one is used")
@pytest.mark.parametrize("name", STATES)
def test_a_state_that_cannot_be_used_changes_nothing_and_is_passed_over(
    network, digits, held_out, bits, tmp_path, broken_off, name
):
    change, message = STATES[name]
    out, expected = tmp_path / "run", broken_off[1]
    shutil.copytree(broken_off[0], out)
    change_checkpoint(max((out / "checkpoints").iterdir()), lambda checkpoint: change(checkpoint.state))
    history = run(network, RECIPES["best of the last"], digits, held_out, out=out, resume=True)
    assert bits(network) == expected
    (told,) = [notice for notice in history.notices if "damaged checkpoint skipped" in notice]
    assert re.search(message, told), told


@pytest.mark.parametrize(
    "name", [name for name in STATES if "progress" in STATES[name][0].__code__.co_consts]
)
def test_progress_takes_up_all_or_nothing(name, broken_off):
    state = load(max((broken_off[0] / "checkpoints").iterdir())).state
    progress = Progress(4)
    before = progress.to_json()
    STATES[name][0](state)
    with pytest.raises((KeyError, TypeError)):
        progress.restore(state["progress"])
    assert progress.to_json() == before


# How the epoch is chosen.
RULES = {
    "the best of the last four": {"choose": "best_of_last(4)"},
    "the best": {"choose": "best"},
    "early stopping": {"early_stopping": EarlyStopping("validation_loss", patience=99)},
}
# How many of the images held out each epoch recognises: the second is the best until the seventh.
RIGHT = [10, 30, 20, 15, 25, 20, 40, 35, 20, 15, 20, 15]


@pytest.mark.fault("checkpoints", "the newest checkpoint is damaged", "reported, an older one is used")
@pytest.mark.parametrize("rule", RULES)
def test_one_damaged_checkpoint_leaves_another_to_go_on_from(
    new_network, digits, held_out, scripted, bits, tmp_path, rule
):
    """The newest, after more epochs than are chosen among; or just when it became the best of all."""
    recipe = Recipe(9, 16, Adam(0.1), **RULES[rule])
    epochs = 6 if rule == "the best of the last four" else 7
    whole, damaged = new_network(hidden=3), new_network(hidden=3)
    options = {"executor": scripted(RIGHT)}
    assert run(whole, recipe, digits, held_out, **options).chosen_epoch == 7
    run(damaged, replace(recipe, epochs=epochs), digits, held_out, out=tmp_path, **options)
    newest = max((tmp_path / "checkpoints").iterdir())
    flip(newest / "weights.safetensors")
    history = run(damaged, recipe, digits, held_out, out=tmp_path, resume=True, **options)
    assert bits(damaged) == bits(whole)
    (told,) = [notice for notice in history.notices if "damaged checkpoint skipped" in notice]
    assert newest.name in told


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


# The rule; when the weights were lost, how many epochs were to come, and how many chunks of them were done.
LOST = {
    "the best, at the end": ("the best", 0, 0),
    "the best, on the way": ("the best", 2, 0),
    "the best, within an epoch": ("the best", 1, 3),
    "early stopping, at the end": ("early stopping", 0, 0),
    "early stopping, on the way": ("early stopping", 2, 0),
    "of the last four, at the end": ("the best of the last four", 0, 0),
    "of the last four, on the way": ("the best of the last four", 1, 0),
    "of the last four, long ago": ("the best of the last four", 6, 0),
}


@pytest.mark.fault(
    "checkpoints", "the checkpoint of the best epoch is damaged", "reported, and another epoch is chosen"
)
@pytest.mark.parametrize("case", LOST)
def test_a_run_that_lost_its_best_weights_says_so_and_chooses_among_the_rest(
    new_network, digits, held_out, scripted, bits, tmp_path, case
):
    """There is no going back before the loss: the older checkpoints are gone."""
    rule, more, chunks = LOST[case]
    options = {"executor": scripted(RIGHT, UnpluggableDefinition)}
    recipe = Recipe(12, 16, Adam(0.1), chunk_images=48 if chunks else 200, **RULES[rule])
    unchosen = replace(recipe, choose="last", early_stopping=None)
    rows = run(new_network(hidden=3), unchosen, digits, held_out, **options).rows
    done, lost = (6, 4) if rule.endswith("four") else (5, 2)
    asked = replace(recipe, epochs=done + more)
    so_far = (5 if chunks else 1) * done + chunks
    run(new_network(hidden=3), asked, digits, held_out, chunks=so_far, out=tmp_path, **options)
    (best,) = (tmp_path / "checkpoints").glob(f"epoch-{lost:04d}-step-{13 * lost:08d}")
    flip(best / "weights.safetensors")
    others = [load(path).state["progress"] for path in best.parent.iterdir() if path != best]
    whole = {progress["epoch"] for progress in others if progress["step_in_epoch"] == 0}
    network = new_network(hidden=3)
    history = run(network, asked, digits, held_out, out=tmp_path, resume=True, **options)

    first = asked.epochs - 3 if rule.endswith("four") else 1
    left = {epoch for epoch in whole | {*range(done + 1, asked.epochs + 1)} if epoch >= first}
    expected = max(left, key=lambda epoch: (RIGHT[epoch - 1], epoch))
    assert history.chosen_epoch == expected
    assert figures(history.rows) == figures(rows[: asked.epochs])
    until_then = new_network(hidden=3)
    run(until_then, replace(unchosen, epochs=expected), digits, held_out, **options)
    assert bits(network) == bits(until_then)
    (told,) = [notice for notice in history.notices if "are lost" in notice]
    assert f"the weights of epoch {lost} are lost" in told
    assert ("those to come" in told) == (more > 0)


@pytest.mark.fault("checkpoints", "all checkpoints are damaged", "one line names the first fault")
def test_if_all_are_damaged_the_first_fault_is_named(new_network, digits, tmp_path):
    run(new_network(), ADAM, digits, None, out=tmp_path)
    for folder in (tmp_path / "checkpoints").iterdir():
        flip(folder / "weights.safetensors")
    with pytest.raises(CheckpointError, match=r"no checkpoint can be used; .*epoch-0004.*SHA-256"):
        run(new_network(), ADAM, digits, None, out=tmp_path, resume=True)


def change_checkpoint(folder, change):
    """Save a checkpoint again, whole and with a manifest, but with something changed."""
    checkpoint = load(folder)
    change(checkpoint)
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


@pytest.mark.fault(
    "checkpoints",
    "a tensor is missing, added, of another shape or dtype, NaN or infinite",
    "rejected, with the tensor's name",
)
@pytest.mark.parametrize("name", TENSORS)
def test_weights_that_are_not_the_networks_are_refused_by_name(new_network, digits, tmp_path, name):
    change, message = TENSORS[name]
    run(new_network(), replace(ADAM, epochs=1), digits, None, out=tmp_path)
    for folder in (tmp_path / "checkpoints").iterdir():
        change_checkpoint(folder, lambda checkpoint: change(checkpoint.tensors["weights"]))
    with pytest.raises(CheckpointError, match=message):
        run(new_network(), ADAM, digits, None, out=tmp_path, resume=True)


def test_other_versions_are_remarked_on(new_network, digits, tmp_path, monkeypatch):
    run(new_network(), ADAM, digits, None, chunks=2, out=tmp_path)
    now = {**versions(), "numba": "99", "processor": "Other CPU"}
    monkeypatch.setattr("tenfold.train.run_checkpoints.versions", lambda: now)
    history = run(new_network(), ADAM, digits, None, out=tmp_path, resume=True)
    (told,) = [notice for notice in history.notices if "bits may differ" in notice]
    assert "numba" in told
    assert "now 99; processor" in told
    assert "numpy" not in told


def test_another_executor_is_remarked_on(new_network, digits, tmp_path):
    run(new_network(), ADAM, digits, None, chunks=2, out=tmp_path)
    engine = partial(executor_for, threads=1)
    history = fit(new_network(), ADAM, digits, out=tmp_path, resume=True, executor=engine)
    told = "computed by the definition on numpy arrays, it resumes on the compiled engine on 1 thread"
    assert any(told in text for text in history.notices)


def test_another_number_of_threads_is_remarked_on(new_network, digits, tmp_path):
    one, two = partial(executor_for, threads=1), partial(executor_for, threads=2)
    fit(new_network(), replace(ADAM, epochs=1), digits, out=tmp_path, executor=one)
    history = fit(new_network(), ADAM, digits, out=tmp_path, resume=True, executor=two)
    told = "on 1 thread, it resumes on the compiled engine on 2 threads"
    assert any(told in text for text in history.notices)


def test_the_state_is_plain_json_that_others_can_read(new_network, digits, tmp_path):
    run(new_network(), ADAM, digits, None, out=tmp_path)
    text = (max((tmp_path / "checkpoints").iterdir()) / "state.json").read_text()
    state = json.loads(text)
    assert state["recipe_hash"] == ADAM.hash
    assert state["progress"]["step"] == 4 * 13
    assert state["generators"].keys() == {"augmentation", "dropout"}
