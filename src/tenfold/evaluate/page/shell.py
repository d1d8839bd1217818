"""What every page is: one file that needs nothing else and asks nothing of any other place."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from tenfold.evaluate.page.markup import Html, el, join
from tenfold.evaluate.page.report_data import Section


def shell(
    title: str,
    head: Html,
    lead: Html | None,
    sections: Sequence[Section],
    *,
    style: str = "",
    script: str = "",
) -> str:
    """A whole page as HTML.

    Parameters
    ----------
    title : str
        Of the window.
    head : Html
        What stands above the links to the sections.
    lead : Html or None
        What stands before the first section.
    sections : sequence of Section
    style, script : str
        In addition to the style that all pages share, and the only script that may run.
    """
    meta = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("style", Html(asset("tenfold.evaluate.page", "style.css") + style)),
    )
    links = [el("a", section.heading, href=f"#{section.anchor}") for section in sections]
    body = el(
        "body",
        el("a", "Skip to the figures", href="#main", class_="skip"),
        head,
        el("nav", *links, aria_label="Sections"),
        el("main", lead, *(_section(section) for section in sections), id="main"),
        el("footer", "Written by tenfold. This file needs no network and no other file."),
        el("script", Html(script)) if script else None,
    )
    return f"<!doctype html>\n{el('html', meta, body, lang='en')}\n"


def asset(package: str, name: str) -> str:
    """A file of style or script that lies in a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _section(section: Section) -> Html:
    heading = el("h2", section.heading, id=f"{section.anchor}-heading")
    return el(
        "section",
        join([heading, section.body]),
        id=section.anchor,
        aria_labelledby=f"{section.anchor}-heading",
    )


def _policy(script: str) -> str:
    """Nothing may be fetched, and no script may run but the one that stands here."""
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
