"""The compile cache is input like any other: what is damaged or foreign is removed and compiled again."""

from __future__ import annotations

import ast
import errno
import logging
import os
import pickle
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tenfold.backend.cpu import cache_file, cache_folder, compilation, sources
from tenfold.errors import DataError

KEY, CODE = bytes(range(32)), b"compiled" * 100
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files and permissions")


def thrice(x):
    return 3 * x


def fourfold(x):
    return 4 * x


@pytest.fixture(autouse=True)
def untold(monkeypatch):
    """Nothing has been told yet in this process."""
    monkeypatch.setattr(cache_file, "_told", set())


@pytest.fixture
def told(caplog) -> Callable[[], list[str]]:
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


# -- one file --------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path) -> Path:
    """A sound file of code."""
    path = cache_file.path_of(tmp_path, "tile.product", KEY)
    cache_file.write(path, KEY, CODE)
    return path


def test_code_comes_back_as_it_was_kept(file, told):
    assert cache_file.read(file, KEY) == CODE
    assert cache_file.is_sound(file)
    assert [path.name for path in file.parent.iterdir()] == ["tile.product-0001020304050607.code"]
    assert told() == []


def test_where_nothing_is_kept_there_is_nothing_to_tell(tmp_path, told):
    assert cache_file.read(tmp_path / "absent.code", KEY) is None
    assert told() == []


def write_code_of_another(path):
    other = cache_file.path_of(path.parent, "tile.product", KEY[::-1])
    cache_file.write(other, KEY[::-1], CODE)
    other.replace(path)


def link_elsewhere(path):
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def replace_by_pipe(path):
    path.unlink()
    os.mkfifo(path)


def replace_by_socket(path):
    path.unlink()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))  # the whole path may be longer than a socket's name can be


def grow(path):
    with open(path, "r+b") as stream:
        stream.truncate(1 << 40)  # without taking that room


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "becomes empty": (lambda path: path.write_bytes(b""), "an empty file"),
    "is truncated": (lambda path: os.truncate(path, 400), "another checksum"),
    "is truncated in its header": (lambda path: os.truncate(path, 50), "50 other bytes"),
    "is zeroed": (lambda path: path.write_bytes(bytes(path.stat().st_size)), "879 other bytes"),
    "has an extra byte": (lambda path: path.write_bytes(path.read_bytes() + b"\0"), "another checksum"),
    "has foreign content": (lambda path: path.write_text("<html>" * 50), "300 other bytes"),
    "is unsigned": (lambda path: path.write_bytes(pickle.dumps(CODE)), "other bytes"),
    "holds another function's code": (write_code_of_another, "that of another"),
    "grows to a terabyte": (grow, "more than 67108864 bytes"),
    "becomes a symbolic link": (link_elsewhere, "a symbolic link"),
    "becomes a named pipe": (replace_by_pipe, "a named pipe"),
    "becomes a socket": (replace_by_socket, "found"),
}


@posix
@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.fault(
        "compile cache", f"a file {name}", "removed with one line, compiled again"
    )) for name in DAMAGE
])  # fmt: skip
def test_a_file_that_is_not_sound_is_removed_with_one_line(name, file, told, monkeypatch):
    monkeypatch.chdir(file.parent)
    damage, found = DAMAGE[name]
    damage(file)
    assert not cache_file.is_sound(file)
    assert cache_file.read(file, KEY) is None
    assert not os.path.lexists(file)
    [line] = told()
    assert line.startswith(f"{file}: expected ")
    assert found in line
    assert line.endswith("; removed it, compiling it again")
    assert "\n" not in line


@pytest.mark.fault("compile cache", "one bit of a file flips", "removed with one line, compiled again")
def test_no_flipped_bit_passes(tmp_path):
    """The file is short, so that each of its bits is tried: of head, key and code."""
    file = cache_file.path_of(tmp_path, "tile.product", KEY)
    cache_file.write(file, KEY, b"code")
    sound = file.read_bytes()
    for bit in range(8 * len(sound)):
        damaged = bytearray(sound)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        assert not cache_file.is_sound(file), bit


@pytest.mark.fault("compile cache", "many files are damaged", "one line for each process")
def test_many_damaged_files_are_one_line(tmp_path, told):
    for i in range(3):
        (tmp_path / f"{i}.code").touch()
        assert cache_file.read(tmp_path / f"{i}.code", KEY) is None
    assert len(told()) == 1


