"""``tenfold predict FILE...``: pictures to digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json

if TYPE_CHECKING:
    from tenfold.predict import Prediction
    from tenfold.zoo import Model

_BAR = 20
_UNREADABLE = "unreadable"


def predict(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="PNG or JPEG, one digit each.")
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="The run to predict with; by default the last one below runs/.")
    ] = None,
    test_index: Annotated[
        int | None, typer.Option("--test-index", min=0, help="A test image of the run's data.")
    ] = None,
    source: Data = None,
    as_json: Json = False,
) -> None:
    """Say which digit is in each picture, and how sure that is."""
    from tenfold.cli.record import read_record
    from tenfold.errors import ConfigError, DataError
    from tenfold.predict import find_run
    from tenfold.zoo import load_model

    if not files and test_index is None:
        raise ConfigError("expected a picture file or --test-index, got neither; name at least one file")
    folder = find_run(run)
    record, model = read_record(folder), load_model(folder)
    found, faults = _pictures(model, files or [])
    records = [one.to_dict() | faults.get(i, {}) for i, one in enumerate(found)]
    if test_index is not None:
        one, true = _test_image(model, record, test_index, source, as_json)
        found.append(one)
        records.append(one.to_dict() | {"true_digit": true})
    if as_json:
        head = {"model": record["model"], "dataset": record["dataset"], "run": str(folder)}
        output.emit(head | {"predictions": records})
    else:
        output.remark(f"read by {record['model']} of {folder} ({record['dataset']})")
        for i, values in enumerate(records):
            if i not in faults:
                _show(found[i], values.get("true_digit"))
    for fault in faults.values():
        output.error(fault["error"])
    if faults:
        raise typer.Exit(DataError.exit_code)


def _pictures(model: Model, files: list[Path]) -> tuple[list[Prediction], dict[int, dict[str, str]]]:
    """Return an answer for each file, and for those that cannot be read what is wrong, by their place."""
    import numpy as np

    from tenfold.errors import DataError
    from tenfold.predict import Prediction, answers, read_pictures

    images, faults = {}, {}
    for i, file in enumerate(files):
        try:
            images[i] = read_pictures([file])[0]
        except DataError as error:
            faults[i] = {"error": str(error)}
    read = answers(model, np.array(list(images.values())), [str(files[i]) for i in images])  # (n, 28, 28)
    found = dict(zip(images, read, strict=True))
    return [
        found[i] if i in found else Prediction(str(file), None, None, None, _UNREADABLE)
        for i, file in enumerate(files)
    ], faults


def _test_image(
    model: Model, record: dict[str, Any], index: int, source: str | None, quiet: bool
) -> tuple[Prediction, int]:
    """Return what the model says of a test image, and what it is."""
    from tenfold.cli.judging import same_data
    from tenfold.errors import ConfigError
    from tenfold.predict import answers

    test = same_data(record, source, quiet=quiet).test
    if index >= len(test):
        raise ConfigError(f"--test-index: expected 0 to {len(test) - 1}, got {index}; choose a smaller one")
    [found] = answers(model, test.images[index : index + 1], [f"{test.name} test image {index}"])
    return found, int(test.labels[index])


def _show(found: Prediction, true: int | None) -> None:
    if found.digit is None or found.probability is None or found.probabilities is None:
        output.say(f"{found.source}: no digit ({found.reason})")
        return
    truth = "" if true is None else f", the true digit is {true}"
    output.say(f"{found.source}: {found.digit} ({output.percent(found.probability)}){truth}", style="bold")
    for digit, probability in enumerate(found.probabilities):
        output.say(f"  {digit}  {output.percent(probability):>9}  {'#' * round(_BAR * probability)}".rstrip())
