"""The matrices of Winograd's convolution: a product of two polynomials, through their values.

``y[i] = sum over j of d[i + j] g[j]``, m outputs of r taps, is the transpose of the product of two
polynomials with m and r coefficients. That product is known from its values at ``n = m + r - 1``
points (Toom and Cook); infinity, where the value is the highest coefficient, is one of them. So

    y = A^T ((G g) * (B^T d))

with n multiplications instead of m r: G takes g's values at the points, A takes those of y, and B^T
transposes the interpolation. In two dimensions the matrices act on rows and on columns:

    Y = A^T ((G g G^T) * (B^T d B)) A

Everything backward is the transpose of this. Our points are 0, 1, -1, 2, -2, 1/2, -1/2 and infinity:
eight values for each row and column, whatever the kernel. More points would save more and lose more
precision; these lose about three bits of float32 (rounding errors of 2e-6 of the result).

References
----------
S. Winograd, Arithmetic complexity of computations, SIAM, 1980.
A. Lavin and S. Gray, Fast algorithms for convolutional neural networks, CVPR 2016.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TypeAlias

Matrix: TypeAlias = tuple[tuple[Fraction, ...], ...]

FINITE = tuple(Fraction(p) for p in ("0", "1", "-1", "2", "-2", "1/2", "-1/2"))
POINTS = len(FINITE) + 1


def evaluation(coefficients: int) -> Matrix:
    """Return A of a polynomial with so many coefficients: its value at each point, (POINTS, coefficients)."""
    highest = tuple(Fraction(int(k == coefficients - 1)) for k in range(coefficients))
    return (*(tuple(p**k for k in range(coefficients)) for p in FINITE), highest)


def kernel_evaluation(taps: int) -> Matrix:
    """Return G: as `evaluation`, divided by Lagrange's denominators, (POINTS, taps)."""
    *rows, highest = evaluation(taps)
    return (
        *(
            tuple(value / denominator for value in row)
            for row, denominator in zip(rows, map(_denominator, FINITE), strict=True)
        ),
        highest,
    )


def interpolation() -> Matrix:
    """Return B^T: in each row the coefficients of Lagrange's numerator for a point, (POINTS, POINTS)."""
    numerators = [_with_roots([q for q in FINITE if q != p]) for p in FINITE]
    return tuple((*row, *[Fraction(0)] * (POINTS - len(row))) for row in [*numerators, _with_roots(FINITE)])


def transposed(matrix: Matrix) -> Matrix:
    """Return the matrix with rows and columns exchanged."""
    return tuple(zip(*matrix, strict=True))


def _denominator(p: Fraction) -> Fraction:
    return prod((p - q for q in FINITE if q != p), start=Fraction(1))


def _with_roots(roots: list[Fraction] | tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Return the coefficients, lowest first, of the polynomial with these roots."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted, scaled = [Fraction(0), *coefficients], [-root * c for c in coefficients] + [Fraction(0)]
        coefficients = [a + b for a, b in zip(shifted, scaled, strict=True)]
    return tuple(coefficients)
