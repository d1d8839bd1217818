"""Threads that share out work, and wait for nobody who does not come."""

import sys
import threading
import time

import numpy as np
import pytest

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.phases import ABANDONED, board, finish, next_phase, take
from tenfold.backend.cpu.threads import checked, in_shares, run_parallel
from tenfold.errors import ConfigError


@kernel
def count_up(thread, threads, phases, units, shared, done, least):
    """Do units of one count each; before each, note the least that has been done of any unit."""
    phase = 0
    while phase < phases:
        for i in range(units):
            unit = (units * thread // threads + i) % units
            if take(shared, unit, phase):
                least[phase % len(least), unit] = done.min()
                done[unit] += 1
                finish(shared, units)
        phase = next_phase(shared, units, phase)


class Counted:
    """Units counted by threads, of which some may come late or not at all."""

    def __init__(self, threads, units, phases=200):
        self.threads, self.units, self.phases = threads, units, phases
        self.board = board(units)
        self.done, self.least = np.zeros(units, np.int64), np.zeros((min(phases, 200), units), np.int64)

    def share(self, thread):
        at = self.board.ctypes.data
        count_up(thread, self.threads, self.phases, self.units, at, self.done, self.least)

    def check(self):
        """Each unit was done once in each phase, and no phase began before the one before was done."""
        np.testing.assert_array_equal(self.done, self.phases)
        assert (self.least >= np.arange(self.phases)[:, None]).all()


@pytest.mark.parametrize(("threads", "units"), [(1, 1), (1, 8), (2, 2), (2, 8), (3, 3), (5, 2), (5, 8)])
def test_each_unit_is_done_once_a_phase_and_phases_do_not_overlap(threads, units):
    counted = Counted(threads, units)
    run_parallel(threads, counted.share, counted.board)
    counted.check()


@pytest.mark.parametrize("late", [0, 1, 2])
@pytest.mark.parametrize("units", [3, 8])
def test_the_others_do_the_work_of_a_thread_that_does_not_run(late, units):
    counted = Counted(3, units)
    rest_is_done = threading.Event()

    def share(thread):
        if thread == late:
            assert rest_is_done.wait(30)  # as if the system had not let it run
        counted.share(thread)
        rest_is_done.set()

    run_parallel(3, share, counted.board)
    counted.check()


@pytest.mark.skipif(sys.platform != "linux", reason="sleeps through a system call of Linux")
@pytest.mark.fault("other programs", "they use the core of a thread", "the waiting threads sleep")
def test_a_thread_that_waits_leaves_its_core_to_others():
    run_parallel(1, Counted(1, 1).share)  # compiles
    counted = Counted(2, 2, phases=1)
    at, used = counted.board.ctypes.data, []

    def share(thread):
        if thread == 1:
            assert take(at, 1, 0)
            time.sleep(0.5)
            finish(at, 2)
            return
        while counted.board[-8] < 0:  # until the other has its unit
            time.sleep(0.01)
        before = time.thread_time()
        counted.share(thread)
        used.append(time.thread_time() - before)

    run_parallel(2, share, counted.board)
    assert used[0] < 0.25  # of half a second


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_if_the_first_cannot_begin_nothing_more_is_begun(error):
    counted = Counted(2, 2, phases=1 << 40)  # more than anybody can wait for

    def share(thread):
        if thread == 0:
            raise error("not now")
        counted.share(thread)

    with pytest.raises(error, match="not now"):
        run_parallel(2, share, counted.board)
    assert counted.board[0] >= ABANDONED


@pytest.mark.parametrize("failing", [1, 2])
def test_if_another_fails_nothing_more_is_begun_and_the_caller_hears_of_it(failing):
    counted = Counted(3, 3, phases=1 << 40)

    def share(thread):
        if thread == failing:
            raise MemoryError("no room")
        counted.share(thread)

    with pytest.raises(MemoryError, match="no room"):
        run_parallel(3, share, counted.board)
    assert counted.board[0] >= ABANDONED


@pytest.mark.parametrize("n", [0, 1, 63, 64, 127, 128, 1000, 4321])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_shares_cover_all_images_once(n, threads):
    seen = np.zeros(n, np.int64)

    def work(first, last, seen):
        seen[first:last] += 1

    in_shares(work, n, threads, seen)
    np.testing.assert_array_equal(seen, 1)


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
