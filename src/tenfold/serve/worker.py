"""The worker process: it reads messages from stdin and writes the answers to stdout.

It ends when stdin ends, so it never outlives the server. It ignores the signals that stop the server.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from PIL import Image

from tenfold.data import PictureLimits
from tenfold.errors import TenfoldError
from tenfold.predict.recogniser import Recogniser, shipped
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.serve.class_handler import ClassHandler
from tenfold.serve.messages import Message, pack_messages, read_messages
from tenfold.serve.picture_handler import PictureHandler
from tenfold.serve.tensor_handler import TensorHandler

BatchHandler: TypeAlias = Callable[[Sequence[Message]], list[Message]]


def main(arguments: list[str]) -> None:
    """Answer messages until stdin ends.

    Parameters
    ----------
    arguments : list of str
        As JSON the CPU seconds allowed for each message and the limits on pictures; then, unless the
        built-in network is served, the run's folder and the user's own files with layers of its network.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    stdout = _claim_stdout()
    given, *served = arguments
    limits = json.loads(given)
    with suppress(EOFError, BrokenPipeError):  # the server has ended
        try:
            recogniser = load(Path(served[0]) if served else None, served[1:])
            model_info = describe(recogniser)
        except TenfoldError as error:
            _write(stdout, [({"error": str(error), "kind": type(error).__name__}, b"")])
            return
        batcher = Batcher(recogniser, PictureLimits(**limits["pictures"]))
        batcher.warm_up()
        gc.collect()
        gc.freeze()  # these objects live as long as the process; each scan of them takes tenths of a second
        _write(stdout, [(model_info, b"")])
        while True:
            messages = read_messages(sys.stdin.buffer)
            with _cpu_time_limit(limits["seconds"] * len(messages)):
                answers = batcher.handle(messages)
            _write(stdout, answers)


class Batcher:
    """Answers messages. Messages of the same kind are evaluated in one batch.

    Parameters
    ----------
    recogniser : Recogniser
    limits : PictureLimits
    """

    def __init__(self, recogniser: Recogniser, limits: PictureLimits) -> None:
        reading = PictureHandler if recogniser.reads_digits else ClassHandler
        self._handlers: Mapping[str, BatchHandler] = {
            "digits": reading(recogniser, limits).handle,
            "infer": TensorHandler(recogniser).handle,
        }

    def warm_up(self) -> None:
        """Read a picture, so that no request has to wait for imports and set-up."""
        page = Image.new("L", (200, 100), 255)
        page.paste(0, (90, 20, 98, 80))
        with io.BytesIO() as file:
            page.save(file, "PNG")
            self.handle([({"kind": "digits", "details": True}, file.getvalue())])

    def handle(self, messages: Sequence[Message]) -> list[Message]:
        """Return an answer for each message, in the same order."""
        answers: dict[int, Message] = {}
        for kind, handler in self._handlers.items():
            indices = [i for i, (header, _) in enumerate(messages) if header["kind"] == kind]
            if indices:
                batch = handler([messages[i] for i in indices])
                answers.update(zip(indices, batch, strict=True))
        return [answers[i] for i in range(len(messages))]


@contextmanager
def _cpu_time_limit(seconds: float) -> Iterator[None]:
    """Let the system kill this process after so much CPU time, in compiled code too.

    A limit on wall-clock time would make valid requests fail on a busy machine.
    """
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)


def load(run: Path | None, networks: Sequence[str] = ()) -> Recogniser:
    """Return the recogniser of a run, or the built-in one."""
    return shipped() if run is None else Recogniser.of(open_run(run, Models.of(networks)).model)


def describe(recogniser: Recogniser) -> dict[str, Any]:
    """Return the model's name, its images and classes, and a fingerprint of its answers."""
    model = recogniser.model
    h, w, c = model.input_shape
    shape = [h, w] if c == 1 else [h, w, c]
    probes = np.random.default_rng(0).integers(0, 256, (8, *shape)).astype(np.uint8)
    with _one_core():
        found = recogniser.predict(probes)
    fingerprint = hashlib.sha256(found.probabilities.tobytes() + found.doubt.tobytes()).hexdigest()
    return {
        "name": model.name,
        "fingerprint": fingerprint,
        "shape": shape,
        "classes": model.classes,
        "class_names": list(model.class_names),
        "reads_digits": recogniser.reads_digits,
    }


@contextmanager
def _one_core() -> Iterator[None]:
    """Let the engine, which is built at the first prediction, see one core and so use one thread.

    The other cores serve other workers. Afterwards this process may run on any core.
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


def _claim_stdout() -> BinaryIO:
    """Return stdout for messages only; from now on, everything that is printed goes to stderr."""
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return stdout


def _write(stdout: BinaryIO, messages: list[Message]) -> None:
    for piece in pack_messages(messages):
        stdout.write(piece)
    stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
