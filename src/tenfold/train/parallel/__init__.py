"""One training on several workers: each computes its part of every minibatch, and their gradients are summed.

The process that trains leads: it has the data, draws all random numbers, evaluates and saves as in any run.
A worker has a copy of the network and gets the images of its part with each command. So a run depends on the
workers in one thing alone, the order in which numbers are added; and it is resumed like any other.
"""
