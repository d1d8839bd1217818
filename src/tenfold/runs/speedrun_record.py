"""The record of a speed run: one file for each target and kind of machine, with a row for each seed.

The file is written again after every seed, whole or not at all, so that a stopped run is continued with the
seeds that are missing. A training itself is never continued: its time is that of one piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import ConfigError, DataError
from tenfold.files import storage, whole_files, write_atomically
from tenfold.quoting import message
from tenfold.zoo.measured import MAX_BYTES, PLACES, Spread
from tenfold.zoo.times import Duration

if TYPE_CHECKING:
    from tenfold.zoo.speedruns import Speedrun

FOLDER = "speedrun"
"""The folder in the results with the files of speed runs."""
SAME = ("target", "digest", "machine", "instructions", "cores", "dataset_sha256")
"""What a record must have in common with the seeds that are added to it."""


@dataclass(frozen=True)
class Side:
    """The figures of one library over its seeds.

    Attributes
    ----------
    seeds : tuple of int
    seconds : Duration
        Of the training alone.
    accuracy : Spread
        On the test images, after the training.
    at_target : int
        How many of the seeds reached the target.
    """

    seeds: tuple[int, ...]
    seconds: Duration
    accuracy: Spread
    at_target: int

    @classmethod
    def over(cls, rows: Sequence[Mapping[str, Any]], target: float) -> Side | None:
        """Return the figures over rows of seeds; None if there are none."""
        if not rows:
            return None
        accuracies = [float(row["accuracy"]) for row in rows]
        return cls(
            seeds=tuple(int(row["seed"]) for row in rows),
            seconds=Duration.over([float(row["seconds"]) for row in rows]),
            accuracy=Spread.over(accuracies),
            at_target=sum(accuracy >= target for accuracy in accuracies),
        )

    def reaches(self, target: float) -> bool:
        """Return whether the mean accuracy reaches the target."""
        return self.accuracy.mean >= target


@dataclass(frozen=True)
class Measurement:
    """What a file of a speed run says.

    Attributes
    ----------
    target : str
    machine : str
        Processor, vector instructions and cores.
    ours : Side
    peer : Side or None
        PyTorch, on the same network and recipe in the same session.
    library : str or None
        The peer with its version and the way in which it was used.
    flops : int
        Operations of one training.
    load_seconds, warm_up_seconds : float
        Medians over the processes: reading the images, and compiling or fetching compiled code. Neither is
        part of the seconds of training.
    others : float or None
        The median share of the processors that other programs used, if the system reports it.
    date : str
        Of the latest seed.
    commits : tuple of str
    versions : tuple of str
        Package and version.
    digest : str
    """

    target: str
    machine: str
    ours: Side
    peer: Side | None
    library: str | None
    flops: int
    load_seconds: float
    warm_up_seconds: float
    others: float | None
    date: str
    commits: tuple[str, ...]
    versions: tuple[str, ...]
    digest: str

    @property
    def accuracy(self) -> float:
        """The target as a fraction."""
        return float(self.target) / 100

    @property
    def reached(self) -> bool:
        """Whether the mean over the seeds reaches the target."""
        return self.ours.reaches(self.accuracy)

    @property
    def ratio(self) -> float | None:
        """PyTorch's median seconds over ours."""
        return None if self.peer is None else self.peer.seconds.median / self.ours.seconds.median

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self) | {"reached": self.reached, "ratio": self.ratio}


def new_record(entry: Speedrun, where: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without seeds; ``where`` says on which machine and data."""
    return {
        "target": entry.target,
        "digest": entry.digest,
        "network": entry.build().config(),
        "recipe": entry.recipe.config(),
        **where,
        "seeds": [],
        "peer": None,
    }


def continued(path: Path, fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record in a file, to which seeds may be added, or the fresh one if there is no file.

    Raises
    ------
    ConfigError
        If the file is about another network, recipe, machine or other data.
    DataError
        If it is not a record of a speed run.
    """
    if not path.is_file():
        return dict(fresh)
    found = read_record(path)
    for key in SAME:
        if found[key] != fresh[key]:
            why = " (another network or recipe)" if key == "digest" else ""
            raise ConfigError(
                f"{path}: expected {key} = {fresh[key]}, found {found[key]}{why}; remove the file, or choose "
                "another folder with --results"
            )
    return found


def missing(record: Mapping[str, Any], seeds: Iterable[int]) -> list[int]:
    """Return the seeds that a record, or its part about the peer, does not have yet."""
    done = {row["seed"] for row in record["seeds"]}
    return [seed for seed in seeds if seed not in done]


def with_seed(rows: Iterable[Mapping[str, Any]], row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows with one more, sorted by seed."""
    return sorted([*map(dict, rows), dict(row)], key=lambda one: int(one["seed"]))


def put_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record, whole or not at all.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    with storage(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, dump_json(dict(record)))


def read_record(path: Path) -> dict[str, Any]:
    """Return the record in a file.

    Raises
    ------
    DataError
        If it is not one of a speed run.
    """
    found = read_json(path, max_bytes=MAX_BYTES)
    try:
        record = {**found, "seeds": list(found["seeds"]), "peer": found["peer"]}
        [str(record[key]) for key in SAME]
        for rows in (record["seeds"], *([] if record["peer"] is None else [record["peer"]["seeds"]])):
            for row in rows:
                int(row["seed"]), float(row["seconds"]), float(row["accuracy"])
    except (KeyError, TypeError, ValueError) as error:
        raise _other(path, error) from error
    return record


def measurement(path: Path) -> Measurement | None:
    """Return what a file says; None if it has no seed yet.

    Raises
    ------
    DataError
        If it is not a record of a speed run.
    """
    found = read_record(path)
    rows, target = found["seeds"], float(found["target"]) / 100
    ours = Side.over(rows, target)
    if ours is None:
        return None
    try:
        peer = found["peer"]
        shares = [float(row["others"]) for row in rows if row["others"] is not None]
        cores = f"{found['cores']} core{'' if found['cores'] == 1 else 's'}"
        return Measurement(
            target=str(found["target"]),
            machine=f"{found['machine']}, {found['instructions']}, {cores}",
            ours=ours,
            peer=None if peer is None else Side.over(peer["seeds"], target),
            library=None if peer is None else str(peer["library"]),
            flops=int(found["flops"]),
            load_seconds=Duration.over([float(row["load_seconds"]) for row in rows]).median,
            warm_up_seconds=Duration.over([float(row["warm_up_seconds"]) for row in rows]).median,
            others=Duration.over(shares).median if shares else None,
            date=max(str(row["date"]) for row in rows),
            commits=tuple(sorted({str(row["commit"] or "unknown") for row in rows})),
            versions=tuple(
                sorted({f"{name} {one}" for row in rows for name, one in row["versions"].items()})
            ),
            digest=str(found["digest"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _other(path, error) from error


def measurements(entry: Speedrun, places: Sequence[Path] = PLACES) -> list[Measurement]:
    """Return the measurements of a speed run as it is now, one for each kind of machine, the latest last.

    Parameters
    ----------
    entry : Speedrun
        Measurements of another network or recipe for its target are left out.
    places : sequence of Path
        Folders of results; the first that has files of this target counts.
    """
    for place in places:
        paths = whole_files(place / FOLDER, f"{entry.target}-*.json")
        if paths:
            found = [one for path in paths if (one := measurement(path)) is not None]
            return sorted(
                (one for one in found if one.digest == entry.digest), key=lambda one: (one.date, one.machine)
            )
    return []


def _other(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path}: expected what `tenfold speedrun` writes, got something else ({message(error)}); remove it"
    )
