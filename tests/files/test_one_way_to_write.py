"""Files are opened for writing in one unit, whose ways do not follow links and have words for faults."""

import ast
from pathlib import Path

import pytest

import tenfold

PACKAGE = Path(tenfold.__file__).parent
ALLOWED = {"files", "backend", "serve"}
"""``files`` is the unit; ``backend`` is below it, and ``serve`` writes no files."""
WRITERS = {"write_text", "write_bytes", "touch", "symlink_to", "hardlink_to"}
FUNCTIONS = {
    ("np", "save"),
    ("np", "savez"),
    ("numpy", "save"),
    ("os", "open"),
    ("os", "mkfifo"),
    ("os", "symlink"),
}
FUNCTIONS |= {("shutil", name) for name in ("copy", "copy2", "copyfile", "copytree", "move")}
FUNCTIONS |= {("tempfile", name) for name in ("NamedTemporaryFile", "mkstemp")}  # the others have no name


def writers(source: str) -> list[int]:
    """Return the lines that open a file for writing, or may."""
    return [
        node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _writes(node)
    ]


def _writes(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id == "open" and _mode(call, place=1) != "r"
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else None
    if (owner, function.attr) in FUNCTIONS or function.attr in WRITERS:
        return True
    opens = function.attr == "open" and owner not in ("Image", "os")
    return opens and _mode(call, place=1 if owner == "io" else 0) != "r"


def _mode(call: ast.Call, place: int) -> str:
    """Return ``"r"`` if a call of open only reads."""
    given = [word.value for word in call.keywords if word.arg == "mode"] or call.args[place : place + 1]
    mode = given[0].value if given and isinstance(given[0], ast.Constant) else "" if given else "r"
    return "r" if mode in ("r", "rb", "rt") else str(mode)


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in sorted(PACKAGE.rglob("*.py"))]
)
def test_no_other_unit_opens_files_for_writing(path: Path) -> None:
    if path.relative_to(PACKAGE).parts[0] in ALLOWED or path.name == "streams.py":
        return  # streams opens the null device
    assert writers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("open('x')", []),
        ("open('x', 'rb')", []),
        ("path.open()", []),
        ("path.open('rb')", []),
        ("Image.open(stream)", []),
        ("open('x', 'wb')", [1]),
        ("open('x', mode='a')", [1]),
        ("open('x', mode)", [1]),
        ("path.open('r+b')", [1]),
        ("path.write_text('x')", [1]),
        ("os.open('x', os.O_RDWR)", [1]),
        ("shutil.copy('x', 'y')", [1]),
        ("np.save('x', array)", [1]),
    ],
)
def test_the_walk_sees_what_it_should(source: str, found: list[int]) -> None:
    assert writers(source) == found
