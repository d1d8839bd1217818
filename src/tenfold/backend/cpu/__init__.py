"""The compiled CPU engine.

A network becomes a *program*: a table of integers, one row for each operation (``program``).
Compiled code (``run``) reads the table and does the work, so a new network needs no new
compilation. Almost all arithmetic is one small matrix product that stays in registers (``tile``).
The minibatch is split into shards that threads take through the whole step side by side. They wait
until all gradients are there, until all parameters have moved, and for the sums of each batch
normalisation (``run``, ``phases``). Separately, ``bilinear`` resamples images.

Numba is not imported here: it takes its time, and only training and predicting need it.
"""

from tenfold.backend.cpu.environment import forget_odd_numbers

forget_odd_numbers()
