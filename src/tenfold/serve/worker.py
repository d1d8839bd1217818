"""The process that reads: given messages on stdin, it gives messages back on stdout, until stdin ends.

It ends with the server, however that ends; signals that are meant for the server do not reach it.
"""

from __future__ import annotations

import gc
import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tenfold.errors import TenfoldError
from tenfold.predict.recogniser import Recogniser, shipped
from tenfold.serve.batcher import Batcher
from tenfold.serve.messages import Message, pack_messages, read_messages
from tenfold.zoo import load_model
from tenfold.zoo.trained import find_run


def main(arguments: list[str]) -> None:
    """Work.

    Parameters
    ----------
    arguments : list of str
        The seconds of CPU time for each message; the run, if it is not the network that comes with tenfold.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    stdout = _taken_stdout()
    seconds, *run = arguments
    with suppress(EOFError, BrokenPipeError):  # the server has gone
        try:
            recogniser = load(Path(run[0]) if run else None)
            model_info = describe(recogniser)
        except TenfoldError as error:
            _write(stdout, [({"error": str(error), "kind": type(error).__name__}, b"")])
            return
        batcher = Batcher(recogniser)
        batcher.rehearse()
        gc.collect()
        gc.freeze()  # what is there now stays: looking through it again and again takes tenths of seconds
        _write(stdout, [(model_info, b"")])
        while True:
            messages = read_messages(sys.stdin.buffer)
            with _cpu_time(float(seconds) * len(messages)):
                answers = batcher.handle(messages)
            _write(stdout, answers)


@contextmanager
def _cpu_time(seconds: float) -> Iterator[None]:
    """End this process if it takes more CPU time than this: the system does, also in compiled code.

    By the clock, a busy machine would make sound requests fail.
    """
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)


def load(run: Path | None) -> Recogniser:
    """Return the recogniser of a run, or the one that comes with tenfold."""
    return shipped() if run is None else Recogniser.of(load_model(find_run(run)))


def describe(recogniser: Recogniser) -> dict[str, Any]:
    """Return the model's name, and a fingerprint of what it answers."""
    probes = np.random.default_rng(0).integers(0, 256, (8, 28, 28)).astype(np.uint8)
    with _one_core():
        judgement = recogniser.judge(probes)
    fingerprint = hashlib.sha256(judgement.probabilities.tobytes() + judgement.doubt.tobytes()).hexdigest()
    return {"name": recogniser.model.name, "fingerprint": fingerprint}


@contextmanager
def _one_core() -> Iterator[None]:
    """Let the engine, which is built at the first question, take as many threads as it sees cores: one.

    The other cores have workers of their own. Afterwards any core will do.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _taken_stdout() -> BinaryIO:
    """Return stdout, and let what anybody prints go to stderr from now on."""
    taken = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return taken


def _write(stdout: BinaryIO, messages: list[Message]) -> None:
    for piece in pack_messages(messages):
        stdout.write(piece)
    stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
