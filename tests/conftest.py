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
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import hypothesis
import pytest

from tenfold.errors import TenfoldError

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # read when NumPy is first imported, which is after this

for _name in ("COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(_name, None)

hypothesis.settings.register_profile("tenfold", deadline=None)
hypothesis.settings.load_profile("tenfold")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
