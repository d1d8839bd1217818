"""For all tests: one thread for the libraries beside our own engine, no terminal, Ctrl-C that works.

Tests run in as many processes as there are cores. BLAS threads wait for each other by spinning: more of
them than cores make a fit of half a second take ten.

What a developer's terminal or a CI service says of itself (its width, that colours are wanted) is
forgotten: tests that are about it say it themselves.

A shell starts background jobs with Ctrl-C ignored, and all processes that they start inherit that.
Tests that interrupt a process would wait for ever there.
"""

import os
import signal

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # read when NumPy is first imported, which is after this

for _name in ("COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(_name, None)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
