"""Threads that wait for each other, and for nobody who will not come."""

import threading

import numpy as np
import pytest

from tenfold.backend.cpu.barrier import meet
from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.threads import ABANDONED, checked, in_shares, together
from tenfold.errors import ConfigError


@kernel
def count_up(thread, threads, rounds, counter, own, seen):
    """Each thread writes its count, waits, and notes the least that it sees of all."""
    for i in range(rounds):
        own[thread] = i + 1
        if not meet(counter, threads):
            return i
        seen[thread, i] = own.min()
        if not meet(counter, threads):
            return i
    return rounds


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_nobody_goes_on_before_all_have_come(threads):
    rounds, counter = 200, np.zeros(1, np.int64)
    own, seen = np.zeros(threads, np.int64), np.zeros((threads, rounds), np.int64)
    together(threads, lambda i: count_up(i, threads, rounds, counter, own, seen), counter)
    np.testing.assert_array_equal(seen, np.tile(np.arange(1, rounds + 1), (threads, 1)))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_if_the_first_cannot_begin_the_others_do_not_wait(error):
    counter, own, seen = np.zeros(1, np.int64), np.zeros(2, np.int64), np.zeros((2, 9), np.int64)

    def share(thread):
        if thread == 0:
            raise error("not now")
        return count_up(thread, 2, 9, counter, own, seen)

    done = []

    def call():
        with pytest.raises(error, match="not now"):
            together(2, share, counter)
        done.append(True)

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    caller.join(timeout=30)
    assert done == [True]
    assert counter[0] >= ABANDONED


@pytest.mark.parametrize("failing", [1, 2])
def test_if_another_fails_nobody_waits_for_it_and_the_caller_hears_of_it(failing):
    counter, own, seen = np.zeros(1, np.int64), np.zeros(3, np.int64), np.zeros((3, 9), np.int64)

    def share(thread):
        if thread == failing:
            raise MemoryError("no room")
        return count_up(thread, 3, 9, counter, own, seen)

    done = []

    def call():
        with pytest.raises(MemoryError, match="no room"):
            together(3, share, counter)
        done.append(True)

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    caller.join(timeout=30)
    counter[0] = ABANDONED  # whatever happened, nobody is left spinning
    assert done == [True]


def test_a_share_that_fails_is_heard_of():
    def work(first, last):
        if first > 0:
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        in_shares(work, 1000, 2)


def test_threads_are_counted_from_one():
    with pytest.raises(ConfigError, match="threads: expected at least 1, got 0; leave it out"):
        checked(0)


@pytest.mark.parametrize(
    ("told", "expected"), [(None, 4), ("3", 3), ("8", 4), ("0", 4), ("many", 4)], ids=str
)
def test_a_worker_of_joblib_takes_its_share(told, expected, monkeypatch):
    monkeypatch.setattr("tenfold.backend.cpu.threads.available", lambda: 4)
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    if told is not None:
        monkeypatch.setenv("NUMBA_NUM_THREADS", told)
    assert checked(None) == expected
    assert checked(7) == 7
