"""Signs that are no digits, as strokes: letters and marks that nobody would take for one.

Left out is what is written like a digit: B, I, O, S, Z, b, g, l, o, q, s, y, z and strokes alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Strokes from place to place, each place a column 0-4 and a row 0-6; ~ before a smooth one.
SIGNS = (
    "062046 1434",  # A
    "~412002042645",  # C
    "0006 ~0030433606",  # D
    "40000646 0333",  # E
    "400006 0333",  # F
    "~412002042645 454323",  # G
    "0006 4046 0343",  # H
    "1040 ~303335260504",  # J
    "0006 400346",  # K
    "000646",  # L
    "0600234046",  # M
    "06004640",  # N
    "0006 ~0030413303",  # P
    "~20020426444220 3446",  # Q
    "0006 ~0030413303 2346",  # R
    "0040 2026",  # T
    "~000416364440",  # U
    "002640",  # V
    "0016223640",  # W
    "0046 4006",  # X
    "0023 4023 2326",  # Y
    "~42220305263644 4246",  # a
    "~43220305264644 4046",  # d
    "0343 ~43311103163645",  # e
    "~41302126 1333",  # f
    "0006 ~0423334446",  # h
    "0006 320446",  # k
    "0602 ~03122326 ~23324346",  # m
    "0602 ~0322324346",  # n
    "0206 ~04123243",  # r
    "~20253646 0242",  # t
    "~020516364544 4246",  # u
    "0242 1216 3236",  # pi
    "0006 0640 4046",  # a Cyrillic I
    "00064640 2026",  # Sha
    "2026 0343",  # plus
    "0242 0444",  # equals
    "0242 0444 1016 3036",  # hash
    "~011030412324 2626",  # question mark
    "400346",  # less
    "004306",  # greater
    "042044",  # caret
    "0343",  # minus
    "~03112343",  # wave
    "032640",  # tick
    "06204606",  # triangle
    "0343 214325",  # arrow
    "062046024206",  # star
    "2026 0145 4105",  # asterisk
    "~23333425141221424526",  # spiral
    "4006 0011 3546",  # per cent
    "~211001032643413021",  # heart
)
MOST_STROKES, MOST_POINTS = 4, 14


def tables() -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the signs' points (sign, stroke, point, y and x), how many they are, and what is smooth.

    Rows and columns are in pixels of 28 x 28, in a box of 20 x 20 that a sign fills in height.
    """
    points = np.zeros((len(SIGNS), MOST_STROKES, MOST_POINTS, 2))
    counts = np.zeros((len(SIGNS), MOST_STROKES), np.int64)
    smooth = np.zeros((len(SIGNS), MOST_STROKES), np.bool_)
    for sign, strokes in enumerate(SIGNS):
        for k, stroke in enumerate(strokes.split()):
            places = np.array(list(stroke.lstrip("~")), float).reshape(-1, 2)
            points[sign, k, : len(places)] = (4, 6) + places[:, ::-1] * (19 / 6, 15 / 4)
            counts[sign, k], smooth[sign, k] = len(places), stroke.startswith("~")
    return points, counts, smooth
