"""One trainer a folder; the dead hold nothing."""

import subprocess
import sys

import pytest

from tenfold.checkpoint import RunLock
from tenfold.errors import BusyError, CheckpointError

HOLDER = """
import sys, time
from pathlib import Path
from tenfold.checkpoint import RunLock
with RunLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_second_is_told_who_holds_the_folder_until_that_process_is_killed(tmp_path, holder):
    with (
        pytest.raises(BusyError, match=f"found process {holder.pid}; wait for it") as refused,
        RunLock(tmp_path),
    ):
        pass
    assert refused.value.exit_code == 6
    holder.kill()
    holder.wait()
    with RunLock(tmp_path):
        pass


def test_two_runs_in_one_process_exclude_each_other_and_a_lock_can_be_taken_again(tmp_path):
    for _ in range(2):
        with (
            RunLock(tmp_path),
            pytest.raises(BusyError, match="expected no other trainer"),
            RunLock(tmp_path),
        ):
            pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CheckpointError, match="expected a folder to write to"),
        RunLock(tmp_path / "file" / "run"),
    ):
        pass
