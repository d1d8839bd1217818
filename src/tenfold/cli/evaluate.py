"""``tenfold evaluate RUN``: evaluates a finished run again, and shows its predictions one by one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Network, RunOrShipped
from tenfold.cli.table_file import Table, refuse_other_file, write_table
from tenfold.files.named_folders import writing_to
from tenfold.runs.chosen_predictions import Show, Shown, Wanted, choose, parse_digits

if TYPE_CHECKING:
    from tenfold.data import TTA
    from tenfold.runs.record import Record
    from tenfold.zoo import Model


def evaluate(
    run: RunOrShipped,
    network: Network = None,
    source: Data = None,
    show: Annotated[
        Show | None,
        typer.Option(
            help="Show predictions: wrong ones, worst first; right ones at random; right ones, the least "
            "certain first.",
            show_default=False,
        ),
    ] = None,
    digits: Annotated[
        str | None,
        typer.Option(metavar="4,9", help="Show only images of these classes; wrong ones by default."),
    ] = None,
    read_as: Annotated[
        str | None,
        typer.Option("--read-as", metavar="4,9", help="Show only images that were read as these classes."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The largest number of predictions to show.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the random choice.")] = 0,
    draw: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the shown predictions with their images.")
    ] = None,
    table: Table = None,
    epoch: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The weights of this epoch instead of those that the run ended with; of a run that was "
            "started with --keep-all, any.",
        ),
    ] = None,
    tta: Annotated[
        str | None,
        typer.Option(
            metavar="SHIFT[,DEGREES]",
            help="Test-time augmentation: the mean over copies of each image, shifted by up to so many "
            "pixels, and rotated: 1 or 1,10.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Evaluate a run's model on the test images of its data, or on other labelled images."""
    from tenfold.cli.downloading import load
    from tenfold.evaluate import predictions_csv, summary_lines
    from tenfold.files import write_atomically
    from tenfold.runs import judging
    from tenfold.runs.other_images import chosen_images

    if show is None and (draw, digits, read_as) != (None, None, None):
        show = Show.wrong
    _refuse_places(draw, table)
    augmentation = _tta(tta)
    record, model = _opened(run, network, epoch)
    chosen = chosen_images(record, source, partial(load, quiet=as_json))
    if chosen.remark is not None:
        output.remark(chosen.remark)
    if record is not None and epoch is not None:
        record = judging.up_to(record, epoch)
        output.remark(
            f"epoch {epoch}: do not choose an epoch by these figures, because they come from the test images"
        )
    names = model.class_names
    filters = parse_digits("--digits", digits, names), parse_digits("--read-as", read_as, names)
    wanted = None if show is None else Wanted(show, *filters, limit, seed)
    if augmentation is not None:
        output.remark(f"test-time augmentation: {augmentation}")
    evaluation, probabilities, images = judging.judge_images(
        model, record, chosen.images, chosen.split, tta=augmentation
    )
    shown = None if wanted is None else choose(wanted, images, probabilities)
    if table is not None:
        about = evaluation.run.model, evaluation.dataset
        labels, named = images.labels, images.class_names
        text = predictions_csv(*about, probabilities, labels=labels, split=chosen.split, class_names=named)
        write_table(table, text)
    if shown is not None and draw is not None:
        with writing_to(draw.parent, "--draw"):
            draw.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(draw, shown.picture())
    if as_json:
        predictions = {} if shown is None else {"predictions": shown.to_dict()}
        others: dict[str, object] = {"other_images": chosen.remark is not None}
        if augmentation is not None:
            others["tta"] = augmentation.config()
        output.emit(evaluation.to_dict() | {"path": str(run)} | others | predictions)
        return
    for line in summary_lines(evaluation):
        output.say(line)
    if shown is not None:
        _print(shown)


def _opened(run: Path, network: list[str] | None, epoch: int | None) -> tuple[Record | None, Model]:
    """Return a run's record and model, or the built-in network, which has no record."""
    from tenfold.errors import ConfigError
    from tenfold.predict.fine_tuning import SHIPPED_NAME
    from tenfold.predict.recogniser import shipped
    from tenfold.runs.models import Models
    from tenfold.runs.opened import open_run

    if str(run) != SHIPPED_NAME:
        return open_run(run, Models.of(network), epoch)
    if epoch is not None:
        raise ConfigError("--epoch: expected a run, got the built-in network, which kept none; leave it out")
    return None, shipped().model


def _tta(given: str | None) -> TTA | None:
    """Return the test-time augmentation that ``SHIFT`` or ``SHIFT,DEGREES`` stands for."""
    from tenfold.data import TTA
    from tenfold.errors import ConfigError

    if given is None:
        return None
    shift, comma, degrees = given.partition(",")
    try:
        amounts = int(shift), float(degrees) if comma else 0.0
    except ValueError as error:
        raise ConfigError(
            f"--tta: expected SHIFT or SHIFT,DEGREES, got {given!r:.60}; for instance --tta 1"
        ) from error
    return TTA(*amounts)


def _print(shown: Shown) -> None:
    output.say("")
    output.say(shown.heading())
    columns, rows = shown.table()
    if rows:
        output.table(columns, rows, right=range(len(columns)))


def _refuse_places(draw: Path | None, table: Path | None) -> None:
    """Refuse to write where a picture or a table does not belong."""
    from tenfold.errors import ConfigError

    if draw is not None and draw.suffix.lower() != ".png":
        raise ConfigError(f"--draw: expected a file that ends with .png, got {draw}; name one")
    refuse_other_file(table)
