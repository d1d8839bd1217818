"""``tenfold predict`` with many pictures: what names lead to, the lines and tables, and going on."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.data.picture_paths import find_picture_files
from tenfold.predict import Recogniser
from tenfold.runs.answers import identity
from tenfold.runs.picture_answers import PictureAnswers, Wanted
from tenfold.runs.picture_pool import answers
from tenfold.runs.picture_worker import settings_of
from tenfold.zoo import load_model

Answer = tuple[int, str, str]


@pytest.fixture
def tenfold(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Answer]:
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Four pictures in a folder and below it, and what else lies in folders."""
    folder = tmp_path / "many"
    images = load_corpus("mnist-5k").test.images
    for name, image in zip(("10.png", "9.png", "b/2.png", "b/1.png"), images, strict=False):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - image).save(folder / name)
    (folder / "notes.txt").write_text("hello")
    (folder / ".hidden.png").write_bytes(b"")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.png").write_bytes(b"")
    return folder


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


IN_ORDER = ["many/9.png", "many/10.png", "many/b/1.png", "many/b/2.png"]


def test_a_folder_is_read_with_all_below_it(tenfold, many: Path, run: Path) -> None:
    code, out, err = tenfold("predict", "many", "--run", run)
    assert code == 0
    assert [line.partition(":")[0] for line in out.splitlines()] == IN_ORDER
    assert err.splitlines()[1:] == [
        "note: left aside, not pictures: many/notes.txt",
        "note: left aside: 2 hidden entries",
    ]


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (["many/*.png"], IN_ORDER[:2]),
        (["many/**/*.png"], [*IN_ORDER[:1], *IN_ORDER[1:]]),
        (["many/**"], IN_ORDER),
        (["many/*"], IN_ORDER),
        (["many/[9x].png"], IN_ORDER[:1]),
        (["many/b", "many"], [*IN_ORDER[2:], *IN_ORDER[:2]]),
        (["many/b/2.png", "./many/b/../b/2.png"], IN_ORDER[3:]),
    ],
)
def test_names_lead_to_pictures(
    named: list[str], found: list[str], many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(many.parent)
    assert sorted(find_picture_files(named).files) == sorted(found)
    if named != ["many/**/*.png"]:
        assert find_picture_files(named).files == found


def test_a_file_named_like_a_pattern_is_that_file(many: Path) -> None:
    odd = many / "[9].png"
    odd.write_bytes((many / "9.png").read_bytes())
    assert find_picture_files([str(odd)]).files == [str(odd)]


@pytest.mark.fault("own pictures", "a pattern or a folder has no pictures", "the error names it, exit 3")
def test_names_that_lead_to_nothing(tenfold, many: Path, run: Path) -> None:
    (many / "empty").mkdir()
    code, out, err = tenfold("predict", "many/*.gif", "many/empty", "many/9.png", "--run", run)
    assert code == 3
    assert out.startswith("many/9.png: ")
    assert err.splitlines()[1:] == [
        "error: many/*.gif: expected files that match the pattern, found none; check the pattern, and the "
        "folder",
        "error: many/empty: expected a folder with pictures, found none in it or below it; name a whole data "
        "set with --data many/empty",
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0"])
def test_names_on_stdin(tenfold, many: Path, run: Path, end: bytes) -> None:
    names = end.join(map(os.fsencode, IN_ORDER)) + end
    out = tenfold("predict", "-", "--run", run, stdin=names)[1]
    assert [line.partition(":")[0] for line in out.splitlines()] == IN_ORDER


def test_json_and_tables_say_the_same(tenfold, many: Path, run: Path) -> None:
    (many / "text.png").write_text("<html>")
    code, out, _ = tenfold("predict", "many", "--run", run, "--json")
    entries = json.loads(out)["files"]
    one_by_one = json.loads(tenfold("predict", "many", "--run", run, "--json", "--details")[1])["files"]
    assert entries == one_by_one
    assert code == 3
    code, out, err = tenfold("predict", "many", "--run", run, "--csv", "-")
    rows = table(out)
    assert code == 3
    assert "error: many/text.png: " in err
    assert list(rows[0]) == ["file", "text", "least_probability", "reason", "network", "modified"]
    for entry, row in zip(entries, rows, strict=True):
        assert (entry["file"], entry["text"], entry["reason"] or "") == (
            row["file"],
            row["text"],
            row["reason"],
        )
        least = min((digit["probability"] for digit in entry["digits"]), default=None)
        assert row["least_probability"] == ("" if least is None else f"{least:.6g}")


def test_other_processes_answer_the_same_in_the_same_order(many: Path, run: Path) -> None:
    image = Image.open(many / "9.png")
    for place in range(150):
        image.save(many / f"more-{place}.png")
    (many / "more-77.png").write_text("damaged")
    wanted = Wanted(lines=True, entries=True, rows=True)
    reader = PictureAnswers(Recogniser.of(load_model(run)), "nn1l", "n", wanted=wanted)
    files = find_picture_files([str(many)]).files
    alone = reduce(add, answers(files, reader, {}, 1, at_once=False))
    settings = settings_of(run, (), reader)
    together = reduce(add, answers(files, reader, settings, 2, at_once=True))
    assert [json.loads(entry)["file"] for entry in alone.entries] == files
    assert together == alone
    assert (alone.count, len(alone.errors), alone.lines.count("\n")) == (154, 1, 153)


def test_pictures_of_classes(tenfold, many: Path, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 12, 12, 3)).astype(np.uint8)
    for place, image in enumerate(pixels):
        (tmp_path / "data" / "cé"[place % 2 :][:1]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "data" / "cé"[place % 2 :][:1] / f"{place}.png")
    assert tenfold("train", "nn1l", "--data", "data", "--epochs", 1, "--out", "run", "--no-report")[0] == 0
    code, out, _ = tenfold("predict", "data", "--run", "run", "--csv", "-")
    assert (code, len(table(out))) == (0, 40)
    assert list(table(out)[0]) == ["file", "class", "probability", "reason", "network", "modified"]
    code, out, _ = tenfold("predict", "data", "--run", "run", "--csv", "-", "--probabilities")
    assert list(table(out)[0]) == ["model", "file", "class", "probability", "c", "é"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are always text there")
@pytest.mark.fault("own pictures", "names with line breaks or of odd bytes", "escaped, each on one line")
def test_odd_names_stay_on_one_line(tenfold, many: Path, run: Path) -> None:
    odd = [b"a\nb.png", b"caf\xe9.png"]
    for name in odd:
        (many / os.fsdecode(name)).write_bytes((many / "9.png").read_bytes())
    for more in ((), ("--csv", "-"), ("--csv", "t.csv"), ("--out", "o.csv"), ("--json",)):
        assert tenfold("predict", "many", "--run", run, *more)[0] == 0
    assert tenfold("predict", "many", "--run", run)[1].count("\n") == 6
    for file in ("t.csv", "o.csv"):
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        assert len(lines) == 7
        assert any(line.startswith(r"many/a\nb.png,") for line in lines)
        assert any(line.startswith(r"many/caf\udce9.png,") for line in lines)


def test_done_pictures_are_left_alone(tenfold, many: Path, run: Path) -> None:
    command = "predict", "many", "--run", run, "--out", "answers.csv"
    code, out, _ = tenfold(*command)
    assert (code, out) == (0, "answers.csv: 4 pictures\n")
    before = Path("answers.csv").read_bytes()
    code, out, err = tenfold(*command)
    assert (code, out) == (0, "answers.csv: 4 pictures\n")
    assert "answers.csv: 4 of 4 pictures are done\n" in err
    assert Path("answers.csv").read_bytes() == before
    assert tenfold("predict", "many", "--run", run, "--csv", "t.csv")[0] == 0
    assert Path("t.csv").read_bytes() == before


@pytest.mark.fault(
    "own pictures", "a table of answers is cut anywhere", "the pictures of lost lines are read"
)
def test_half_a_line_at_the_end_is_cut(tenfold, many: Path, run: Path) -> None:
    command = "predict", "many", "--run", run, "--out", "answers.csv"
    tenfold(*command)
    whole = Path("answers.csv").read_bytes()
    first = whole.index(b"\n") + 1
    for length in (0, *range(first, len(whole), 17)):
        Path("answers.csv").write_bytes(whole[:length])
        assert tenfold(*command)[0] == 0
        assert Path("answers.csv").read_bytes() == whole


@pytest.mark.fault(
    "own pictures", "a picture changes after it was read", "it is read again, its line replaced"
)
def test_changed_and_unreadable_pictures_are_read_again(tenfold, many: Path, run: Path) -> None:
    command = "predict", "many", "--run", run, "--out", "answers.csv"
    (many / "text.png").write_text("<html>")
    assert tenfold(*command)[0] == 3
    assert tenfold(*command)[0] == 3
    Image.new("L", (28, 28), 255).save(many / "text.png")
    Image.new("L", (28, 28), 255).save(many / "9.png")
    code, _, err = tenfold(*command)
    assert code == 0
    assert "3 of 5 pictures are done; 2 have changed since and are read again" in err
    rows = {row["file"]: row["reason"] for row in table(Path("answers.csv").read_text())}
    assert len(rows) == len(table(Path("answers.csv").read_text())) == 5
    assert (rows["many/9.png"], rows["many/text.png"]) == ("blank", "blank")


OTHERS = {
    "another file": (b"id,a\n1,2\n", "expected a new file or a table with the columns file,text,"),
    "another network": (
        b"file,text,least_probability,reason,network,modified\na.png,1,0.5,,mlp 01234567,\n",
        "expected answers by nn1l ",
    ),
    "a line too short": (
        b"file,text,least_probability,reason,network,modified\na.png,1\n",
        "line 2: expected 6 cells, found 2; correct the line, or name another file",
    ),
}


@pytest.mark.fault("own pictures", "a table of answers is something else", "refused, nothing is changed")
@pytest.mark.parametrize("case", OTHERS)
def test_no_other_file_is_written_into(tenfold, many: Path, run: Path, case: str) -> None:
    content, words = OTHERS[case]
    Path("answers.csv").write_bytes(content)
    code, out, err = tenfold("predict", "many", "--run", run, "--out", "answers.csv")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("error: --out: ")
    assert words in err
    assert Path("answers.csv").read_bytes() == content


@pytest.mark.parametrize("more", [["--csv", "t.csv"], ["--json"], ["--details"], ["--test-index", "1"]])
def test_one_way_to_write(tenfold, many: Path, run: Path, more: list[str]) -> None:
    code, out, err = tenfold("predict", "many", "--run", run, "--out", "answers.csv", *more)
    assert (code, out) == (2, "")
    assert err.startswith("error: --out: expected pictures, and no other way to write the answers")


def test_a_network_is_known_by_its_values(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "copy")
    assert identity(run, "nn1l") == identity(tmp_path / "copy", "nn1l") != identity(None, "nn1l")
    weights = tmp_path / "copy" / "model" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    assert identity(run, "nn1l") != identity(tmp_path / "copy", "nn1l")


def test_a_reader_that_goes_leaves_no_error(many: Path, run: Path) -> None:
    command = [sys.executable, "-m", "tenfold", "predict", str(many), "--run", str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, err = process.communicate()
    assert process.returncode == 0
    assert "error" not in err
