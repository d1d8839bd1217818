"""Builds the sdist and the wheel, and tries them as a stranger would: ``make wheel``.

The wheel is built from the sdist. Each environment is fresh, lies outside of the clone, and has an empty
home. What tenfold needs comes from pip's index. With several ``--pythons`` the wheel is tried in each.
"""

from __future__ import annotations

import argparse
import email
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
NEEDED = (
    "tenfold/py.typed",
    "tenfold/results/lenet5.json",
    "tenfold/cli/app.py",
    "tenfold/serve/page/index.html",
    "tenfold/studio/page/index.html",
)
FOREIGN = re.compile(r"^(tests|tools|benchmarks|docs|examples)/|/trials/|\.pyc$")
PICTURE = """
from PIL import Image, ImageDraw
image = Image.new("L", (120, 120), 255)
draw = ImageDraw.Draw(image)
draw.line([(35, 30), (85, 30), (55, 95)], fill=0, width=9, joint="curve")
image.save("seven.png")
"""


def run(*words: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run a command, which must succeed, and return what it printed."""
    done = subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def built() -> tuple[Path, Path]:
    """Build both files from the working tree, and return the sdist and the wheel."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST)
    [sdist], [wheel] = DIST.glob("*.tar.gz"), DIST.glob("*.whl")
    return sdist, wheel


def faults(wheel: Path) -> list[str]:
    """Return what is wrong with a wheel's content and metadata."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [place] = [name for name in names if name.endswith(".dist-info/METADATA")]
        metadata = email.message_from_bytes(archive.read(place))
    text = str(metadata.get_payload())
    found = [f"{name} is missing" for name in NEEDED if name not in names]
    found += [f"{name} does not belong there" for name in names if FOREIGN.search(name)]
    found += [f"relative link {link}" for link in re.findall(r"\]\((?!https?://)([^)]*)\)", text)]
    if metadata["Description-Content-Type"] != "text/markdown" or len(text) < 1000:
        found.append("the long description is missing")
    return found


def try_out(artefact: Path, python: str, folder: Path) -> None:
    """Install a file into a fresh environment, and use it there."""
    home, venv = folder / "home", folder / "venv"
    home.mkdir(parents=True)
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TENFOLD", "XDG"))
    }
    env = clean | {"HOME": str(home), "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    run(python, "-m", "venv", venv, cwd=folder, env=env)
    inside = venv / "bin" / "python"
    run(inside, "-m", "pip", "install", "--quiet", "--no-compile", artefact, cwd=folder, env=env)
    run(inside, "-m", "pip", "check", cwd=folder, env=env)
    where = run(inside, "-c", "import tenfold; print(tenfold.__file__)", cwd=folder, env=env).strip()
    if not Path(where).is_relative_to(venv):
        raise SystemExit(f"{artefact.name}: expected tenfold from {venv}, got {where}")
    version = run(venv / "bin" / "tenfold", "--version", cwd=folder, env=env).split()[1]
    if f"-{version}" not in artefact.name:
        raise SystemExit(f"{artefact.name}: expected its version, got {version}")
    run(inside, "-c", PICTURE, cwd=folder, env=env)
    answer = run(venv / "bin" / "tenfold", "predict", "seven.png", cwd=folder, env=env)
    if not re.search(r"\b7\b", answer):
        raise SystemExit(f"{artefact.name}: expected the picture to be read as 7, got {answer.strip()!r}")
    print(f"{artefact.name}: {run(inside, '-V').strip()}: installed, imported, read a 7", flush=True)


def main() -> None:
    """Build, look inside, try."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--pythons", nargs="*", default=[sys.executable], help="interpreters to try the wheel in"
    )
    parser.add_argument("--sdist", action="store_true", help="also install the sdist, in the first of them")
    chosen = parser.parse_args()
    sdist, wheel = built()
    run(sys.executable, "-m", "twine", "check", "--strict", sdist, wheel)
    if wrong := faults(wheel):
        raise SystemExit("\n".join([f"{wheel.name}:", *wrong]))
    tried = [(wheel, python) for python in chosen.pythons]
    tried += [(sdist, chosen.pythons[0])] if chosen.sdist else []
    for artefact, python in tried:
        with tempfile.TemporaryDirectory(prefix="tenfold-wheel-") as folder:
            try_out(artefact, python, Path(folder))


if __name__ == "__main__":
    main()
