"""How Sphinx makes the documentation site: `make docs`."""

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent / "src"), str(DOCS / "_extensions")]

import tenfold  # noqa: E402

project = "tenfold"
author = "The tenfold authors"
copyright = author  # Sphinx's name for it
release = version = tenfold.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "forge_links",
    "mathml",
    "public_names",
]
exclude_patterns = ["_extensions", "_templates"]
templates_path = ["_templates"]

# The Markdown is GitHub's: its formulas, its anchors of headings, and its glossary of third-level headings.
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]

# Each unit's page lists its __all__, wherever the names are defined.
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "none"  # the docstrings give the types
napoleon_google_docstring = False
napoleon_use_ivar = True
default_role = "py:obj"  # `tenfold.nn` in a docstring is a link, if it is a name
add_module_names = False
toc_object_entries_show_parents = "hide"

html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"tenfold {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
