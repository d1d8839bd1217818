"""Check a documentation site: its links lead to files and anchors in it; no page loads a file from elsewhere.

python tools/check_site.py build/site
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

LOADED = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}
ONLY_NAMED = {"canonical", "author"}  # kinds of <link> that a browser does not load


class Page(HTMLParser):
    """The anchors of a page, the targets of its links, and the addresses of what it loads."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attrs if value}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.add(found["href"])
        if tag in LOADED and LOADED[tag] in found and found.get("rel") not in ONLY_NAMED:
            self.loaded.add(found[LOADED[tag]])


def is_local(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc


def faults(folder: Path) -> list[str]:
    """Return a line for each link that leads nowhere, and for each file that a page loads from elsewhere."""
    pages = {file.resolve(): Page(file) for file in sorted(folder.rglob("*.html"))}
    lines = []
    for file, page in pages.items():
        name = file.relative_to(folder.resolve())
        lines += [
            f"{name}: loads {one}"
            for one in sorted(page.loaded)
            if not is_local(one) and not one.startswith("data:")
        ]
        for address in sorted(filter(is_local, page.links | page.loaded)):
            path, anchor = urldefrag(address)
            target = (file.parent / unquote(urlsplit(path).path)).resolve() if path else file
            if not target.is_file():
                lines.append(f"{name}: {address} leads to no file")
            elif anchor and target in pages and unquote(anchor) not in pages[target].anchors:
                lines.append(f"{name}: {address} leads to no anchor")
    return lines


def main() -> None:
    folder = Path(sys.argv[1])
    found = faults(folder)
    if not (folder / "index.html").is_file():
        found.append(f"{folder}: expected a site, found no index.html; run `make docs`")
    print(*found or [f"{folder}: every link leads to a page; open {folder}/index.html"], sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
