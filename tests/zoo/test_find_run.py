"""Whether a folder holds a finished run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenfold.errors import CheckpointError
from tenfold.predict import find_run


def test_a_finished_run_has_its_record(tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "run.json").write_text("{}")
    assert find_run(str(tmp_path)) == tmp_path
    for none in ("nowhere", "unfinished"):
        with pytest.raises(
            CheckpointError,
            match=rf"{none}: expected the folder of a finished run, found no run\.json; train one: ",
        ):
            find_run(tmp_path / none)


@pytest.mark.parametrize("left", ["checkpoints/", "unfinished.json"])
def test_a_run_that_is_not_finished_is_to_be_resumed(left: str, tmp_path: Path) -> None:
    if left.endswith("/"):
        (tmp_path / left).mkdir()
    else:
        (tmp_path / left).write_text("{}")
    with pytest.raises(
        CheckpointError, match=r"expected a finished run, found one that is not .*resume it: "
    ):
        find_run(tmp_path)
