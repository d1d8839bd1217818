"""The whole page: one file that needs nothing else and asks nothing of any other place."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from tenfold.evaluate.page import background, error_sections, findings
from tenfold.evaluate.page.headline import key_figures, masthead
from tenfold.evaluate.page.markup import Html, el, join
from tenfold.evaluate.page.material import Material, Section
from tenfold.evaluate.page.terms import terms


def document(material: Material) -> str:
    """The report as HTML, the same text for the same material."""
    sections = _sections(material)
    style, script = _asset("style.css"), _asset("report.js")
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{material.title} – tenfold report"),
        el("style", Html(style)),
    )
    links = [el("a", section.heading, href=f"#{section.anchor}") for section in sections]
    main = el("main", key_figures(material), *(_section(section) for section in sections), id="main")
    body = el(
        "body",
        el("a", "Skip to the figures", href="#main", class_="skip"),
        masthead(material),
        el("nav", *links, aria_label="Sections"),
        main,
        el("footer", "Written by tenfold. This file needs no network and no other file."),
        el("script", Html(script)),
    )
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _sections(material: Material) -> list[Section]:
    every = [
        findings.training(material),
        findings.digits(material),
        findings.confusion(material),
        findings.reliability(material),
        error_sections.worst_errors(material),
        error_sections.pair_errors(material),
        background.samples(material),
        background.means(material),
        background.filters(material),
        background.network(material),
        background.origin(material),
        terms(),
    ]
    return [section for section in every if section is not None]


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
            f"script-src 'sha256-{digest}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _asset(name: str) -> str:
    return files("tenfold.evaluate.page").joinpath(name).read_text(encoding="utf-8")
