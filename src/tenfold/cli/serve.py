"""``tenfold serve``: a page to draw on, and the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenfold.cli import completion, options, output
from tenfold.extras import SERVER, require


def serve(
    host: Annotated[
        str,
        typer.Option(help="The address to listen on. Other machines can connect only with a token."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8000,
    run: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            autocompletion=completion.runs,
            help="The run to serve, or zoo:NAME; by default the network that comes with tenfold.",
        ),
    ] = None,
    network: options.Network = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="The file with the token that clients must send; by default $TENFOLD_TOKEN."),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="A host name that clients call the server by; may be repeated."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes; by default one for each core, four at most.")
    ] = None,
    max_megapixels: Annotated[
        float, typer.Option("--max-megapixels", help="The largest picture, in megapixels; at most 50.")
    ] = 16.0,
    max_body: Annotated[
        float, typer.Option("--max-body", help="The largest picture file, in MB; at most 64.")
    ] = 8.0,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="A further format of pictures to read: avif, heic or pdf; may be repeated. How much memory "
            "these take is not known beforehand.",
        ),
    ] = None,
    drain: Annotated[
        float,
        typer.Option(
            help="Seconds to be not ready and answer requests after SIGTERM, so that balancers notice."
        ),
    ] = 0.0,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Log why requests are refused, each with its id.")
    ] = False,
    origins: Annotated[
        list[str] | None,
        typer.Option(
            "--cors",
            metavar="ORIGIN",
            help="A site whose pages may use the API, such as https://app.example; may be repeated.",
        ),
    ] = None,
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