@pytest.mark.fault("compile cache", "a folder has the name of a file", "one line says to remove it")
def test_a_folder_in_the_place_of_a_file(file, told):
    file.unlink()
    file.mkdir()
    cache_file.write(file, KEY, CODE)
    assert cache_file.read(file, KEY) is None
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    unsaved, unsound = told()
    assert "expected to save compiled code, found" in unsaved
    assert unsound.endswith("it could not be removed; remove it by hand")


@posix
@pytest.mark.fault("compile cache", "a file belongs to another user", "removed, its code is not run")
def test_a_file_of_another_user_is_not_loaded(file, told, monkeypatch):
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert cache_file.read(file, KEY) is None
    [line] = told()
    assert "expected a file of this user, found one of another; removed it" in line


def test_a_name_that_is_not_the_keys_is_not_sound(file):
    moved = file.rename(cache_file.path_of(file.parent, "tile.product", KEY[::-1]))
    with pytest.raises(DataError, match="found that of another"):
        cache_file.check(moved)


# -- what cannot be saved --------------------------------------------------------------------------


@posix
@pytest.mark.fault(
    "compile cache", "the disk is full while code is saved", "continues with one line, leaves no partial file"
)
def test_a_full_disk_costs_nothing_but_the_saving(tmp_path, told):
    bound = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = cache_file.path_of(tmp_path, "tile.product", KEY)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, bound[1]))
    try:
        cache_file.write(path, KEY, CODE)
        cache_file.write(path, KEY, CODE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, bound)
    assert list(tmp_path.iterdir()) == []
    [line] = told()
    assert line == (
        f"{tmp_path}: expected to save compiled code, found file too large; make room or make it writable; "
        "until then each start compiles it again"
    )


@pytest.mark.fault(
    "compile cache", "it cannot be written to", "existing code is used, one line reports the problem"
)
def test_a_read_only_cache_is_read(file, told, monkeypatch):
    def refuse(path, content):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(cache_file, "write_atomically", refuse)
    cache_file.write(file.with_name("another.code"), KEY, CODE)
    assert cache_file.read(file, KEY) == CODE
    [line] = told()
    assert "found read-only file system; make room or make it writable" in line


WRITER = """
import sys
from pathlib import Path
from tenfold.backend.cpu import cache_file
path, key = Path(sys.argv[1]), bytes(range(32))
while True:
    cache_file.write(path, key, b"compiled" * 100_000)
    print("saved", flush=True)
"""


@posix
@pytest.mark.fault("compile cache", "a process is killed while it saves", "the saved files are valid")
def test_killed_while_saving(file):
    for pause in (0.0, 0.001, 0.003, 0.01):
        process = subprocess.Popen([sys.executable, "-c", WRITER, file], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert cache_file.is_sound(file)
    others = [path for path in file.parent.iterdir() if path != file]
    cache_file.remove_leftovers(file.parent, half_written=time.time() - 3600, unused=0)
    assert [path for path in file.parent.iterdir() if path != file] == others  # perhaps somebody writes them
    cache_file.remove_leftovers(file.parent, half_written=time.time() + 1, unused=0)
    assert [path for path in file.parent.iterdir() if path != file] == []


# -- a function ------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(compilation, "folder", lambda: tmp_path)
    return tmp_path


def hits(function, *arguments):
    """Call a function as a new process would; return the result and whether its code was found."""
    compiled = compilation.entry(function)
    return compiled(*arguments), sum(compiled.stats.cache_hits.values()) == 1


def test_a_function_is_compiled_once(place, told):
    assert hits(thrice, 2) == (6, False)
    assert hits(thrice, 3) == (9, True)
    assert hits(thrice, 0.5) == (1.5, False)  # other types are other code
    assert [path.name.partition("-")[0] for path in place.iterdir()] == ["test_compile_cache.thrice"] * 2
    assert told() == []


@pytest.mark.fault("compile cache", "a file is damaged", "the right answer, and a valid file again")
@pytest.mark.parametrize("name", ["becomes empty", "is truncated", "is zeroed", "has foreign content"])
def test_a_function_whose_file_is_damaged_is_compiled_again(name, place, told):
    assert hits(thrice, 2) == (6, False)
    [path] = place.iterdir()
    DAMAGE[name][0](path)
    assert hits(thrice, 3) == (9, False)
    assert hits(thrice, 3) == (9, True)
    assert len(told()) == 1


@pytest.mark.fault("compile cache", "two functions' files are exchanged", "the right answer of each")
def test_one_function_never_runs_anothers_code(place, told):
    assert (hits(thrice, 2), hits(fourfold, 2)) == ((6, False), (8, False))
    one, other = place.iterdir()
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)
    assert (hits(thrice, 2), hits(fourfold, 2)) == ((6, False), (8, False))
    assert len(told()) == 1


