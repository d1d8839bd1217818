"""The one product that does nearly all arithmetic: a tile of C that never leaves the registers.

``C[i, j] = sum over s, k of A[i, s, k] * B[s, k, j]``

A is read one number at a time and spread over a register, B and C are read along their rows. The
reduction runs over ``segments`` pieces of ``length``, each with its own stride, so that a
convolution reads its windows where they lie: a window row of an (h, w, c) image is one piece of
``kernel_width * c`` neighbours. Dense layers have a single segment.

The tile has ``rows`` x ``vectors`` accumulators. Each size is unrolled to straight-line code when
the engine is compiled; with 24 accumulators the products arrive as fast as the processor can
multiply and add.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.vector import (
    ACCUMULATORS,
    FLOAT,
    INT,
    LANES,
    MASK,
    VECTOR,
    ZEROS,
    lane_mask,
    masked_load,
    masked_store,
    pointer,
    spread,
)

# What happens to the sum when it leaves the registers.
STORE, RELU, ACCUMULATE = 0, 1, 2

MAX_VECTORS = 4 if ACCUMULATORS >= 24 else 3
# Most rows of a tile of 1, 2, 3, 4 vectors. One vector allows fewer than the registers would: the
# addresses of its rows have to fit into registers as well.
MAX_ROWS = tuple(min(14, ACCUMULATORS // vectors) for vectors in range(1, MAX_VECTORS + 1))
_GROUP = 3  # rows that share one address register: base, base + row, base + 2 row

_ARGUMENTS = 14  # of a tile's function, all 64-bit integers; addresses and strides in bytes


class Tile:
    """Emits the function of one tile size into an LLVM module."""

    name = "tile"

    def __init__(self, module: ir.Module, rows: int, vectors: int) -> None:
        self.rows, self.vectors = rows, vectors
        kind = ir.FunctionType(ir.VoidType(), [INT] * _ARGUMENTS)
        self.function = ir.Function(module, kind, f"tenfold_{self.name}_{rows}x{vectors}")
        self.function.linkage = "linkonce_odr"
        self.function.attributes.add("noinline")
        (
            self.a, self.a_row, self.a_k, self.a_segment, self.segments, self.length, self.b, self.b_k,
            self.b_segment, self.c, self.c_row, self.lanes, self.bias, self.finish,
        ) = self.function.args  # fmt: skip
        self.entry, self.segment, self.inner, self.next, self.leave = (
            self.function.append_basic_block(n) for n in ("entry", "segment", "inner", "next", "leave")
        )
        self.emit_entry()
        self.emit_loops()
        self.emit_leave()

    def emit_entry(self) -> None:
        """Start the sums at the bias, or at zero where there is none."""
        builder = ir.IRBuilder(self.entry)
        groups = range((self.rows + _GROUP - 1) // _GROUP)
        self.offsets = [builder.mul(self.a_row, ir.Constant(INT, _GROUP * g)) for g in groups]
        have = builder.icmp_signed("!=", self.bias, ir.Constant(INT, 0))
        start = [ZEROS] * self.vectors
        with builder.if_then(have):
            loaded = [self.load_b(builder, self.bias, v) for v in range(self.vectors)]
            inside = builder.block
        for v in range(self.vectors):
            phi = builder.phi(VECTOR)
            phi.add_incoming(ZEROS, self.entry)
            phi.add_incoming(loaded[v], inside)
            start[v] = phi
        self.start, self.entry = start, builder.block
        builder.branch(self.segment)

    def load_b(self, builder: ir.IRBuilder, base: ir.Value, v: int) -> ir.Value:
        """Vector v of a row of B; it may read past the row's end, never past its array's padding."""
        address = builder.add(base, ir.Constant(INT, 4 * LANES * v))
        return builder.load(pointer(builder, address), align=4)

    def emit_loops(self) -> None:
        """For each segment, for each k: one row of B times the tile's rows of A."""
        outer, inner, after = (ir.IRBuilder(block) for block in (self.segment, self.inner, self.next))
        zero, one = ir.Constant(INT, 0), ir.Constant(INT, 1)
        many = range(self.rows * self.vectors)

        segment = outer.phi(INT)
        outer_sums = [outer.phi(VECTOR) for _ in many]
        a = outer.add(self.a, outer.mul(segment, self.a_segment))
        starts = [outer.add(a, offset) for offset in self.offsets]
        b_start = outer.add(self.b, outer.mul(segment, self.b_segment))
        outer.branch(self.inner)

        k, b = inner.phi(INT), inner.phi(INT)
        bases = [inner.phi(INT) for _ in starts]
        sums = [inner.phi(VECTOR) for _ in many]
        strides = [inner.mul(self.a_row, ir.Constant(INT, i)) for i in range(_GROUP)]
        rows = [inner.add(bases[r // _GROUP], strides[r % _GROUP]) for r in range(self.rows)]
        new_sums = self.emit_products(inner, rows, b, sums)
        new_k, new_b = inner.add(k, one), inner.add(b, self.b_k)
        new_bases = [self.hidden(inner, inner.add(base, self.a_k)) for base in bases]
        inner.cbranch(inner.icmp_signed("<", new_k, self.length), self.inner, self.next)

        new_segment = after.add(segment, one)
        after.cbranch(after.icmp_signed("<", new_segment, self.segments), self.segment, self.leave)

        def join(phi: Any, before: Any, block: Any, again: Any, back: Any) -> None:
            phi.add_incoming(before, block)
            phi.add_incoming(again, back)

        join(segment, zero, self.entry, new_segment, self.next)
        join(k, zero, self.segment, new_k, self.inner)
        join(b, b_start, self.segment, new_b, self.inner)
        for base, start, new in zip(bases, starts, new_bases, strict=True):
            join(base, start, self.segment, new, self.inner)
        for i in many:
            join(outer_sums[i], self.start[i % self.vectors], self.entry, new_sums[i], self.next)
            join(sums[i], outer_sums[i], self.segment, new_sums[i], self.inner)
        self.sums = new_sums

    def emit_products(self, builder: ir.IRBuilder, rows: Any, b: ir.Value, sums: Any) -> list[Any]:
        """``sums[r, v] + A[r, k] * B[k, v]``; contracting it to one instruction is all we allow.

        ``rows`` has the address of A[r, k] for each r, ``b`` is that of B[k, 0].
        """
        contract = ("contract",)
        row_of_b = [self.load_b(builder, b, v) for v in range(self.vectors)]
        new = []
        for r, address in enumerate(rows):
            wide = spread(builder, builder.load(pointer(builder, address, FLOAT), align=4))
            for v in range(self.vectors):
                term = builder.fmul(wide, row_of_b[v], flags=contract)
                new.append(builder.fadd(sums[r * self.vectors + v], term, flags=contract))
        return new

    @staticmethod
    def hidden(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
        """The value through an empty piece of assembly.

        Otherwise LLVM sees that the addresses of the rows follow from each other and computes them
        one after another, a chain that takes twice as long as the products (98 against 160 GFLOP/s).
        """
        return builder.asm(ir.FunctionType(INT, [INT]), "", "=r,0", [value], False)

    def emit_leave(self) -> None:
        """Store, store the positive part, or add to the old value."""
        builder = ir.IRBuilder(self.leave)
        done = self.function.append_basic_block("done")
        blocks = [self.function.append_basic_block(n) for n in ("store", "relu", "accumulate")]
        last = lane_mask(builder, self.lanes)
        switch = builder.switch(self.finish, done)
        full = ir.Constant(MASK, [1] * LANES)
        for finish, block in enumerate(blocks):
            switch.add_case(ir.Constant(INT, finish), block)
            builder = ir.IRBuilder(block)
            for i, value in enumerate(self.sums):
                r, v = divmod(i, self.vectors)
                row = builder.add(self.c, builder.mul(self.c_row, ir.Constant(INT, r)))
                address = builder.add(row, ir.Constant(INT, 4 * LANES * v))
                mask = last if v == self.vectors - 1 else full
                if finish == RELU:  # a NaN stays: it is not below zero
                    value = builder.select(builder.fcmp_ordered("<", value, ZEROS), ZEROS, value)
                if finish == ACCUMULATE:
                    value = builder.fadd(value, masked_load(builder, address, mask))
                masked_store(builder, value, address, mask)
            builder.branch(done)
        ir.IRBuilder(done).ret_void()


def calls(kind: type[Tile], sizes: list[tuple[int, int]]) -> Any:
    """What calls, inside compiled functions, the tile of so many rows and vectors."""

    @intrinsic
    def call(
        typing: Any, rows: Any, vectors: Any, a: Any, a_row: Any, a_k: Any, a_segment: Any, segments: Any,
        length: Any, b: Any, b_k: Any, b_segment: Any, c: Any, c_row: Any, lanes: Any, bias: Any, finish: Any,
    ) -> Any:  # fmt: skip
        """Call the tile of the given size; addresses and strides in bytes."""
        signature = types.void(*[types.int64] * (2 + _ARGUMENTS))

        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            size = builder.add(builder.mul(args[1], ir.Constant(INT, 32)), args[0])
            end = builder.append_basic_block("end")
            switch = builder.switch(size, end)
            for r, v in sizes:
                block = builder.append_basic_block(f"size_{r}x{v}")
                switch.add_case(ir.Constant(INT, 32 * v + r), block)
                with builder.goto_block(block):
                    builder.call(kind(builder.module, r, v).function, args[2:])
                    builder.branch(end)
            builder.position_at_end(end)
            return context.get_dummy_value()

        return signature, emit

    return call


_tile = calls(Tile, [(r, v + 1) for v in range(MAX_VECTORS) for r in range(1, MAX_ROWS[v] + 1)])


@kernel
def share(total: int, parts: int, part: int) -> int:
    """The size of one of so many parts, as equal as can be; the first ones take what is over."""
    if parts == 1:
        return total
    each = total // parts
    return each + (1 if part < total - each * parts else 0)


@linked
def product(
    m: int, n: int, a: int, a_row: int, a_k: int, a_segment: int, segments: int, length: int,
    b: int, b_k: int, b_segment: int, c: int, c_row: int, bias: int, finish: int,
) -> None:  # fmt: skip
    """``C (m, n) = sum of A * B`` over segments and length, cut into tiles of equal size.

    ``a``, ``b``, ``c`` and ``bias`` (0: none) are addresses in bytes, the strides count floats.
    ``finish`` is STORE, RELU or ACCUMULATE. B, and the bias, are read up to MAX_VECTORS registers
    past the end of a row: their arrays are padded.
    """
    registers = (n + LANES - 1) // LANES
    groups = (registers + MAX_VECTORS - 1) // MAX_VECTORS
    column = 0
    for group in range(groups):
        vectors = share(registers, groups, group)
        columns = min(n - column, LANES * vectors)
        lanes = columns - LANES * (vectors - 1)
        most = MAX_ROWS[vectors - 1]
        pieces = 1 if m <= most else (m + most - 1) // most
        row = 0
        for piece in range(pieces):
            rows = share(m, pieces, piece)
            _tile(
                rows, vectors, a + 4 * row * a_row, 4 * a_row, 4 * a_k, 4 * a_segment, segments, length,
                b + 4 * column, 4 * b_k, 4 * b_segment, c + 4 * (row * c_row + column), 4 * c_row, lanes,
                bias + 4 * column if bias != 0 else 0, finish,
            )  # fmt: skip
            row += rows
        column += columns
