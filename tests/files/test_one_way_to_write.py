"""Files are opened for writing in one unit, whose ways do not follow links and have words for faults."""

import ast
from pathlib import Path
from typing import TypeGuard

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


MODULES = {"bz2", "gzip", "io", "lzma", "tarfile"}
"""Their ``open`` takes the file first and the mode after it, as the built-in does."""
ARCHIVES = {"BZ2File", "GzipFile", "LZMAFile", "TarFile", "ZipFile"}


def writers(source: str) -> list[int]:
    """Return the lines that open a file for writing, or may."""
    tree = ast.parse(source)
    members = _members(tree)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _writes(node, node in members)
    ]


def _members(tree: ast.Module) -> set[ast.Call]:
    """Return the calls of open by a ``ZipFile`` in its ``with``, or given as one: they open a member."""
    given = {
        call
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for argument in function.args.args
        if argument.annotation is not None and _name(argument.annotation) == "ZipFile"
        for call in ast.walk(function)
        if _opens(call, argument.arg)
    }
    return given | {
        call
        for block in ast.walk(tree)
        if isinstance(block, ast.With)
        for item in block.items
        if isinstance(item.context_expr, ast.Call) and _name(item.context_expr.func) == "ZipFile"
        for part in block.body
        for call in ast.walk(part)
        if isinstance(item.optional_vars, ast.Name) and _opens(call, item.optional_vars.id)
    }


def _opens(node: ast.AST, owner: str) -> TypeGuard[ast.Call]:
    """Return whether a node is ``owner.open(...)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "open"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == owner
    )


def _name(function: ast.expr) -> str | None:
    """Return the last part of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


def _writes(call: ast.Call, of_member: bool) -> bool:
    function = call.func
    if _name(function) in ARCHIVES:
        return _mode(call, place=1) != "r"
    if isinstance(function, ast.Name):
        return function.id == "open" and _mode(call, place=1) != "r"
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else None
    if (owner, function.attr) in FUNCTIONS or function.attr in WRITERS:
        return True
    opens = function.attr == "open" and owner not in ("Image", "os")
    return opens and _mode(call, place=1 if of_member or owner in MODULES else 0) != "r"


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
        ("gzip.open(path)", []),
        ("gzip.open(path, 'wb')", [1]),
        ("tarfile.open(path, mode='w:gz')", [1]),
        ("zipfile.ZipFile(path)", []),
        ("zipfile.ZipFile(path, 'w')", [1]),
        ("ZipFile(path, mode)", [1]),
        ("archive.open(member)", [1]),
        ("with zipfile.ZipFile(path) as archive:\n    archive.open(member)", []),
        ("with ZipFile(path) as archive:\n    archive.open(member, 'r').read()", []),
        ("with zipfile.ZipFile(path) as archive:\n    archive.open(member, 'w')", [2]),
        ("with zipfile.ZipFile(path, 'a') as archive:\n    archive.open(member)", [1]),
        ("with zipfile.ZipFile(path) as archive:\n    other.open(mode)", [2]),
        ("def f(archive: zipfile.ZipFile, name):\n    archive.open(name)", []),
        ("def f(archive: zipfile.ZipFile, name):\n    archive.open(name, 'w')", [2]),
        ("def f(archive: zipfile.ZipFile, path):\n    path.open(mode)", [2]),
    ],
)
def test_the_walk_sees_what_it_should(source: str, found: list[int]) -> None:
    assert writers(source) == found