class Trap:
    def __reduce__(self):
        return os.mkdir, ("sprung",)


@pytest.mark.fault("compile cache", "a file is replaced by a pickle that runs code", "never opened, removed")
def test_a_pickle_without_the_checksum_is_not_opened(place, monkeypatch):
    monkeypatch.chdir(place)
    assert hits(thrice, 2) == (6, False)
    [path] = place.iterdir()
    path.write_bytes(pickle.dumps(Trap()))
    assert hits(thrice, 2) == (6, False)
    assert not (place / "sprung").exists()


@pytest.mark.fault("compile cache", "valid code cannot be loaded", "removed with one line, compiled again")
def test_code_that_cannot_be_loaded(place, told):
    assert hits(thrice, 2) == (6, False)
    [path] = place.iterdir()
    cache_file.write(path, path_key(path), pickle.dumps("nothing of Numba's"))
    assert hits(thrice, 2) == (6, False)
    assert hits(thrice, 2) == (6, True)
    [line] = told()
    assert "expected code that can be loaded, found TypeError; removed it" in line


def path_key(path):
    return cache_file._content(path)[0]


def test_code_that_cannot_be_kept_is_compiled_all_the_same(monkeypatch):
    monkeypatch.setattr(compilation, "folder", lambda: None)
    assert compilation.entry(lambda x: x + 1)(2) == 3
    assert not compilation.is_cached()


def test_what_is_damaged_is_not_cached(place):
    assert not compilation.is_cached()
    version = compilation.version(Path(compilation.__file__).with_name("run.py"))
    path = cache_file.path_of(place, f"run.train-{version}", KEY)
    cache_file.write(path, KEY, CODE)
    assert compilation.is_cached()
    assert not compilation.is_cached("run.train", "tile")
    path.write_bytes(b"")
    assert not compilation.is_cached()


# -- for whom it was compiled ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("numba.__version__", "0.60.0"),
        ("llvmlite.__version__", "0.43.0"),
        ("numpy.__version__", "1.26.0"),
        ("sys.version", "3.11.0 (main)"),
        ("llvmlite.binding.llvm_version_info", (15, 0, 7)),
        ("numba.core.config.OPT", 0),
        ("numba.core.config.BOUNDSCHECK", 1),
    ],
)
@pytest.mark.fault("compile cache", "it comes from another version", "never loaded, compiled again")
def test_another_compiler_has_code_of_its_own(place, value, monkeypatch):
    before = compilation.machine()
    monkeypatch.setattr(place, value)
    assert compilation.machine.__wrapped__() != before


@pytest.mark.parametrize("name", ["digest", "machine"])
@pytest.mark.fault("compile cache", "it comes from another version", "never loaded, compiled again")
def test_code_of_another_source_or_machine_is_not_loaded(name, place, monkeypatch):
    assert hits(thrice, 2) == (6, False)
    monkeypatch.setattr(compilation, name, lambda *source: "another")
    assert hits(thrice, 2) == (6, False)
    assert len(list(place.iterdir())) == 2


@pytest.mark.parametrize("name", ["NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT"])
@pytest.mark.fault("compile cache", "it comes from another processor", "never loaded, compiled again")
def test_another_processor_has_code_of_its_own(name):
    program = "from tenfold.backend.cpu import compilation; print(compilation.machine())"
    value = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+sse2", "NUMBA_OPT": "1"}[name]
    made = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, name: value}, capture_output=True, text=True
    )
    assert len(made.stdout.strip()) == 16, made.stderr
    assert made.stdout.strip() != compilation.machine()


# -- the folder ------------------------------------------------------------------------------------


@pytest.fixture
def chosen(tmp_path, monkeypatch) -> Path:
    """The folder that the user chose; it is not there yet."""
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "chosen"))
    return tmp_path / "chosen"


def folder():
    return cache_folder.folder.__wrapped__()  # it remembers its first answer


def test_compiled_code_is_kept_where_the_user_says(chosen, told):
    assert folder().parent == chosen
    assert folder().name == "engine"
    assert told() == []


