"""For all tests: one thread for the libraries beside our own engine, no terminal, Ctrl-C that works.

Tests run in as many processes as there are cores. BLAS threads wait for each other by spinning: more of
them than cores make a fit of half a second take ten.

What a developer's terminal or a CI service says of itself (its width, that colours are wanted) is
forgotten: tests that are about it say it themselves.

A shell starts background jobs with Ctrl-C ignored, and all processes that they start inherit that.
Tests that interrupt a process would wait for ever there.

Hypothesis has no deadline: on a machine that others use, an example's time by the clock says nothing.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path

import hypothesis
import pytest

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # read when NumPy is first imported, which is after this

from tenfold.data import Corpus  # noqa: E402
from tenfold.data.sample import load_sample, sample_path  # noqa: E402
from tenfold.errors import TenfoldError  # noqa: E402
from tenfold.evaluate import figures  # noqa: E402

for _name in ("COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(_name, None)

hypothesis.settings.register_profile("tenfold", deadline=None)
hypothesis.settings.load_profile("tenfold")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


MARKS = {"long": "slow", "referees": "referee", "browser": "browser", "scale": "scale"}
"""Folders and the mark of all their tests."""

NAMES = ("slow", "alone", "kills", "fault", "referee", "browser", "scale")

SLOW_FILES = {
    ".": "faults_plugin fuzzing readme",
    "backend": "compile_cache engine_elementwise instruction_set",
    "cli": (
        "ablate compare completion damaged_data doctor ensembles fine_tuning_option full_disk live "
        "many_pictures own_network predict_shards signals_and_streams speedrun terminals trials "
        "verify watching_options workers"
    ),
    "data": "download slow_decoding",
    "data/formats": "hostile_files",
    "data/page": "slow_pictures",
    "docs": "examples",
    "doctor": "checks",
    "estimator": "classifier scikit_learn_contract",
    "evaluate": "any_classes figures page report timing",
    "export": "onnx_files",
    "launch": "choice cluster search_rounds",
    "predict": "own_pictures turned views",
    "runs": "any_images data_sense face isolating own_network permuted_classes tuning",
    "serve": (
        "any_request behind_a_balancer clients_that_leave connections cors digits kubernetes limits "
        "other_images overload_and_end request_filter tls"
    ),
    "studio": "ask own_network provider queue step trainings users",
    "train": "averaging chunk kept_epochs last_minibatch moved_folder parallel resume",
    "zoo": "degenerate_data imports_outside_the_clock least_squares residual_network",
}
"""Folders and the files whose tests are slow: they start processes, train, or draw figures."""
for _name in (f"{place}/test_{file}.py" for place, files in SLOW_FILES.items() for file in files.split()):
    assert (Path(__file__).parent / _name).is_file(), f"SLOW_FILES: {_name} is not there"


def _place(path: Path) -> Path:
    """Return a path as seen from ``tests/``."""
    return path.relative_to(Path(__file__).parent)


def _folder(path: Path) -> str:
    """Return the name of the folder in ``tests/`` that holds a path; empty for ``tests/`` itself."""
    return "".join(_place(path).parts[:1])


def _is_slow(path: Path) -> bool:
    folder = _place(path).parent
    return path.stem.removeprefix("test_") in SLOW_FILES.get(folder.as_posix(), "").split()


def pytest_itemcollected(item: pytest.Item) -> None:
    if (name := _folder(item.path)) in MARKS:
        item.add_marker(MARKS[name])
    elif _is_slow(item.path):
        item.add_marker("slow")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import what ``-m`` excludes: it may need other packages, and importing all takes a while."""
    asked = config.option.markexpr
    wanted = set(re.findall(rf"(?<!not )\b({'|'.join(NAMES)})\b", asked))
    if collection_path.is_dir():
        mark = MARKS.get(_folder(collection_path))
        excluded = "not slow" in asked if mark == "slow" else mark is not None and mark not in wanted
        return True if excluded else None
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_") or " or " in asked:
        return None
    given = MARKS.get(_folder(collection_path), "slow" if _is_slow(collection_path) else None)
    if given is not None and f"not {given}" in asked:
        return True
    text = collection_path.read_text(encoding="utf-8") if wanted - {given} else ""
    return None if all(f"mark.{mark}" in text for mark in wanted - {given}) else True


@pytest.fixture(scope="session", autouse=True)
def _sample_read_once() -> Iterator[None]:
    """Each process reads the sample's file once: a quarter of a second, and hundreds of tests load it.

    Data sets are immutable. Where the package of the sample is not found, loading fails as always.
    """
    read = cache(lambda path: load_sample())

    def load_again() -> Corpus:
        return read(sample_path())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tenfold.data.sources.load_sample", load_again)
        yield


DRAWN = set(figures.__all__) - {"STYLE", "png", "signed"}


@pytest.fixture(scope="session")
def draw_nothing() -> Callable[[pytest.MonkeyPatch], None]:
    """Replace each picture by the name of the function that draws it: the eleven of a report take seconds."""

    def words(name: str) -> Callable[..., str]:
        return lambda *given, **_: " ".join([name, *(one for one in given if isinstance(one, str))])

    def patch(patched: pytest.MonkeyPatch) -> None:
        for name in DRAWN:
            patched.setattr(figures, name, words(name))
        patched.setattr(figures, "signed", lambda picture, subject: picture)
        patched.setattr(figures, "png", str.encode)

    return patch


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch, draw_nothing: Callable[[pytest.MonkeyPatch], None]) -> None:
    """Pictures are not drawn in this test."""
    draw_nothing(monkeypatch)


@pytest.fixture
def refused_in_one_line() -> Callable[[type[Exception], str], AbstractContextManager[None]]:
    """``with refused_in_one_line(error, message):`` what is done there is refused on purpose, in one line."""

    @contextmanager
    def check(error: type[Exception], message: str) -> Iterator[None]:
        with pytest.raises(error, match=message) as caught:
            yield
        assert isinstance(caught.value, TenfoldError)
        assert "\n" not in str(caught.value)

    return check
