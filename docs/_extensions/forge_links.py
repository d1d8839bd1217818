"""Links that lead somewhere on a forge lead to the same place in the site.

Links between pages of docs/ need nothing. The pages of the root are included in docs/project/, so their
links start from there. A link to a module leads to the page that viewcode makes of its source. Of a link to
a folder only the text stays, and MyST makes a download of every other file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.osutil import relative_uri

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src"
BACK = re.compile(
    r'id="(?P<name>[\w.]+)">\s*<a class="viewcode-back" '
    r'href="[./]*api/(?P<unit>tenfold[\w.]*)\.html#(?P<anchor>[^"]*)'
)
RELATIVE = re.compile(r"\]\((?!https?:|mailto:|#)")


def from_project_folder(app: Sphinx, path: Path, parent: str, content: list[str]) -> None:
    """Let the links of an included page of the root start from docs/project/."""
    if path.parent == Path(".."):
        content[0] = RELATIVE.sub("](../../", content[0])


class OutOfDocs(SphinxTransform):
    """Links to pages of the root, and to folders."""

    default_priority = 5

    def apply(self) -> None:
        here = Path(self.env.doc2path(self.env.docname)).parent
        for node in list(self.document.findall(addnodes.pending_xref)):
            target = Path(node["reftarget"])
            if target.parent == ROOT:  # MyST takes it for a page, and finds none of that name
                node["reftarget"] = f"project/{target.name.lower()}"
            elif node.get("refdomain") is None and (here / target).is_dir():
                node.replace_self(node.children)


def to_sources(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Lead links to a module to the page with its source."""
    with_page = getattr(app.env, "_viewcode_modules", {})
    for node in list(document.findall(addnodes.download_reference)):
        target = Path(app.env.doc2path(docname)).parent.joinpath(node["reftarget"]).resolve()
        if not target.is_relative_to(SOURCES):
            continue
        module = ".".join(target.relative_to(SOURCES).with_suffix("").parts)
        if with_page.get(module):
            page = "_modules/" + module.replace(".", "/")
            uri = relative_uri(app.builder.get_target_uri(docname), app.builder.get_target_uri(page))
            node.replace_self(nodes.reference("", "", *node.children, refuri=uri, internal=True))


def forget_missing_sources(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep what has no source, such as ``builtins``, out of viewcode's list of modules."""
    for module in [name for name, entry in env._viewcode_modules.items() if not entry]:
        del env._viewcode_modules[module]


def to_descriptions(app: Sphinx, page: str, template: str, context: dict[str, Any], document: object) -> None:
    """Let a source link to the unit that describes a name; viewcode expects one unit for each module."""

    def corrected(found: re.Match[str]) -> str:
        return found[0].removesuffix(found["anchor"]) + f"{found['unit']}.{found['name']}"

    if page.startswith("_modules/tenfold"):
        context["body"] = BACK.sub(corrected, context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("include-read", from_project_folder)
    app.add_transform(OutOfDocs)
    app.connect("doctree-resolved", to_sources)
    app.connect("env-check-consistency", forget_missing_sources)
    app.connect("html-page-context", to_descriptions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
