"""``tenfold predict`` with many pictures: what names lead to, the lines and tables, and going on."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import load_corpus
from tenfold.data.picture_paths import find_picture_files
from tenfold.predict import Reading, Recogniser
from tenfold.runs.answers import identity
from tenfold.runs.answers_table import AnswersTable
from tenfold.runs.picture_answers import PictureAnswers, Wanted, Way
from tenfold.runs.picture_pool import answers
from tenfold.runs.picture_worker import settings_of
from tenfold.zoo import load_model


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


def test_a_folder_is_read_with_all_below_it(terminal, many: Path, run: Path) -> None:
    code, out, err = terminal("predict", "many", "--run", run)
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
def test_names_that_lead_to_nothing(terminal, many: Path, run: Path) -> None:
    (many / "empty").mkdir()
    code, out, err = terminal("predict", "many/*.gif", "many/empty", "many/9.png", "--run", run)
    assert code == 3
    assert out.startswith("many/9.png: ")
    assert err.splitlines()[1:] == [
        "error: many/*.gif: expected files that match the pattern, found none; check the pattern, and the "
        "folder",
        "error: many/empty: expected a folder with pictures, found none in it or below it; name a whole data "
        "set with --data many/empty",
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0"])
def test_names_on_stdin(terminal, many: Path, run: Path, end: bytes) -> None:
    names = end.join(map(os.fsencode, IN_ORDER)) + end
    out = terminal("predict", "-", "--run", run, stdin=names)[1]
    assert [line.partition(":")[0] for line in out.splitlines()] == IN_ORDER


def test_json_and_tables_say_the_same(terminal, many: Path, run: Path) -> None:
    (many / "text.png").write_text("<html>")
    code, out, _ = terminal("predict", "many", "--run", run, "--json")
    entries = json.loads(out)["files"]
    one_by_one = json.loads(terminal("predict", "many", "--run", run, "--json", "--details")[1])["files"]
    assert entries == one_by_one
    assert code == 3
    code, out, err = terminal("predict", "many", "--run", run, "--csv", "-")
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


def test_pictures_of_classes(terminal, many: Path, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 12, 12, 3)).astype(np.uint8)
    for place, image in enumerate(pixels):
        (tmp_path / "data" / "cé"[place % 2 :][:1]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "data" / "cé"[place % 2 :][:1] / f"{place}.png")
    assert terminal("train", "nn1l", "--data", "data", "--epochs", 1, "--out", "run", "--no-report")[0] == 0
    code, out, _ = terminal("predict", "data", "--run", "run", "--csv", "-")
    assert (code, len(table(out))) == (0, 40)
    assert list(table(out)[0]) == ["file", "class", "probability", "reason", "network", "modified"]
    code, out, _ = terminal("predict", "data", "--run", "run", "--csv", "-", "--probabilities")
    assert list(table(out)[0]) == ["model", "file", "class", "probability", "c", "é"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are always text there")
@pytest.mark.fault("own pictures", "names with line breaks or of odd bytes", "escaped, each on one line")
def test_odd_names_stay_on_one_line(terminal, many: Path, run: Path) -> None:
    odd = [b"a\nb.png", b"caf\xe9.png"]
    for name in odd:
        (many / os.fsdecode(name)).write_bytes((many / "9.png").read_bytes())
    for more in ((), ("--csv", "-"), ("--csv", "t.csv"), ("--out", "o.csv"), ("--json",)):
        assert terminal("predict", "many", "--run", run, *more)[0] == 0
    assert terminal("predict", "many", "--run", run)[1].count("\n") == 6
    for file in ("t.csv", "o.csv"):
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        assert len(lines) == 7
        assert any(line.startswith(r"many/a\nb.png,") for line in lines)
        assert any(line.startswith(r"many/caf\udce9.png,") for line in lines)


def test_done_pictures_are_left_alone(terminal, many: Path, run: Path) -> None:
    command = "predict", "many", "--run", run, "--out", "answers.csv"
    code, out, _ = terminal(*command)
    assert (code, out) == (0, "answers.csv: 4 pictures\n")
    before = Path("answers.csv").read_bytes()
    code, out, err = terminal(*command)
    assert (code, out) == (0, "answers.csv: 4 pictures\n")
    assert "answers.csv: 4 of 4 pictures are done\n" in err
    assert Path("answers.csv").read_bytes() == before
    assert terminal("predict", "many", "--run", run, "--csv", "t.csv")[0] == 0
    assert Path("t.csv").read_bytes() == before


@pytest.mark.fault(
    "own pictures", "a table of answers is cut anywhere", "the pictures of lost lines are read"
)
def test_half_a_line_at_the_end_is_cut(terminal, many: Path, run: Path) -> None:
    command = "predict", "many", "--run", run, "--out", "answers.csv"
    terminal(*command)
    whole = Path("answers.csv").read_bytes()
    first = whole.index(b"\n") + 1
    for length in (0, *range(first, len(whole), 17)):
        Path("answers.csv").write_bytes(whole[:length])
        assert terminal(*command)[0] == 0
        assert Path("answers.csv").read_bytes() == whole


@pytest.mark.fault(
    "own pictures", "a picture changes after it was read", "it is read again, its line replaced"
)
def test_changed_and_unreadable_pictures_are_read_again(terminal, many: Path, run: Path) -> None:
    command = "predict", "many", "--run", run, "--out", "answers.csv"
    (many / "text.png").write_text("<html>")
    assert terminal(*command)[0] == 3
    assert terminal(*command)[0] == 3
    Image.new("L", (28, 28), 255).save(many / "text.png")
    Image.new("L", (28, 28), 255).save(many / "9.png")
    code, _, err = terminal(*command)
    assert code == 0
    assert "3 of 5 pictures are done; 2 have changed since and are read again" in err
    rows = {row["file"]: row["reason"] for row in table(Path("answers.csv").read_text())}
    assert len(rows) == len(table(Path("answers.csv").read_text())) == 5
    assert (rows["many/9.png"], rows["many/text.png"]) == ("blank", "blank")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_signal_around_the_writing_of_lines(
    terminal, many: Path, run: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = "predict", "many", "--run", run, "--out", "answers.csv"
    terminal(*command)
    whole = Path("answers.csv").read_bytes()
    Path("answers.csv").write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))  # the head and two lines
    write = AnswersTable.add

    def interrupted(table: AnswersTable, rows: str) -> None:
        if when == "after":
            write(table, rows)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(AnswersTable, "add", interrupted)
        code, _, err = terminal(*command)
    done = Path("answers.csv").read_bytes().count(b"\n") - 1
    assert (code, done) == (130, 2 if when == "before" else 4)
    assert f"error: interrupted, {done} of 4 pictures are in answers.csv; the same command reads" in err
    assert terminal(*command)[0] == 0
    assert Path("answers.csv").read_bytes() == whole


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
def test_no_other_file_is_written_into(terminal, many: Path, run: Path, case: str) -> None:
    content, words = OTHERS[case]
    Path("answers.csv").write_bytes(content)
    code, out, err = terminal("predict", "many", "--run", run, "--out", "answers.csv")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("error: --out: ")
    assert words in err
    assert Path("answers.csv").read_bytes() == content


@pytest.mark.parametrize("more", [["--csv", "t.csv"], ["--json"], ["--details"], ["--test-index", "1"]])
def test_one_way_to_write(terminal, many: Path, run: Path, more: list[str]) -> None:
    code, out, err = terminal("predict", "many", "--run", run, "--out", "answers.csv", *more)
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


# --- signs, single digits, larger pictures, several pages


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A TIFF of two pages with two digits each."""
    images = load_corpus("mnist-5k").test.images
    first, second = (
        Image.fromarray(255 - np.pad(np.hstack([images[i], images[i + 1]]).repeat(3, 0).repeat(3, 1), 30))
        for i in (0, 2)
    )
    first.save(tmp_path / "pages.tif", save_all=True, append_images=[second])
    return tmp_path / "pages.tif"


