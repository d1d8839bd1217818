"""Formulas as MathML, which browsers draw without a script, and without a file to load."""

from __future__ import annotations

import re

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def mathml(formula: str, as_block: bool) -> str:
    """Return a formula of TeX as MathML."""
    in_braces = re.sub(
        r"\\frac(\d)(\d)", r"\\frac{\1}{\2}", formula
    )  # docutils fails where this is at the end
    return tex2mathml(in_braces, as_block=as_block)


def inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
