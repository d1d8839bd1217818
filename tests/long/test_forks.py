"""A process that is forked while another thread computes can compute itself."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tenfold.backend.forked import ForkSafeLock

TIMES = 8


@pytest.mark.fault(
    "fork", "a process forks while another thread predicts and trains", "the child computes the same"
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize(
    "job",
    [
        "predict",
        "train",
        "look",
        "augment",
        "checksum",
        "neighbours",
        "mapped",
        "classify",
        "fit",
        "own",
        "define",
    ],
)
def test_a_forked_child_computes_what_its_parent_does(job):
    script = Path(__file__).with_name("forking.py")
    done = subprocess.run(
        [sys.executable, script, job, str(TIMES), "2"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    )
    assert done.stderr == ""
    assert done.stdout.strip() == str(TIMES)


def free(lock: ForkSafeLock) -> bool:
    """Whether another thread could take it; the thread that holds it may take it again."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(lock._lock.acquire, blocking=False).result()


@pytest.mark.fault("fork", "a process forks while a thread holds a lock", "the child finds the lock free")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_lock_is_free_in_the_child_and_held_in_the_parent():
    lock = ForkSafeLock()
    with lock:
        child = os.fork()
        if child == 0:
            with lock:
                os._exit(7)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 7
        assert not free(lock)
    assert free(lock)
