"""Who may import whom, and what ``import tenfold`` may load."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

import tenfold

PACKAGE = Path(tenfold.__file__).parent
ROOT = Path(__file__).parent.parent

# A unit imports only from units of a lower level (and from itself).
LEVEL = {
    "errors": 0,
    "folders": 0,
    "locks": 0,
    "interrupt": 0,
    "machine": 0,
    "quoting": 0,
    "resources": 0,
    "extras": 1,
    "files": 1,
    "habits": 2,
    "streams": 2,
    "pages": 1,
    "registry": 1,
    "backend": 2,
    "nn": 3,
    "optim": 3,
    "data": 3,
    "metrics": 3,
    "checkpoint": 3,
    "train": 4,
    "users": 4,
    "zoo": 5,
    "predict": 6,
    "evaluate": 7,
    "runs": 8,
    "estimator": 9,
    "export": 9,
    "serve": 9,
    "doctor": 9,
    "studio": 10,
    "cli": 11,
}
FRONT = {"__init__", "__main__"}  # the package's front door may lead to every unit


def imported(tree: ast.AST, package: str) -> Iterator[tuple[str, int]]:
    """Yield (absolute module, line) for every import in ``tree``, those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            # ``import tenfold`` leads wherever its attributes lead: they are looked at instead
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name != "tenfold")
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "tenfold"
        ):
            yield f"tenfold.{node.attr}", node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module == "tenfold":
                yield from ((f"tenfold.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield module, node.lineno


def violations(source: str, unit: str, package: str) -> list[str]:
    """Return a line for each import in ``source`` that ``unit`` may not make."""
    found = []
    for module, line in imported(ast.parse(source), package):
        parts = module.split(".")
        if parts[0] != "tenfold" or module == "tenfold.__version__":
            continue
        target = parts[1] if len(parts) > 1 else "itself"
        if target != unit and LEVEL.get(target, 99) >= LEVEL[unit]:
            found.append(f"line {line}: {unit} imports {target}")
    return found


def modules() -> list[tuple[str, Path]]:
    return [
        (path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path)
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


@pytest.mark.parametrize(
    ("unit", "path"), [pytest.param(u, p, id=str(p.relative_to(PACKAGE))) for u, p in modules()]
)
def test_a_module_imports_only_from_lower_levels(unit: str, path: Path) -> None:
    if unit in FRONT:
        return
    assert unit in LEVEL, f"{unit} has no level: give it one here and in docs/architecture.md"
    package = ".".join(["tenfold", *path.relative_to(PACKAGE).parent.parts])
    assert violations(path.read_text(encoding="utf-8"), unit, package) == []


@pytest.mark.parametrize(
    ("source", "unit", "expected"),
    [
        ("from tenfold.nn import Dense", "train", []),
        ("from tenfold.nn.dense import Dense", "nn", []),
        ("import numpy", "backend", []),
        ("from tenfold import __version__", "checkpoint", []),
        ("from tenfold.train import fit", "nn", ["line 1: nn imports train"]),
        ("from tenfold.data import split", "nn", ["line 1: nn imports data"]),
        ("def f():\n    import tenfold.cli", "predict", ["line 2: predict imports cli"]),
        ("from tenfold import zoo", "train", ["line 1: train imports zoo"]),
        ("import tenfold\nversion = tenfold.__version__", "nn", []),
        ("import tenfold\nentry = tenfold.zoo.build('knn')", "nn", ["line 2: nn imports zoo"]),
        ("from ..zoo import build", "train", ["line 1: train imports zoo"]),
        ("from . import loop", "train", []),
    ],
)
def test_the_walk_sees_what_it_should(source: str, unit: str, expected: list[str]) -> None:
    assert violations(source, unit, f"tenfold.{unit}") == expected


# --- no circles of files


def arrows() -> dict[str, set[str]]:
    """Return which files of the package each file imports, also for types alone; the front door left out."""
    files = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in PACKAGE.rglob("*.py")
        if path.parent != PACKAGE or path.stem not in FRONT
    }
    found: dict[str, set[str]] = {}
    for name, path in files.items():
        named = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tenfold"):
                module = node.module.removeprefix("tenfold").removeprefix(".")
                inner = {f"{module}.{alias.name}".removeprefix(".") for alias in node.names}
                named |= {one if one in files else module for one in inner}
        found[name] = named & files.keys() - {name}
    return found


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of nodes that lead to one another."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        to_do = [start]
        while to_do:
            new = graph[to_do.pop()] - seen
            seen |= new
            to_do += new
        return seen

    reach = {node: reached(node) for node in graph}
    found: list[set[str]] = []
    for node in sorted(graph):
        if node in reach[node] and not any(node in circle for circle in found):
            found.append({other for other in reach[node] if node in reach[other]})
    return found


def test_no_files_import_one_another() -> None:
    assert circles(arrows()) == []


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"a"}}
    assert circles(graph) == [{"a", "b", "c"}]


