"""The pictures of a run's report, drawn in earnest."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tenfold.cli import main


def test_the_pictures_of_a_run_are_pictures(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert main(["train", "nn1l", "--data", "mnist-5k", "--epochs", "1", "-q", "--out", str(run)]) == 0
    pictures = list((run / "figures").iterdir())
    assert len(pictures) == 11
    for path in pictures:
        with Image.open(path) as picture:
            picture.verify()
