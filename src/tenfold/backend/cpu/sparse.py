"""Products that leave out what is zero: most pixels of a digit are exactly 0.

``C[i, j] = sum over k of A[i, k] * B[k, j]`` is computed for a few rows of A at a time, and only for
those k where at least one of these rows is not 0. As ``s + 0 * b`` is s for any finite b, the result
is the same to the last bit. Where B is not finite, `dense` does not come here.
"""

from __future__ import annotations

from llvmlite import ir

from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.lanewise import nonzero
from tenfold.backend.cpu.tile import MAX_ROWS, MAX_VECTORS, Tile, calls, product, share
from tenfold.backend.cpu.vector import INT, LANES, VECTOR, load, pointer
from tenfold.backend.cpu.views import integers

# Rows of A at a time: with more, fewer k can be left out; and a register has to hold one number of each.
_ROWS = min(MAX_ROWS[MAX_VECTORS - 1], LANES)


def list_size(length: int) -> int:
    """Floats that a list takes for sums of up to so many terms: two int64 for each."""
    return 4 * (length + LANES)


class _ListedTile(Tile):
    """A tile that takes its k from a list at the address ``a_segment``, which has ``length`` entries.

    An entry says how many bytes from their first rows the column of A and the row of B lie (`_note`).
    """

    name = "listed_tile"

    def emit_loops(self) -> None:
        """For each k of the list: one row of B times the tile's rows of A."""
        outer, inner, after = (ir.IRBuilder(block) for block in (self.segment, self.inner, self.next))
        starts = [outer.add(self.a, outer.mul(self.a_row, ir.Constant(INT, r))) for r in range(self.rows)]
        outer.branch(self.inner)

        i = inner.phi(INT)
        sums = [inner.phi(VECTOR) for _ in range(self.rows * self.vectors)]
        place = inner.add(self.a_segment, inner.mul(i, ir.Constant(INT, 16)))
        a, b = (inner.load(pointer(inner, inner.add(place, ir.Constant(INT, o)), INT)) for o in (0, 8))
        rows = [inner.add(start, a) for start in starts]
        self.sums = self.emit_products(inner, rows, inner.add(self.b, b), sums)
        new_i = inner.add(i, ir.Constant(INT, 1))
        inner.cbranch(inner.icmp_signed("<", new_i, self.length), self.inner, self.next)
        after.branch(self.leave)

        i.add_incoming(ir.Constant(INT, 0), self.segment)
        i.add_incoming(new_i, self.inner)
        for j, phi in enumerate(sums):
            phi.add_incoming(self.start[j % self.vectors], self.segment)
            phi.add_incoming(self.sums[j], self.inner)


_listed_tile = calls(_ListedTile, [(r, v) for v in range(1, MAX_VECTORS + 1) for r in range(1, _ROWS + 1)])


@kernel
def _note(at: int, k: int, a_k: int, b_k: int) -> None:
    """Write how far from their first rows the k-th column of A and row of B lie."""
    entry = integers(at, 2)
    entry[0], entry[1] = k * a_k, k * b_k


@kernel
def _list_along(rows: int, length: int, a: int, a_row: int, b_k: int, into: int) -> int:
    """List the k at which any of some rows is not 0, where rows lie along k; return how many."""
    at = into
    for k in range(0, length, LANES):
        lanes = min(LANES, length - k)
        lit = 0
        for i in range(rows):
            lit |= nonzero(load(a + i * a_row + 4 * k, lanes))
        for lane in range(LANES):
            _note(at, k + lane, 4, b_k)  # in vain if it is not lit: a jump would take longer
            at += 16 * (lit >> lane & 1)
    return (at - into) // 16


@kernel
def _list_across(rows: int, length: int, a: int, a_k: int, b_k: int, into: int) -> int:
    """List the k at which any of some rows is not 0, where they lie side by side; return how many."""
    at = into
    for k in range(length):
        _note(at, k, a_k, b_k)
        at += 16 * (nonzero(load(a + k * a_k, rows)) != 0)
    return (at - into) // 16


@linked
def sparse_product(
    m: int, n: int, k: int, a: int, a_row: int, a_k: int, b: int, c: int, bias: int, finish: int, scratch: int
) -> None:
    """``C (m, n) = A (m, k) @ B (k, n) + bias``, as `product`; ``scratch`` has room for a list."""
    registers = (n + LANES - 1) // LANES
    groups = (registers + MAX_VECTORS - 1) // MAX_VECTORS
    pieces = (m + _ROWS - 1) // _ROWS
    left = m
    for piece in range(pieces):
        rows = share(m, pieces, piece)
        if a_k == 1:
            count = _list_along(rows, k, a, 4 * a_row, 4 * n, scratch)
        else:
            count = _list_across(rows, k, a, 4 * a_k, 4 * n, scratch)
        if 8 * count > 7 * k:  # there is little to leave out, and what follows will be alike
            product(left, n, a, a_row, a_k, 0, 1, k, b, n, 0, c, n, bias, finish)
            return
        if count == 0:  # a tile takes at least one k: any will do
            _note(scratch, 0, 0, 0)
            count = 1
        column = 0
        for group in range(groups):
            vectors = share(registers, groups, group)
            columns = min(n - column, LANES * vectors)
            _listed_tile(
                rows, vectors, a, 4 * a_row, 0, scratch, 1, count, b + 4 * column, 0, 0, c + 4 * column,
                4 * n, columns - LANES * (vectors - 1), bias + 4 * column if bias != 0 else 0, finish,
            )  # fmt: skip
            column += columns
        a += 4 * rows * a_row
        c += 4 * rows * n
        left -= rows