def test_rows_of_all_pages_in_every_way_to_answer(terminal, pages: Path, run: Path) -> None:
    shutil.copy(pages, pages.with_name("again.tif"))
    [alone] = json.loads(terminal("predict", "pages.tif", "--json", "--run", run)[1])["files"]
    assert len(alone["pages"]) == 2
    assert alone["text"] == "\n".join(page["text"] for page in alone["pages"])
    assert alone["digits"] == [digit for page in alone["pages"] for digit in page["digits"]]
    together = json.loads(terminal("predict", "pages.tif", "again.tif", "--json", "--run", run)[1])["files"]
    assert [one | {"file": ""} for one in together] == [alone | {"file": ""}] * 2
    lines = terminal("predict", "pages.tif", "--run", run)[1].splitlines()
    words = alone["text"].replace("\n", " / ")
    assert lines[0] == f"pages.tif: {words}"
    assert [line.partition(":")[0] for line in lines if line.startswith("pages.tif, ")] == [
        "pages.tif, page 1",
        "pages.tif, page 2",
    ]
    assert terminal("predict", "pages.tif", "--show", "steps", "--run", run)[0] == 0
    [row, _] = table(terminal("predict", "pages.tif", "again.tif", "--csv", "-", "--run", run)[1])
    assert row["text"] == words


