"""``tenfold studio``: pages on which networks are trained and watched."""

from __future__ import annotations

from pathlib import Path

import typer

from tenfold.cli import options, output
from tenfold.extras import SERVER, require
from tenfold.runs import completion


def studio(
    port: int = typer.Option(8100, min=0, max=65535, help="0 takes any free port."),
    folder: Path = typer.Option(Path("runs"), "--runs", metavar="FOLDER", help="The folder of the runs."),
    source: str | None = typer.Option(
        None,
        "--data",
        metavar="NAME|PATH",
        autocompletion=completion.image_sets,
        help="The data that the page offers first; see `tenfold data`.",
    ),
    network: options.Network = None,
    users: Path | None = typer.Option(
        None, metavar="FILE", help="Who may use it, see `tenfold users`; by default you alone, here."
    ),
    host: str = typer.Option("127.0.0.1", help="The address to listen on; with --users others can connect."),
    names: list[str] | None = typer.Option(
        None, "--name", help="A host name that users call the studio by; may be repeated."
    ),
    trainings: int | None = typer.Option(
        None, min=1, help="Trainings at once, of all users; others wait. By default one a core."
    ),
    oidc: Path | None = typer.Option(
        None, metavar="FILE.toml", help="An identity provider where users can sign in (OpenID Connect)."
    ),
    tls_cert: options.TlsCert = None,
    tls_key: options.TlsKey = None,
) -> None:
    """Train networks in a browser and watch how they learn; with --users, several people do."""
    require("studio", "serve", *SERVER)
    if oidc is not None:
        require("studio --oidc", "oidc", "authlib", "joserfc")
    from tenfold.serve.tls import pair_of
    from tenfold.studio.server import studio as serve_until_stopped
    from tenfold.studio.settings import StudioSettings
    from tenfold.users import ProviderSettings

    output.log()
    settings = StudioSettings(
        *(port, folder, source, tuple(network or ()), host, tuple(names or ())),
        users=users,
        trainings=trainings,
        provider=None if oidc is None else ProviderSettings.read(oidc),
        tls=pair_of(tls_cert, tls_key),
    )
    serve_until_stopped(settings, _show)
    output.remark("stopped; trainings that go on are not ended")


def _show(address: str) -> None:
    output.remark(f"studio: open {address} in a browser; Ctrl-C ends it, and no training")
