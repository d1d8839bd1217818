"""What the library logs and warns of is one line each on stderr."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

from tenfold import __version__
from tenfold.cli import main, output
from tenfold.errors import SlowerWarning


def test_a_warning_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr(
        output, "say", lambda line: warnings.warn(f"{line}\nis slow", SlowerWarning, stacklevel=1)
    )
    warnings.simplefilter("always")
    assert main(["--version"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"note: tenfold {__version__} is slow\n")


def test_a_warning_is_said_once_in_a_command(capsys, monkeypatch):
    def twice(line):
        for text in (line, line, "other"):
            warnings.warn(text, SlowerWarning, stacklevel=1)

    monkeypatch.setattr(output, "say", twice)
    warnings.simplefilter("always")
    for _ in range(2):  # each command says it
        assert main(["--version"]) == 0
    line = f"note: tenfold {__version__}"
    assert capsys.readouterr().err.splitlines() == [line, "note: other"] * 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
def test_a_first_prediction_says_that_it_compiles_before_it_does(tmp_path):
    picture = np.full((60, 60), 255, np.uint8)
    picture[10:50, 28:32] = 0
    Image.fromarray(picture).save(tmp_path / "one.png")
    process = subprocess.Popen(
        [sys.executable, "-m", "tenfold", "predict", "--json", str(tmp_path / "one.png")],
        env={**os.environ, "TENFOLD_CACHE": str(tmp_path / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # it starts another process, which must end as well
    )
    try:
        line = process.stderr.readline()
        compiled = list((tmp_path / "cache").glob("engine/*.code"))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
    assert line == "compiling the engine for this processor, once; it takes about 30 seconds\n"
    assert len(compiled) < 10  # of some forty
    assert out == ""
