"""Draw a neuron, a dense layer, backpropagation, a convolution and LeNet-5, for docs/tutorials.

python tools/drawings.py             # writes docs/images/NAME.svg
python tools/drawings.py --out DIR   # elsewhere

Each drawing has its own background and colours for light and for dark screens. The sizes in the drawing
of LeNet-5 are those of the network in the zoo.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tenfold

OUT = Path(__file__).parent.parent / "docs" / "images"

STYLE = """
text{font:14px system-ui,"DejaVu Sans",sans-serif;fill:#14213d}
.b{font-weight:600}.s{font-size:12px;fill:#4a5670}.g{font-size:12px;fill:#b3450a}.m{font-style:italic}
.paper{fill:#ffffff}.box{fill:#e9ecef;stroke:#33415c}.blue{fill:#cfe3f5;stroke:#1f5fa8}
.warm{fill:#fdebd0;stroke:#b3450a}.green{fill:#d8f3dc;stroke:#2d6a4f}.cell{fill:#f6f7f9;stroke:#9aa5b8}
.line{fill:none;stroke:#33415c}.faint{fill:none;stroke:#9aa5b8}.strong{fill:none;stroke:#1f5fa8}
.back{fill:none;stroke:#b3450a}.h1{fill:#33415c}.h2{fill:#1f5fa8}.h3{fill:#b3450a}
@media(prefers-color-scheme:dark){text{fill:#e8ecf5}.s{fill:#b3bdd1}.g{fill:#ffab70}
.paper{fill:#161b26}.box{fill:#2a3345;stroke:#b3bdd1}.blue{fill:#1d3a5c;stroke:#7db5f0}
.warm{fill:#4a2c14;stroke:#ffab70}.green{fill:#1d4030;stroke:#74c69d}.cell{fill:#1f2634;stroke:#5b677f}
.line{stroke:#b3bdd1}.faint{stroke:#5b677f}.strong{stroke:#7db5f0}.back{stroke:#ffab70}
.h1{fill:#b3bdd1}.h2{fill:#7db5f0}.h3{fill:#ffab70}}
"""
HEADS = {"line": "h1", "strong": "h2", "back": "h3"}  # kind of arrow -> class of its head


@dataclass
class Drawing:
    """An SVG picture under construction; positions in pixels from the top left corner."""

    width: int
    height: int
    words: str
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "middle") -> None:
        self.parts.append(f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{words}</text>')

    def box(self, x: float, y: float, w: float, h: float, kind: str = "box", radius: float = 6) -> None:
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{radius:g}" class="{kind}"/>'
        )

    def named_box(self, x: float, y: float, w: float, h: float, lines: Sequence[str], kind: str) -> None:
        self.box(x, y, w, h, kind)
        for row, words in enumerate(lines):
            top = y + h / 2 + 5 + 18 * (row - (len(lines) - 1) / 2)
            self.text(x + w / 2, top, words, "b" if row == 0 else "s")

    def circle(self, x: float, y: float, r: float, words: str = "", kind: str = "box") -> None:
        self.parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" class="{kind}"/>')
        if words:
            self.text(x, y + 5, words, "b")

    def line(
        self, x1: float, y1: float, x2: float, y2: float, kind: str = "line", *, head: bool = False
    ) -> None:
        mark = f' marker-end="url(#{HEADS[kind]})"' if head else ""
        self.parts.append(f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" class="{kind}" stroke-width="1.5"{mark}/>')

    def svg(self) -> str:
        heads = "".join(
            f'<marker id="{head}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0L8 4L0 8z" class="{head}"/></marker>'
            for head in HEADS.values()
        )
        style = STYLE.replace("\n", "")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-label="{self.words}">'
            f"<style>{style}</style><defs>{heads}</defs>\n"
            f'<rect width="{self.width}" height="{self.height}" rx="8" class="paper"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )


def neuron() -> Drawing:
    """Two inputs, their weights, the sum, the activation function, the output."""
    drawing = Drawing(760, 270, "A neuron: inputs times weights, added up, through an activation function")
    for y, value, weight in ((60, "x₁", "w₁"), (130, "x₂", "w₂"), (200, "1", "b")):
        drawing.circle(90, y, 24, value, "cell" if value == "1" else "blue")
        drawing.line(114, y, 300, 130 + (y - 130) * 0.25, head=True)
        drawing.text(205, y + (130 - y) * 0.36 - 9, weight, "b m")
    drawing.circle(340, 130, 38, "", "warm")
    drawing.text(340, 139, "Σ", "b")
    drawing.line(378, 130, 468, 130, head=True)
    drawing.text(423, 120, "z", "b m")
    drawing.box(470, 92, 110, 76, "green")
    drawing.parts.append('<path d="M485 155C520 155 530 105 565 105" class="line" stroke-width="2"/>')
    drawing.line(580, 130, 660, 130, head=True)
    drawing.text(620, 120, "p = σ(z)", "b m")
    drawing.circle(686, 130, 24, "p", "blue")
    for x, words in ((90, "inputs"), (205, "weights and bias"), (340, "weighted sum"), (686, "output")):
        drawing.text(x, 252, words, "s")
    drawing.text(525, 252, "activation function", "s")
    drawing.text(340, 30, "z = x₁ w₁ + x₂ w₂ + b", "m")
    return drawing


def dense_layer() -> Drawing:
    """Every input feeds every output; one neuron and its column of weights are highlighted."""
    drawing = Drawing(800, 330, "A dense layer: every input feeds every output, through a weight of its own")
    inputs, outputs = (60, 120, 180, 240), (80, 150, 220)
    for j, down in enumerate(outputs):
        for up in inputs:
            drawing.line(112, up, 278, down, "strong" if j == 1 else "faint")
    for i, y in enumerate(inputs):
        drawing.circle(90, y, 22, f"x{'₁₂₃₄'[i]}", "blue")
    for j, y in enumerate(outputs):
        drawing.circle(300, y, 22, f"y{'₁₂₃'[j]}", "warm" if j == 1 else "box")
    drawing.text(195, 300, "neuron 2 and its four weights: column 2 of W", "s")
    matrix(drawing, "X", "images × 4", 420, (3, 4), "blue", marked=None)
    matrix(drawing, "W", "4 × 3", 572, (4, 3), "cell", marked=1)
    matrix(drawing, "Y", "images × 3", 676, (3, 3), "cell", marked=1)
    drawing.text(548, 137, "×", "b")
    drawing.text(663, 137, "=", "b")
    drawing.text(588, 300, "Y = X W + b: each row is one image, each column one neuron", "s")
    return drawing


def matrix(
    drawing: Drawing, name: str, size: str, left: int, shape: tuple[int, int], kind: str, marked: int | None
) -> None:
    """Draw a matrix with its name above, its size below, and one highlighted column."""
    cell, top = 26, 92
    for row in range(shape[0]):
        for place in range(shape[1]):
            colours = "warm" if place == marked else kind
            drawing.box(left + cell * place, top + cell * row, cell, cell, colours, 0)
    middle = left + cell * shape[1] / 2
    drawing.text(middle, top - 12, name, "b m")
    drawing.text(middle, top + 4 * cell + 22, size, "s")


def backpropagation() -> Drawing:
    """A chain of layers: values forward, gradients backward, and the gradients of the parameters."""
    drawing = Drawing(
        900, 330, "Backpropagation: values go forward, gradients go back through the same layers"
    )
    names = (("dense", "W₁, b₁"), ("ReLU", ""), ("dense", "W₂, b₂"), ("softmax", "and loss"))
    values, gradients = ("x", "y₁", "y₂", "logits", "loss"), ("dx", "dy₁", "dy₂", "dlogits", "1")
    for place, (name, under) in enumerate(names):
        left = 110 + 190 * place
        kind = "green" if place == 3 else ("blue" if under else "box")
        drawing.named_box(left, 85, 110, 100, [name, under] if under else [name], kind)
        if under.startswith("W"):
            drawing.line(left + 55, 185, left + 55, 252, "back", head=True)
            drawing.text(left + 55, 275, under.replace("W", "dW").replace("b", "db"), "b m")
    for place, (value, gradient) in enumerate(zip(values, gradients, strict=True)):
        left = 30 + 190 * place
        drawing.line(left, 115, left + 78, 115, head=True)
        drawing.text(left + 38, 104, value, "b m")
        drawing.line(left + 78, 160, left + 2, 160, "back", head=True)
        drawing.text(left + 40, 180, gradient, "g m")
    drawing.text(30, 50, "forward: y, backward = layer.forward(x)", "b", "start")
    drawing.text(30, 308, "backward: dx, grads = backward(dy)", "b", "start")
    drawing.text(870, 308, "the gradients of the parameters move them", "s", "end")
    return drawing


def convolution() -> Drawing:
    """One kernel over an image: the same weights in every place; a receptive field is highlighted."""
    drawing = Drawing(820, 330, "A convolution: one kernel in every place of the image gives a feature map")
    cell = 26
    for row in range(8):
        for column in range(8):
            seen = 2 <= row < 5 and 3 <= column < 6
            drawing.box(50 + cell * column, 60 + cell * row, cell, cell, "warm" if seen else "cell", 0)
    for row in range(3):
        for column in range(3):
            drawing.box(345 + 36 * column, 110 + 36 * row, 36, 36, "blue", 0)
            drawing.text(363 + 36 * column, 132 + 36 * row, f"w{'₀₁₂'[row]}{'₀₁₂'[column]}", "s")
    for row in range(6):
        for column in range(6):
            made = (row, column) == (2, 3)
            drawing.box(570 + cell * column, 86 + cell * row, cell, cell, "warm" if made else "cell", 0)
    drawing.line(50 + cell * 6, 60 + cell * 3.5, 343, 164, "line", head=True)
    drawing.line(453, 164, 568 + cell * 3, 86 + cell * 2.5, "line", head=True)
    for x, words in ((154, "input, 8 × 8"), (399, "kernel, 3 × 3"), (648, "feature map, 6 × 6")):
        drawing.text(x, 44, words, "b")
    lines(drawing, 154, 294, "orange: the receptive field", "of one number of the map")
    lines(drawing, 399, 242, "the same nine weights", "in every place")
    lines(drawing, 648, 270, "one number for each place", "of the kernel (8 − 3 + 1 = 6)")
    return drawing


def lines(drawing: Drawing, x: float, y: float, *words: str) -> None:
    """Write small lines, one below the other."""
    for row, line in enumerate(words):
        drawing.text(x, y + 17 * row, line, "s")


def lenet5() -> Drawing:
    """The shapes of LeNet-5, from the zoo's network: maps as stacks of squares, vectors as bars."""
    network = tenfold.build("lenet5").network
    shapes = {row.name: row.output_shape for row in network.rows()}
    drawing = Drawing(900, 300, "LeNet-5: two rounds of convolution and pooling, then three dense layers")
    drawing.box(24, 90, 84, 84, "cell", 0)
    drawing.text(66, 214, "28 × 28 × 1", "b")
    drawing.text(66, 232, "image", "s")
    left = 108.0
    for name, words in (
        ("conv1", "conv 5 × 5"),
        ("pool1", "max pool"),
        ("conv2", "conv 5 × 5"),
        ("pool2", "max pool"),
    ):
        left = maps(drawing, left, shapes[name], words, "+ ReLU" if name.startswith("conv") else "")
    for name, words in (("flatten", "flatten"), ("fc1", "dense"), ("fc2", "dense"), ("fc3", "dense")):
        below = {"fc1": "+ ReLU", "fc2": "+ ReLU", "fc3": "logits"}.get(name, "")
        left = vector(drawing, left, shapes[name][0], words, below)
    drawing.text(450, 282, f"{network.n_parameters:,} parameters", "s")
    return drawing


def maps(drawing: Drawing, left: float, shape: tuple[int, ...], words: str, below: str) -> float:
    """Draw an arrow and at most eight feature maps behind each other; return where they end."""
    height, width, channels = shape
    shown, side = min(channels, 8), 3.0 * height
    top, start = 132 - side / 2 - 1.5 * shown, left + 46
    drawing.line(left + 8, 132, start - 4, 132, head=True)
    for place in range(shown):
        drawing.box(start + 5 * place, top + 4 * place, side, side, "blue" if below else "green", 0)
    middle = start + (side + 5 * shown) / 2
    drawing.text(middle, 214, f"{height} × {width} × {channels}", "b")
    drawing.text(middle, 232, words, "s")
    if below:
        drawing.text(middle, 250, below, "s")
    return start + side + 5 * shown


def vector(drawing: Drawing, left: float, size: int, words: str, below: str) -> float:
    """Draw an arrow and a bar; return where it ends."""
    tall = 20 + 0.28 * size
    drawing.line(left + 8, 132, left + 42, 132, head=True)
    drawing.box(left + 46, 132 - tall / 2, 16, tall, "warm" if below == "logits" else "box", 3)
    drawing.text(left + 54, 214, f"{size}", "b")
    drawing.text(left + 54, 232, words, "s")
    if below:
        drawing.text(left + 54, 250, below, "s")
    return left + 62


DRAWINGS: dict[str, Callable[[], Drawing]] = {
    "neuron": neuron,
    "dense-layer": dense_layer,
    "backpropagation": backpropagation,
    "convolution": convolution,
    "lenet5": lenet5,
}


def main() -> None:
    """Write every drawing."""
    parser = argparse.ArgumentParser(description="Draw the pictures of networks for the tutorials.")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the drawings")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in DRAWINGS.items():
        (folder / f"{name}.svg").write_text(draw().svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
