"""Signs that are not digits, as strokes: letters and marks that people do not confuse with digits.

Left out is what many write like a digit: B, D, I, O, S, Z, b, g, l, o, q, s, y, z, a stroke alone such as /
or (, a diamond, a 0 with anything short in it, and an 8 on its side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Strokes from place to place, each place a column 0-4 and a row 0-6; ~ before a smooth one.
_LETTERS = (
    "062046 1434",  # A
    "~0603204346 0343",  # A, round
    "~412002042645",  # C
    "40000646 0333",  # E
    "~4120011223 ~2304052645",  # E, round
    "400006 0333",  # F
    "~412002042645 454323",  # G
    "0006 4046 0343",  # H
    "1040 ~303335260504",  # J
    "~3034260504",  # J without a bar
    "0006 400346",  # K
    "000646",  # L
    "0600234046",  # M
    "0610243046",  # M, its sides aslant
    "06004640",  # N
    "0006 ~0030413303",  # P
    "~20020426444220 2346",  # Q
    "0006 ~0030413303 2346",  # R
    "0040 2026",  # T
    "~000416364440",  # U
    "002640",  # V
    "0016223640",  # W
    "~0104162422 ~2224364441",  # W, round
    "0046 4006",  # X
    "~00222406 ~40222446",  # X, of two bows
    "0023 4023 2326",  # Y
    "~33220305163533 ~323546",  # a
    "~0120314246 ~4313052644",  # a, as printed
    "~42351604123446",  # a, as a loop
    "~43220305264644 4046",  # d
    "0343 ~43311103163645",  # e
    "~034341210304163645",  # e, in one go
    "~41302126 1333",  # f
    "0006 ~0423334446",  # h
    "~222536 2020",  # i
    "~32352605 3030",  # j
    "0006 320446",  # k
    "0602 ~03122326 ~23324346",  # m
    "0602 ~0322324346",  # n
    "0206 ~04123243",  # r
    "~20253646 0242",  # t
    "~020516364544 4246",  # u
)
_OTHER_LETTERS = (
    "400006",  # Gamma
    "4000230646",  # Sigma
    "0006 0040 4046",  # Pi
    "0242 1216 3236",  # pi
    "0106 ~0104254441 4145",  # mu
    "~21120324433221 2026",  # Phi
    "~0002244240 2026",  # Psi
    "0616 ~16040220424436 3646",  # Omega
    "0006 0640 4046",  # a Cyrillic I
    "0046 4006 2026",  # Zhe
    "00064640 2026",  # Sha
    "4046 ~4010011343 2306",  # Ya
    "0006 0313 ~31131536454331",  # Yu
    "0242 ~202306 2346",  # large, in Chinese
    "0242 2026 2205 2245",  # tree
    "0141 0343 0545 2125",  # king
    "0104444101 2026",  # middle
    "0006464000 2026 0343",  # field
)
_MARKS = (
    "2026 0343",  # plus
    "2026 0141",  # a Latin cross
    "0343",  # minus
    "0242 0444",  # equals
    "0242 0444 3016",  # unequal
    "0141 0343 0545",  # three bars
    "2024 0242 0646",  # plus or minus
    "0343 2121 2525",  # divided by
    "2026 0145 4105",  # asterisk
    "0242 0444 1016 3036",  # hash
    "1016 3036 0242 0545",  # hash, tall
    "~011030412324 2626",  # question mark
    "2024 2626",  # exclamation mark
    "400346",  # less
    "004306",  # greater
    "042044",  # caret
    "~03112343",  # wave
    "~02112241 ~05142544",  # two waves
    "0313263040",  # root
    "30101636",  # square brackets
    "10303616",
    "~40202203242646",  # curly ones
    "~00202243242606",
    "4006 0011 3546",  # per cent
    "4006 ~0010110100 ~3545463635",  # per cent, with rings
    "~4612112031230405163443",  # ampersand
    "~4120011223 ~2304052645 2026",  # ampersand, upright
    "~33221324333443412002042645",  # at
    "~41210223442505 2026",  # dollar
    "~412002042645 0232 0434",  # euro
    "~4130111406 0646 0333",  # pound
    "0023 4023 2326 0444",  # yen
    "032640",  # tick
    "142640",  # tick, narrow
    "0343 214325",  # arrows
    "0343 210325",
    "2026 022042",
    "2026 042644",
    "0343 120314 324334",
    "06204606",  # triangle
    "0105454101",  # box
    "0105454101 0145 4105",  # box, crossed
    "0105454101 122440",  # box, ticked
    "0105454101 012341",  # letter
    "062046024206",  # star in one go
    "2032423446250614021220",  # star
    "~211001032643413021",  # heart
    "~2110010326 ~2130414326",  # heart, its tip sharp
    "~20010526454120 1212 3232 ~142534",  # face
    "~20010526454120 1212 3232 ~152435",  # face, sad
    "~20010526454120 2026 0343",  # circle with a cross
    "~20010526454120 1135 3115",
    "3035 3042 ~3514051635",  # note
    "~23333425141221424526",  # spiral
)
SIGNS = _LETTERS + _OTHER_LETTERS + _MARKS
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
