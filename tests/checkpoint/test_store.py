"""A run's checkpoints: found in order, thinned out with care."""

import numpy as np
import pytest

from tenfold.checkpoint import CheckpointStore
from tenfold.errors import CheckpointError
from tenfold.files import temporary_path


@pytest.fixture
def store(tmp_path):
    return CheckpointStore(tmp_path / "checkpoints")


def put(store, *positions, needs=None):
    for epoch, step in positions:
        tensors = {"weights": {"a": np.full(2, step, np.float32)}}
        store.save(epoch, step, tensors, {"at": [epoch, step]}, (needs or {}).get((epoch, step), ()))


def kept(store):
    return [(at.epoch, at.step) for at in store.positions()]


def test_an_empty_store_has_nothing(store):
    assert store.positions() == []
    assert list(store.newest_first(print)) == []
    with pytest.raises(CheckpointError, match="expected a checkpoint folder, found none"):
        store.find(1, 10)


def test_the_newest_comes_first_by_number_not_by_spelling(store):
    put(store, (9, 90), (10000, 100_000_000), (2, 20), (9, 95))
    found = [tuple(checkpoint.state["at"]) for checkpoint in store.newest_first(print)]
    assert found == [(10000, 100_000_000), (9, 95), (9, 90), (2, 20)]


def test_a_second_save_at_one_position_does_not_touch_the_first(store):
    put(store, (1, 10), (1, 10), (1, 10))
    assert [at.copy for at in store.positions()] == [0, 1, 2]
    assert store.find(1, 10).folder.name.endswith(".2")


@pytest.mark.fault("checkpoints", "the newest checkpoint is damaged", "reported, an older one is used")
def test_the_damaged_are_passed_over_and_said(store):
    put(store, (1, 10), (2, 20), (3, 30))
    (store.root / "epoch-0003-step-00000030" / "MANIFEST.json").unlink()
    said = []
    assert [c.state["at"][0] for c in store.newest_first(said.append)] == [2, 1]
    assert len(said) == 1
    assert "epoch-0003-step-00000030" in said[0]


NEEDS = {(2, 25): [(2, 20)], (4, 40): [(0, 5), (4, 40)], (4, 45): [(1, 10)]}
PRUNED = {
    "the last two with what each needs": ({"keep_last": 2}, [(0, 5), (1, 10), (4, 40), (4, 45)]),
    "the last with what it needs": ({"keep_last": 1}, [(1, 10), (4, 45)]),
    "every second epoch's end": ({"keep_last": 1, "every": 2}, [(1, 10), (2, 20), (4, 40), (4, 45)]),
    "more than there are": (
        {"keep_last": 99},
        [(0, 5), (1, 10), (2, 20), (2, 25), (4, 40), (4, 45)],
    ),
}


@pytest.mark.parametrize("name", PRUNED)
def test_pruning_keeps(store, name):
    arguments, expected = PRUNED[name]
    put(store, (0, 5), (1, 10), (2, 20), (2, 25), (4, 40), (4, 45), needs=NEEDS)
    store.prune(**arguments)
    assert kept(store) == expected


@pytest.mark.fault("checkpoints", "the newest checkpoint is damaged", "reported, an older one is used")
def test_pruning_takes_no_word_from_a_damaged_checkpoint(store):
    put(store, (1, 10), (2, 20), (3, 30), needs={(3, 30): [(1, 10)]})
    (store.root / "epoch-0003-step-00000030" / "state.json").write_text('{"needs": 5}')
    store.prune(keep_last=1)
    assert kept(store) == [(3, 30)]


def test_what_comes_after_a_good_checkpoint_can_be_set_aside(store):
    put(store, (1, 10), (2, 20), (3, 30))
    store.set_aside(after="epoch-0001-step-00000010")
    assert kept(store) == [(1, 10)]
    assert (store.root / "damaged-epoch-0003-step-00000030").is_dir()
    with pytest.raises(CheckpointError, match="expected the name of a checkpoint folder"):
        store.set_aside(after="../x")


@pytest.mark.fault("checkpoints", "a checkpoint is half written", "it does not count, and is removed")
def test_half_written_folders_do_not_exist_and_are_swept(store):
    put(store, (1, 10))
    half = temporary_path(store.root / "epoch-0002-step-00000020")
    half.mkdir()
    (half / "weights.safetensors").write_bytes(b"x")
    assert kept(store) == [(1, 10)]
    store.sweep()
    assert not half.exists()
    assert kept(store) == [(1, 10)]
