"""The compiled CPU engine.

A network becomes a *program*: a table of integers, one row for each operation (``program``).
Compiled code (``run``) reads the table and does the work, so a new network needs no new
compilation. Almost all arithmetic is one small matrix product that stays in registers (``tile``).
The minibatch is split over threads that run the whole step side by side. They wait for each other
when all gradients are there, when all parameters have moved, and for the sums of each batch
normalisation (``run``, ``barrier``). ``bilinear``, beside all this, resamples images.

Nothing is imported here: Numba takes its time, and only training and predicting need it.
"""
