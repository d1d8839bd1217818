"""``tenfold predict --on``: a source cut into shards, one row for each image, restarts, images that kill."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tenfold.cli import main
from tenfold.data import load_corpus, write_idx
from tenfold.predict import Recogniser
from tenfold.resources import Resources
from tenfold.runs.launch import LocalLauncher
from tenfold.runs.sharded.launched import LaunchedShards, shares_of
from tenfold.runs.sharded.manifest import Manifest
from tenfold.runs.sharded.prediction import Prediction, Runner
from tenfold.runs.sharded.share import Share, forget_claims
from tenfold.zoo import load_model

N = 100


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return load_corpus("mnist-5k").test.images[:N]


@pytest.fixture(scope="module")
def source(images: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of images; not to be changed."""
    path = tmp_path_factory.mktemp("source") / "hundred.npy"
    np.save(path, images)
    return path


@pytest.fixture(scope="module")
def begun(source: Path, run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished folder of answers in shards of 30; not to be changed."""
    out = tmp_path_factory.mktemp("begun") / "out"
    words = [
        "predict",
        source,
        "--run",
        run,
        "--on",
        "local",
        "--shard-size",
        "30",
        "--out",
        out,
        "--jobs",
        "2",
    ]
    assert main([str(word) for word in words]) == 0
    return out


@pytest.fixture
def folder(begun: Path, tmp_path: Path) -> Path:
    """A copy, which may be changed."""
    return shutil.copytree(begun, tmp_path / "out")


def shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*"))


def rows(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for shard in shards(folder):
        with open(shard, encoding="utf-8", newline="") as stream:
            found += csv.DictReader(stream)
    return found


def again(source: Path, run: Path, out: Path, *more: object) -> list[object]:
    return ["predict", source, "--run", run, "--on", "local", "--out", out, "--shard-size", 30, *more]


def run_shards(numbers: str, folder: Path) -> tuple[int, str]:
    """Run the command as a launcher does, with a stdin that stays open; return its code and its errors."""
    words = [sys.executable, "-m", "tenfold", "run-shards", numbers, "--out", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        code = process.wait(60)
        assert process.stderr is not None
        return code, process.stderr.read()


def test_each_image_has_one_row(begun: Path, source: Path, run: Path, images: np.ndarray) -> None:
    recogniser = Recogniser.of(load_model(run))
    found = recogniser.predict(images)
    answers = rows(begun)
    assert [int(row["index"]) for row in answers] == list(range(N))
    assert [int(row["row"]) for row in answers] == list(range(N))
    assert {row["file"] for row in answers} == {str(source)}
    assert [int(row["predicted"]) for row in answers] == found.probabilities.argmax(axis=1).tolist()
    assert [row["probability"] for row in answers] == [f"{p:.6g}" for p in found.probabilities.max(axis=1)]
    assert [bool(row["reason"]) for row in answers] == (found.doubt > recogniser.threshold).tolist()
    assert {row["error"] for row in answers} == {""}
    assert [len(shard.read_text().splitlines()) for shard in shards(begun)] == [31, 31, 31, 11]
    told = json.loads((begun / "_SUCCESS").read_text())
    assert (told["images"], told["errors"], told["files"]) == (N, 0, 4)


def test_parquet_in_and_out(terminal, run: Path, images: np.ndarray, begun: Path) -> None:
    """Shards of Parquet, with all probabilities; a damaged picture is a row with its error."""
    for number, part in enumerate((images[:60], images[60:])):
        values = part.reshape(len(part), -1).tolist()
        values[0] = values[0] if number == 0 else [7] * 9
        pq.write_table(pa.table({"image": values}), f"{number}.parquet", row_group_size=20)
    more = ["--shard-format", "parquet", "--probabilities"]
    code, out, err = terminal(*again(Path("."), run, Path("out"), *more))
    assert (code, out) == (3, "out: 100 images, 5 files of answers\n")
    assert "error: out: expected images that can be read, found 1 that cannot; the column error of" in err
    table = pa.concat_tables([pq.read_table(shard) for shard in shards(Path("out"))]).to_pydict()
    assert table["index"] == list(range(N))
    assert table["row"] == [*range(60), *range(40)]
    assert [place for place, error in enumerate(table["error"]) if error] == [60]
    assert "expected grey images of 28 x 28 pixels, found" in table["error"][60]
    assert table["p_3"][60] is table["predicted"][60] is None
    usual = rows(begun)
    for place in (0, 59, 61, 99):
        assert table["predicted"][place] == usual[place]["predicted"]
        every = [table[f"p_{digit}"][place] for digit in range(10)]
        assert sum(every) == pytest.approx(1)
        assert max(every) == table["probability"][place]


@pytest.fixture
def pictures(images: np.ndarray, tmp_path: Path) -> Path:
    for place, image in enumerate(images[:7]):
        (tmp_path / "many").mkdir(exist_ok=True)
        Image.fromarray(255 - image).save(tmp_path / "many" / f"{place}.png")
    (tmp_path / "many" / "3.png").write_text("<html>")
    return tmp_path / "many"


@pytest.mark.fault("many images", "a picture cannot be read", "its row says so, exit 3")
def test_pictures_are_answered_as_without_shards(terminal, pictures: Path, run: Path) -> None:
    assert terminal("predict", pictures, "--run", run, "--out", "t.csv")[0] == 3
    words = ["predict", pictures, "--run", run, "--on", "local", "--out", "out", "--shard-size", 3, "--json"]
    code, out, _ = terminal(*words)
    assert code == 3
    assert json.loads(out) == {"out": "out", "images": 7, "errors": 1, "files": 3}
    with open("t.csv", encoding="utf-8", newline="") as stream:
        usual = list(csv.DictReader(stream))
    answers = rows(Path("out"))
    for name in ("file", "text", "least_probability", "reason", "modified"):
        assert [row[name] for row in answers] == [row[name] for row in usual]
    assert [place for place, row in enumerate(answers) if row["error"]] == [3]
    assert answers[3]["error"].startswith(f"{pictures}/3.png: ")


@pytest.mark.fault(
    "many images", "a prediction is stopped and begun again", "files that are there stay, others come"
)
def test_a_restart_does_the_rest(terminal, folder: Path, begun: Path, source: Path, run: Path) -> None:
    code, _, err = terminal(*again(source, run, folder))
    assert code == 0
    assert f"{folder}: 100 of 100 images are done\n" in err
    first, second, third, _ = shards(folder)
    for shard in (first, third):
        shard.unlink()
    before = second.stat()
    code, out, err = terminal(*again(source, run, folder))
    assert (code, out) == (0, f"{folder}: 100 images, 4 files of answers\n")
    assert f"{folder}: 40 of 100 images are done\n" in err
    assert second.stat() == before
    assert [shard.read_bytes() for shard in shards(folder)] == [shard.read_bytes() for shard in shards(begun)]


@pytest.mark.fault(
    "many images", "a file of answers is cut", "the error names it; without it the command continues"
)
def test_a_shard_that_was_cut_is_noticed(
    terminal, folder: Path, begun: Path, source: Path, run: Path
) -> None:
    last = shards(folder)[-1]
    last.write_bytes(last.read_bytes()[:-20])
    code, _, err = terminal(*again(source, run, folder))
    assert code == 3
    assert f"error: {last}: expected 10 rows, found 9; remove it and give the command again" in err
    last.unlink()
    assert terminal(*again(source, run, folder))[0] == 0
    assert last.read_bytes() == shards(begun)[-1].read_bytes()


OTHERS = {
    "another file": (
        ["other.npy"],
        "expected the source that OUT was begun with (100 images of SOURCE), got 90",
    ),
    "a changed file": (["hundred.npy"], "expected the source that OUT was begun with, found that"),
    "another network": (["SOURCE"], "expected the network that OUT was begun with (nn1l "),
    "another size": (
        ["SOURCE", "--shard-size", 7],
        "expected --shard-size that OUT was begun with (30), got 7",
    ),
    "another form": (
        ["SOURCE", "--shard-format", "parquet"],
        "expected --shard-format that OUT was begun with (csv)",
    ),
    "more columns": (["SOURCE", "--probabilities"], "(without it), got with it; name another folder"),
}


@pytest.mark.fault("many images", "a restart has another source, network or form", "refused, both are named")
@pytest.mark.parametrize("case", OTHERS)
def test_a_restart_with_anything_else_is_refused(
    terminal,
    folder: Path,
    source: Path,
    run: Path,
    images: np.ndarray,
    case: str,
) -> None:
    words, said = OTHERS[case]
    np.save("other.npy", images[:90])
    if case == "a changed file":
        manifest = folder / "_manifest.json"
        shutil.copy(source, "hundred.npy")
        manifest.write_text(manifest.read_text().replace(str(source), str(Path("hundred.npy").absolute())))
    given = [str(source) if word == "SOURCE" else word for word in words]
    before = {path.name: path.read_bytes() for path in shards(folder)}
    network = [] if case == "another network" else ["--run", run]
    code, out, err = terminal(
        "predict", *network, "--on", "local", "--out", folder, "--shard-size", 30, *given
    )
    assert (code, out) == (2, "")
    line = err.splitlines()[-1].replace(str(folder), "OUT").replace(str(source), "SOURCE")
    assert line.startswith("error: --out: ")
    assert said in line
    assert {path.name: path.read_bytes() for path in shards(folder)} == before


@pytest.mark.fault("many images", "a version of tenfold differs", "refused, both versions are named")
def test_another_version_is_refused(terminal, folder: Path, source: Path, run: Path) -> None:
    manifest = folder / "_manifest.json"
    content = json.loads(manifest.read_text())
    now = content["version"]
    manifest.write_text(json.dumps(content | {"version": "0.0.7"}))
    code, _, err = terminal(*again(source, run, folder))
    assert code == 2
    assert f"expected the version of tenfold that {folder} was begun with (0.0.7), got {now}" in err
    shards(folder)[0].unlink()
    code, err = run_shards("1-of-1", folder)
    assert code == 2
    assert (
        f"{folder}: expected tenfold 0.0.7, which began it, found tenfold {now}; install one version" in err
    )


REFUSED = {
    "no folder": (["S"], "--on: expected --out FOLDER for the answers, got none; name a folder"),
    "nothing": (["--out", "o"], "--on: expected a folder, pictures or files of images, got none; name one"),
    "a table too": (
        ["S", "--out", "o", "--csv", "t.csv"],
        "--csv: expected no --on, which writes nothing but",
    ),
    "drawings": (
        ["S", "--out", "o", "--show", "d"],
        "--show: expected no --on, which writes nothing but shards",
    ),
    "single": (
        ["S", "--out", "o", "--single"],
        "--single, --digits-only: expected pictures, got S, whose images",
    ),
    "another place": (
        ["S", "--out", "used"],
        "--out: expected a new folder, or one with the answers of such a",
    ),
    "probabilities": (
        ["many", "--out", "o", "--probabilities"],
        "--probabilities: expected a file of images",
    ),
    "a CSV file": (["t.csv", "--out", "o"], "t.csv: expected pictures, IDX, .npy, .npz or Parquet with --on"),
    "larger images": (
        ["large.npy", "--out", "o"],
        "expected grey images of 28 x 28 pixels, found (30, 30); bring",
    ),
    "an unknown place": (["S", "--out", "o", "--on", "mars"], "--on: expected local, slurm"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_go_together(terminal, source: Path, run: Path, pictures: Path, case: str) -> None:
    Path("used").mkdir()
    Path("used/notes.txt").write_text("hello")
    Path("t.csv").write_text(
        ",".join(["label", *(f"pixel{i}" for i in range(784))]) + "\n" + "1," * 784 + "0\n"
    )
    np.save("large.npy", np.zeros((3, 30, 30), np.uint8))
    words, said = REFUSED[case]
    given = [str(source) if word == "S" else word for word in words]
    code, out, err = terminal("predict", "--run", run, "--on", "local", *given)
    assert code in (2, 3)
    assert out == ""
    assert said in err.splitlines()[-1].replace(str(source), "S")
    assert not list(Path().glob("o/part*"))


# --- commands of a launcher


def predicted_by(runner: Runner, folder: Path, out: Path) -> None:
    """Predict what a folder holds again, into another one."""
    from contextlib import nullcontext

    manifest = Manifest.read(folder)
    found = Prediction(out, manifest, runner, lambda total: nullcontext(lambda count: None)).run((), print)
    assert (found.images, found.errors) == (N, 0)


def test_a_launcher_s_commands_write_the_same_files(begun: Path, tmp_path: Path) -> None:
    runner = LaunchedShards(lambda: LocalLauncher(1), Resources(), 2, print)
    predicted_by(runner, begun, tmp_path / "launched")
    found = {
        path.name: path.read_bytes() for path in (tmp_path / "launched").iterdir() if path.name[0] != "."
    }
    wanted = {path.name: path.read_bytes() for path in begun.iterdir() if path.name[0] != "."}
    assert found == wanted


def test_as_many_commands_as_have_enough_to_do(begun: Path) -> None:
    manifest = Manifest.read(begun)
    assert [share.name for share in shares_of(manifest, None)] == ["1-of-1"]
    assert [share.name for share in shares_of(manifest, 3)] == ["1-of-3", "2-of-3", "3-of-3"]


def test_commands_compute_what_no_other_has_begun_and_then_what_is_missing(folder: Path) -> None:
    manifest = Manifest.read(folder)
    for shard in shards(folder):
        shard.unlink()
    (folder / "_claims").mkdir()
    first, second = (Share(number, 2).left(folder, manifest) for number in (1, 2))
    begun = [next(first), next(second), next(first)]
    assert [shard.number for shard in begun] == [0, 2, 1]
    (folder / "part-000002.csv").touch()
    assert next(second).number == 3
    (folder / "part-000003.csv").touch()
    assert [shard.number for shard in second] == [0, 1]  # of the first, which may be lost
    forget_claims(folder)
    assert next(Share(2, 2).left(folder, manifest)).number == 0
    shutil.rmtree(folder / "_claims")  # as at the end of a prediction that was finished elsewhere
    assert next(Share(1, 2).left(folder, manifest)).number == 0


@pytest.mark.fault("many images", "a machine does not see the folder of answers", "one line says so")
def test_a_folder_that_a_machine_does_not_see(tmp_path: Path) -> None:
    assert run_shards("1-of-1", tmp_path / "elsewhere") == (
        2,
        "error: --out: expected a folder that every machine sees, found no _manifest.json in "
        f"{tmp_path}/elsewhere on this one; name a folder on a shared disk\n",
    )
    assert run_shards("some", tmp_path) == (
        2,
        "error: expected a share such as 1-of-8, got some; correct it\n",
    )


@pytest.mark.fault(
    "many images", "a launched command fails", "its last words are told, the rest can be continued"
)
def test_a_failed_command_is_told(folder: Path, tmp_path: Path) -> None:
    manifest = Manifest.read(folder)
    for shard in shards(folder):
        shard.unlink()
    (folder / "_manifest.json").write_text("{}")
    runner = LaunchedShards(lambda: LocalLauncher(1), Resources(), None, print)
    with pytest.raises(Exception, match=r"expected the manifest of a prediction") as caught:
        list(runner.run(folder, manifest, manifest.shards()))
    assert re.search(r"^[^\n]*$", str(caught.value))


def test_the_source_may_be_idx(terminal, run: Path, images: np.ndarray, begun: Path) -> None:
    write_idx("a-images.idx.gz", images)
    assert terminal(*again(Path("a-images.idx.gz"), run, Path("out")))[0] == 0
    assert [row | {"file": ""} for row in rows(Path("out"))] == [row | {"file": ""} for row in rows(begun)]