def test_a_relative_folder_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TENFOLD_CACHE", "here")
    assert folder().parent == tmp_path / "here"


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_the_owner_may_write_there(chosen, umask):
    chosen.mkdir()
    before = os.umask(umask)
    try:
        path = folder()
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.fault("compile cache", "other users may write to its folder", "their permission is removed")
def test_a_folder_that_others_may_write_to_is_closed(chosen):
    path = folder()
    path.chmod(0o777)
    assert folder() == path
    assert path.stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.fault("compile cache", "the user's folder is a link to another disk", "used")
def test_the_users_folder_may_be_a_link(chosen, tmp_path, told):
    (tmp_path / "disk").mkdir()
    chosen.symlink_to(tmp_path / "disk")
    assert folder().is_dir()
    assert told() == []


@pytest.mark.fault("compile cache", "a file has the name of its folder", "works without a cache, one line")
def test_a_file_in_the_folders_place(chosen, told):
    chosen.write_text("not a folder")
    assert folder() is None
    [line] = told()
    assert line.startswith(f"{chosen}")
    assert "expected a folder of this user to keep compiled code in, found " in line
    assert line.endswith("set TENFOLD_CACHE to another; until then each start compiles it again")


@posix
@pytest.mark.fault("compile cache", "its folder belongs to another user", "not used, one line")
def test_code_in_somebody_elses_folder_is_not_run(chosen, told, monkeypatch):
    assert folder() is not None
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert folder() is None
    [line] = told()
    assert "found a folder of another user" in line


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives links away")
@pytest.mark.fault("compile cache", "its folder is replaced by another user's link", "not used, one line")
def test_somebody_elses_link_to_a_folder_of_ours_is_not_followed(chosen, tmp_path, told):
    name = folder().name
    (chosen / name).rmdir()
    (tmp_path / "private").mkdir(mode=0o755)
    (chosen / name).symlink_to(tmp_path / "private")
    os.chown(chosen / name, 12345, 12345, follow_symlinks=False)
    assert folder() is None
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o755
    assert len(told()) == 1


