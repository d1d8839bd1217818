"""What a studio does with trainings that were killed together with the one before it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tenfold.runs.models import Models
from tenfold.studio.queue_files import QueueFiles
from tenfold.studio.shared_processes import SharedProcesses
from tenfold.studio.turns import Entry
from tenfold.train.run_checkpoints import CHECKPOINTS
from tenfold.users import Quota

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a studio for several people needs Unix")


def recovered(folder: Path, entry: Entry) -> SharedProcesses:
    """The processes of a studio that finds one training that was begun."""
    files = QueueFiles(folder / ".studio" / "queue")
    files.add(replace(entry, begun=0.0))
    files.begin(entry, {})
    os.close(files._held)  # as the system does when the process ends
    return SharedProcesses(folder, Models.of(None), 1, lambda: {"anna": Quota()})


@pytest.mark.parametrize(
    ("tries", "saved", "then"), [(0, False, 1), (2, False, 3), (3, False, None), (3, True, 1), (9, True, 1)]
)
def test_a_training_that_gets_on_is_resumed_however_often_it_is_killed(
    tmp_path: Path, tries: int, saved: bool, then: int | None
) -> None:
    checkpoint = tmp_path / "anna" / "mine" / CHECKPOINTS / "epoch-0001-step-00000600"
    checkpoint.mkdir(parents=True)
    begun = checkpoint.stat().st_mtime + (-5 if saved else 5)
    (tmp_path / ".studio").mkdir()
    found = recovered(tmp_path, Entry(1, "anna/mine", tries=tries, begun=begun))
    waiting = [(one.name, one.tries, one.resume) for one in found._waiting.values()]
    assert waiting == ([] if then is None else [("anna/mine", then, True)])
    said = found.reason("anna/mine")
    assert (said is None) == (then is not None)
    assert said is None or "killed 3 times before an epoch was done" in said
