"""Tables as plain text: columns of equal width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Rows = Sequence[Sequence[str]]


def plain(heads: Sequence[str], rows: Rows, right: Sequence[int] = ()) -> str:
    """Return a table of lines; the columns numbered in ``right`` are set to the right.

    >>> print(plain(("model", "errors"), [("nn1l", "735"), ("lenet5", "75")], right=(1,)), end="")
    model   errors
    nn1l       735
    lenet5      75
    """
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    lines = []
    for row in (heads, *rows):
        cells = [
            cell.rjust(w) if i in right else cell.ljust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)


def plain_pieces(heads: Sequence[str], rows: Rows, width: int | None) -> Iterator[str]:
    """Yield a table of numbers in pieces of at most ``width`` characters, each with the first column again.

    >>> [*plain_pieces(("seed", "a", "b"), [("0", "1.5", "2.5")], width=9)]
    ['seed    a\\n0     1.5\\n', 'seed    b\\n0     2.5\\n']
    """
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    pieces: list[list[int]] = [[0]]
    for i in range(1, len(heads)):
        wider = sum(widths[j] + 2 for j in (*pieces[-1], i)) - 2
        if width is not None and wider > width and len(pieces[-1]) > 1:
            pieces.append([0])
        pieces[-1].append(i)
    for piece in pieces:
        cells = [[row[i] for i in piece] for row in (heads, *rows)]
        yield plain(cells[0], cells[1:], range(1, len(piece)))