@posix
@pytest.mark.fault("compile cache", "its folder cannot be made", "works without a cache, one line")
def test_a_folder_that_cannot_be_made(chosen, told, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert folder() is None
    [line] = told()
    assert "found permission denied; set TENFOLD_CACHE" in line


def aged(path: Path, days: float) -> Path:
    os.utime(path, times=(time.time() - days * 86400,) * 2)
    return path


@posix
def test_folders_of_former_versions_go_after_a_month(chosen, tmp_path):
    def make(name, days, *files):
        (chosen / name).mkdir(parents=True)
        for file in files:
            (chosen / name / file).write_bytes(b"old")
        return aged(chosen / name, days)

    old = make(
        "engine-0123456789abcdef",
        31,
        "tile.product-1.code",
        "run.nbi",
        "run.1.nbc",
        ".tenfold-tmp-0123456789abcdef-tile",
    )
    new = make("engine-1123456789abcdef", 29, "tile.product-1.code")
    others = make("engine-2123456789abcdef", 31, "tile.product-1.code", "thesis.txt")
    foreign = make("engine-of-mine", 31, "tile.product-1.code")
    (tmp_path / "elsewhere").mkdir()
    link = chosen / "engine-3123456789abcdef"
    link.symlink_to(aged(tmp_path / "elsewhere", 31))
    assert cache_folder.former(folder()) == [new, others]
    assert not old.exists()
    assert [path.name for path in others.iterdir()] == ["thesis.txt"]
    assert [path.name for path in foreign.iterdir()] == ["tile.product-1.code"]
    assert link.is_dir()


def test_leftovers_are_removed_after_an_hour(chosen):
    for name, hours in (("old", 2), ("new", 0)):
        path = folder() / f".tenfold-tmp-0123456789abcdef-{name}"
        path.touch()
        aged(path, hours / 24)
    assert [path.name for path in folder().iterdir()] == [".tenfold-tmp-0123456789abcdef-new"]


def test_an_inspection_counts_what_is_sound_and_removes_the_rest(tmp_path):
    for i in range(3):
        key = bytes([i]) * 32
        cache_file.write(cache_file.path_of(tmp_path, "tile.product", key), key, CODE)
    (tmp_path / "notes.txt").touch()
    (tmp_path / f"tile.product-{'01' * 8}.code").write_bytes(b"")
    found = cache_folder.inspect(tmp_path)
    assert (found.files, found.size) == (2, 2 * 879)
    [line] = found.removed
    assert line.endswith("expected compiled code, found an empty file")
    assert cache_folder.inspect(tmp_path).removed == ()
    assert cache_folder.size(tmp_path) == 2 * 879


# -- what is used no longer ------------------------------------------------------------------------


def test_code_that_nobody_has_used_for_a_month_goes(chosen):
    place = folder()
    files = {days: cache_file.path_of(place, f"tile.aged{days}", KEY) for days in (0, 29, 31, 40)}
    for days, path in files.items():
        cache_file.write(path, KEY, CODE)
        aged(path, days)
    foreign = place / "thesis.txt"
    foreign.write_text("mine")
    aged(foreign, 31)
    assert cache_file.read(files[40], KEY) == CODE  # used just now
    folder()
    assert sorted(place.iterdir()) == sorted([files[0], files[29], files[40], foreign])


@pytest.mark.fault(
    "compile cache", "it cannot be written to", "existing code is used, one line reports the problem"
)
def test_a_use_that_cannot_be_noted_is_a_use_all_the_same(file, monkeypatch, told):
    def refuse(*arguments, **options):
        raise OSError(errno.EROFS, "Read-only file system")

    aged(file, 2)
    monkeypatch.setattr(os, "utime", refuse)
    assert cache_file.read(file, KEY) == CODE
    assert told() == []


# -- what an edit compiles again -------------------------------------------------------------------

ENGINE = Path(compilation.__file__).parent
DECORATED = re.compile(r"cpu\.compilation import .*\b(entry|kernel|linked)\b")
COMPILED = [path for path in ENGINE.parent.rglob("*.py") if DECORATED.search(path.read_text())]


def all_imports(path):
    """The engine files that a file imports anywhere, and whatever else of tenfold it imports."""
    names = set(sources._names(ast.parse(path.read_text())))
    inside = {sources._file(name) for name in names if f"{name}.".startswith("tenfold.backend.")} - {None}
    return inside, {name for name in names if name.startswith("tenfold.") and "tenfold.backend" not in name}


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_every_file_that_compiled_code_depends_on_is_found(path):
    for file in sources.closure(path):
        inside, _ = all_imports(file)
        assert inside == sources.imported(file), file  # none within a function
        assert "from ." not in file.read_text(), file
    assert ENGINE / "compilation.py" in sources.closure(path)


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_compiled_code_depends_on_nothing_outside_of_the_engine(path):
    assert all_imports(path)[1] == set()


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the sources to edit, with the digests as a new process would see them."""
    shutil.copytree(ENGINE.parent, tmp_path / "tenfold" / "backend")
    monkeypatch.setattr(sources, "_ROOT", tmp_path)
    monkeypatch.setattr(sources, "imported", sources.imported.__wrapped__)
    monkeypatch.setattr(sources, "closure", sources.closure.__wrapped__)
    place = tmp_path / "tenfold" / "backend"
    files = [place / path.relative_to(ENGINE.parent) for path in COMPILED]
    return place, lambda: {path.stem: sources.digest.__wrapped__(path) for path in files}


EDITS = {
    "cpu/loss.py": {"loss", "run"},
    "cpu/pool.py": {"pool", "operations", "run"},
    "cpu/layout.py": set(),
    "cpu/program.py": set(),
    "cpu/engine.py": set(),
    "cpu/fallback.py": set(),
    "drawing/pen.py": {"pen"},
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_compiles_again_what_depends_on_it(copy, name):
    place, digests = copy
    before = digests()
    with open(place / name, "a") as stream:
        stream.write("# edited\n")
    after = digests()
    assert {stem for stem in before if before[stem] != after[stem]} == EDITS[name]


def test_an_edit_of_what_all_depend_on_compiles_all_again(copy):
    place, digests = copy
    before = digests()
    with open(place / "cpu" / "compilation.py", "a") as stream:
        stream.write("# edited\n")
    after = digests()
    assert all(before[stem] != after[stem] for stem in before)


INLINED = """
from tenfold.backend.cpu.compilation import kernel


@kernel
def factor(x):
    return {} * x
"""
CALLER = """
from tenfold.backend.cpu.compilation import entry
from tenfold.backend.root import factor


@entry
def scaled(x):
    return factor(x)
"""


ONE_DEFINITION = """
import ctypes, os, sys
import numpy as np
from tenfold.backend.cpu.pointwise import loops

LONG = "    x = np.sin(x) + np.exp(-x)\\n" * 30  # which nobody inlines
exec("def function(x):\\n" + LONG + "    return 0 * x + RESULT")

class Layer:
    def __init__(self, result):
        globals_of_its_own = {"np": np, "RESULT": result}
        self.function = type(function)(function.__code__, globals_of_its_own)

    def expressions(self):
        return [(self.function, (name,), ()) for name in "xy"]

def told(result):
    y = np.zeros(1, np.float32)
    apply = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 3)(loops(Layer(result)).forward)
    apply(y.ctypes.data, y.ctypes.data, 1)
    return int(y[0])

