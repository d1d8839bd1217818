"""The API reference has every public name, each described in one place."""

from __future__ import annotations

import re
import sys
from collections import ChainMap
from importlib import import_module
from pathlib import Path

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

import tenfold

logger = logging.getLogger(__name__)


def units(docs: str | Path) -> list[str]:
    """Return the units that the reference lists."""
    index = Path(docs, "api", "index.rst").read_text("utf-8")
    return re.findall(r"^   (tenfold[\w.]*)$", index, flags=re.MULTILINE)


def public_names(unit: str) -> list[str]:
    return list(getattr(import_module(unit), "__all__", ()))


def homes(listed: list[str]) -> dict[str, str]:
    """Return where each name of `tenfold` is described: in its unit, if that is listed."""
    return {name: f"{unit if unit in listed else 'tenfold'}.{name}" for name, unit in tenfold._HOME.items()}


def describe_constant(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Give a constant the docstring that stands under it in the module that defines it."""
    if what != "data":
        return
    # Not the docstring of its type, "dict() -> new empty dictionary".
    lines[:] = [f"``{value!r}``"] if isinstance(value, str | int) else []
    constant = name.rpartition(".")[2]
    for module in [m for m in sys.modules if m.startswith("tenfold.")]:
        if getattr(sys.modules[module], "__dict__", {}).get(constant) is value:
            try:
                found = ModuleAnalyzer.for_module(module).find_attr_docs().get(("", constant))
            except PycodeError:
                continue
            if found:
                lines[:0] = [*found, ""]
                return


class WordsOfTypes(SphinxTransform):
    """Link the words of a docstring that are public names: of the same unit, else of the first that has it.

    Sphinx itself would link words such as "name" to an attribute of some class.
    """

    default_priority = 500

    def apply(self) -> None:
        listed = units(self.env.srcdir)
        of_units = {unit: {name: f"{unit}.{name}" for name in public_names(unit)} for unit in listed}
        of_units["tenfold"] |= homes(listed)
        anywhere = ChainMap(*(of_units[unit] for unit in listed if unit != "tenfold"), of_units["tenfold"])
        for node in list(self.document.findall(addnodes.pending_xref)):
            word = node.get("reftarget", "")
            if node.get("refdomain") != "py" or "." in word:
                continue
            own = of_units.get(node.get("py:module"), {})
            if found := own.get(word) or anywhere.get(word):
                node["reftarget"] = found
            elif word.islower() and word not in listed:
                node.replace_self(node.children)


def is_of_others(
    app: Sphinx, what: str, name: str, value: object, skip: bool, options: object
) -> bool | None:
    """Leave out the methods that scikit-learn adds to its estimators."""
    return True if str(getattr(value, "__module__", "")).startswith("sklearn") else None


def check_complete(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of a public name that no page describes."""
    listed = units(env.srcdir)
    described = env.domains.python_domain.objects
    where = homes(listed)
    for unit in listed:
        for name in public_names(unit):
            full = where.get(name, f"{unit}.{name}") if unit == "tenfold" else f"{unit}.{name}"
            if full not in described:
                logger.warning("the API reference lacks %s", full)


def setup(app: Sphinx) -> dict[str, bool]:
    listed = units(app.srcdir)
    inner = [unit.removeprefix("tenfold.") for unit in listed]
    app.config.autosummary_context |= {"homes": homes(listed), "inner": inner}
    app.connect("autodoc-process-docstring", describe_constant, priority=400)
    app.connect("autodoc-skip-member", is_of_others)
    app.add_transform(WordsOfTypes)
    app.connect("env-check-consistency", check_complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
