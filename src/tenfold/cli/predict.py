"""``tenfold predict FILE...``: pictures, or CSV files of digits, to digits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path

import typer

from tenfold.cli import options, output, progress
from tenfold.errors import DataError
from tenfold.runs import completion


class ShardFormat(StrEnum):
    """How the answers of a shard are written."""

    csv = "csv"
    parquet = "parquet"


def predict(
    files: list[str] | None = typer.Argument(
        None,
        metavar="FILE|FOLDER|PATTERN|-...",
        help="A picture: photo, scan or drawing, also a PDF; a folder, with all below it; a pattern in "
        "quotes ('many/*.png', 'many/**/*.png'); - for names on stdin, one a line; or a CSV file of "
        "digits, as Kaggle's test.csv.",
    ),
    run: Path | None = typer.Option(
        None,
        metavar="RUN",
        autocompletion=completion.runs,
        help="The run to predict with, or zoo:NAME; by default the built-in network.",
    ),
    network: options.Network = None,
    test_index: int | None = typer.Option(None, min=0, help="A test image of the run's data, or of MNIST."),
    source: options.Data = None,
    show: Path | None = typer.Option(
        None,
        metavar="DIR|FILE.png",
        help="Draw every step that was taken: a PNG for each picture, NAME-steps.png in DIR.",
    ),
    table: options.PredictionsTable = None,
    with_probabilities: bool = typer.Option(
        False,
        "--probabilities",
        help="Write all probabilities into the file of --csv: of pictures a line for each digit; of a "
        "CSV file they replace Kaggle's submission file (ImageId,Label).",
    ),
    out: Path | None = typer.Option(
        None,
        metavar="FILE.csv|FOLDER",
        help="Write a line for each picture as soon as it is read. The same command continues after a "
        "kill: what is done is left alone, changed pictures are read again. With --on a folder, with a "
        "file of answers for each shard.",
    ),
    details: bool = typer.Option(
        False, "--details", help="Of many pictures too, print each digit with its position."
    ),
    single: bool = typer.Option(
        False, "--single", help="Each picture holds one digit: give the likeliest one."
    ),
    digits_only: bool = typer.Option(
        False, "--digits-only", help="Leave out the signs among digits: . , - / :"
    ),
    max_megapixels: float = typer.Option(16.0, help="Refuse larger pictures; at most 50."),
    jobs: int | None = typer.Option(
        None, min=1, help="Processes that read many pictures; by default one for each core."
    ),
    on: str | None = typer.Option(
        None,
        metavar="local|slurm|ray|ray://HOST:PORT",
        help="Predict millions: cut the source into shards, each with a file of answers in --out. The "
        "source may also be an IDX, .npy or .npz file of images, or Parquet files.",
    ),
    shard_size: int | None = typer.Option(
        None,
        min=1,
        help="Images in a shard of --on; by default 10,000, of pictures 1,000.",
        show_default=False,
    ),
    cores: options.Cores = None,
    memory: options.Memory = None,
    minutes: options.Minutes = None,
    shard_format: ShardFormat = typer.Option(ShardFormat.csv, help="Of the files of --on."),
    as_json: options.Json = False,
) -> None:
    """Read the digits in each picture or CSV file, and say how sure that is.

    Of many pictures each has one line. A run on other images than digits gives the class of each picture.
    """
    from tenfold.data.picture_paths import find_picture_files, listed
    from tenfold.runs.answers import Answers, open_reader
    from tenfold.runs.launch import Choice
    from tenfold.runs.many_pictures import read_many
    from tenfold.runs.picture_answers import Way
    from tenfold.runs.picture_worker import settings_of
    from tenfold.runs.reading_options import ReadingOptions
    from tenfold.runs.sharded.prediction import Shards
    from tenfold.runs.sharded.request import Reads, predict_source, refuse_with_shards

    way, networks = Way(single, digits_only, max_megapixels), network or ()
    names = listed(files or [], sys.stdin)
    if on is not None:
        refuse_with_shards(csv=table, show=show, details=details, test_index=test_index, data=source)
        cut = Shards(shard_size, shard_format.value, with_probabilities)
        place = Choice(on, jobs, cores, memory, minutes)
        reads = Reads(run, networks, way)
        done = predict_source(list(names), reads, cut, place, out, progress.pictures, output.remark)
        output.tell(done.to_dict(), [done.line], as_json=as_json)
        _end(done.errors)
        return
    found = find_picture_files(names)
    wanted = ReadingOptions(table, out, show, as_json, details, with_probabilities, test_index, way)
    wanted.check(found, named=bool(files))
    reader, record, name = open_reader(run, networks, wanted, found.files)
    if not as_json:
        output.remark(f"read by {name}")
    for note in found.notes():
        output.remark(f"note: {note}")
    if wanted.many(found):
        bar = not (reader.wanted.lines and sys.stdout.isatty())  # not among printed lines
        pictures = partial(progress.pictures, bar=bar)
        settings = settings_of(run, networks, reader)
        lines, errors = read_many(found, wanted, reader, settings, jobs, pictures, output.put, output.remark)
        for line in lines:
            (output.remark if as_json else output.say)(line)
        _end(errors)
        return
    answers = Answers(reader, output.silent if as_json or wanted.prints_table else output.titled)
    answers.add_files(found.files, show)
    if test_index is not None or not files:
        answers.add_data(record, source, test_index, partial(progress.load, quiet=as_json))
    lines = [] if wanted.prints_table else [line for one in answers.predicted for line in one.lines()]
    lines += wanted.write(answers.table(), output.put)
    output.tell({"files": answers.entries}, lines, as_json=as_json)
    _end([*(str(error) for _, error in found.problems), *answers.errors])


def _end(errors: Sequence[str]) -> None:
    for error in errors:
        output.error(error)
    if errors:
        raise typer.Exit(DataError.exit_code)