for word in sys.argv[1:]:
    if word == "fork":
        if os.fork():
            os.wait()
            break
    else:
        print(told(float(word)), flush=True)
"""


@posix
@pytest.mark.fault(
    "compile cache", "processes compile functions of one definition", "each computes with its own constants"
)
def test_functions_of_one_definition_are_told_apart(tmp_path):
    """Numba numbers them, in each process from 1; code from disk has the numbers of other processes."""

    def run(*words):
        made = subprocess.run(
            [sys.executable, "-c", ONE_DEFINITION, *words],
            env={**os.environ, "TENFOLD_CACHE": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
        return made.stdout.split()

    assert run("2") == ["2"]
    assert run("3", "2") == ["3", "2"]
    assert run("2", "3") == ["2", "3"]
    assert run("fork", "4") + run("fork", "5") == ["4", "5"]
    assert run("4", "5", "3", "2") == ["4", "5", "3", "2"]
    assert len(list(tmp_path.glob("engine/*.code"))) == 8  # each loop was compiled once


@pytest.mark.fault("compile cache", "a source is edited while a process runs", "neither read nor kept by it")
def test_code_of_a_source_that_changed_meanwhile_is_not_kept(place, tmp_path_factory, monkeypatch):
    """The process may have imported what the file held before."""
    source = tmp_path_factory.mktemp("source") / "module.py"
    source.touch()
    monkeypatch.setattr(sources, "closure", lambda path: [source])
    monkeypatch.setattr(sources, "IMPORTED", time.time() - 60)
    assert [hits(thrice, 2), hits(thrice, 2)] == [(6, False), (6, False)]
    assert list(place.iterdir()) == []
    monkeypatch.setattr(sources, "IMPORTED", source.stat().st_ctime + 60)  # a process that begins later
    aged(source, -1)  # its clock may be behind that of the file's machine
    assert [hits(thrice, 2), hits(thrice, 2)] == [(6, False), (6, True)]


@pytest.mark.fault(
    "compile cache", "a source is edited just before a process", "neither read nor kept by the process"
)
def test_code_of_a_source_that_changed_just_before_is_not_kept(place, tmp_path_factory, monkeypatch):
    """Python may have run the bytecode of what the file held before, in the same second."""
    source = tmp_path_factory.mktemp("source") / "module.py"
    source.touch()
    monkeypatch.setattr(sources, "closure", lambda path: [source])
    monkeypatch.setattr(sources, "IMPORTED", source.stat().st_mtime + 1)
    assert [hits(thrice, 2), hits(thrice, 2)] == [(6, False), (6, False)]
    monkeypatch.setattr(sources, "IMPORTED", source.stat().st_mtime + 60)  # a process that begins later
    assert [hits(thrice, 2), hits(thrice, 2)] == [(6, False), (6, True)]


@pytest.mark.fault(
    "compile cache", "a file that a function inlines is edited", "compiled again, the right answer"
)
def test_what_is_inlined_from_another_file_is_compiled_again(tmp_path):
    """In processes of their own, with a module of the engine that is edited between them."""
    root, caller = tmp_path / "root.py", tmp_path / "caller.py"
    caller.write_text(CALLER)
    aged(caller, 1)
    program = f"""
import sys
from pathlib import Path
import tenfold.backend
from tenfold.backend.cpu import sources
tenfold.backend.__path__.append({str(tmp_path)!r})
found = sources._file
sources._file = lambda name: Path({str(root)!r}) if name == "tenfold.backend.root" else found(name)
sys.path.insert(0, {str(tmp_path)!r})
from caller import scaled
print(scaled(2), sum(scaled.stats.cache_hits.values()))
"""

    def run(factor):
        root.write_text(INLINED.format(factor))
        aged(root, 1)
        made = subprocess.run(
            [sys.executable, "-B", "-c", program],
            env={**os.environ, "TENFOLD_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
        )
        return made.stdout.split(), made.stderr

    assert [run(factor) for factor in (3, 3, 5, 3)] == [
        (["6", "0"], ""), (["6", "1"], ""), (["10", "0"], ""), (["6", "1"], ""),
    ]  # fmt: skip
