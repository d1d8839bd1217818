"""``tenfold run-trial NAME``: one trial of the ledger, in its own process; `tenfold trials` starts it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli.options import Data, EvaluateTrain, Name, Protocol, Watch

if TYPE_CHECKING:
    from tenfold.cli.training import Job
    from tenfold.evaluate import Ledger, Trial
    from tenfold.train import Callback


def trial(
    name: Name,
    results: Annotated[Path, typer.Option()],
    seed: Annotated[int, typer.Option(min=0)] = 0,
    protocol: Annotated[Protocol, typer.Option()] = Protocol.honest,
    source: Data = None,
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    ablation: Annotated[str | None, typer.Option(help="A file that changes the model.")] = None,
    link: Annotated[int, typer.Option(min=0, help="Which of its changes.")] = 0,
    watch: Watch = None,
    evaluate_train: EvaluateTrain = False,
) -> None:
    """Run one trial, telling its progress as JSON lines, for as long as its stdin is open."""
    _end_with_stdin()
    from tenfold.cli.downloading import load
    from tenfold.cli.training import Job
    from tenfold.evaluate import Ledger, Trial
    from tenfold.evaluate.ablation import read_ablation
    from tenfold.zoo import entry

    ledger, wanted = Ledger(results), Trial(name, protocol.value, seed)
    found = entry(name) if ablation is None else read_ablation(ablation).variants[link].entry
    corpus, out = load(source, quiet=True), ledger.run(wanted)
    job = Job(
        found,
        corpus,
        protocol,
        seed,
        epochs,
        out,
        watch=watch if found.is_network else None,
        evaluate_train=evaluate_train,
    )
    _run(job, ledger, wanted)


def _run(job: Job, ledger: Ledger, wanted: Trial) -> None:
    """Train, or go on where the last attempt was broken off; write the figures; drop the checkpoints."""
    import shutil

    from tenfold.cli import judging, run_folder, training
    from tenfold.cli.record import finished_record
    from tenfold.cli.trial_figures import trial_figures
    from tenfold.errors import StorageError
    from tenfold.train.run_folder import CHECKPOINTS
    from tenfold.zoo import MEMBERS, digest

    if not ledger.trials.is_dir():  # it is made by whoever starts this, and must not be made twice
        raise StorageError(f"{ledger.trials}: expected the ledger's folder, found nothing", "put it back")
    with run_folder.claimed(job, resume=True, again="give the same command again") as lock:
        if ledger.find(wanted) is None:  # another process may have been faster
            trained = training.run(job, lock, resume=True, progress=_says())
            evaluation, probabilities = judging.judge_trained(job, trained)
            record = finished_record(job, trained, evaluation)
            lock.check()
            run_folder.finish(job.out, record)
            trained_what, labels = digest(job.entry, job.epochs), job.corpus.test.labels
            ledger.put(wanted, trial_figures(record, evaluation, probabilities, labels, trained_what))
        for folder in (job.out, *(job.out / MEMBERS / name for name in job.entry.members)):
            shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)


def _end_with_stdin() -> None:
    """End as Ctrl-C does, with the run saved, as soon as whoever started this process is gone or says so.

    The pipe's other end is closed by the operating system even if its owner is killed.
    """
    import _thread

    def watch() -> None:
        while os.read(0, 4096):  # not through sys.stdin, whose lock would be held when the process ends
            pass
        _thread.interrupt_main()

    signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been inherited as ignored
    threading.Thread(target=watch, daemon=True).start()


def _says() -> Callback:
    """Return a callback that says now and then where the run stands."""
    from time import monotonic

    from tenfold.train import Callback, Progress

    class Says(Callback):
        last = 0.0

        def on_chunk(self, progress: Progress) -> None:
            if monotonic() - self.last > 0.3:
                self.last = monotonic()
                say(standing(progress))

    return Says()


def standing(progress: Any) -> dict[str, Any]:
    """Return where a run stands: epoch, latest accuracy, images a second, seconds left."""
    rows, tally = progress.history.rows, progress.tally
    accuracy = tally.accuracy
    if rows:
        held_out = rows[-1].validation_accuracy
        accuracy = rows[-1].train_accuracy if held_out is None else held_out
    rate = tally.images / tally.seconds if tally.seconds > 0 else 0.0
    whole = progress.images_per_epoch * (progress.epochs - progress.epoch)
    return {
        "epoch": progress.epoch + 1,
        "epochs": progress.epochs,
        "accuracy": accuracy,
        "rate": rate,
        "left": (whole - tally.images) / rate if rate else None,
    }


def say(report: dict[str, Any]) -> None:
    """Print one line of JSON; if nobody listens any more, stdin tells."""
    try:
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
    except OSError:
        return
