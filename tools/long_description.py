"""The README as the page of a package index shows it; the build backend calls this.

Links and pictures that are relative to the repository lead nowhere there. With an address in
``[project.urls]`` of pyproject.toml (``Source``) they become absolute; without one, pictures are left out
and links become plain text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PICTURE = re.compile(r"!\[([^\]]*)\]\((?!https?://)([^)\s]+)\)")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://)([^)\s]+)\)")


def long_description(readme: str, source: str | None) -> str:
    """Return the README with absolute links, or without those that are relative."""
    if source is None:
        return _LINK.sub(r"\1", re.sub(_PICTURE.pattern + r"\n+", "", readme))
    base = source.rstrip("/")
    readme = _PICTURE.sub(rf"![\1]({base}/raw/HEAD/\2)", readme)
    return _LINK.sub(rf"[\1]({base}/blob/HEAD/\2)", readme)


class LongDescription(MetadataHookInterface):
    """What hatchling calls while it writes the metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the long description."""
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        source = metadata.get("urls", {}).get("Source")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": long_description(readme, source),
        }
