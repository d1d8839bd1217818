"""``tenfold train NAME``: trains and evaluates a model, and writes its report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tenfold.cli import options, output, progress
from tenfold.cli.command import given
from tenfold.runs import completion
from tenfold.runs.event_files import OPTION
from tenfold.runs.live import OPTION as OPTION_LIVE
from tenfold.runs.protocol import Protocol

if TYPE_CHECKING:
    from tenfold.runs.job import Job


def train(
    ctx: typer.Context,
    name: options.Name = None,
    network: options.Network = None,
    source: options.Data = None,
    epochs: options.Epochs = None,
    learning_rate: float | None = typer.Option(None, "--lr", help="The optimiser's learning rate."),
    batch_size: int | None = typer.Option(None, min=1, help="Images in a minibatch."),
    changes: list[str] | None = typer.Option(
        None,
        "--set",
        metavar="NAME=VALUE",
        help="Change an option of the recipe or of a layer, such as recipe.optimizer.weight_decay=0.01 or "
        "network.fc1.c_out=100; may be given several times.",
    ),
    config: Path | None = typer.Option(
        None,
        metavar="RUN|FILE.toml",
        autocompletion=completion.runs,
        help="Take the recipe of a finished run, or the changes in a TOML file; --set and the others come "
        "after it.",
    ),
    seed: int = typer.Option(0, min=0, help="The seed for the initial weights and the order of the images."),
    protocol: options.Choices = Protocol.honest,
    start: str | None = typer.Option(
        None,
        "--from",
        metavar="RUN|shipped|zoo:NAME",
        autocompletion=completion.runs,
        help="Fine-tune a trained network on your own pictures, with MNIST images mixed in. "
        "./shipped is a folder of that name.",
    ),
    out: Path | None = typer.Option(None, help="The run's folder; by default a new one below runs/."),
    resume: bool = typer.Option(
        False, "--resume", help="Continue the run in the folder given by --out, if there is one."
    ),
    from_epoch: int | None = typer.Option(
        None,
        metavar="N",
        min=1,
        help="With --resume: continue from this epoch. If the run has later epochs, this is done in a "
        "new folder next to it, FOLDER-from-N, and the run is not changed.",
    ),
    keep_all: bool = typer.Option(
        False,
        "--keep-all",
        help="Keep the checkpoint of every epoch: for --from-epoch, and for evaluate --epoch. By default "
        "those of the last two, and of epochs that may be chosen.",
    ),
    watch: options.Watch = None,
    evaluate_train: options.EvaluateTrain = False,
    board: str | None = typer.Option(
        None,
        OPTION,
        metavar="[FOLDER]",
        help="Write event files for TensorBoard; by default into tensorboard/ in the run's folder.",
    ),
    live: bool = typer.Option(
        False, OPTION_LIVE, help="Record the training while it goes on, for `tenfold studio`."
    ),
    every_image: bool = typer.Option(
        False,
        "--all-images",
        help="Train on all labelled images, for data without a separate test set: no images are held out "
        "for choices or evaluation.",
    ),
    no_report: bool = typer.Option(
        False, "--no-report", help="Do not write the report, its pictures, evaluation.json and errors.csv."
    ),
    device: str | None = typer.Option(
        None,
        metavar="cpu|cuda|auto",
        help="Train on the processor; on a GPU, through PyTorch (cuda:1 is the second); or on a GPU if "
        "there is one. See docs/devices.md.",
    ),
    count: int | None = typer.Option(
        None,
        "--workers",
        metavar="N",
        min=1,
        help="Split each minibatch over N processes, if that is faster: it is measured first, and said. "
        "See docs/scale-training.md.",
    ),
    unmeasured: bool = typer.Option(
        False, "--no-estimate", help="With --workers: use them without measuring first."
    ),
    place: str | None = typer.Option(
        None,
        "--on",
        metavar="local|ray[://HOST:PORT]",
        help="With --workers: where the others are started; by default on this machine.",
    ),
    listen: str | None = typer.Option(
        None,
        metavar="HOST:PORT",
        help="With --workers: wait at this address for `tenfold worker` on other machines, instead of "
        "starting processes on this one.",
    ),
    token_file: options.TokenFile = None,
    dry: bool = typer.Option(
        False, "--dry-run", help="Test all steps with two minibatches; nothing is saved."
    ),
    overfit: bool = typer.Option(
        False, "--overfit-batch", help="Overfit one minibatch, to test that training works."
    ),
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train a model, evaluate it on the test images, write its report."""
    from tenfold.backend import devices
    from tenfold.runs import event_files
    from tenfold.runs.asked_workers import asked_workers
    from tenfold.runs.branching import continued
    from tenfold.runs.contradictions import refuse_contradictions
    from tenfold.runs.dry_run import try_out
    from tenfold.runs.folder import planned_epochs
    from tenfold.runs.job import Job, default_folder
    from tenfold.runs.models import Models
    from tenfold.runs.overrides import overridden
    from tenfold.train import CheckpointEvery
    from tenfold.zoo import on_all_images

    models = Models.of(network)
    found = models.trainable(models.name(name))
    refuse_contradictions(found, given(ctx))
    found = overridden(
        found, changes or (), learning_rate=learning_rate, batch_size=batch_size, config=config
    )
    if device is not None:
        line = devices.found(device)  # or says what there is
        if not quiet:
            output.remark(line)
    corpus = progress.load(source or found.source, quiet=quiet)
    found = models.on(corpus).fitted(found)
    if every_image:
        found, corpus = on_all_images(found), corpus.undivided()
    out = out or default_folder(found.name, corpus.name)
    if resume and epochs is None and found.in_epochs and not changes and config is None:
        epochs = planned_epochs(out)
    workers = asked_workers(
        count,
        out if resume else None,
        if_faster=not (resume or unmeasured),
        listen=listen,
        token_file=token_file,
        place=place,
    )
    job = Job(
        *(found, corpus, protocol, seed, epochs, out),
        start=start,
        watch=watch,
        evaluate_train=evaluate_train,
        checkpoints=CheckpointEvery.all() if keep_all else None,
        device=device,
        workers=workers,
        live=live,
    )
    job.check()  # before anything is made
    if dry or overfit:
        tried = try_out(job, overfit=overfit)
        output.tell(tried.record, [tried.line], as_json=as_json, code=0 if tried.ok else 1)
        return
    if from_epoch is not None:
        job = continued(job, from_epoch)
    job = replace(job, tensorboard=event_files.folder(board, job.out, resume=resume))
    _train(job, resume=resume, with_report=not no_report, quiet=quiet, as_json=as_json)


def _train(job: Job, *, resume: bool, with_report: bool, quiet: bool, as_json: bool) -> None:
    from tenfold.runs import run_lines
    from tenfold.runs.folder import claimed
    from tenfold.runs.pipeline import carry_out

    with claimed(job, resume=resume) as lock:
        for place, line in enumerate([] if quiet else run_lines.before(job)):
            output.remark(line, bold=place == 0 and job.corpus.name == "mnist-5k")
        callbacks = progress.training_watchers(quiet=quiet)
        done = carry_out(
            job, lock, resume=resume, report=with_report, callbacks=callbacks, notice=output.remark
        )
    output.tell(done.record.to_json(), run_lines.after(done), as_json=as_json)
    if not (as_json or quiet):
        output.remark(run_lines.next_steps(job.out))
