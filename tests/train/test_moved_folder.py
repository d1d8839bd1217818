"""A run's folder that is moved, replaced or removed while the run goes on."""

import shutil

import pytest

from tenfold.files import MovedError
from tenfold.optim import Adam
from tenfold.train import Callback, CheckpointEvery, DefinitionExecutor, Recipe, fit

RECIPE = Recipe(3, 16, Adam(0.05), choose="best", chunk_images=64)  # 4 chunks an epoch


class Does(Callback):
    """Does something to the folder once, at a moment of a run."""

    def __init__(self, what, moment, times):
        self.what, self.left = what, times
        setattr(self, moment, self._count)

    def _count(self, progress):
        self.left -= 1
        if self.left == 0:
            self.what()


def train(network, digits, held_out, out, *callbacks, **options):
    cadence = CheckpointEvery(chunks=1)
    options |= {"executor": DefinitionExecutor, "checkpoints": cadence, "callbacks": callbacks}
    return fit(network, RECIPE, digits, held_out, out=out, **options)


@pytest.mark.fault(
    "run folder",
    "moved or replaced while training",
    "one line gives the new path; resumed there with the same bits",
)
@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.parametrize(
    ("moment", "times"), [("on_chunk", 2), ("on_chunk", 6), ("on_chunk", 8), ("on_epoch_end", 2)]
)
def test_moved_it_ends_and_goes_on_there(
    new_network, digits, held_out, bits, tmp_path, replaced, moment, times
):
    run, there = tmp_path / "run", tmp_path / "there"
    network, whole = new_network(), new_network()

    def move():
        run.rename(there)
        if replaced:
            run.mkdir()

    found = "another one" if replaced else "nothing"
    with pytest.raises(MovedError, match=f"found {found}: it was moved to {there}; continue there") as moved:
        train(network, digits, held_out, run, Does(move, moment, times))
    assert moved.value.there == there
    assert [*run.iterdir()] == [] if replaced else not run.exists()
    assert list(there.glob("checkpoints/epoch-*"))
    train(network, digits, held_out, there, resume=True)
    train(whole, digits, held_out, tmp_path / "whole")
    assert bits(network) == bits(whole)


@pytest.mark.fault("run folder", "removed while training", "one line; no folder is made in its place")
@pytest.mark.parametrize("moment", ["on_chunk", "on_epoch_end"])
def test_removed_it_ends_and_nothing_is_made_in_its_place(network, digits, held_out, tmp_path, moment):
    run = tmp_path / "run"
    with pytest.raises(MovedError, match="found nothing: it was removed; start again"):
        train(network, digits, held_out, run, Does(lambda: shutil.rmtree(run), moment, 1))
    assert not run.exists()
