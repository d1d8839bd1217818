"""Scripts that need a fresh process: memory, start-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from worker import MissingError

from tenfold.folders import CACHE_VARIABLE

HERE = Path(__file__).parent


def fresh(script: str, *arguments: str, cache: Path | None = None) -> tuple[dict[str, Any], float]:
    """Run a script of ``fresh/``, with another cache folder if one is given.

    Returns
    -------
    dict, float
        The line of JSON that it printed, and the seconds from its start until that line came.

    Raises
    ------
    MissingError
        If it fails.
    """
    path = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path))
    if cache is not None:
        environment[CACHE_VARIABLE] = str(cache)
    command = [sys.executable, str(HERE / "fresh" / script), *arguments]
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        _, errors = process.communicate()
    if process.returncode != 0:
        words = errors.strip().splitlines()
        raise MissingError(words[-1][:300] if words else f"exit status {process.returncode}")
    return json.loads(line), seconds
