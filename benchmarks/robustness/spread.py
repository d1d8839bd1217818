"""Kinds as units of work for other machines: each writes one file, and existing files are kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from found import Found
from joblib import Parallel, delayed
from kind import Kind

import tenfold
from tenfold.checkpoint import dump_json, read_json
from tenfold.data import load_corpus
from tenfold.errors import StorageError
from tenfold.files import write_atomically
from tenfold.resources import Resources
from tenfold.runs.answers import identity
from tenfold.runs.launch import Choice, Launcher, Unit

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Spread:
    """Has kinds measured by commands where ``--on`` says.

    Attributes
    ----------
    place : Choice
    words : sequence of str
        What each command is given besides its kind: seed, network, number of pictures.
    folder : Path
        Below it is the folder of the files, named after all that decides what is in them.
    run : str or None
        The network's run.
    say : callable
        Told a line that the user should see.
    """

    place: Choice
    words: Sequence[str]
    folder: Path
    run: str | None
    say: Callable[[str], None]

    def measure(self, kinds: Sequence[Kind]) -> Iterator[tuple[Kind, Found]]:
        """Yield for each kind what was found, in their order; the files are removed when all are there.

        Raises
        ------
        StorageError
            If a command did not write its file; the same command runs the others.
        """
        home = self.folder / self._identity()
        (home / "kinds").mkdir(parents=True, exist_ok=True)
        with self.place.launcher() as launcher:
            at_once = min(launcher.at_once, len(kinds))
            work = Parallel(at_once, backend="threading", batch_size=1, return_as="generator")
            tasks = [delayed(self._found)(launcher, home, kind) for kind in kinds]
            yield from zip(kinds, work(tasks), strict=True)
        shutil.rmtree(home)

    def _found(self, launcher: Launcher, home: Path, kind: Kind) -> Found:
        unit = self._unit(home, kind)
        if not (home / unit.file).exists():
            end = launcher.run(unit, _Heard(self.say))
            if not (home / unit.file).exists():
                launcher.stop()
                why = end.words or f"a command that ended with {end.code}"
                raise StorageError(
                    f"{called(kind)}: expected what was read, found {why}",
                    "the same command measures the kinds that are left",
                )
        return Found.of_json(read_json(home / unit.file))

    def _unit(self, home: Path, kind: Kind) -> Unit:
        return Unit(
            name=_file(kind).stem,
            words=("--kind", called(kind), "--images", load_corpus().sha256, *self.words),
            home=home,
            option="--home",
            file=_file(kind),
            resources=self.place.resources(Resources()),
            program=(str(HERE),),
        )

    def _identity(self) -> str:
        """Return what stands for the programs, the network, the images and the options."""
        network = identity(None if self.run is None else Path(self.run), "")
        sha = sha256("\0".join([load_corpus().sha256, network, *self.words]).encode())
        for root in (HERE, Path(tenfold.__file__).parent):
            for path in sorted(root.rglob("*.py")):
                sha.update(path.read_bytes())
        return sha.hexdigest()[:12]


class _Heard:
    """Passes on what the user should know."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def runs_on(self, where: str) -> None:
        """Where a kind is measured changes nothing."""

    def stands(self, report: dict[str, Any]) -> None:
        """A command says nothing before its end."""

    def notice(self, line: str) -> None:
        """Pass it on."""
        self._say(f"note: {line}")


def called(kind: Kind) -> str:
    """Return the name of a kind among all."""
    return f"{kind.group}/{kind.name}"


def put(home: Path, kind: Kind, found: Found) -> None:
    """Write the file of a unit."""
    write_atomically(home / _file(kind), dump_json(found.to_json()))


def _file(kind: Kind) -> Path:
    """Return where in the home the file of a kind is; its name may have signs that no file has."""
    return Path("kinds") / f"kind-{sha256(called(kind).encode()).hexdigest()[:12]}.json"
