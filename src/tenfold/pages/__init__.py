"""HTML pages: one layout and one set of parts, Jinja2 templates, and SVG charts in the same colours."""

from tenfold.pages.rendering import asset, render
from tenfold.pages.svg import Html

__all__ = ["Html", "asset", "render"]
