"""For all tests: the libraries beside our own engine compute on one thread.

Tests run in as many processes as there are cores. BLAS threads wait for each other by spinning: more of
them than cores make a fit of half a second take ten.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # read when NumPy is first imported, which is after this
