"""Check the types of the Python that the README, the docs and the examples show: ``make check`` calls it.

Each page's blocks are one program, as a reader runs them, and mypy checks it strictly.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
EXAMPLES = tuple(sorted((ROOT / "examples").glob("*.py")))


def program(page: Path) -> str:
    """Return the Python of a page, each line where it stands on the page, so that errors name the line."""
    lines, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        fence = line.startswith("```")
        inside = line == "```python" if fence and not inside else inside and not fence
        lines.append(line if inside and not fence else "")
    return "\n".join(lines) + "\n"


def check(pages: tuple[Path, ...] = PAGES, examples: tuple[Path, ...] = EXAMPLES) -> tuple[int, str]:
    """Return mypy's exit code and what it said."""
    with TemporaryDirectory() as folder:
        files = []
        for page in pages:
            if (text := program(page)).strip():
                files.append(Path(folder) / f"{re.sub(r'[^a-z0-9]+', '_', page.stem.lower())}_md.py")
                files[-1].write_text(text, encoding="utf-8")
        config = Path(folder) / "mypy.ini"
        config.write_text(
            "[mypy]\nstrict = true\n"
            "[mypy-onnxruntime.*,pandas.*,ray.*,sklearn.*]\nignore_missing_imports = true\n",
            encoding="utf-8",
        )
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            config,
            "--cache-dir",
            ROOT / ".mypy_cache" / "docs",
        ]
        done = subprocess.run(
            [*command, *files, *examples], cwd=ROOT, capture_output=True, text=True, check=False
        )
    said = re.sub(r"\S*?(\w+)_md\.py", r"\1.md", done.stdout + done.stderr)
    return done.returncode, said


if __name__ == "__main__":
    code, said = check()
    sys.stdout.write(said)
    sys.exit(code)
