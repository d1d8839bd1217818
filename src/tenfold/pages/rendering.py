"""Templates to pages. Jinja2 is loaded when the first page is written."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from tenfold.pages.svg import Html, unbroken

if TYPE_CHECKING:
    from jinja2 import Environment


def render(
    template: str, values: Mapping[str, object], *, styles: tuple[str, ...] = (), script: str = ""
) -> str:
    """Fill a template; text is escaped unless it is `Html`, and a value that is missing is an error.

    Parameters
    ----------
    template : str
        Its path below the package, such as ``"evaluate/report_page/report.html.jinja"``.
    values : mapping
        By the names that the template has for them.
    styles : tuple of str
        Paths of style sheets, in addition to the one that all pages share.
    script : str
        Path of the only script that may run; ``""`` where none may.
    """
    style = "".join(asset(path) for path in ("pages/style.css", *styles))
    code = asset(script) if script else ""
    given = {"style": Html(style), "script": Html(code), "policy": _policy(code), "contents": []}
    return _environment().get_template(template).render({**given, **values})


def asset(path: str) -> str:
    """Return the text of a file of the package."""
    return files("tenfold").joinpath(path).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("tenfold", ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        extensions=["jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _finalize(value: object) -> object:
    """``None`` is left out; a number stays on one line with its per cent sign."""
    if value is None:
        return ""
    return unbroken(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _policy(script: str) -> str:
    """Nothing may be fetched, and no script may run but the page's own."""
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    return "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            "style-src 'unsafe-inline'",
            f"script-src 'sha256-{digest}'" if script else "script-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
