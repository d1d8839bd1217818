"""Options of ``tenfold train`` that do not go together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.runs import event_files
from tenfold.runs.event_files import OPTION

if TYPE_CHECKING:
    from tenfold.zoo import Trainable

_REHEARSALS = ("--dry-run", "--overfit-batch")
_OF_WORKERS = ("--no-estimate", "--on", "--listen", "--token-file")
_OF_RUNS = ("--from", "--from-epoch", "--keep-all", "--live", "--workers", *_OF_WORKERS)
_OF_RECIPES = ("--lr", "--batch-size", "--set", "--config")
_OF_NETWORKS = (
    *("--epochs", "--from", "--from-epoch", "--keep-all", "--watch", "--evaluate-train", "--device"),
    *("--workers", *_OF_WORKERS, *_REHEARSALS, OPTION, "--live", *_OF_RECIPES),
)


def refuse_contradictions(entry: Trainable, options: Mapping[str, object]) -> None:
    """Refuse options that need a network, or a run, where there is none, and those that exclude each other.

    Parameters
    ----------
    entry : Trainable
    options : mapping
        By name; None and False where they were not given.

    Raises
    ------
    ConfigError
        With the options that were given.
    """
    _refuse_nothing_to_resume(options)
    given = [name for name in _OF_NETWORKS if options.get(name) not in (None, False, [], ())]
    if entry.members and (singles := [name for name in given if name != "--epochs"]):
        raise ConfigError(
            f"{entry.name}: expected a single network for {_listed(singles)}, got an ensemble; "
            "leave the option out"
        )
    if not entry.in_epochs and given:
        raise ConfigError(
            f"{entry.name}: expected a network for {_listed(given)}, got a model that is fitted at once; "
            "leave the option out"
        )
    rehearsals = [name for name in given if name in _REHEARSALS]
    of_runs = [name for name in given if name in _OF_RUNS]
    if rehearsals and of_runs:
        raise ConfigError(
            f"{of_runs[0]}: expected a run to train, got {rehearsals[0]}; leave one of the two out"
        )
    if len(rehearsals) > 1:
        raise ConfigError(f"{_listed(rehearsals)}: expected one of them, got both; leave one out")
    if "--workers" in given and "--device" in given:
        raise ConfigError(
            "--workers and --device: expected one of them, got both; workers use the processor, leave one out"
        )
    if "--workers" in given and "--live" in given:
        raise ConfigError(
            "--workers and --live: expected one of them, got both; workers cannot pause, leave one out"
        )
    if "--on" in given and "--listen" in given:
        raise ConfigError("--on and --listen: expected one of them, got both; leave one out")
    if (alone := [name for name in given if name in _OF_WORKERS]) and "--workers" not in given:
        raise ConfigError(f"{alone[0]}: expected --workers N too, got none; add it, or leave this option out")
    if "--from" in given and (recipes := [name for name in given if name in _OF_RECIPES]):
        raise ConfigError(
            f"{_listed(recipes)}: expected a network that is trained from the start, got --from, which has a "
            "recipe of its own; leave one of the two out"
        )
    if "--from" in given and "--from-epoch" in given:
        raise ConfigError("--from and --from-epoch: expected one of them, got both; leave one out")
    if OPTION in given:
        event_files.check(rehearsal=bool(rehearsals))


def _refuse_nothing_to_resume(options: Mapping[str, object]) -> None:
    if options.get("--from-epoch") is not None and not options.get("--resume"):
        raise ConfigError(
            "--from-epoch: expected --resume and the folder of the run, got no --resume; "
            "add --resume --out FOLDER"
        )
    if options.get("--resume") and options.get("--out") is None:
        raise ConfigError("--resume: expected the folder of the run, got none; name it with --out")


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