def test_only_the_command_imports_cli() -> None:
    for path in [*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]:
        assert "tenfold.cli" not in path.read_text(encoding="utf-8"), path


def test_the_command_line_is_small() -> None:
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.glob("cli/*.py"))
    assert lines < 2_100


def loaded_by(statement: str) -> set[str]:
    program = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(out.stdout)}


@pytest.mark.parametrize(
    "statement",
    [
        "import tenfold",
        "import tenfold.cli",
        "import tenfold; tenfold.models",
        "import tenfold.train.tensorboard",
    ],
)
def test_import_is_light(statement: str) -> None:
    assert "tenfold" in loaded_by(statement)
    heavy = {
        "torch",
        "scipy",
        "sklearn",
        "matplotlib",
        "numba",
        "mlxtend",
        "onnx",
        "pandas",
        "tensorboardX",
        "fastapi",
        "jinja2",
    }
    assert loaded_by(statement) & heavy == set()


def test_the_command_line_is_there_without_numpy() -> None:
    """A command that answers at once is not slowed down, and `doctor` works where NumPy is broken."""
    assert "numpy" not in loaded_by("import tenfold.cli.app")


def test_jinja_is_loaded_when_a_page_is_written() -> None:
    units = "import tenfold.evaluate.comparison_page, tenfold.evaluate.ablation_page, tenfold.serve.docs_page"
    assert "jinja2" not in loaded_by(units)


def test_every_public_name_is_there() -> None:
    for name in tenfold.__all__:
        assert getattr(tenfold, name) is not None
    assert sorted(tenfold.__all__) == dir(tenfold)


def test_a_wrong_public_name_says_which_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'lenet'; it has .*load_corpus"):
        _ = tenfold.lenet


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["version"]["path"] == "src/tenfold/__init__.py"


def test_the_source_distribution_has_what_make_and_the_tests_open() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    opened = {
        "Makefile",
        *re.findall(r'ROOT / "([\w.-]+)"', tests),
        *(path.name for path in ROOT.glob("*.lock")),
    }
    always = {"pyproject.toml"}  # whatever is included
    for name in opened - always:
        assert any(fnmatch(name, pattern) for pattern in included), name


def test_of_the_results_the_wheel_has_those_of_models() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    excluded = project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"]
    names = [path.name for path in (ROOT / "results").iterdir() if path.is_file()]
    kept = [name for name in names if not any(fnmatch(f"results/{name}", pattern) for pattern in excluded)]
    models = {f"{name}{ending}.json" for name in tenfold.models() for ending in ("", "-honest")}
    assert sorted(kept) == sorted(models.intersection(names))


def test_the_changelog_dates_what_is_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased, *released = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert unreleased == "[Unreleased]"
    for section in released:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", section), section


LOCKS = {
    "": 100,
    "-atheris": 2,
    "-browser": 100,
    "-dev": 100,
    "-docs": 100,
    "-fuzz": 100,
    "-sample": 1,
    "-release": 500,
    "-scale": 100,
    "-serve": 100,
    "-tutorials": 100,
}
"""Part of the name -> how many hashes there are at least."""


def test_every_lock_file_is_written_by_the_tool_and_installed_with_its_hashes() -> None:
    assert {path.name for path in ROOT.glob("*.lock")} == {f"requirements{part}.lock" for part in LOCKS}
    tool, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("tools/lock.sh", "Makefile"))
    for part in LOCKS:
        assert f"requirements{part}.lock" in tool
        assert re.search(rf"--require-hashes (--no-deps )?-r requirements{part}\.lock", makefile)
    for line in re.findall(
        r"^.*\$\(PIP\) install (?!--require-hashes|--no-deps|.*\[referees\]).*$", makefile, re.M
    ):
        pytest.fail(f"installed without hashes: {line}")


@pytest.mark.parametrize("part", LOCKS)
def test_the_lock_files_name_no_place(part: str) -> None:
    text = (ROOT / f"requirements{part}.lock").read_text(encoding="utf-8")
    assert text.count("--hash=sha256:") > LOCKS[part]
    for word in ("://", "file:", "index-url", "find-links", "torch=="):
        assert word not in text
