"""Execute the tutorials, each in a separate kernel; write a page with pictures and a notebook for each.

python tools/tutorials.py                         # all tutorials that use the sample, into docs/tutorials/
python tools/tutorials.py 1_classical_models      # one
python tools/tutorials.py 6_seven_models          # takes minutes and all of MNIST: only by name
python tools/tutorials.py --out build/tutorials   # to another folder, to test them

A cell that raises, warns or writes to stderr ends the program with 1.
Needs ``pip install 'tenfold[tutorials]'``.
"""

from __future__ import annotations

import argparse
import base64
import io
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "docs" / "tutorials"
LONG = {"6_seven_models"}  # executed only by name
SECONDS = 1800  # for a cell; none should need a tenth of it
COLOURS = 96  # of a picture: enough for lines, letters and shades of ink
STRICT = (
    "import warnings; warnings.simplefilter('error'); warnings.filterwarnings('ignore', module='ipykernel')"
)


class TutorialError(Exception):
    """An error in a tutorial, in one line or with the cell's traceback."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Execute, write, print the time of each."""
    every = [path.stem for path in sorted(SOURCES.glob("*.py"))]
    parser = argparse.ArgumentParser(description="Execute the tutorials and write their pages.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"by default all: {', '.join(every)}")
    parser.add_argument("--out", type=Path, default=SOURCES, help="folder of the pages")
    options = parser.parse_args(arguments)
    for name in options.names or [one for one in every if one not in LONG]:
        began = time.perf_counter()
        try:
            notebook = executed(SOURCES / f"{name}.py")
            pictures = write_page(notebook, name, options.out)
            write_notebook(notebook, options.out / f"{name}.ipynb")
        except TutorialError as error:
            sys.exit(f"{name}: {error}")
        seconds = time.perf_counter() - began
        print(f"{name}: {len(notebook.cells)} cells, {pictures} pictures, {seconds:.0f} s")


def executed(source: Path) -> Any:
    """Return the notebook with its outputs; any error or warning in it raises."""
    notebook = jupytext.read(source)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    with tempfile.TemporaryDirectory() as folder:  # what a tutorial saves goes there
        kernel = AsyncKernelManager(kernel_name="python3", transport_encryption="auto")
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(notebook, km=kernel, timeout=SECONDS, resources=resources)
        try:
            client.execute(cleanup_kc=True)
        except CellExecutionError as error:
            raise TutorialError(str(error)) from error
    del notebook.cells[0]
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                raise TutorialError(f"a cell wrote to stderr: {output.text.strip()}\n{cell.source}")
    return notebook


def write_page(notebook: Any, name: str, folder: Path) -> int:
    """Write ``NAME.md`` and its pictures; return how many there are."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    for old in images.glob(f"{name}_*.png"):
        old.unlink()
    note = f"<!-- written by tools/tutorials.py from {name}.py; do not edit -->"
    blocks, pictures = [note], 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            blocks.append(cell.source)
            continue
        blocks.append(fenced(cell.source, "python"))
        for kind, content in shown(cell):
            if kind == "text":
                blocks.append(fenced(content, "text"))
                continue
            pictures += 1
            file = images / f"{name}_{pictures}.png"
            file.write_bytes(small_png(content))
            blocks.append(f"![{title_of(cell)}](images/{file.name})")
        if has_picture(cell):
            blocks.append(caption(cell))
    (folder / f"{name}.md").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return pictures


def write_notebook(notebook: Any, file: Path) -> None:
    """Write the executed notebook, small, with the same captions as the page."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if "outputs" in cell:
            cell.outputs = join_pieces(cell.outputs)
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                small = small_png(output.data["image/png"])
                output.data = {"image/png": base64.b64encode(small).decode("ascii")}
        if has_picture(cell):
            cells.append(nbformat.v4.new_markdown_cell(caption(cell), metadata={"tags": ["caption"]}))
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place}"  # the same at every execution
        cell.metadata.pop("execution", None)  # when it ran
    notebook.cells = cells
    notebook.metadata = {key: notebook.metadata[key] for key in ("kernelspec", "language_info")}
    nbformat.validate(notebook)
    nbformat.write(notebook, file)


def join_pieces(outputs: list[Any]) -> list[Any]:
    """Return the outputs with pieces of text joined: where the text is cut depends on the moment."""
    found: list[Any] = []
    for output in outputs:
        if found and output.output_type == found[-1].output_type == "stream":
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def has_picture(cell: Any) -> bool:
    """Return whether a cell drew something."""
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))


def title_of(cell: Any) -> str:
    """Return the caption of a cell's picture, which every cell with a picture must have."""
    title: str | None = cell.metadata.get("title")
    if not title:
        raise TutorialError(f"a picture needs a caption: give its cell a title (# %% ...)\n{cell.source}")
    return title


def caption(cell: Any) -> str:
    """Return the text under the picture: readers do not see an alternative text."""
    return f"*{title_of(cell)}.*"


def shown(cell: Any) -> Iterator[tuple[str, str]]:
    """Yield ("text", all that was printed), and then ("picture", PNG in base64) for each picture."""
    printed = [output.text for output in cell.outputs if output.output_type == "stream"]
    if printed:  # in pieces as they came, which depends on the moment
        yield "text", "".join(printed)
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            yield "picture", output.data["image/png"]
        elif "text/plain" in output.get("data", {}):
            yield "text", output.data["text/plain"]


def fenced(text: str, language: str) -> str:
    """Return a Markdown block of code or of what it printed."""
    return f"```{language}\n{text.rstrip()}\n```"


def small_png(encoded: str) -> bytes:
    """Return the picture in few colours, a third of the size."""
    picture = Image.open(io.BytesIO(base64.b64decode(re.sub(r"\s", "", encoded)))).convert("RGB")
    buffer = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
