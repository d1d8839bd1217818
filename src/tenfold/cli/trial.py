"""``tenfold run-trial NAME``: one trial of the ledger, in its own process; `tenfold trials` starts it."""

from __future__ import annotations

from pathlib import Path

import typer

from tenfold.cli import options, output, progress
from tenfold.interrupt import end_with_stdin
from tenfold.runs.protocol import Protocol


def trial(
    name: str,
    results: Path = typer.Option(...),
    seed: int = typer.Option(0, min=0),
    protocol: Protocol = typer.Option(Protocol.honest),
    source: options.Data = None,
    epochs: int | None = typer.Option(None, min=1),
    ablation: str | None = typer.Option(None, help="A file that changes the model."),
    link: int = typer.Option(0, min=0, help="The change to train."),
    member: str | None = typer.Option(None, help="Train one member of the ensemble."),
    network: options.Network = None,
    watch: options.Watch = None,
    evaluate_train: options.EvaluateTrain = False,
) -> None:
    """Run one trial while its stdin is open, and print its progress as JSON lines."""
    end_with_stdin()
    from tenfold.evaluate import Ledger, Trial
    from tenfold.runs.job import Job
    from tenfold.runs.models import Models
    from tenfold.runs.trial import TellsStanding, carry_out_member, carry_out_trial

    ledger, wanted = Ledger(results), Trial(name, protocol.value, seed)
    corpus, out = progress.load(source, quiet=True), ledger.run(wanted)
    models = Models.of(network).on(corpus)
    found = models.entry(name) if ablation is None else models.ablation(ablation).variants[link].entry
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
    if member is not None:
        carry_out_member(job, ledger, wanted, member, [TellsStanding(output.report)])
        return
    carry_out_trial(job, ledger, wanted, [TellsStanding(output.report)], output.remark)
