"""What the library logs and warns of is one line each on stderr, and stdout stays what was asked for."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

from tenfold.cli.notices import library_notices
from tenfold.errors import SlowerWarning


def test_a_warning_of_what_is_slower_is_one_line(capsys):
    with library_notices():
        for _ in range(2):
            warnings.warn("layer 'act' (Swish) runs by its definition", SlowerWarning, stacklevel=1)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "note: layer 'act' (Swish) runs by its definition\n")


def test_other_warnings_are_shown_as_before(monkeypatch):
    shown = []
    monkeypatch.setattr(
        warnings, "showwarning", lambda *arguments, **options: shown.append(str(arguments[0]))
    )
    with library_notices():
        warnings.showwarning("something else", UserWarning, "file.py", 1)
    assert shown == ["something else"]


def test_what_is_logged_is_one_line_and_afterwards_all_is_as_before(capsys):
    before = logging.lastResort, warnings.showwarning
    with library_notices():
        record = logging.LogRecord("tenfold", logging.WARNING, "", 0, "%d files removed", (3,), None)
        logging.lastResort.handle(record)
    assert capsys.readouterr() == ("", "3 files removed\n")
    assert (logging.lastResort, warnings.showwarning) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
def test_a_first_prediction_says_that_it_compiles_before_it_does(tmp_path):
    Image.fromarray(np.full((60, 60), 255, np.uint8)).save(tmp_path / "white.png")
    process = subprocess.Popen(
        [sys.executable, "-m", "tenfold", "predict", "--json", str(tmp_path / "white.png")],
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
