"""Digits drawn, bent and soiled, compiled: what the augmentations in `tenfold.data` compute.

`line_pieces` is for the reader: it looks for lines in a picture. Each of the other kernels alters the images
from ``first`` to before ``last`` by numbers that were drawn beforehand, a row for each image, so that the
result does not depend on how the images are shared out. Images are 28 x 28, and places and lengths are in
pixels of these; no index is checked.
"""
