"""``tenfold worker``: computes a part of every minibatch of a training on another machine."""

from __future__ import annotations

import typer

from tenfold.cli import options, output


def worker(
    address: str = typer.Argument(
        ..., metavar="HOST:PORT", help="Where `tenfold train --workers N --listen` waits."
    ),
    token_file: options.TokenFile = None,
    threads: int | None = typer.Option(None, min=1, help="How many cores to compute on; by default all."),
) -> None:
    """Compute a part of every minibatch of a training on another machine, until it ends."""
    from tenfold.files.token_file import shared_token
    from tenfold.runs.asked_workers import address_of
    from tenfold.train.parallel.worker import work_for

    host, port = address_of(address, "HOST:PORT")
    work_for(host, port, shared_token(token_file, "HOST:PORT"), threads)
    output.remark("the training has ended")
