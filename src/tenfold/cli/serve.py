"""``tenfold serve``: a page to draw on, and the API."""

from __future__ import annotations

from pathlib import Path

import typer

from tenfold.cli import options, output
from tenfold.extras import SERVER, require
from tenfold.runs import completion


def serve(
    host: str = typer.Option(
        "127.0.0.1", help="The address to listen on. Other machines can connect only with a token."
    ),
    port: int = typer.Option(8000, min=0, max=65535, help="0 takes any free port."),
    run: Path | None = typer.Option(
        None,
        metavar="RUN",
        autocompletion=completion.runs,
        help="The run to serve, or zoo:NAME; by default the network that comes with tenfold.",
    ),
    network: options.Network = None,
    token_file: Path | None = typer.Option(
        None, help="The file with the token that clients must send; by default $TENFOLD_TOKEN."
    ),
    names: list[str] | None = typer.Option(
        None, "--name", help="A host name that clients call the server by; may be repeated."
    ),
    workers: int | None = typer.Option(
        None, help="Worker processes; by default one for each core, four at most."
    ),
    max_megapixels: float = typer.Option(16.0, help="The largest picture, in megapixels; at most 50."),
    max_body: float = typer.Option(8.0, help="The largest picture file, in MiB; at most 64."),
    formats: list[str] | None = typer.Option(
        None,
        "--format",
        help="A further format of pictures to read: avif, heic or pdf; may be repeated. How much memory "
        "these take is not known beforehand.",
    ),
    drain: float = typer.Option(
        0.0, help="Seconds to be not ready and answer requests after SIGTERM, so that balancers notice."
    ),
    verbose: bool = typer.Option(False, "--verbose", help="Log why requests are refused, each with its id."),
    origins: list[str] | None = typer.Option(
        None,
        "--cors",
        metavar="ORIGIN",
        help="A site whose pages may use the API, such as https://app.example; may be repeated.",
    ),
    tls_cert: options.TlsCert = None,
    tls_key: options.TlsKey = None,
) -> None:
    """Serve the page to draw on, and the API."""
    require("serve", "serve", *SERVER)
    output.log(verbose=verbose)
    from tenfold.files.token_file import read_token
    from tenfold.serve.limits import limits_for
    from tenfold.serve.server import serve as serve_until_stopped
    from tenfold.serve.settings import Settings
    from tenfold.serve.tls import pair_of

    limits = limits_for(max_megapixels, max_body, tuple(formats or ()), drain)
    settings = Settings(
        *(host, port, run, read_token(token_file), tuple(names or ()), workers, limits),
        networks=tuple(network or ()),
        tls=pair_of(tls_cert, tls_key),
        origins=tuple(origins or ()),
    )
    serve_until_stopped(settings, _show)
    output.remark("stopped")


def _show(model: str, address: str) -> None:
    output.remark(f"{model}: draw at {address} or see {address}/docs; Ctrl-C ends it")
