"""Ctrl-C: once to save and stop, twice to stop now; the handler of before comes back."""

import os
import signal
import threading

import pytest

from tenfold.checkpoint import load
from tenfold.interrupt import StopSignals, own_signals
from tenfold.optim import Adam
from tenfold.train import Callback, CheckpointEvery, DefinitionExecutor, Interrupted, Recipe, fit

RECIPE = Recipe(3, 16, Adam(0.05), choose="best", chunk_images=64)  # 4 chunks an epoch


class Presses(Callback):
    """Presses Ctrl-C during a chunk, as often as said; counts the chunks that came after."""

    def __init__(self, chunk, times=1):
        self.chunk, self.times, self.seen = chunk, times, 0

    def on_chunk(self, progress):
        self.seen += 1
        if self.seen == self.chunk:
            for _ in range(self.times):
                os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(autouse=True)
def handler():
    """The handler that the program had before, which must be there again."""
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    after = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)
    assert after is signal.default_int_handler


def train(network, digits, held_out, **options):
    return fit(network, RECIPE, digits, held_out, executor=DefinitionExecutor, **options)


@pytest.mark.fault("training", "Ctrl-C once", "saved, exit 130, resumed with the same bits")
@pytest.mark.parametrize("chunk", [1, 4, 5, 12])
def test_once_saves_at_the_end_of_the_chunk_and_resumes_to_the_same_bits(
    new_network, digits, held_out, bits, tmp_path, chunk
):
    network, whole = new_network(), new_network()
    presses = Presses(chunk)
    with pytest.raises(Interrupted) as interrupted:
        train(network, digits, held_out, out=tmp_path, callbacks=[presses])
    assert presses.seen == chunk
    assert interrupted.value.exit_code == 130
    assert isinstance(interrupted.value, KeyboardInterrupt)
    epoch, step = (chunk - 1) // 4 + 1, min(4 * ((chunk - 1) % 4 + 1), 13)
    at, again = f"epoch {epoch}, after step {step}", f"call fit again with out='{tmp_path}' and resume=True"
    assert str(interrupted.value) == f"interrupted in {at}; saved, {again}"
    saved = load(interrupted.value.folder).tensors["weights"]
    assert {name: array.tobytes() for name, array in saved.items()} == bits(network)
    train(network, digits, held_out, out=tmp_path, resume=True)
    train(whole, digits, held_out)
    assert bits(network) == bits(whole)


def test_without_a_folder_it_says_that_nothing_was_saved(network, digits, held_out):
    with pytest.raises(Interrupted, match="nothing was saved because no folder was given") as interrupted:
        train(network, digits, held_out, callbacks=[Presses(2)])
    assert interrupted.value.folder is None


@pytest.mark.fault("training", "Ctrl-C twice", "stops now, the last checkpoint stays valid")
def test_twice_stops_at_once_and_the_last_checkpoint_stays_good(
    new_network, digits, held_out, bits, tmp_path
):
    network, whole = new_network(), new_network()
    cadence = CheckpointEvery(chunks=1)
    with pytest.raises(KeyboardInterrupt) as stopped:
        train(network, digits, held_out, out=tmp_path, callbacks=[Presses(6, times=2)], checkpoints=cadence)
    assert not isinstance(stopped.value, Interrupted)
    assert max(path.name for path in (tmp_path / "checkpoints").iterdir()) == "epoch-0001-step-00000017"
    train(network, digits, held_out, out=tmp_path, resume=True)
    train(whole, digits, held_out)
    assert bits(network) == bits(whole)


def test_outside_the_main_thread_signals_are_left_alone(network, digits, held_out):
    rows = []
    thread = threading.Thread(target=lambda: rows.extend(train(network, digits, held_out).rows))
    thread.start()
    thread.join()
    assert len(rows) == 3


def test_where_interrupts_are_ignored_they_stay_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with StopSignals() as signals:
        os.kill(os.getpid(), signal.SIGINT)
        assert signals.number is None
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_handler_of_a_library_does_not_stay():
    before = signal.getsignal(signal.SIGTERM)
    with own_signals():
        signal.signal(signal.SIGTERM, lambda number, frame: None)
    assert signal.getsignal(signal.SIGTERM) is before