def test_single_gives_one_digit_for_each_page(terminal, many: Path, pages: Path, run: Path) -> None:
    [alone] = json.loads(terminal("predict", "pages.tif", "--single", "--json", "--run", run)[1])["files"]
    assert [len(page["digits"]) for page in alone["pages"]] == [1, 1]
    every = json.loads(terminal("predict", "many", "--single", "--json", "--run", run)[1])["files"]
    assert [entry["text"].isdigit() and len(entry["text"]) for entry in every] == [1] * 4
    others = json.loads(terminal("predict", "many", "--single", "--json", "--jobs", 2, "--run", run)[1])[
        "files"
    ]
    assert others == every


def test_digits_only_leaves_the_signs_out() -> None:
    page = Reading("-3.5", (), None)
    read = Way(digits_only=True).wanted(
        Reading("1:2\n-3.5", (), None, pages=(Reading("1:2", (), None), page))
    )
    assert (read.text, [one.text for one in read.pages]) == ("12\n35", ["12", "35"])
    assert Way().wanted(page) is page


def test_answers_read_in_another_way_are_not_mixed(terminal, many: Path, run: Path) -> None:
    assert terminal("predict", "many", "--out", "a.csv", "--run", run)[0] == 0
    for option in ("--single", "--digits-only"):
        code, _, err = terminal("predict", "many", "--out", "a.csv", "--run", run, option)
        assert code == 2
        assert "--out: expected answers by " in err
        assert "name another file" in err


def test_larger_pictures_by_an_option(terminal, tmp_path: Path, run: Path) -> None:
    for name in "ab":
        Image.new("L", (400, 300), 255).save(tmp_path / f"{name}.png")
    code, out, err = terminal("predict", "a.png", "b.png", "--max-megapixels", 0.1, "--run", run)
    assert (code, out) == (3, "")
    assert "a.png: expected at most 0.1 megapixels, found 400 x 300 pixels" in err
    assert terminal("predict", "a.png", "b.png", "--max-megapixels", 50, "--run", run)[0] == 0
    code, _, err = terminal("predict", "a.png", "--max-megapixels", 51, "--run", run)
    assert (code, err.count("\n")) == (2, 1)
    assert "max_megapixels: expected at most 50 and more than 0, got 51" in err


@pytest.mark.parametrize("option", ["--single", "--digits-only"])
def test_options_of_pictures_without_pictures(terminal, tmp_path: Path, run: Path, option: str) -> None:
    (tmp_path / "digits.csv").write_text(",".join(["0"] * 784) + "\n")
    code, _, err = terminal("predict", "digits.csv", option, "--run", run)
    assert code == 2
    assert f"{option}: expected pictures only, got digits.csv; leave one out" in err
